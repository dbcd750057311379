# SPDX-License-Identifier: Apache-2.0
"""Strategic merge patch: lists merge by the keys of their kind, directives steer the rest (protocol J17). Pure.

See https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core.testing.api_server.kinds.shapes import Shape

__all__ = ["StrategicError", "strategic_merge"]

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"
Json = dict[str, Any]


class StrategicError(Exception):
    """The patch is malformed."""


def strategic_merge(original: Json, patch: Json, shape: Shape) -> Json:
    """Merge ``patch`` into a copy of ``original``. Raises StrategicError for a malformed patch."""
    return _merge_maps(original, patch, shape)


def _merge_maps(original: Json, patch: Json, shape: Shape) -> Json:
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        cleaned: Json = _clean({name: value for name, value in patch.items() if name != _DIRECTIVE})
        return cleaned
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise StrategicError(f"Unknown patch type '{directive}' found")
    result = dict(original)
    if _RETAIN in patch:
        retained = set(_strings(patch[_RETAIN], _RETAIN))
        missing = [name for name in patch if not name.startswith("$") and name not in retained]
        if missing:
            raise StrategicError(f"{_RETAIN} directive must contain all the keys of the patch: {missing}")
        result = {name: value for name, value in result.items() if name in retained}
    for name, value in patch.items():
        if name.startswith(_DELETE_PRIMITIVES):
            _delete_primitives(result, name.removeprefix(_DELETE_PRIMITIVES), value)
    for name, value in patch.items():
        if name in (_DIRECTIVE, _RETAIN) or name.startswith((_DELETE_PRIMITIVES, _ORDER)):
            continue
        _merge_field(result, name, value, shape.field(name), patch.get(_ORDER + name))
    for name, order in patch.items():
        if name.startswith(_ORDER) and (field := name.removeprefix(_ORDER)) not in patch and field in result:
            its_shape = shape.field(field)
            result[field] = _reorder(result[field], original.get(field) or [], order, its_shape.merge_key)
    return result


def _strings(value: Any, what: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise StrategicError(f"{what} must be a list of strings")
    return value


def _delete_primitives(result: Json, name: str, value: Any) -> None:
    if not isinstance(value, list):
        raise StrategicError(f"{_DELETE_PRIMITIVES}{name} must be a list")
    if isinstance(result.get(name), list):
        result[name] = [item for item in result[name] if item not in value]


def _merge_field(result: Json, name: str, value: Any, shape: Shape, order: Any) -> None:
    if value is None:
        result.pop(name, None)
        return
    current = result.get(name)
    if isinstance(value, dict) and isinstance(current, dict):
        if "replace" in shape.strategy.split(",") and _DIRECTIVE not in value:
            result[name] = _clean(value)
        else:
            merged = _merge_maps(current, value, shape)
            result[name] = merged
        return
    if isinstance(value, list) and "merge" in shape.strategy.split(","):
        before = current if isinstance(current, list) else []
        merged_list = _merge_lists(before, value, shape)
        own_order = [item for item in value if not (isinstance(item, dict) and _DIRECTIVE in item)]
        result[name] = _reorder(merged_list, before, own_order if order is None else order, shape.merge_key)
        return
    if isinstance(value, dict) and value.get(_DIRECTIVE) == "delete":
        result.pop(name, None)
        return
    result[name] = _clean(value)


def _merge_lists(original: list[Any], patch: list[Any], shape: Shape) -> list[Any]:
    if not shape.merge_key:  # a set of primitives
        merged = list(original)
        merged.extend(item for item in patch if item not in merged)
        return merged
    key = shape.merge_key
    for item in patch:
        if not isinstance(item, dict):
            raise StrategicError(f"expected objects in a list that merges by {key}")
    if any(item.get(_DIRECTIVE) == "replace" and len(item) == 1 for item in patch):
        return [_clean(item) for item in patch if _DIRECTIVE not in item]
    merged = list(original)
    for item in patch:
        if key not in item:
            raise StrategicError(f"map: {item} does not contain declared merge key: {key}")
        found = [index for index, existing in enumerate(merged) if _same_key(existing, item, key)]
        if item.get(_DIRECTIVE) == "delete":
            merged = [existing for existing in merged if not _same_key(existing, item, key)]
        elif not found:
            merged.append(_clean({name: value for name, value in item.items() if name != _DIRECTIVE}))
        elif item.get(_DIRECTIVE) == "replace":
            merged[found[0]] = _clean({name: value for name, value in item.items() if name != _DIRECTIVE})
        else:
            merged[found[0]] = _merge_maps(merged[found[0]], item, shape.item)
    return merged


def _same_key(existing: Any, item: Json, key: str) -> bool:
    return isinstance(existing, dict) and key in existing and existing[key] == item[key]


def _clean(value: Any) -> Any:
    """A copy of something new, without nulls and directives."""
    if isinstance(value, dict):
        return {name: _clean(child) for name, child in value.items() if child is not None and not name.startswith("$")}
    if isinstance(value, list):
        return [_clean(child) for child in value if not (isinstance(child, dict) and child.get(_DIRECTIVE) == "delete")]
    return copy.deepcopy(value)


def _reorder(merged: list[Any], before: list[Any], order: Any, key: str) -> list[Any]:
    """Put what ``order`` names into its order; what only the server has keeps its place relative to ``before``.

    Where the old list does not say which of two comes first, the one that the patch names does.
    """
    if not isinstance(order, list):
        raise StrategicError("$setElementOrder must be a list")

    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [identity(item) for item in order]
    named = sorted((item for item in merged if identity(item) in wanted), key=lambda item: wanted.index(identity(item)))
    rest = [item for item in merged if identity(item) not in wanted]
    places = [identity(item) for item in before]
    result: list[Any] = []
    while named and rest:
        left, right = identity(rest[0]), identity(named[0])
        first = left in places and right in places and places.index(left) < places.index(right)
        result.append(rest.pop(0) if first else named.pop(0))
    return result + named + rest
