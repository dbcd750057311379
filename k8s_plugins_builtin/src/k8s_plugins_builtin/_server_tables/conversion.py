# SPDX-License-Identifier: Apache-2.0
"""Built-in kinds whose versions differ: one is stored, the others are converted (Events). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.store import StoreKey

__all__ = ["Conversion", "conversion_of"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a version that is not stored is made of the stored one, and back.

    Attributes:
        key: where the objects are stored, which may be another group.
        read: from the stored form to this version; takes and returns a document of its own.
        write: the other way.
        fields: the stored name of each field that selectors call differently here.
    """

    key: StoreKey
    read: Callable[[Json], Json]
    write: Callable[[Json], Json]
    fields: tuple[tuple[str, str], ...] = ()

    def stored_field(self, field: str) -> str:
        """The stored name of a field that a selector names."""
        for own, stored in self.fields:
            if field == own or field.startswith(own + "."):
                return stored + field[len(own) :]
        return field


_EVENT_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}


def _event_to_stored(document: Json) -> Json:
    stored = {_EVENT_NAMES.get(name, name): value for name, value in document.items()}
    return {"reportingComponent": "", "reportingInstance": "", **stored}  # shown even if empty


def _event_from_stored(document: Json) -> Json:
    names = {stored: own for own, stored in _EVENT_NAMES.items()}
    return {names.get(name, name): value for name, value in document.items()}


_CONVERSIONS = {
    ("events.k8s.io", "v1", "events"): Conversion(
        ("", "events"),
        _event_from_stored,
        _event_to_stored,
        (("regarding", "involvedObject"), ("reportingController", "reportingComponent")),
    ),
}


def conversion_of(group: str, version: str, plural: str) -> Conversion | None:
    """The conversion of a version that is not the stored one, else None."""
    return _CONVERSIONS.get((group, version, plural))
