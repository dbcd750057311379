# SPDX-License-Identifier: Apache-2.0
"""The objects of a streaming list while they come in (protocol D20). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import DecodeError
from k8s_core.watch.events import DELETED
from k8s_core.watch.identity import loose_key, object_key, peek

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_core.watch.changes import Ledger
    from k8s_core.watch.frames import Frame

__all__ = ["StreamedList"]


class StreamedList:
    """What exists according to the initial events so far. It is told only when it is complete, or thrown away."""

    __slots__ = ("_objects",)

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def take(self, frame: Frame, ledger: Ledger) -> None:
        """Take an event that comes before the bookmark; ``ledger`` remembers deletions, for what may be replayed."""
        raw = frame.object
        version = ""
        try:
            identity = peek(raw)
            key, version = object_key(identity), identity.resourceVersion or ""
        except DecodeError:
            key = loose_key(raw) or f"undecodable {hash(raw)}"
        if frame.type == DELETED:
            self._objects.pop(key, None)
            ledger.bury(key, version)
        else:
            self._objects[key] = raw

    def objects(self) -> Iterable[bytes]:
        """The objects, in the order in which they came."""
        return self._objects.values()
