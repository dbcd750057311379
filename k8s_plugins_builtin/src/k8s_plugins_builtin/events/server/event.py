# SPDX-License-Identifier: Apache-2.0
"""Events of events.k8s.io: the Events of the core group under other names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_plugins_builtin.core.server import event as core

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["EventStrategy"]

_STORED_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}
_SELECTABLE = ("regarding", "reportingController")
_OWN_NAMES = {stored: own for own, stored in _STORED_NAMES.items()}


class EventStrategy(core.EventStrategy):
    """Event, which is stored as an Event of the core group."""

    converted = True

    @property
    def storage(self) -> tuple[str, str]:
        return "", self.resource.plural

    def to_storage(self, document: Document) -> Document:
        stored = {_STORED_NAMES.get(name, name): value for name, value in document.items()}
        return {"reportingComponent": "", "reportingInstance": "", **stored}  # shown even if empty

    def from_storage(self, document: Document) -> Document:
        return {_OWN_NAMES.get(name, name): value for name, value in document.items()}

    def storage_field(self, path: str) -> str:
        first, dot, rest = path.partition(".")
        return f"{_STORED_NAMES[first]}{dot}{rest}" if first in _SELECTABLE else path
