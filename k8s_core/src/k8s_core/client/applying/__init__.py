# SPDX-License-Identifier: Apache-2.0
"""Applying and deleting many objects at once: order, waiting, pruning, and a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes

if TYPE_CHECKING:
    from k8s_core.client.applying.deletion import delete_all
    from k8s_core.client.applying.plan import apply_all

__all__ = ["apply_all", "delete_all"]

# Few programs apply many objects.
__getattr__, __dir__ = lazy_attributes(__name__, {".deletion": ("delete_all",), ".plan": ("apply_all",)})
