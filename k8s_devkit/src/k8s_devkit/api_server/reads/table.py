# SPDX-License-Identifier: Apache-2.0
"""Tables: the columns of a kind and the cells of its objects, as ``kubectl get`` shows them (protocol J27). Pure.

The columns of built-in kinds and of packages belong to their models; those of a CRD to the CRD.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

from k8s_core.kinds import PrinterColumn, human_duration
from k8s_devkit.api_server.reads.jsonpath import find_all, find_first

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["columns_of", "row_of"]

_log = logging.getLogger("k8s_devkit")
_UNKNOWN = "<unknown>"
_DESCRIPTIONS = {
    "Name": (
        "Name must be unique within a namespace. Is required when creating resources, although some resources may "
        "allow a client to request the generation of an appropriate name automatically."
    ),
    "Age": "CreationTimestamp is a timestamp representing the server time when this object was created.",
}


def columns_of(kind: Kind) -> list[Document]:
    """The ``columnDefinitions`` of a kind's table."""
    return [
        {
            "name": column.name,
            "type": _type(column),
            "format": column.format if column.format != "timestamp" else "",
            "description": column.description or _DESCRIPTIONS.get(column.name, ""),
            "priority": column.priority,
        }
        for column in kind.printer_columns()
    ]


def _type(column: PrinterColumn) -> str:
    """A model's ages are computed into texts; a timestamp stays one, and a CRD's type is what the CRD says."""
    computed = callable(column.value) and column.type == "date" and column.format != "timestamp"
    return "string" if computed else column.type


def row_of(kind: Kind, document: Document, now: datetime) -> list[Any]:
    """The cells of one object; ages are counted to ``now``."""
    columns = kind.printer_columns()
    model = kind.model if any(callable(column.value) for column in columns) else None
    view = model.from_dict({**document}) if model is not None else None
    return [_cell(column, document, view, now) for column in columns]


def _cell(column: PrinterColumn, document: Document, view: Any, now: datetime) -> Any:
    if callable(column.value):
        try:
            value = column.value(view)
        except Exception as error:  # noqa: BLE001
            # A plugin's column must not take the list with it: other cells are still worth showing.
            _log.warning("column %r: %s: %s", column.name, type(error).__name__, error)
            return "<error>"
        if value is None and column.type == "date":
            return _UNKNOWN
        return human_duration((now - value).total_seconds()) if isinstance(value, datetime) else value
    if column.type == "date":
        return _age(find_first(document, column.value), column, now)
    found = find_all(document, column.value)
    return _scalar(column.type, found[0]) if found else None


def _scalar(type_: str, value: Any) -> Any:
    """The first value of a JSONPath as a cell; None where it does not fit the column's type."""
    if type_ == "string":
        return _text(value)
    if isinstance(value, bool):
        return value if type_ == "boolean" else None
    if isinstance(value, (int, float)):
        return {"integer": int, "number": float}[type_](value) if type_ in ("integer", "number") else None
    return None


def _text(value: Any) -> str:
    if value is None:
        return "<no value>"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), sort_keys=True)


def _age(value: Any, column: PrinterColumn, now: datetime) -> str | None:
    if not isinstance(value, str):
        return _UNKNOWN if column.name == "Age" else None
    if column.format == "timestamp":
        return value
    try:
        return human_duration((now - datetime.fromisoformat(value)).total_seconds())
    except ValueError:
        return "<invalid>"
