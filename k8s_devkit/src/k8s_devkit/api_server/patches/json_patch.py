# SPDX-License-Identifier: Apache-2.0
"""JSON patch (RFC 6902) and merge patch (RFC 7386), strictly (protocol C26, C27, J17). Pure."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from k8s_core.model.wire import MAX_NESTING, TOO_DEEP, nests_deeper

__all__ = ["PatchFailed", "apply_json_patch", "merge_patch"]

_COPY_LIMIT = 3 * 1024 * 1024
_INDEX = re.compile(r"0|[1-9]\d*")


class PatchFailed(Exception):
    """The patch does not fit the document: a test failed, or a path is missing."""


def merge_patch(target: Any, patch: Any) -> Any:
    """Merge ``patch`` into a copy of ``target``; null removes."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def apply_json_patch(document: Any, operations: list[Any]) -> Any:
    """Apply the operations in order to a copy.

    Raises:
        PatchFailed: an operation is malformed or does not fit.
    """
    root = {"": copy.deepcopy(document)}
    copied = 0
    for operation in operations:
        if not isinstance(operation, dict) or not isinstance(operation.get("path"), str):
            raise PatchFailed("an operation needs a path")
        copied += _apply_one(root, operation)
        if copied > _COPY_LIMIT:
            raise PatchFailed(f"the copies of a patch exceed {_COPY_LIMIT} bytes")
        if "" not in root:
            raise PatchFailed("the document itself cannot be removed")
    return root[""]


def _pointer(text: str) -> list[str]:
    if text and not text.startswith("/"):
        raise PatchFailed(f"{text!r} is no JSON pointer")
    return ["", *(part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:])]


def _apply_one(root: dict[str, Any], operation: dict[str, Any]) -> int:
    """Apply one operation. Returns how many bytes it has copied within the document."""
    name, path = operation.get("op"), _pointer(operation["path"])
    value = copy.deepcopy(operation.get("value"))  # one that is not there is a null to kube-apiserver
    if name in ("add", "move", "copy") and path == [""]:
        raise PatchFailed("the document itself can only be replaced")
    if name == "add":
        _add(root, path, value)
    elif name == "remove":
        _remove(root, path)
    elif name == "replace":
        _get(root, path)
        _set(root, path, value)
    elif name == "test":
        found = _get(root, path, missing_is_null=True)
        if json.dumps(found, sort_keys=True) != json.dumps(value, sort_keys=True):
            raise PatchFailed(f"testing path {operation['path']} value failed")
    elif name in ("move", "copy"):
        source = operation.get("from")
        if not isinstance(source, str):
            raise PatchFailed(f"{name} needs from")
        origin = _pointer(source)
        if name == "move" and path[: len(origin)] == origin and len(path) > len(origin):
            raise PatchFailed("a value cannot be moved into itself")
        value = copy.deepcopy(_get(root, origin))
        if name == "move":
            _remove(root, origin)
        _add(root, path, value)
        return len(json.dumps(value)) if name == "copy" else 0
    else:
        raise PatchFailed(f"unexpected kind: {name}")
    return 0


def _step(node: Any, part: str) -> Any:
    if isinstance(node, dict) and part in node:
        return node[part]
    if isinstance(node, list):
        return node[_index(node, part)]
    raise PatchFailed(f"missing path element {part!r}")


def _index(node: list[Any], part: str, *, end: bool = False) -> int:
    if not _INDEX.fullmatch(part) or int(part) >= len(node) + end:
        raise PatchFailed(f"{part!r} is no index of a list of {len(node)}")
    return int(part)


def _get(root: Any, path: list[str], *, missing_is_null: bool = False) -> Any:
    node = root
    for number, part in enumerate(path):
        if missing_is_null and number == len(path) - 1 and isinstance(node, dict) and part not in node:
            return None
        node = _step(node, part)
    return node


def _parent(root: Any, path: list[str]) -> Any:
    node = root
    for part in path[:-1]:
        node = _step(node, part)
    return node


def _check_nesting(path: list[str], value: Any) -> None:
    """A value at a path that begins with the document itself must not make the document too deep for Python."""
    if nests_deeper(value, MAX_NESTING + 1 - len(path)):
        raise PatchFailed(TOO_DEEP)


def _add(root: Any, path: list[str], value: Any) -> None:
    _check_nesting(path, value)
    parent, last = _parent(root, path), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _index(parent, last, end=True), value)
    else:
        raise PatchFailed(f"missing path element {last!r}")


def _set(root: Any, path: list[str], value: Any) -> None:
    _check_nesting(path, value)
    parent, last = _parent(root, path), path[-1]
    if isinstance(parent, list):
        parent[_index(parent, last)] = value
    else:
        parent[last] = value


def _remove(root: Any, path: list[str]) -> None:
    parent, last = _parent(root, path), path[-1]
    if isinstance(parent, list):
        del parent[_index(parent, last)]
    elif isinstance(parent, dict) and last in parent:
        del parent[last]
    else:
        raise PatchFailed(f"missing path element {last!r}")
