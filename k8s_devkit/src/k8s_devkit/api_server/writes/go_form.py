# SPDX-License-Identifier: Apache-2.0
"""The form that a document has after it went through the API server's Go types (protocol E2, E9). Pure.

A kube-apiserver decodes a built-in object into structs and encodes them again. That drops zero values of fields that
are no pointers and are marked ``omitempty``, and shows those of fields that are not so marked. ``go_types.txt`` says
which are which (``.ci/go_types.py`` makes it); OpenAPI does not. A line is a group and version, a type, and the fields
that differ from the ordinary:

    name=   shown even if zero: ``""``, ``0``, ``false``, ``"0"`` for quantities
    name-   a number or boolean that is dropped when zero; without the mark it is a pointer, whose zero counts
    name+   a string, list or map that is a pointer: empty, it counts; without the mark it is dropped when empty
    name~   shown as null when it is absent or an empty list
    name{}  a struct: always there
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.shapes import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.kinds.shapes import Shape

__all__ = ["drop_zeros", "empty_form", "fill_zeros"]

Json = dict[str, Any]
_ZEROS: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "quantity": "0",
    "int-or-string": 0,
}
_COMMON = ("core/v1", "meta/v1")
_VANISHING = ("string", "bytes", "list", "map")


@cache
def _go_types() -> dict[tuple[str, str], dict[str, str]]:
    """The marks of fields by (group and version, type) and name."""
    types: dict[tuple[str, str], dict[str, str]] = {}
    text = resources.files(__package__).joinpath("go_types.txt").read_text()
    for line in text.splitlines():
        package, name, *fields = line.split()
        types[package, name] = dict(_marked(field) for field in fields)
    return types


def _marked(field: str) -> tuple[str, str]:
    return (field[:-2], "{") if field.endswith("{}") else (field[:-1], field[-1])


class _Plan:
    """What to do with the values of one struct; made from its shape when it is first met."""

    __slots__ = ("children", "nulls", "structs", "times", "vanishing", "zeros")

    def __init__(self) -> None:
        self.vanishing: set[str] = set()
        self.times: dict[str, str] = {}
        self.zeros: list[tuple[str, Any]] = []
        self.nulls: list[str] = []
        self.structs: list[str] = []
        self.children: dict[str, tuple[int, _Plan]] = {}  # by how many lists or maps the field wraps the struct


_plans: dict[tuple[str, str], _Plan | None] = {}


def _plan(package: str, shape: Shape) -> _Plan | None:
    """The plan of a struct, or None for a type that the table does not know."""
    key = (package, shape.name)
    if key not in _plans:
        types = _go_types()
        group = package.partition("/")[0]
        places = (package, f"{group}/v1", f"{group}/v2", *_COMMON)  # an older version is like the present one
        marks = next((types[place, shape.name] for place in places if (place, shape.name) in types), None)
        plan = _plans[key] = None if marks is None else _Plan()  # first of all: types hold themselves
        if plan is not None and marks is not None:
            for name, field in shape.fields.items():
                _add(plan, package, name, field, marks.get(name, ""))
    return _plans[key]


def _add(plan: _Plan, package: str, name: str, field: Shape, mark: str) -> None:
    if name == "managedFields":
        return  # an empty list means something there
    if mark == "=":
        plan.zeros.append((name, _ZEROS.get(field.type, "")))
    elif mark == "~":
        plan.nulls.append(name)
    elif mark == "{":
        plan.structs.append(name)
    elif mark == "-" or (not mark and field.type in _VANISHING):
        plan.vanishing.add(name)
    if field.type in ("time", "micro-time"):
        plan.times[name] = field.type
    wraps = 0
    while field.type in ("list", "map"):
        wraps, field = wraps + 1, field.item
    child = _plan(package, field) if field.type == "object" else None
    if child is not None:
        plan.children[name] = (wraps, child)


def _plan_of(kind: Kind) -> _Plan | None:
    if not kind.installs_group or kind.model is None:
        return None
    return _plan(f"{kind.resource.group.partition('.')[0] or 'core'}/{kind.resource.version}", kind.shape())


def _structs(value: Any, wraps: int) -> Iterator[Json]:
    """The structs in a field's value."""
    if not wraps:
        if isinstance(value, dict):
            yield value
    elif isinstance(value, (list, dict)):
        for item in value if isinstance(value, list) else value.values():
            yield from _structs(item, wraps - 1)


def _parts(document: Json, plan: _Plan) -> Iterator[tuple[Any, int, _Plan]]:
    """The fields that hold structs: directly (no wraps), or in lists and maps."""
    children = plan.children
    for name, value in document.items():
        if name in children and isinstance(value, (dict, list)):
            wraps, child = children[name]
            if wraps or isinstance(value, dict):
                yield value, wraps, child


def drop_zeros(kind: Kind, document: Json) -> None:
    """Drop what Go would not write, in place: the first half, before defaults are filled in."""
    plan = _plan_of(kind)
    if plan is not None:
        _drop(document, plan)
    elif (metadata := _plan("meta/v1", METADATA)) is not None:
        _drop(document["metadata"], metadata)


def _drop(document: Json, plan: _Plan) -> None:
    for value, wraps, child in _parts(document, plan):
        if wraps:
            for struct in _structs(value, wraps):
                _drop(struct, child)
        else:
            _drop(value, child)
    for name in [name for name, value in document.items() if not value and name in plan.vanishing]:
        del document[name]
    for name in document.keys() & plan.times.keys():
        document[name] = _canonical_time(document[name], micro=plan.times[name] == "micro-time")


def _canonical_time(value: Any, *, micro: bool) -> Any:
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return value
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ" if micro else "%Y-%m-%dT%H:%M:%SZ")


def fill_zeros(kind: Kind, document: Json, *, stored: bool = True) -> None:
    """Show what Go shows of structs and required fields that nobody set, in place: the second half.

    Args:
        stored: the document has been written and read: what was an empty list is null then.
    """
    plan = _plan_of(kind)
    if plan is not None:
        _fill(document, plan, (None, []) if stored else (None,))


_empty: dict[int, Json] = {}


def empty_form(kind: Kind) -> Json:
    """What Go shows of an object in which nothing is set; shared, so not to be changed."""
    plan = _plan_of(kind)
    if plan is None:
        return {}
    if id(plan) not in _empty:
        _empty[id(plan)] = {}
        _fill(_empty[id(plan)], plan, (None,))
    return _empty[id(plan)]


def _fill(document: Json, plan: _Plan, nothing: tuple[Any, ...]) -> None:
    for name in plan.structs:
        document.setdefault(name, {})
    for name, zero in plan.zeros:
        document.setdefault(name, zero)
    for name in plan.nulls:
        if document.get(name) in nothing:
            document[name] = None
    for value, wraps, child in _parts(document, plan):
        if wraps:
            for struct in _structs(value, wraps):
                _fill(struct, child, nothing)
        else:
            _fill(value, child, nothing)
