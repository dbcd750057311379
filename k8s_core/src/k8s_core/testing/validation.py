# SPDX-License-Identifier: Apache-2.0
"""Checks of whole objects: required fields, enums, and the rules of single kinds (protocol J4, J24)."""

from __future__ import annotations

from typing import Any

from k8s_core.testing.catalog import Kind
from k8s_core.testing.field_errors import FieldError

__all__ = ["check_immutable", "check_object"]

Json = dict[str, Any]


def check_object(kind: Kind, document: Json) -> list[FieldError]:
    """Check the next state of an object, metadata apart."""
    if kind.custom is not None:
        return kind.custom.validate(document)
    if kind.key == ("apiextensions.k8s.io", "customresourcedefinitions"):
        from k8s_core.testing.crd import check_definition

        return check_definition(document)
    return []


def check_immutable(kind: Kind, document: Json, live: Json) -> list[FieldError]:
    """Check that an update leaves alone what cannot change."""
    return []
