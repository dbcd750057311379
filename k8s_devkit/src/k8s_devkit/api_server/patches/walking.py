# SPDX-License-Identifier: Apache-2.0
"""Documents by their shape: which fields they hold, how two differ, what becomes of them merged and reduced. Pure.

This is the arithmetic of server-side apply (protocol J18); who owns what is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from k8s_devkit.api_server.patches.fieldsets import FieldSet, FieldTree, Path, compact, excluding

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.strategy.document import Document

__all__ = ["Difference", "NoElement", "compare", "equal", "fields_of", "list_element", "merge", "remove", "sort_of"]

_ABSENT: Final[Any] = type("Absent", (), {"__bool__": lambda _: False})()


class NoElement(Exception):
    """An item of a list that merges by item cannot be told from the others; the text is the API server's."""


def sort_of(value: Any, shape: Shape) -> str:
    """How a value is treated: as ``map``, ``list`` or ``scalar``. Its shape decides, or else what it is."""
    if shape.type in ("object", "map"):
        return "map"
    if shape.type == "list":
        return "list"
    # A CRD's int-or-string has no type in OpenAPI, and so anything goes until it is validated.
    free = shape.type == "any" or (shape.type == "int-or-string" and shape.schema is not None)
    if free and (value is None or isinstance(value, dict)):
        return "map"
    return "list" if free and isinstance(value, list) else "scalar"


def equal(left: Any, right: Any) -> bool:
    """Equality of JSON: true is not 1, and 1 is 1.0."""
    if isinstance(left, dict):
        if not isinstance(right, dict) or left.keys() != right.keys():
            return False
        return all(equal(value, right[name]) for name, value in left.items())
    if isinstance(left, list):
        if not isinstance(right, list) or len(left) != len(right):
            return False
        return all(map(equal, left, right))
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def list_element(item: Any, shape: Shape) -> str:
    """The path element of an item of a ``set`` or ``map`` list. Raises NoElement if it has none."""
    if shape.list_type == "set":
        if isinstance(item, dict):
            raise NoElement("associative list without keys has an element that's a map type")
        if isinstance(item, list):
            raise NoElement("not supported: associative list with lists as elements")
        if item is None:
            raise NoElement("associative list without keys has an element that's an explicit null")
        return f"v:{compact(item)}"
    if item is None:
        raise NoElement("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise NoElement("associative list with keys may not have non-map elements")
    keys = {}
    for key in shape.keys:
        value = item[key] if key in item else shape.key_default(key)
        if key in item or value is not None:
            keys[key] = value
    if not keys:
        names = " ".join(f'"{key}"' for key in shape.keys)
        raise NoElement(
            f"associative list with keys has an element that omits all key fields [{names}] "
            "(and doesn't have default values for any key fields)"
        )
    return f"k:{compact(keys)}"


def fields_of(document: Any, shape: Shape) -> FieldSet:
    """What an applied document sets: leaves, list items, empty maps, and the keys of free maps."""
    found: FieldSet = set()
    _add_fields(document, shape, (), found)
    return found


def _add_fields(value: Any, shape: Shape, path: Path, found: FieldSet) -> None:
    sort = sort_of(value, shape)
    if sort == "scalar" or (sort == "map" and shape.atomic) or (sort == "list" and not shape.granular_list):
        found.add(path)
    elif sort == "map":
        for name, child in value.items() if isinstance(value, dict) else ():
            where = (*path, f"f:{name}")
            _add_fields(child, shape.field(name), where, found)
            if child is None or child == {} or not shape.declares(name):
                found.add(where)
    elif isinstance(value, list):
        for element, items in _by_element(value, shape).items():
            where = (*path, element)
            if len(items) == 1:
                _add_fields(items[0], shape.item, where, found)
            found.add(where)


def _by_element(items: Any, shape: Shape) -> dict[str, list[Any]]:
    """The items of a granular list by their elements; more than one of an element are duplicates."""
    found: dict[str, list[Any]] = {}
    for item in items if isinstance(items, list) else ():
        found.setdefault(list_element(item, shape), []).append(item)
    return found


@dataclass(slots=True)
class Difference:
    """How a document differs from the one before."""

    added: FieldSet = field(default_factory=set)
    modified: FieldSet = field(default_factory=set)
    removed: FieldSet = field(default_factory=set)

    @property
    def changed(self) -> FieldSet:
        """What somebody set: added or with another value."""
        return self.added | self.modified

    def without(self, prefixes: FieldSet) -> Difference:
        """The difference outside of ``prefixes``."""
        if not prefixes:
            return self
        return Difference(*(excluding(part, prefixes) for part in (self.added, self.modified, self.removed)))


def compare(old: Any, new: Any, shape: Shape) -> Difference:
    """Which fields ``new`` adds, changes and lacks. Raises NoElement for a list that cannot be compared."""
    difference = Difference()
    _compare(old, new, shape, (), difference)
    return difference


def _compare(old: Any, new: Any, shape: Shape, path: Path, difference: Difference) -> None:
    before, after = sort_of(old, shape), sort_of(new, shape)
    if new is _ABSENT:
        leaf = _compare_as(before, old, new, shape, path, difference)
    elif old is _ABSENT or before == after:
        leaf = _compare_as(after, old, new, shape, path, difference)
    else:
        _compare_as(before, old, new, shape, path, difference)
        leaf = _compare_as(after, old, new, shape, path, difference)
    if not leaf and old is _ABSENT:
        difference.added.add(path)
    elif not leaf and new is _ABSENT:
        difference.removed.add(path)


def _compare_as(sort: str, old: Any, new: Any, shape: Shape, path: Path, difference: Difference) -> bool:
    """Compare as a map, list or scalar; returns whether that was one leaf."""
    whole = sort == "scalar" or (sort == "map" and shape.atomic) or (sort == "list" and not shape.granular_list)
    if not whole and sort == "map":
        before, after = _view(old, shape), _view(new, shape)
        for name in {**before, **after}:
            _compare(
                before.get(name, _ABSENT), after.get(name, _ABSENT), shape.field(name), (*path, f"f:{name}"), difference
            )
        whole = not before and not after  # an empty map is a leaf, so that empty differs from null
    elif not whole:
        left, right = _by_element(old, shape), _by_element(new, shape)
        for element in {**left, **right}:
            _compare_items(left.get(element, []), right.get(element, []), shape.item, (*path, element), difference)
        whole = not left and not right
    if not whole:
        return False
    if old is _ABSENT:
        difference.added.add(path)
    elif new is _ABSENT:
        difference.removed.add(path)
    elif not equal(old, new):
        difference.modified.add(path)
    return True


def _compare_items(old: list[Any], new: list[Any], shape: Shape, path: Path, difference: Difference) -> None:
    if len(old) <= 1 and len(new) <= 1:
        _compare(old[0] if old else _ABSENT, new[0] if new else _ABSENT, shape, path, difference)
    elif len(old) > 1 and len(new) > 1:
        if not equal(old, new):
            difference.modified.add(path)
    elif len(old) > 1:
        if new:
            _compare(_ABSENT, new[0], shape, path, difference)
        difference.removed.add(path)
    else:
        if old:
            _compare(old[0], _ABSENT, shape, path, difference)
        difference.added.add(path)


def _view(value: Any, shape: Shape) -> Document:
    """The fields of a map as the API server's Go struct has them: structs by value and required lists always."""
    if not isinstance(value, dict):
        return {}
    if shape.schema is not None or shape.type != "object" or shape.preserve:
        return value
    seen = dict(value)
    for name in shape.structs:
        if seen.get(name) is None and name in shape.fields:
            seen[name] = {}
    for name in shape.required:
        if name not in seen and shape.field(name).type in ("list", "map", "object"):
            seen[name] = None
    return seen


def merge(live: Any, configuration: Any, shape: Shape) -> Any:
    """``live`` with the fields of ``configuration`` laid over it, lists by their type."""
    merged = _merge(live, configuration, shape)
    return None if merged is _ABSENT else merged


def _merge(live: Any, wanted: Any, shape: Shape) -> Any:
    if wanted is _ABSENT:
        return live
    sort = sort_of(wanted if live is _ABSENT or wanted is not None else live, shape)
    if sort == "map" and not shape.atomic:
        left = live if isinstance(live, dict) else {}
        right = wanted if isinstance(wanted, dict) else {}
        if not left and not right:
            return wanted
        merged = dict(left)
        for name, value in right.items():
            child = _merge(left.get(name, _ABSENT), value, shape.field(name))
            if child is not _ABSENT:
                merged[name] = child
        return merged
    if sort == "list" and shape.granular_list:
        if not live and not wanted:
            return wanted
        items = _merge_lists(live if isinstance(live, list) else [], wanted if isinstance(wanted, list) else [], shape)
        return items or _ABSENT
    return wanted


def _merge_lists(live: list[Any], wanted: list[Any], shape: Shape) -> list[Any]:
    """The order of the applied list wins; what only the live list has stays behind its live predecessor."""
    before = [(list_element(item, shape), item) for item in live]
    after = [(list_element(item, shape), item) for item in wanted]
    unique = {element: items[0] for element, items in _by_element(live, shape).items() if len(items) == 1}
    named, present = dict(after), {element for element, _ in before}
    shared = [element for element, _ in after if element in present]
    merged: list[Any] = []
    done: set[str] = set()
    left = right = next_shared = 0

    def take() -> None:
        element, item = after[right]
        done.add(element)
        merged.append(_merge(unique.get(element, None if element in present else _ABSENT), item, shape.item))

    while left < len(before) or right < len(after):
        waited_for = shared[next_shared] if next_shared < len(shared) else None
        if left < len(before) and right < len(after):
            element = before[left][0]
            if element == after[right][0]:
                take()
                left, right, next_shared = left + 1, right + 1, next_shared + 1
                continue
            if element in named and waited_for is not None and waited_for != element:
                left += 1  # it is shared, but another one comes first
                continue
        if left < len(before):
            element, item = before[left]
            if element not in named:
                merged.append(item)
                left += 1
                continue
            if element in done:
                left += 1
        if right < len(after):
            take()
            next_shared += after[right][0] == waited_for
            right += 1
    return merged


def remove(value: Any, gone: FieldTree, shape: Shape) -> Any:
    """``value`` without the paths in ``gone``; a map or list of which nothing is left stays, empty."""
    sort = sort_of(value, shape)
    if sort == "scalar" or (sort == "list" and not isinstance(value, list)):
        return value
    if sort == "map":
        if not isinstance(value, dict) or shape.atomic:
            return None
        fields = {}
        for name, child in value.items():
            node = gone.children.get(f"f:{name}")
            if node is None:
                fields[name] = child
            elif not node.member:
                fields[name] = remove(child, node, shape.field(name)) if node.children else child
        return fields
    if not shape.granular_list:
        return None
    items = []
    for item in value:
        node = gone.children.get(list_element(item, shape))
        if node is None:
            items.append(item)
        elif not node.member:
            items.append(remove(item, node, shape.item) if node.children else item)
    return items
