# SPDX-License-Identifier: Apache-2.0
"""Tables: the columns of a kind and the cells of its objects, as ``kubectl get`` shows them (protocol J27). Pure."""

from __future__ import annotations

from typing import Any

from k8s_core.testing.catalog import Kind

__all__ = ["column_definitions", "row_of"]

Json = dict[str, Any]

_NAME = {
    "name": "Name",
    "type": "string",
    "format": "name",
    "description": "Name must be unique within a namespace.",
    "priority": 0,
}


def _column(name: str, type_: str = "string", priority: int = 0, description: str = "", format_: str = "") -> Json:
    return {"name": name, "type": type_, "format": format_, "description": description, "priority": priority}


def column_definitions(kind: Kind) -> list[Json]:
    """The columns of a kind's table."""
    return [_NAME, _column("Created At", "date")]


def row_of(kind: Kind, document: Json) -> list[Any]:
    """The cells of one object."""
    metadata = document["metadata"]
    return [metadata.get("name", ""), metadata.get("creationTimestamp")]
