# SPDX-License-Identifier: Apache-2.0
"""What an Event can do besides holding its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from k8s_plugins_builtin._columns import column, wide
from k8s_plugins_builtin._related_events import RelatedEvents

if TYPE_CHECKING:
    from datetime import datetime

    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.events.v1 import Event


def _first_seen(event: Event) -> datetime | None:
    return event.deprecatedFirstTimestamp or event.eventTime


def _last_seen(event: Event) -> datetime | None:
    if event.series:
        return event.series.lastObservedTime
    return event.deprecatedLastTimestamp or _first_seen(event)


def _object(event: Event) -> str:
    kind = (event.regarding.kind or "").lower()
    return f"{kind}/{event.regarding.name}" if event.regarding.name else kind


def _source(event: Event) -> str:
    component = event.deprecatedSource.component or event.reportingController or ""
    host = event.deprecatedSource.host or event.reportingInstance or ""
    return f"{component}, {host}" if host else component


def _count(event: Event) -> int:
    return (event.series.count or 0) if event.series else event.deprecatedCount or 1


class EventBehaviour(RelatedEvents):
    """Columns of an Event, without the age, which says nothing; and the events of an object."""

    __slots__ = ()

    _subject = "regarding"

    printer_columns: ClassVar[Columns] = (
        column("Last Seen", _last_seen, "date"),
        column("Type", lambda obj: obj.type or ""),
        column("Reason", lambda obj: obj.reason or ""),
        column("Object", _object),
        wide("Subobject", lambda obj: obj.regarding.fieldPath or ""),
        wide("Source", _source),
        column("Message", lambda obj: (obj.note or "").strip()),
        wide("First Seen", _first_seen, "date"),
        wide("Count", _count),
        wide("Name", lambda obj: obj.metadata.name, format="name"),
    )

    def last_seen(self) -> datetime | None:
        """When it happened last; None if the event does not say."""
        return _last_seen(cast("Event", self))
