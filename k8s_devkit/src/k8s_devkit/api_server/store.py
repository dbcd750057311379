# SPDX-License-Identifier: Apache-2.0
"""The store of the embedded server: encoded objects, one counter of versions, bounded history (protocol J1, J13).

Objects are kept as JSON bytes beside what lists and watches ask for (identity, labels), so serving them is joining
bytes. ``apiVersion`` and ``kind`` are not part of the bytes: the reader's version writes them in front.
Not thread-safe by itself: `ApiCore` holds one lock around every operation.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ADDED",
    "DELETED",
    "EVERYTHING",
    "MODIFIED",
    "Change",
    "Entry",
    "Store",
    "StoreKey",
    "decode_body",
    "encode_body",
]

ADDED, MODIFIED, DELETED = "ADDED", "MODIFIED", "DELETED"
StoreKey = tuple[str, str]
"""API group and plural: all versions of a kind share one place."""
EVERYTHING: StoreKey = ("*", "*")
"""What a listener names to hear of all resources."""

_encode = msgspec.json.encode
_decode = msgspec.json.decode


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One state of one object. ``key`` is ``namespace/name`` or ``name``; ``body`` lacks apiVersion and kind."""

    key: str
    namespace: str
    name: str
    uid: str
    version: int
    labels: dict[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """The object as a new dict, without apiVersion and kind."""
        document: dict[str, Any] = _decode(self.body)
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One write: the new state (for a deletion the last one, carrying the deletion's version) and the one before."""

    version: int
    type: str
    resource: StoreKey
    entry: Entry
    previous: Entry | None
    frames: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    def frame(self, type_: str, prefix: bytes, body: bytes) -> bytes:
        """The watch frame of this change, encoded once for all watchers that see the same."""
        cached = self.frames.get((type_, prefix))
        if cached is None:
            cached = b'{"type":"%b","object":%b%b}\n' % (type_.encode(), prefix, body[1:])
            self.frames[type_, prefix] = cached
        return cached


def encode_body(document: dict[str, Any]) -> bytes:
    """Encode without apiVersion and kind, which belong to the version that is served."""
    return _encode({key: value for key, value in document.items() if key not in ("apiVersion", "kind")})


def decode_body(body: bytes) -> dict[str, Any]:
    """Decode what `encode_body` made."""
    document: dict[str, Any] = _decode(body)
    return document


class _Table:
    __slots__ = ("entries", "keys")

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.keys: list[str] = []


class Store:
    """All objects of a server, in key order by resource, with the last ``history`` changes.

    Args:
        history: how many changes are kept for watches that resume and for consistent paging, at least 1.
    """

    def __init__(self, history: int = 10_000, start: int = 1) -> None:
        self.version = start
        self.compacted = start
        self._limit = max(1, history)
        self._history: list[Change] = []
        self._tables: dict[StoreKey, _Table] = {}
        self._listeners: dict[StoreKey, list[Callable[[Change], None]]] = {}

    # Reading

    def get(self, resource: StoreKey, key: str) -> Entry | None:
        """The current state, or None."""
        table = self._tables.get(resource)
        return table.entries.get(key) if table else None

    def entries(self, resource: StoreKey, namespace: str = "") -> list[Entry]:
        """The current states in key order, of one namespace or of all."""
        table = self._tables.get(resource)
        if table is None:
            return []
        keys = table.keys
        if namespace:
            prefix = namespace + "/"
            keys = keys[bisect_left(keys, prefix) : bisect_left(keys, namespace + "0")]  # "0" follows "/"
        entries = table.entries
        return [entries[key] for key in keys]

    def resources(self) -> list[StoreKey]:
        """The resources of which there is, or was, an object."""
        return list(self._tables)

    def snapshot(self, resource: StoreKey, namespace: str, version: int) -> list[Entry] | None:
        """The states as they were at ``version``, or None if the history does not reach back to it."""
        if version == self.version:
            return self.entries(resource, namespace)
        if version < self.compacted:
            return None
        states = {entry.key: entry for entry in self.entries(resource, namespace)}
        for change in reversed(self.changes_since(version)):
            if change.resource != resource or (namespace and change.entry.namespace != namespace):
                continue
            if change.previous is None:
                states.pop(change.entry.key, None)
            else:
                states[change.entry.key] = change.previous
        return [states[key] for key in sorted(states)]

    def changes_since(self, version: int) -> list[Change]:
        """The changes after ``version``, oldest first. Meaningless for a version older than ``compacted``."""
        start = bisect_right(self._history, version, key=lambda change: change.version)
        return self._history[start:]

    # Writing

    def put(self, resource: StoreKey, document: dict[str, Any]) -> Entry:
        """Store a new object or the next state of one; sets ``metadata.resourceVersion`` in ``document``."""
        table = self._tables.setdefault(resource, _Table())
        self.version += 1
        entry = self._entry(document, self.version)
        previous = table.entries.get(entry.key)
        table.entries[entry.key] = entry
        if previous is None:
            insort(table.keys, entry.key)
        self._record(Change(self.version, MODIFIED if previous else ADDED, resource, entry, previous))
        return entry

    def delete(self, resource: StoreKey, key: str) -> Entry:
        """Remove an object. Returns its last state, carrying the version of the deletion (protocol D6)."""
        table = self._tables[resource]
        previous = table.entries.pop(key)
        table.keys.pop(bisect_left(table.keys, key))
        self.version += 1
        entry = self._entry(previous.document(), self.version)
        self._record(Change(self.version, DELETED, resource, entry, previous))
        return entry

    def compact(self, version: int | None = None) -> None:
        """Forget the changes up to ``version`` (default: all), as etcd compaction does."""
        version = self.version if version is None else min(version, self.version)
        self._history = self.changes_since(version)
        self.compacted = max(self.compacted, version)

    def advance(self, version: int) -> None:
        """Move the counter on to ``version`` without a change, for a server that continues from persisted objects."""
        self.version = max(self.version, version)
        self.compact()

    def listen(self, resource: StoreKey, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``listener`` with each change of ``resource``. Returns the function that ends it."""
        listeners = self._listeners.setdefault(resource, [])
        listeners.append(listener)

        def stop() -> None:
            if listener in listeners:
                listeners.remove(listener)

        return stop

    def _entry(self, document: dict[str, Any], version: int) -> Entry:
        metadata = document["metadata"]
        metadata["resourceVersion"] = str(version)
        namespace, name = metadata.get("namespace", ""), metadata["name"]
        return Entry(
            key=f"{namespace}/{name}" if namespace else name,
            namespace=namespace,
            name=name,
            uid=metadata.get("uid", ""),
            version=version,
            labels=dict(metadata.get("labels") or {}),
            body=encode_body(document),
        )

    def _record(self, change: Change) -> None:
        self._history.append(change)
        # Trimmed in bulk: moving a list's head costs its length.
        if len(self._history) > self._limit + max(64, self._limit // 4):
            surplus = len(self._history) - self._limit
            self.compacted = self._history[surplus - 1].version
            del self._history[:surplus]
        for resource in (change.resource, EVERYTHING):
            for listener in tuple(self._listeners.get(resource, ())):
                listener(change)
