# SPDX-License-Identifier: Apache-2.0
"""Sets of fields: what a document holds, how two documents differ, and their FieldsV1 form (protocol J18). Pure.

A set is a Python set of paths, a path a tuple of FieldsV1 elements: ``("f:spec", 'k:{"name":"x"}', "f:image")``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core.testing.api_server.kinds.shapes import Shape

__all__ = [
    "Difference",
    "FieldSet",
    "Path",
    "compare",
    "fields_of",
    "from_wire",
    "path_text",
    "strip_identity",
    "to_wire",
]

Path = tuple[str, ...]
FieldSet = set[Path]
Json = dict[str, Any]

_IDENTITY: FieldSet = {
    ("f:apiVersion",),
    ("f:kind",),
    ("f:metadata",),
    *(
        ("f:metadata", f"f:{name}")
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "generation",
            "managedFields",
            "resourceVersion",
            "generateName",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
        )
    ),
}


def strip_identity(fields: FieldSet) -> FieldSet:
    """Without what identifies an object and belongs to nobody."""
    return {path for path in fields if path not in _IDENTITY and path[:2] != ("f:metadata", "f:managedFields")}


def to_wire(fields: FieldSet) -> Json:
    """The FieldsV1 document of a set."""
    root: Json = {}
    for path in sorted(fields):
        node = root
        for element in path[:-1]:
            child = node.setdefault(element, {})
            node = child
        leaf = node.get(path[-1])
        if leaf is None:
            node[path[-1]] = {}
    return _mark_members(root, (), fields)


def _mark_members(node: Json, path: Path, fields: FieldSet) -> Json:
    result: Json = {}
    if node and path in fields:
        result["."] = {}
    for element, child in node.items():
        result[element] = _mark_members(child, (*path, element), fields)
    return result


def from_wire(document: Mapping[str, Any]) -> FieldSet:
    """The set of a FieldsV1 document."""
    found: FieldSet = set()

    def walk(node: Mapping[str, Any], path: Path) -> None:
        for element, child in node.items():
            if element == ".":
                found.add(path)
            elif isinstance(child, Mapping) and child:
                walk(child, (*path, element))
            else:
                found.add((*path, element))

    walk(document, ())
    return found


def path_text(path: Path) -> str:
    """A path as messages show it: ``.spec.containers[name="x"].image``."""
    text = ""
    for element in path:
        kind, _, rest = element.partition(":")
        if kind == "f":
            text += f".{rest}"
        elif kind == "k":
            keys = ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items())
            text += f"[{keys}]"
        else:
            text += f"[={rest}]"
    return text


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def list_elements(items: list[Any], shape: Shape) -> dict[str, Any]:
    """The items of a set or map list by their path elements; defaults of missing keys are not known here."""
    if shape.list_type == "set":
        return {f"v:{_compact(item)}": item for item in items}
    found = {}
    for item in items:
        if isinstance(item, dict):
            found["k:" + _compact({key: item[key] for key in shape.keys if key in item})] = item
    return found


def children(value: Any, shape: Shape) -> dict[str, tuple[Any, Shape]] | None:
    """The parts of a value that are owned one by one; None for a value that is owned as a whole."""
    if isinstance(value, dict) and not shape.atomic:
        return {f"f:{name}": (child, shape.field(name)) for name, child in value.items()}
    if isinstance(value, list) and shape.granular_list:
        return {element: (item, shape.item) for element, item in list_elements(value, shape).items()}
    return None


def fields_of(document: Any, shape: Shape) -> FieldSet:
    """What an applied document owns: leaves, list items, and empty maps and lists."""
    found: FieldSet = set()

    def walk(value: Any, shape: Shape, path: Path) -> None:
        parts = children(value, shape)
        if not parts:
            found.add(path)
            return
        if path and path[-1][0] != "f":
            found.add(path)
        for element, (child, its_shape) in parts.items():
            walk(child, its_shape, (*path, element))

    walk(document, shape, ())
    return found


@dataclass(slots=True)
class Difference:
    """How a document differs from the one before."""

    added: FieldSet = field(default_factory=set)
    modified: FieldSet = field(default_factory=set)
    removed: FieldSet = field(default_factory=set)

    @property
    def empty(self) -> bool:
        """True if nothing differs."""
        return not (self.added or self.modified or self.removed)


def compare(old: Any, new: Any, shape: Shape) -> Difference:
    """Which fields ``new`` adds, changes and lacks."""
    difference = Difference()
    _compare(old, new, shape, (), difference)
    return difference


def _compare(old: Any, new: Any, shape: Shape, path: Path, difference: Difference) -> None:
    before, after = children(old, shape), children(new, shape)
    if before is None or after is None:
        if old != new or type(old) is not type(new):
            difference.modified.add(path)
        return
    for element, (value, its_shape) in after.items():
        where = (*path, element)
        if element in before:
            _compare(before[element][0], value, its_shape, where, difference)
        else:
            difference.added.update(_all_nodes(value, its_shape, where))
    for element, (value, its_shape) in before.items():
        if element not in after:
            difference.removed.update(_every_path(value, its_shape, (*path, element)))


def _all_nodes(value: Any, shape: Shape, path: Path) -> Iterator[Path]:
    """The nodes of something new: leaves, list items, and the maps and lists that hold them."""
    parts = children(value, shape)
    # A Go struct is there before it is filled: it is not a thing that somebody added. Custom resources have none.
    struct = shape.type == "object" and shape.schema is None
    if not parts or not struct or path[-1][0] != "f":
        yield path
    for element, (child, its_shape) in (parts or {}).items():
        yield from _all_nodes(child, its_shape, (*path, element))


def _every_path(value: Any, shape: Shape, path: Path) -> Iterator[Path]:
    yield path
    for element, (child, its_shape) in (children(value, shape) or {}).items():
        yield from _every_path(child, its_shape, (*path, element))
