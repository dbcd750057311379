# SPDX-License-Identifier: Apache-2.0
"""Building blocks of printer columns: what several kinds print alike. Everything here is pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from k8s_core.kinds import PrinterColumn, human_duration
from k8s_core.model.scalars import format_time

if TYPE_CHECKING:
    from k8s_core.meta import LabelSelector

__all__ = [
    "AGE",
    "CREATED_AT",
    "NAME",
    "NONE",
    "UNKNOWN",
    "UNSET",
    "Columns",
    "column",
    "has_condition",
    "join_limited",
    "label_text",
    "selector_text",
    "since",
    "template_columns",
    "wide",
]

NONE, UNSET, UNKNOWN = "<none>", "<unset>", "<unknown>"
MAX_LISTED = 3

Value: TypeAlias = Callable[[Any], Any]
Columns: TypeAlias = tuple[PrinterColumn, ...]


def column(name: str, value: Value, type: str = "string", format: str = "") -> PrinterColumn:
    """A column that is always shown."""
    return PrinterColumn(name, value, type, format=format)


def wide(name: str, value: Value, type: str = "string", format: str = "") -> PrinterColumn:
    """A column of wide output."""
    return PrinterColumn(name, value, type, priority=1, format=format)


NAME = PrinterColumn("Name", lambda obj: obj.metadata.name, format="name")
AGE = column("Age", lambda obj: obj.metadata.creationTimestamp, "date")
CREATED_AT = column("Created At", lambda obj: _moment(obj.metadata.creationTimestamp), "date", "timestamp")


def _moment(moment: datetime | None) -> str:
    return UNKNOWN if moment is None else format_time(moment)


def since(moment: datetime | None) -> str:
    """The time passed, as kubectl prints it inside longer texts."""
    return UNKNOWN if moment is None else human_duration((datetime.now(UTC) - moment).total_seconds())


def has_condition(conditions: Iterable[Any], type_: str, status: str = "True") -> bool:
    """True if the first condition of that type has that status."""
    return next((item.status == status for item in conditions if item.type == type_), False)


def label_text(labels: Mapping[str, str]) -> str:
    """``a=1,b=2``, sorted; ``<none>`` if there are none."""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or NONE


def selector_text(selector: LabelSelector) -> str:
    """A label selector in the syntax of query parameters, sorted by key; ``<none>`` if it selects everything."""
    parts = [(key, f"{key}={value}") for key, value in selector.matchLabels.items()]
    for item in selector.matchExpressions:
        values = ",".join(sorted(item.values))
        match item.operator:
            case "In":
                parts.append((item.key, f"{item.key} in ({values})"))
            case "NotIn":
                parts.append((item.key, f"{item.key} notin ({values})"))
            case "Exists":
                parts.append((item.key, item.key))
            case "DoesNotExist":
                parts.append((item.key, f"!{item.key}"))
            case _:
                return "<error>"
    return ",".join(text for _, text in sorted(parts)) or NONE


def join_limited(items: list[str], empty: str) -> str:
    """The first three, and how many more there are."""
    more = len(items) - MAX_LISTED
    text = ",".join(items[:MAX_LISTED])
    return f"{text} + {more} more..." if more > 0 else text or empty


def template_columns(template: Value, selector: Value | None = None) -> Columns:
    """The wide columns of kinds with a pod template: containers, images and, if given, the selector's text."""
    columns = (
        wide("Containers", lambda obj: ",".join(item.name or "" for item in template(obj).spec.containers)),
        wide("Images", lambda obj: ",".join(item.image or "" for item in template(obj).spec.containers)),
    )
    return columns if selector is None else (*columns, wide("Selector", selector))
