# SPDX-License-Identifier: Apache-2.0
"""The difference of two JSON documents as a JSON patch (RFC 6902). Pure."""

from __future__ import annotations

from typing import Any

from k8s_core.patches.documents import same

__all__ = ["json_diff", "pointer_token"]


def pointer_token(key: str) -> str:
    """Escape one key for a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def json_diff(before: Any, after: Any) -> list[dict[str, Any]]:
    """Operations that turn ``before`` into ``after`` exactly, nulls and empty values included."""
    operations: list[dict[str, Any]] = []
    _diff(before, after, "", operations)
    return operations


def _diff(before: Any, after: Any, path: str, operations: list[dict[str, Any]]) -> None:
    if isinstance(before, dict) and isinstance(after, dict):
        _diff_objects(before, after, path, operations)
    elif isinstance(before, list) and isinstance(after, list):
        _diff_lists(before, after, path, operations)
    elif not same(before, after):
        operations.append({"op": "replace", "path": path, "value": after})


def _diff_objects(before: dict[str, Any], after: dict[str, Any], path: str, operations: list[dict[str, Any]]) -> None:
    operations.extend({"op": "remove", "path": f"{path}/{pointer_token(key)}"} for key in before if key not in after)
    for key, value in after.items():
        place = f"{path}/{pointer_token(key)}"
        if key in before:
            _diff(before[key], value, place, operations)
        else:
            operations.append({"op": "add", "path": place, "value": value})


def _diff_lists(before: list[Any], after: list[Any], path: str, operations: list[dict[str, Any]]) -> None:
    """Keep what is equal at both ends; change, remove or add in between."""
    start, shorter = 0, min(len(before), len(after))
    while start < shorter and same(before[start], after[start]):
        start += 1
    end = 0
    while end < shorter - start and same(before[-1 - end], after[-1 - end]):
        end += 1
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    common = min(len(old), len(new))
    for index in range(common):
        _diff(old[index], new[index], f"{path}/{start + index}", operations)
    # Removing from the back keeps the indexes of what is still to be removed.
    operations.extend(
        {"op": "remove", "path": f"{path}/{start + index}"} for index in range(len(old) - 1, common - 1, -1)
    )
    operations.extend(
        {"op": "add", "path": f"{path}/{start + index}", "value": new[index]} for index in range(common, len(new))
    )
