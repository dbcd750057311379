# SPDX-License-Identifier: Apache-2.0
"""Columns and rows for people: what a class calls its ``printer_columns``, as plain text, HTML, or a table of rich.

Secrets are masked as they are in ``repr``. Nothing here does I/O but for asking whether standard output is a terminal.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from k8s_core.jsonpath import JSONPath
from k8s_core.kinds import AGE_COLUMN, NAME_COLUMN, human_duration, table_columns
from k8s_core.model.secrecy import masked
from k8s_core.redaction import escape_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k8s_core.kinds import PrinterColumn
    from k8s_core.model.resource import Resource

__all__ = ["Rows", "cell_text", "html_table", "plain_table", "printed", "rich_table", "rows_of", "summary"]

Rows: TypeAlias = "tuple[list[str], list[list[str]]]"
"""Headings, and for each row a string for each of them."""

_GAP = "   "
_SUMMARY_CELLS = 3


def rows_of(objects: Sequence[Resource]) -> Rows:
    """The columns of objects of one kind; the namespace comes first where there are several."""
    columns = _columns(type(objects[0])) if objects else ()
    headings = [column.name for column in columns]
    rows = [_cells(obj, columns) for obj in objects]
    namespaces = [_identifier(obj, "namespace") for obj in objects]
    if len(set(namespaces)) > 1:
        return ["Namespace", *headings], [[place, *row] for place, row in zip(namespaces, rows, strict=True)]
    return headings, rows


def summary(obj: Resource) -> str:
    """One line: ``<Pod default/web: Ready 1/1, Status Running, Restarts 0>``. It does not change as time passes."""
    columns = [column for column in _columns(type(obj)) if column.name != "Name" and column.type != "date"]
    cells = [
        f"{column.name} {cell}" for column, cell in zip(columns, _cells(obj, columns), strict=True) if cell.strip()
    ]
    name = "/".join(filter(None, (_identifier(obj, "namespace"), _identifier(obj, "name"))))
    shown = f": {', '.join(cells[:_SUMMARY_CELLS])}" if cells else ""
    return f"<{type(obj).__name__}{f' {name}' if name else ''}{shown}>"


def _identifier(obj: Resource, key: str) -> str:
    # A kind may have no metadata, and a server may answer with anything.
    return str(getattr(obj.metadata, key, None) or "")


def _columns(cls: type[Resource]) -> tuple[PrinterColumn, ...]:
    if cls._sensitive is None:
        # No class says what is secret in it.
        return NAME_COLUMN, AGE_COLUMN
    return tuple(column for column in table_columns(cls.printer_columns) if column.priority == 0)


def _cells(obj: Resource, columns: Iterable[PrinterColumn]) -> list[str]:
    document = masked(type(obj), obj.to_dict())
    return [_cell(column, obj, document) for column in columns]


def _cell(column: PrinterColumn, obj: Resource, document: dict[str, Any]) -> str:
    try:
        value = column.value(obj) if callable(column.value) else next(iter(JSONPath(column.value).find(document)), None)
        if column.type == "date" and isinstance(value, str):
            value = datetime.fromisoformat(value)
    except Exception:  # noqa: BLE001  # a column of a package, and data of a server: the other cells are worth showing
        return "<error>"
    if isinstance(value, datetime):
        return human_duration((datetime.now(UTC) - value).total_seconds())
    return cell_text(value)


def cell_text(value: object) -> str:
    """A cell of JSON as one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return escape_terminal(" ".join(str(value).split()))


# -- showing ----------------------------------------------------------------------------------------------------------


def printed(rows: Rows) -> str:
    """The rows for ``print``: by rich where standard output is a terminal that may show colours, else plain.

    rich comes with the extra ``k8s-core[cli]``.
    """
    # There is no standard output at all in a program without a console.
    if not getattr(sys.stdout, "isatty", bool)() or os.environ.get("NO_COLOR"):
        return plain_table(rows)
    try:
        from rich.console import Console  # noqa: PLC0415  # an extra
    except ImportError:
        return plain_table(rows)
    console = Console()
    with console.capture() as captured:
        console.print(rich_table(rows))
    return captured.get().rstrip("\n")


def plain_table(rows: Rows) -> str:
    """Aligned columns below headings in capitals, as kubectl prints them; no line ends with a blank."""
    headings, body = rows
    lines = [[heading.upper() for heading in headings], *body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        _GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def rich_table(rows: Rows) -> Any:
    """The same as a ``rich.table.Table``, which needs rich."""
    from rich.table import Table  # noqa: PLC0415  # an extra
    from rich.text import Text  # noqa: PLC0415  # an extra

    table = Table(header_style="bold", box=None, pad_edge=False)
    headings, body = rows
    for heading in headings:
        table.add_column(heading.upper(), overflow="fold")
    for line in body:
        # Text, not markup: what servers say is data.
        table.add_row(*map(Text, line))
    return table


def html_table(rows: Rows) -> str:
    """The same for notebooks; everything is escaped."""
    from html import escape  # noqa: PLC0415  # only notebooks need it

    def line(tag: str, cells: Iterable[str]) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"

    headings, body = rows
    lines = "".join(line("td", row) for row in body)
    return f"<table><thead>{line('th', headings)}</thead><tbody>{lines}</tbody></table>"
