# SPDX-License-Identifier: Apache-2.0
"""The form that a document has after it went through the API server's Go types (protocol E2, E9). Pure.

A kube-apiserver decodes a built-in object into structs and encodes them again. That drops zero values of fields that
are not pointers and are marked ``omitempty``, and shows those of fields that are not so marked; `go_types` knows which
are which.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.go_types import SCALARS, GoField, GoType, go_types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["Empties", "drop_zeros", "empty_form", "fill_zeros"]

_TIMES = ("time", "micro-time")


class _Plan:
    """What to do with the values of one struct."""

    def __init__(self, struct: GoType) -> None:
        self._fields = {name: field for name, field in struct.by_name.items() if name != "managedFields"}  # [] counts
        self.times = {name: field.form for name, field in self._fields.items() if _is_time(field)}
        self.vanishing: set[str] = set()
        self.structs: list[str] = []
        self.zeros: list[tuple[str, Any]] = []
        self.nulls: list[str] = []
        for name, field in self._fields.items():
            # To omitempty, structs and types with JSON of their own are never empty.
            omitted = field.omitempty and (not field.by_value or field.form in SCALARS)
            if omitted and not field.pointer:
                self.vanishing.add(name)
            elif omitted or field.omitzero:
                continue
            elif field.by_value and field.form == "struct":
                self.structs.append(name)
            elif field.zero is None:
                self.nulls.append(name)
            else:
                self.zeros.append((name, field.zero))

    @cached_property
    def children(self) -> Mapping[str, tuple[int, _Plan]]:
        """The plans of structs in it, with how many lists or maps wrap them; made late, since types hold themselves."""
        return {
            name: (len(field.wraps), field.type.derived(_Plan))
            for name, field in self._fields.items()
            if field.type is not None and field.form == "struct"
        }

    @cached_property
    def empty(self) -> Document:
        """What Go shows of a struct in which nothing is set."""
        document: Document = {}
        _fill(document, self, (None,))
        return document


def _is_time(field: GoField) -> bool:
    return field.form in _TIMES and not field.wraps


def _plan_of(kind: Kind) -> _Plan | None:
    if not kind.installs_group or kind.model is None:
        return None
    resource = kind.resource
    struct = go_types().find(resource.group, resource.version, resource.kind)
    return None if struct is None else struct.derived(_Plan)


def _structs(value: Any, wraps: int) -> Iterator[Document]:
    """The structs in a field's value."""
    if not wraps:
        if isinstance(value, dict):
            yield value
    elif isinstance(value, (list, dict)):
        for item in value if isinstance(value, list) else value.values():
            yield from _structs(item, wraps - 1)


def _parts(document: Document, plan: _Plan) -> Iterator[tuple[Any, int, _Plan]]:
    """The fields that hold structs: directly (no wraps), or in lists and maps."""
    children = plan.children
    for name, value in document.items():
        if name in children and isinstance(value, (dict, list)):
            wraps, child = children[name]
            if wraps or isinstance(value, dict):
                yield value, wraps, child


class Empties(list[tuple["Document", str, Any]]):
    """The empty lists and maps of a document that its kind tells from absent ones, which are shown to it only."""

    @classmethod
    def of(cls, kind: Kind, document: Document) -> Empties:
        """Those of a document, before `drop_zeros` drops them."""
        found = cls()
        for path in kind.strategy.tells_empty:
            *parents, name = path.split(".")
            holder: Any = document
            for parent in parents:
                holder = holder.get(parent) if isinstance(holder, dict) else None
            if isinstance(holder, dict) and holder.get(name) in ([], {}):
                found.append((holder, name, holder[name]))
        return found

    def __enter__(self) -> None:
        for holder, name, value in self:
            holder.setdefault(name, value)

    def __exit__(self, *exc: object) -> None:
        for holder, name, value in self:
            if holder.get(name) == value:
                del holder[name]


def drop_zeros(kind: Kind, document: Document) -> None:
    """Drop what Go would not write, in place: the first half, before defaults are filled in."""
    plan = _plan_of(kind)
    if plan is not None:
        _drop(document, plan)
    else:
        _drop(document["metadata"], go_types().machinery("ObjectMeta").derived(_Plan))


def _drop(document: Document, plan: _Plan) -> None:
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


def fill_zeros(kind: Kind, document: Document, *, stored: bool = True) -> None:
    """Show what Go shows of structs and required fields that nobody set, in place: the second half.

    Args:
        stored: the document has been written and read: what was an empty list is null then.
    """
    plan = _plan_of(kind)
    if plan is not None:
        _fill(document, plan, (None, []) if stored else (None,))


def empty_form(kind: Kind) -> Document:
    """What Go shows of an object in which nothing is set; shared, so not to be changed."""
    plan = _plan_of(kind)
    return {} if plan is None else plan.empty


def _fill(document: Document, plan: _Plan, nothing: tuple[Any, ...]) -> None:
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
