# SPDX-License-Identifier: Apache-2.0
"""Defaults that the API server fills into built-in kinds (protocol E16: the server's work, never the client's)."""

from __future__ import annotations

from typing import Any

from k8s_core.testing.catalog import Kind

__all__ = ["apply_defaults"]

Json = dict[str, Any]


def apply_defaults(kind: Kind, document: Json, live: Json | None = None) -> None:
    """Fill defaults into ``document``, in place."""
    if kind.custom is not None:
        kind.custom.default(document)
    elif kind.key == ("apiextensions.k8s.io", "customresourcedefinitions"):
        from k8s_core.testing.crd import default_definition

        default_definition(document)
