# SPDX-License-Identifier: Apache-2.0
"""From one version of a kind to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core import Resource

__all__ = ["unchanged"]


def unchanged(obj: Resource) -> dict[str, Any]:
    """The versions of ReferenceGrant differ in nothing but their names."""
    return obj.to_dict()
