# SPDX-License-Identifier: Apache-2.0
"""Watches: replay, live changes, transitions of selectors, bookmarks, streaming lists (protocol D1-D9, J12-J15).

A `WatchSession` takes the changes of the store and gives out bytes; it knows neither sockets nor time. The rim calls
`drain` when `wake` was called, and `bookmark` when its timers say so. Called under the core's lock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from k8s_devkit.api_server.store import ADDED, DELETED, MODIFIED, Change, Entry, Store, decode_body, encode_body
from k8s_devkit.strategy.failures import Failure, expired

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.reads.selection import Selection
    from k8s_devkit.api_server.requests.options import ListOptions

__all__ = ["BUFFER_LIMIT", "Presenter", "WatchSession"]

BUFFER_LIMIT = 64 * 1024 * 1024
"""Bytes that wait for a consumer that does not read; beyond it the watch is dropped (J15)."""

_INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}


class Presenter(Protocol):
    """Shows objects of a watch in another form (a Table, metadata only)."""

    def object(self, kind: Kind, body: bytes) -> bytes:
        """The object of one frame, from the stored bytes (without apiVersion and kind)."""
        ...  # pragma: no cover

    def bookmark(self, kind: Kind, metadata: dict[str, Any]) -> bytes:
        """The object of a bookmark."""
        ...  # pragma: no cover


class WatchSession:
    """One watch.

    Args:
        wake: called whenever bytes wait, from whichever thread wrote; must not block.
    """

    def __init__(
        self,
        store: Store,
        kind: Kind,
        namespace: str,
        selection: Selection,
        options: ListOptions,
        presenter: Presenter | None = None,
    ) -> None:
        self.store = store
        self.kind = kind
        self.namespace = namespace
        self.selection = selection
        self.options = options
        self.presenter = presenter
        self.wake: Callable[[], None] = lambda: None
        self.ended = False
        self.overflowed = False
        self.sent = 0
        self._after = options.version or 0
        self._pending: list[bytes] = []
        self._size = 0
        self._stop: Callable[[], None] | None = None

    def start(self) -> None:
        """Queue what comes first and follow the store from here on."""
        options, store = self.options, self.store
        if options.initial_events or (not options.version and options.initial_events is None):
            self._replay_state(announce=bool(options.initial_events))
        elif options.version and options.version < store.compacted:
            self.fail(expired(f"too old resource version: {options.version} ({store.compacted})"))
            return
        elif options.version:
            for change in store.changes_since(options.version):
                if change.resource == self.kind.key:
                    self._offer(change)
        else:
            self._after = store.version
        self._stop = store.listen(self.kind.key, self._offer)

    def _replay_state(self, *, announce: bool) -> None:
        for entry in self.store.entries(self.kind.key, self.namespace):
            if self.selection.matches(entry):
                self._queue(self._frame(ADDED, entry))
        self._after = max(self._after, self.store.version)
        if announce and self.options.bookmarks:
            self.bookmark(_INITIAL_EVENTS_END)

    def _offer(self, change: Change) -> None:
        """Take one change of the kind and queue what this watch shows of it."""
        entry = change.entry
        if change.version <= self._after or (self.namespace and entry.namespace != self.namespace):
            return
        if self.selection.everything:
            self._queue(self._change_frame(change, change.type, entry))
            return
        before = change.previous is not None and self.selection.matches(change.previous)
        after = change.type != DELETED and self.selection.matches(entry)
        if after:
            self._queue(self._change_frame(change, MODIFIED if before else ADDED, entry))
        elif before:
            shown = entry if change.type == DELETED else _with_version(change)
            self._queue(self._frame(DELETED, shown))

    def _change_frame(self, change: Change, type_: str, entry: Entry) -> bytes:
        if self.presenter is not None or not self.kind.shows_stored_bytes:
            return self._frame(type_, entry)
        return change.frame(type_, self.kind.prefix, entry.body)

    def _frame(self, type_: str, entry: Entry) -> bytes:
        body = self.kind.body(entry)
        shown = self.presenter.object(self.kind, body) if self.presenter is not None else self.kind.prefix + body[1:]
        return b'{"type":"%b","object":%b}\n' % (type_.encode(), shown)

    def bookmark(self, annotations: dict[str, str] | None = None) -> None:
        """Queue a bookmark at the store's version, if the client asked for bookmarks (D7)."""
        if not self.options.bookmarks or self.ended:
            return
        metadata: dict[str, Any] = {"resourceVersion": str(self.store.version)}
        if annotations:
            metadata["annotations"] = annotations
        if self.presenter is not None:
            shown = self.presenter.bookmark(self.kind, metadata)
        else:
            shown = self.kind.prefix + msgspec.json.encode({"metadata": metadata})[1:]
        self._queue(b'{"type":"BOOKMARK","object":%b}\n' % shown)

    def fail(self, failure: Failure) -> None:
        """Queue an ERROR event and end the watch (D5)."""
        self._queue(b'{"type":"ERROR","object":%b}\n' % failure.body())
        self.end()

    def _queue(self, frame: bytes) -> None:
        if self.ended:
            return
        idle = not self._pending
        self._pending.append(frame)
        self._size += len(frame)
        if self._size > BUFFER_LIMIT:
            self.overflowed = True
            self._pending.clear()
            self.end()
        elif idle:  # who was woken before takes this frame along
            self.wake()

    def drain(self) -> list[bytes]:
        """Take the frames that wait."""
        frames, self._pending, self._size = self._pending, [], 0
        self.sent += len(frames)
        return frames

    def end(self) -> None:
        """Follow the store no longer; what is queued can still be drained. Idempotent."""
        self.ended = True
        if self._stop is not None:
            self._stop()
            self._stop = None
        self.wake()


def _with_version(change: Change) -> Entry:
    """The state before the change, carrying the version of the change."""
    assert change.previous is not None
    document = decode_body(change.previous.body)
    document["metadata"]["resourceVersion"] = str(change.version)
    previous = change.previous
    return Entry(
        previous.key,
        previous.namespace,
        previous.name,
        previous.uid,
        change.version,
        previous.labels,
        encode_body(document),
    )
