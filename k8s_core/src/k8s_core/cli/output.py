# SPDX-License-Identifier: Apache-2.0
"""How sub-commands print: tables for people, plain columns for pipes, JSON for programs."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Output", "print_json", "print_table"]


class Output(StrEnum):
    """The formats of ``--output``."""

    TABLE = "table"
    JSON = "json"


def print_json(document: Any) -> None:
    """Print a JSON document with indentation, ready for a program."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, title: str = "", styles: Mapping[str, str] | None = None
) -> None:
    """Print rows: as a table in a terminal, otherwise one line for each, with tabs between the cells.

    In a pipe nothing is wrapped, cut or padded, an empty cell is ``-``, and there are no colours or lines.

    Args:
        columns: the headings.
        rows: one string for each column.
        title: above the table, in a terminal only.
        styles: rich style by the content of a cell, such as ``{"broken": "red"}``; NO_COLOR is honoured.
    """
    cells = [list(row) for row in rows]
    if sys.stdout.isatty():
        _print_rich(columns, cells, title, styles or {})
        return
    for row in ([column.upper() for column in columns], *cells):
        sys.stdout.write("\t".join(" ".join(cell.split()) or "-" for cell in row) + "\n")


def _print_rich(columns: Sequence[str], rows: list[list[str]], title: str, styles: Mapping[str, str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text, not markup: what plugins say is data.
        table.add_row(*(Text(text, style=styles.get(text, "")) for text in row))
    Console().print(table)
