# SPDX-License-Identifier: Apache-2.0
"""Deciding what is news: incoming objects are compared with what was reported before (protocol D22-D24). Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.watch.events import ADDED, DELETED, MODIFIED, UNDECODABLE
from k8s_core.watch.identity import Identity, is_newer, object_key, stub
from k8s_core.watch.known import Known, Remembered

if TYPE_CHECKING:
    from k8s_core.errors import DecodeError

__all__ = ["Change", "Ledger"]

_TOMBSTONES = 1024


class Change(msgspec.Struct):
    """One piece of news about one object, before it is given a type. ``raw`` is the object's own JSON."""

    type: str
    key: str
    raw: bytes
    uid: str = ""
    resource_version: str = ""
    initial: bool = False
    """Part of the first list."""
    unseen: bool = False
    """A DELETED that was inferred: the deletion itself was never received (protocol D22)."""
    replaced: bool = False
    """A DELETED whose key lives on: the ADDED of its successor, with another uid, comes next (D23)."""
    position: str = ""
    """Once this is delivered, everything up to this version is; ``""`` where that can't be said."""
    error: DecodeError | None = None
    original_type: str = ""
    parts: dict[str, Any] | None = None
    """``raw`` split into its unparsed fields, where that is known already."""


class Ledger:
    """Turns received objects into news, at most once each, and remembers what was reported. Not thread-safe.

    * An object is new unless its key is known; with an incomplete memory the server's word is taken.
    * The version reported last, and any older one, is no news; versions of a key never go back.
    * Another uid under a known key is a DELETED (inferred) followed by an ADDED.
    * A deletion is news once; for a while after it, replays of what came before it are recognised.
    """

    __slots__ = ("_api_version", "_bad", "_keep_raw", "_kind", "_listed", "_tombstones", "known")

    def __init__(self, api_version: str, kind: str, *, capacity: int | None = None, keep_raw: bool = False) -> None:
        self.known = Known(capacity)
        self._api_version = api_version
        self._kind = kind
        self._keep_raw = keep_raw
        self._tombstones: OrderedDict[str, str] = OrderedDict()
        self._bad: OrderedDict[int, None] = OrderedDict()
        self._listed: set[str] | None = None

    def alive(
        self, out: list[Change], server_type: str, raw: bytes, identity: Identity, *, initial: bool = False
    ) -> None:
        """Take an object that exists; append the news to ``out``.

        An item of a list counts even when its version is older than the one known: the caller has made sure that the
        list itself is not older than what was seen, so the server was restored from a backup.
        """
        key = object_key(identity)
        uid = identity.uid or ""
        version = identity.resourceVersion or ""
        listing = self._listed is not None
        if self._listed is not None:
            self._listed.add(key)
        known = self.known
        before = known.get(key)
        kind_of_news = server_type
        if before is not None:
            if before.uid == uid and before.resource_version == version and version:
                known.put(key, before)
                return
            if not listing and is_newer(before.resource_version, version):
                return
            if before.uid != uid:
                out.append(self._inferred_deletion(key, before, replaced=True))
                kind_of_news = ADDED
            else:
                kind_of_news = MODIFIED
        else:
            buried = self._tombstones.get(key)
            if buried is not None and not listing and is_newer(version, buried) is False:
                return
            if known.complete:
                kind_of_news = ADDED
        known.put(key, Remembered(uid, version, raw if self._keep_raw else None))
        out.append(Change(kind_of_news, key, raw, uid, version, initial))

    def gone(self, out: list[Change], raw: bytes, identity: Identity) -> None:
        """Take the last state of an object that was deleted or left the selection; append the news to ``out``."""
        key = object_key(identity)
        version = identity.resourceVersion or ""
        before = self.known.get(key)
        if before is None:
            buried = self._tombstones.get(key)
            if self.known.complete or (buried is not None and (buried == version or is_newer(buried, version))):
                return
        elif is_newer(before.resource_version, version):
            return
        self.known.pop(key)
        self.bury(key, version)
        out.append(Change(DELETED, key, raw, identity.uid or "", version))

    def undecodable(self, out: list[Change], server_type: str, raw: bytes, key: str, error: DecodeError) -> None:
        """Take an object that can't be used. Without an identity only its bytes tell whether it was seen before."""
        if self._listed is not None:
            # It exists, so that the end of the list must not declare it gone.
            self._listed.add(key)
        digest = hash((server_type, raw))
        if digest in self._bad:
            return
        self._bad[digest] = None
        if len(self._bad) > _TOMBSTONES:
            self._bad.popitem(last=False)
        out.append(Change(UNDECODABLE, key, raw, error=error, original_type=server_type))

    def begin_list(self) -> None:
        """From here on, :meth:`alive` receives the items of a complete list."""
        self._listed = set()
        # Whether the memory is complete afterwards depends on evictions from here on.
        self.known.complete = False
        self.known.evicted = False

    def end_list(self, out: list[Change]) -> None:
        """The list is complete: what it did not contain is gone; append that to ``out``."""
        listed, self._listed = self._listed or set(), None
        for key in self.known.missing_from(listed):
            before = self.known.pop(key)
            if before is not None:
                out.append(self._inferred_deletion(key, before))
        self.known.complete = not self.known.evicted

    def assume_complete(self) -> None:
        """Everything that existed when the watch began has been reported (a watch from resourceVersion 0)."""
        self.known.complete = not self.known.evicted

    def forget_deletions(self) -> None:
        """The versions of deletions belong to a history that the server has lost."""
        self._tombstones.clear()

    def bury(self, key: str, version: str) -> None:
        """The server has said that the object of this key was deleted: replays up to ``version`` are no news."""
        self._tombstones[key] = version
        self._tombstones.move_to_end(key)
        if len(self._tombstones) > _TOMBSTONES:
            self._tombstones.popitem(last=False)

    def _inferred_deletion(self, key: str, before: Remembered, *, replaced: bool = False) -> Change:
        raw = before.raw
        if raw is None:
            raw = stub(self._api_version, self._kind, key, before.uid, before.resource_version)
        return Change(DELETED, key, raw, before.uid, before.resource_version, unseen=True, replaced=replaced)
