# SPDX-License-Identifier: Apache-2.0
"""The difference of two JSON documents as a merge patch (RFC 7386). Pure."""

from __future__ import annotations

from typing import Any

from k8s_core.patches.documents import same

__all__ = ["merge_diff"]


def merge_diff(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The part of ``after`` that differs, with null for what is gone. ``{}`` if there is no difference.

    Null cannot be set by a merge patch, so null in ``after`` counts as gone; nulls inside lists are kept.
    """
    patch: dict[str, Any] = {}
    for key, old in before.items():
        new = after.get(key)
        if new is None:
            if old is not None:
                patch[key] = None
        elif isinstance(old, dict) and isinstance(new, dict):
            if nested := merge_diff(old, new):
                patch[key] = nested
        elif not same(old, new):
            # Merged into something that is no object, an object arrives as it is, less its nulls.
            patch[key] = new
    patch.update((key, new) for key, new in after.items() if key not in before and new is not None)
    return patch
