# SPDX-License-Identifier: Apache-2.0
"""Sets of fields and their FieldsV1 form (protocol J18). Pure.

A set is a Python set of paths, a path a tuple of FieldsV1 elements: ``("f:spec", 'k:{"name":"x"}', "f:image")``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = [
    "FieldSet",
    "FieldTree",
    "Path",
    "compact",
    "element_text",
    "excluding",
    "from_wire",
    "in_order",
    "path_text",
    "strip_identity",
    "to_wire",
    "tree_of",
]

Path = tuple[str, ...]
FieldSet = set[Path]

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
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ),
}


class FieldTree:
    """One element of a tree of paths: whether a path ends here, and what goes on from here."""

    __slots__ = ("children", "member")

    def __init__(self) -> None:
        self.member = False
        self.children: dict[str, FieldTree] = {}


def tree_of(fields: FieldSet) -> FieldTree:
    """The paths of a set as a tree."""
    root = FieldTree()
    for path in fields:
        node = root
        for element in path:
            child = node.children.get(element)
            if child is None:
                child = node.children[element] = FieldTree()
            node = child
        node.member = True
    return root


def strip_identity(fields: FieldSet) -> FieldSet:
    """Without what identifies an object and belongs to nobody."""
    return fields - _IDENTITY


def excluding(fields: FieldSet, prefixes: FieldSet) -> FieldSet:
    """Without the paths in ``prefixes`` and all that is below them."""
    if not prefixes:
        return fields
    lengths = sorted({len(path) for path in prefixes})
    return {path for path in fields if not any(path[:length] in prefixes for length in lengths)}


def to_wire(fields: FieldSet) -> Document:
    """The FieldsV1 document of a set."""
    return _document(tree_of(fields), marked=False)


def _document(node: FieldTree, *, marked: bool) -> Document:
    document: Document = {}
    if marked and node.member and node.children:
        document["."] = {}
    for element in sorted(node.children, key=_element_order):
        document[element] = _document(node.children[element], marked=True)
    return document


def from_wire(document: Mapping[str, Any]) -> FieldSet:
    """The set of a FieldsV1 document. Raises ValueError for what is none."""
    found: FieldSet = set()

    def walk(node: Any, path: Path) -> bool:
        """Whether ``path`` itself is in the set."""
        if not isinstance(node, Mapping):
            raise ValueError("FieldsV1 consists of objects")
        member, known = False, False
        for element, child in node.items():
            if element == ".":
                member = True
                continue
            name = _canonical(element)
            if name is None:
                continue
            known = True
            if walk(child, (*path, name)):
                found.add((*path, name))
        return member or not known

    walk(document, ())
    return found


@lru_cache(maxsize=8192)
def _canonical(element: str) -> str | None:
    """An element in our spelling; None for a kind of element that we don't know."""
    kind, separator, rest = element[:1], element[1:2], element[2:]
    if separator != ":":
        raise ValueError(f"no path element: {element!r}")
    if kind == "f":
        return element
    if kind in ("k", "v"):
        return f"{kind}:{compact(load_json(rest))}"
    return element if kind == "i" else None


def compact(value: Any) -> str:
    """JSON as it stands in path elements: sorted, no spaces, and Go's escapes for HTML."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    if "<" in text or ">" in text or "&" in text:
        text = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return text


_RANKS = {"f": 0, "k": 1, "v": 2, "i": 3}


@lru_cache(maxsize=8192)
def _element_order(element: str) -> tuple[Any, ...]:
    kind, rest = element[:1], element[2:]
    if kind == "f":
        return 0, rest
    value = json.loads(rest)
    if kind == "k":
        return 1, tuple((name, _value_order(item)) for name, item in value.items())
    return _RANKS.get(kind, 3), _value_order(value)


def _value_order(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, (int, float)):
        return 0, value
    return (1, value) if isinstance(value, str) else (3, compact(value))


def in_order(fields: FieldSet) -> Iterator[Path]:
    """The paths as the API server lists them: at every level first what ends there, then what goes on."""

    def walk(node: FieldTree, path: Path) -> Iterator[Path]:
        elements = sorted(node.children, key=_element_order)
        for element in elements:
            if node.children[element].member:
                yield (*path, element)
        for element in elements:
            yield from walk(node.children[element], (*path, element))

    yield from walk(tree_of(fields), ())


def path_text(path: Path) -> str:
    """A path as messages show it: ``.spec.containers[name="x"].image``."""
    return "".join(map(element_text, path))


def element_text(element: str) -> str:
    """One element of a path as messages show it."""
    kind, rest = element[:1], element[2:]
    if kind == "f":
        return f".{rest}"
    value = json.loads(rest)
    if kind == "k":
        keys = ",".join(f"{key}={_quoted(item)}" for key, item in value.items())
        return f"[{keys}]"
    return f"[={_quoted(value)}]" if kind == "v" else f"[{rest}]"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
