# SPDX-License-Identifier: Apache-2.0
"""Strategic merge patch: lists merge by the keys of their kind, directives steer the rest (protocol J17). Pure.

See https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.patches.checking import printed

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.strategy.document import Document

__all__ = ["StrategicError", "strategic_merge"]

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


class StrategicError(Exception):
    """The patch is malformed; ``code`` is what the API server makes of it."""

    def __init__(self, text: str, code: int = 500) -> None:
        super().__init__(text)
        self.code = code


def strategic_merge(original: Document, patch: Document, shape: Shape) -> Document:
    """Merge ``patch`` into a copy of ``original``. Raises StrategicError for a malformed patch."""
    return _merge_maps(original, patch, shape)


def _merge_maps(original: Document, patch: Document, shape: Shape) -> Document:
    if _DIRECTIVE in patch:
        directive = patch[_DIRECTIVE]
        if directive == "replace":
            return {name: value for name, value in patch.items() if name != _DIRECTIVE}
        if directive == "delete":
            return {}
        raise _unknown_directive(patch)
    result = _retained(dict(original), patch)
    for name, value in patch.items():
        if name.startswith(_DELETE_PRIMITIVES):
            _delete_primitives(result, name.removeprefix(_DELETE_PRIMITIVES), value)
    for name, value in patch.items():
        if name == _RETAIN or name.startswith((_DELETE_PRIMITIVES, _ORDER)):
            continue
        _merge_field(result, name, value, shape.field(name), patch.get(_ORDER + name))
    for name, order in patch.items():
        if not name.startswith(_ORDER):
            continue
        if not isinstance(order, list):
            raise StrategicError(f"expected a []interface {{}}, but received a {_go_type(order)}")
        if (field := name.removeprefix(_ORDER)) not in patch and field in result:
            its_shape = shape.field(field)
            result[field] = _reorder(result[field], original.get(field) or [], order, its_shape.merge_key)
    return result


def _go_type(value: Any) -> str:
    names = {dict: "map[string]interface {}", list: "[]interface {}", str: "string", bool: "bool", int: "int64"}
    return "<nil>" if value is None else names.get(type(value), "float64")


def _unknown_directive(patch: Document) -> StrategicError:
    return StrategicError(f"unknown patch type: {printed(patch[_DIRECTIVE])} in map: {printed(patch)}")


def _retained(result: Document, patch: Document) -> Document:
    """``result`` with the fields that ``$retainKeys`` names; all of them without that directive."""
    if _RETAIN not in patch:
        return result
    names = patch[_RETAIN]
    fields = [
        name
        for name, value in patch.items()
        if value is not None and name != _RETAIN and not name.startswith((_DELETE_PRIMITIVES, _ORDER))
    ]
    if not isinstance(names, list) or any(name not in names for name in fields):
        raise StrategicError("invalid patch format of retainKeys", 400)
    return {name: value for name, value in result.items() if name in names}


def _delete_primitives(result: Document, name: str, value: Any) -> None:
    if isinstance(value, list) and isinstance(result.get(name), list):
        result[name] = [item for item in result[name] if item not in value]


def _merge_field(result: Document, name: str, value: Any, shape: Shape, order: Any) -> None:
    if value is None:
        result.pop(name, None)
        return
    current = result.get(name)
    if isinstance(value, dict) and isinstance(current, dict):
        replaces = "replace" in shape.strategy.split(",")
        result[name] = _clean(value) if replaces else _merge_maps(current, value, shape)
        return
    if isinstance(value, list) and "merge" in shape.strategy.split(",") and isinstance(current, list):
        _check_order(value, order, shape.merge_key)
        merged = _merge_lists(current, value, shape)
        own_order = [item for item in value if not (isinstance(item, dict) and _DIRECTIVE in item)]
        result[name] = _reorder(merged, current, own_order if order is None else order, shape.merge_key)
        return
    if isinstance(value, dict) and _DIRECTIVE in value:
        result.pop(name, None)
        return
    result[name] = _clean(value)


def _check_order(items: list[Any], order: Any, key: str) -> None:
    """Check that ``$setElementOrder`` names the items of the patch in their order."""
    if not isinstance(order, list) or not order:
        return
    named = iter(_identity(item, key) for item in order)
    wanted = [item for item in items if not (isinstance(item, dict) and _DIRECTIVE in item)]
    if any(_identity(item, key) not in named for item in wanted):
        shown = (
            f"The order in patch list:\n{printed(items)}\n doesn't match {_ORDER.rstrip('/')} list:\n{printed(order)}\n"
        )
        raise StrategicError(shown)


def _identity(item: Any, key: str) -> Any:
    return item.get(key) if key and isinstance(item, dict) else item


def _check_items(original: list[Any], patch: list[Any]) -> None:
    kinds = [_go_type(item) for item in (*original, *patch)]
    if kinds[0] == "[]interface {}":
        raise StrategicError("lists of lists are not supported", 422)
    if len(set(kinds)) > 1:
        raise StrategicError(f"list element types are not identical: {printed([original, patch])}")


def _merge_lists(original: list[Any], patch: list[Any], shape: Shape) -> list[Any]:
    if not original and not patch:
        return original
    _check_items(original, patch)
    if not isinstance((original or patch)[0], dict):  # a set of primitives
        merged = list(original)
        merged.extend(item for item in patch if item not in merged)
        return merged
    key = shape.merge_key
    for item in patch:
        if item.get(_DIRECTIVE) == "merge":
            raise StrategicError("merging lists cannot yet be specified in the patch")
        if item.get(_DIRECTIVE) not in (None, "delete", "replace"):
            raise _unknown_directive(item)
        if key not in item and item.get(_DIRECTIVE) != "replace":
            raise StrategicError(f"map: {printed(item)} does not contain declared merge key: {key}")
    wanted = [item for item in patch if _DIRECTIVE not in item]
    if any(item.get(_DIRECTIVE) == "replace" for item in patch):
        return [_clean(item) for item in wanted]
    gone = [item for item in patch if _DIRECTIVE in item]
    merged = [existing for existing in original if not any(_same_key(existing, item, key) for item in gone)]
    for item in wanted:
        found = [index for index, existing in enumerate(merged) if _same_key(existing, item, key)]
        if found:
            merged[found[0]] = _merge_maps(merged[found[0]], item, shape.item)
        else:
            merged.append(_clean(item))
    return merged


def _same_key(existing: Any, item: Document, key: str) -> bool:
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
        raise StrategicError(f"expected a []interface {{}}, but received a {_go_type(order)}")
    for index, item in enumerate(order if key else ()):
        if not isinstance(item, dict):
            raise StrategicError(f"value for key {index} is not a map")

    def identity(item: Any) -> Any:
        return _identity(item, key)

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
