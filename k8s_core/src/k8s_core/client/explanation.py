# SPDX-License-Identifier: Apache-2.0
"""What an OpenAPI document says of a kind or one of its fields, as values that print as ``kubectl explain`` does."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["ExplainedField", "Explanation"]

_WIDTH = 80


class ExplainedField(Struct, frozen=True):
    """A field of a kind.

    Attributes:
        name: as it is in documents.
        type: ``string``, ``[]Container``, ``map[string]string``, …
        required: whether it must be there.
        description: empty if the document has none.
        enum: the values that it can have; empty if any.
        fields: those inside of it, if they were asked for (``recursive``); a type within itself has none.
    """

    name: str
    type: str
    required: bool
    description: str
    enum: tuple[str, ...]
    fields: tuple[ExplainedField, ...] = ()


class Explanation(Struct, frozen=True):
    """A kind, or a field of it; ``print`` shows it as ``kubectl explain`` does.

    Attributes:
        group, version, kind: of the kind; the group is empty for the legacy one.
        path: the names of the fields that lead to the one that is explained; empty for the kind itself.
        type: of the field.
        description: of the field, and of its type.
        enum: the values that it can have; empty if any.
        fields: those inside of it.
        recursive: whether their own fields were asked for.
    """

    group: str
    version: str
    kind: str
    path: tuple[str, ...]
    type: str
    description: str
    enum: tuple[str, ...]
    fields: tuple[ExplainedField, ...]
    recursive: bool = False

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def _lines(explained: Explanation) -> Iterator[str]:
    if explained.group:
        yield f"GROUP:      {explained.group}"
    yield f"KIND:       {explained.kind}"
    yield f"VERSION:    {explained.version}"
    yield ""
    if explained.path:
        yield f"FIELD: {explained.path[-1]} <{explained.type}>"
        if explained.enum:
            yield "ENUM:"
            yield from (f"    {value}" for value in explained.enum)
        yield ""
    yield "DESCRIPTION:"
    yield from _wrapped(explained.description or "<empty>")
    if explained.fields:
        yield ""
        yield "FIELDS:"
        yield from _tree(explained.fields, "  ") if explained.recursive else _details(explained.fields)


def _details(fields: Iterable[ExplainedField]) -> Iterator[str]:
    for position, field in enumerate(fields):
        if position:
            yield ""
        yield from _heading(field, "  ")
        yield from _wrapped(field.description or "<no description>")


def _tree(fields: Iterable[ExplainedField], indent: str) -> Iterator[str]:
    for field in fields:
        yield from _heading(field, indent)
        yield from _tree(field.fields, f"{indent}  ")


def _heading(field: ExplainedField, indent: str) -> Iterator[str]:
    yield f"{indent}{field.name}\t<{field.type}>{' -required-' if field.required else ''}"
    if field.enum:
        yield f"{indent}enum: {', '.join(field.enum)}"


def _wrapped(description: str) -> Iterator[str]:
    """The lines of a description, indented; what it has lines for stays on lines of its own."""
    for line in description.strip().splitlines():
        indent = "    "
        yield from textwrap.wrap(
            line,
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
