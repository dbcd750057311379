# SPDX-License-Identifier: Apache-2.0
"""Who owns whom: the graph of owner references, kept with each write, so that nothing is ever searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from k8s_devkit.api_server.store import DELETED, StoreKey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.api_server.store import Change

__all__ = ["FOREGROUND", "ORPHAN", "Ownership", "Place", "Reference"]

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
"""The finalizers that the propagation policies of a deletion set (protocol C33)."""

Place = tuple[StoreKey, str]
"""Where an object is in the store: its resource and its key there."""


class Reference(msgspec.Struct, frozen=True):
    """What the collector reads of an owner reference."""

    apiVersion: str = ""  # the wire's name
    kind: str = ""
    name: str = ""
    uid: str = ""
    blockOwnerDeletion: bool | None = None


class _Metadata(msgspec.Struct):
    ownerReferences: list[Reference] | None = None
    finalizers: list[str] | None = None
    deletionTimestamp: str | None = None


class _Object(msgspec.Struct):
    metadata: _Metadata


_decode = msgspec.json.Decoder(_Object).decode


class Ownership:
    """References by dependent, dependents by owner, and which of them are to be looked at.

    Pure bookkeeping, a few dictionary operations for each write. Not thread-safe: called under the core's lock.
    """

    def __init__(self) -> None:
        self._references: dict[Place, list[Reference]] = {}
        self._dependents: dict[str, dict[Place, None]] = {}
        self._ending: dict[str, Place] = {}
        self._concerned: dict[Place, None] = {}

    def record(self, change: Change) -> None:
        """Take in one write, and note whom it concerns."""
        place, entry = (change.resource, change.entry.key), change.entry
        alive = change.type != DELETED
        before = self._references.pop(place, None)
        for reference in before or ():
            self._unlink(reference.uid, place)
            if reference.uid in self._ending:  # an owner that waits for its dependents: one of them changed
                self._concerned[self._ending[reference.uid]] = None
        ended = self._ending.pop(entry.uid, None)
        if not alive:
            self._concerned.pop(place, None)
            self._concerned.update(self._dependents.get(entry.uid, {}))
            return
        # Looked for in the bytes first: a parse of every write would cost more than the rest of it.
        if b'"ownerReferences":[{' not in entry.body and not _has_policy(entry.body):
            return
        metadata = _decode(entry.body).metadata
        if metadata.ownerReferences:
            self._references[place] = metadata.ownerReferences
            for reference in metadata.ownerReferences:
                self._dependents.setdefault(reference.uid, {})[place] = None
            if metadata.ownerReferences != before:
                self._concerned[place] = None
        if metadata.deletionTimestamp and not {ORPHAN, FOREGROUND}.isdisjoint(metadata.finalizers or ()):
            self._ending[entry.uid] = place
            self._concerned[place] = None
            if ended is None:  # its dependents are to follow it, or to be released
                self._concerned.update(self._dependents.get(entry.uid, {}))

    def _unlink(self, uid: str, place: Place) -> None:
        dependents = self._dependents.get(uid)
        if dependents is not None:
            dependents.pop(place, None)
            if not dependents:
                del self._dependents[uid]

    @property
    def concerned(self) -> bool:
        """True if there is anything to look at."""
        return bool(self._concerned)

    def take(self) -> list[Place]:
        """What is to be looked at since the last call, in the order in which it became so."""
        places, self._concerned = list(self._concerned), {}
        return places

    def look_again(self, places: Iterable[Place]) -> None:
        """Note places for the next round."""
        self._concerned.update(dict.fromkeys(places))

    def owned(self) -> list[Place]:
        """Every object that has an owner reference."""
        return list(self._references)

    def references(self, place: Place) -> list[Reference]:
        """The owner references of the object at a place; none is an empty list."""
        return self._references.get(place, [])

    def dependents(self, uid: str) -> list[Place]:
        """The objects that name ``uid`` as an owner, in any namespace."""
        return list(self._dependents.get(uid, ()))


def _has_policy(body: bytes) -> bool:
    return b'"orphan"' in body or b'"foregroundDeletion"' in body
