# SPDX-License-Identifier: Apache-2.0
"""The protocol of list-then-watch as a pure state machine (protocol section D)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.backoff import FailureDelays
from k8s_core.errors import ApiError, DecodeError, RequestTimeout, TransportError
from k8s_core.model.codec import split_list
from k8s_core.watch.changes import Change, Ledger
from k8s_core.watch.failures import (
    VeryShortWatch,
    decoding_failure,
    history_replaced,
    is_expired,
    is_server_trouble,
    is_too_large_version,
    is_transient,
    not_a_list,
    retry_after,
    status_error,
)
from k8s_core.watch.frames import Frame, FrameSplitter
from k8s_core.watch.identity import is_newer, loose_key, peek_bookmark, peek_parts, peek_resource_version
from k8s_core.watch.instructions import CheckHistory, Instruction, ListPage, OpenWatch, Wait
from k8s_core.watch.streamed import StreamedList

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from k8s_core.kinds import APIResource

__all__ = ["WatchState"]

_SHORT_WATCH = 1.0
_RELIST_AFTER_FAILURES = 3
_TIMEOUT_RANGE = (300, 600)
_RESUMPTION = 20
"""Seconds that a watch after a disconnection lasts, if it brings nothing."""
_BETWEEN_DOUBTS = 60.0
"""Seconds within which older events on a stream raise no second doubt: a proxy may repeat what it sent."""


class WatchState:
    """Bytes in, changes and instructions out. It does no I/O, starts no thread and reads no clock of its own.

    Ask :meth:`next` what to do, do it, report the outcome with :meth:`page`, :meth:`list_failed`, :meth:`opened`,
    :meth:`feed`, :meth:`closed` or :meth:`watch_failed`, and repeat. Changes come back from ``page`` and ``feed`` in
    order; each is reported once. After any failure it knows how to go on, so there is no final state. Not thread-safe.

    Args:
        resource: of the objects.
        clock: seconds that only grow.
        random: for jitter and the length of watches.
        resource_version: watch from here without listing; ``"0"`` has the server send the existing objects first.
        capacity: remember at most this many objects; see ``docs/explanation/watch-guarantees.md`` for the price.
        page_size: objects per page of a list.
        streaming_list: use ``sendInitialEvents`` instead of lists, until the server turns out not to support it.
        keep_objects: remember bodies, so that inferred deletions carry the last state.
        consistent: begin with the latest state, where any that the server has at hand would do otherwise.
    """

    def __init__(
        self,
        resource: APIResource,
        *,
        clock: Callable[[], float],
        random: Random,
        resource_version: str | None = None,
        capacity: int | None = None,
        page_size: int = 500,
        streaming_list: bool = False,
        keep_objects: bool = False,
        consistent: bool = False,
    ) -> None:
        self._clock = clock
        self._random = random
        self._page_size: int | None = page_size
        self._streaming = streaming_list
        self._resource = resource
        self._ledger = Ledger(resource.api_version, resource.kind, capacity=capacity, keep_raw=keep_objects)
        self._delays = FailureDelays(clock, random)
        self._wait: Wait | None = None
        # Where a watch goes on; None when it has to list first. The floor is the newest version seen of any kind.
        self._version = resource_version or None
        self._floor: str | None = resource_version if resource_version not in (None, "", "0") else None
        self._unordered = resource_version == "0"
        self.list_reason = "initial"
        """Why the last list was begun: ``initial``, ``expired``, ``failure`` or ``lost``."""
        self._continue: str | None = None
        self._latest = consistent
        self._paged = True
        self._reset_stream()
        self._watch_failures = 0
        self._expirations = 0
        self._ever_listed = False
        self._broken_streams = 0
        self._doubt = False
        self._doubted: float | None = None
        self._resuming = False
        self._watch_seconds = 0
        self.reading = False
        """The open watch is worth reading; when it turns False, close the response and call :meth:`closed`."""
        self.synced = self._floor is not None
        """A complete list has been received, or the caller's resourceVersion stands for one."""
        self.history_lost: ApiError | None = None
        """Before any list, the caller's resourceVersion had expired or the server had lost it: deletions before it
        can't be known."""
        self.relists = 0
        """How many lists were begun after the first."""
        self.listed = 0
        """How many objects the last list had, or has so far."""

    @property
    def resource_version(self) -> str | None:
        """The version after which a watch would go on; None before the first list."""
        return self._version

    @property
    def known(self) -> int:
        """How many objects are remembered."""
        return len(self._ledger.known)

    # ---- what to do -------------------------------------------------------------------------------------------

    def next(self) -> Instruction:
        """The next thing to do."""
        if self._wait is not None:
            wait, self._wait = self._wait, None
            return wait
        if self._version is not None:
            return CheckHistory() if self._doubt else self._open(self._version)
        if self._streaming:
            return self._open(self._list_version(None), initial_events=True)
        limit = self._page_size if self._paged else None
        if self._continue is not None:
            return ListPage(limit, self._continue, None, "next page")
        return ListPage(limit, None, self._list_version("0"), self.list_reason)

    def _open(self, version: str | None, *, initial_events: bool = False) -> OpenWatch:
        # Whether a server that was away still has our history shows when it tells of something. It is given a while.
        self._watch_seconds = _RESUMPTION if self._resuming else self._random.randrange(*_TIMEOUT_RANGE)
        return OpenWatch(version, self._watch_seconds, initial_events)

    def _list_version(self, first: str | None) -> str | None:
        if self._latest:
            return None
        return self._floor or first

    # ---- lists ------------------------------------------------------------------------------------------------

    def page(self, body: bytes) -> list[Change]:
        """Take one page of the list that was asked for; return the news in it.

        Raises nothing for a body that is no list: that counts as a failed request.
        """
        out: list[Change] = []
        try:
            listed = split_list(body, self._resource)
        except DecodeError as error:
            # Reading {} or a Status of failure as an empty list would report every object as deleted (C38).
            self.list_failed(not_a_list(body, error))
            return out
        version = str(listed.metadata.get("resourceVersion") or "")
        ledger = self._ledger
        if self._continue is None:
            if self._floor is not None and is_newer(self._floor, version):
                if not self._latest:
                    older = f"the list is at {version}, older than {self._floor}, which was seen before"
                    self._latest = True
                    self._delay(DecodeError(older))
                    return out
                # It is the latest state, so this is another history; see `checked`.
                ledger.forget_deletions()
            self._listing_version = version
            self._floor = version or self._floor
            ledger.begin_list()
            self.listed = 0
        self.listed += len(listed.items)
        for raw in listed.items:
            self._take(out, "ADDED", raw)
        self._continue = str(listed.metadata.get("continue") or "") or None
        if self._continue is None:
            ledger.end_list(out)
            self._listed(self._listing_version)
            if out:
                out[-1].position = self._version or ""
        return out

    def list_failed(self, error: Exception) -> None:
        """The list request failed; decide how to go on (protocol D13, C9)."""
        if is_expired(error) and self._continue is not None:
            # The token is too old: one complete list of the latest state instead of pages.
            self._restart_list(latest=True)
            self._paged = False
        elif (is_expired(error) or is_too_large_version(error)) and not self._latest and self._floor is not None:
            self._restart_list(latest=True)
        else:
            if not (is_transient(error) or is_server_trouble(error)):
                self._restart_list(latest=self._latest)
            self._delay(error)

    def _restart_list(self, *, latest: bool) -> None:
        self._continue = None
        self._latest = latest

    def _listed(self, version: str) -> None:
        self._version = version or "0"
        self._floor = version or None
        self._unordered = not version
        self._latest = False
        self._paged = True
        self._ever_listed = True
        self._watch_failures = 0
        self.synced = True

    def _relist(self, reason: str) -> None:
        self._version = None
        self._resuming = self._doubt = self._unordered = False
        self._continue = None
        self.list_reason = reason if self.synced else "initial"
        self.relists += 1

    # ---- the watch --------------------------------------------------------------------------------------------

    def opened(self) -> None:
        """The server has accepted the watch."""
        self._reset_stream()
        self.reading = True

    def watch_failed(self, error: Exception) -> None:
        """The watch could not be opened; decide how to go on (protocol D13, D14, D21)."""
        if self._version is None:
            self._stream_list_failed(error)
        elif is_expired(error):
            self._expired(error)
        elif is_too_large_version(error):
            self._relist("failure")
            self._latest = True
            self._delay(error)
        elif is_transient(error):
            self._resuming = self._resuming or isinstance(error, TransportError)
            self._delay(error)
        else:
            self._resuming = self._resuming or is_server_trouble(error)
            self._watch_failures += 1
            # The version is still good when the server itself is in trouble, and a list is the most expensive thing
            # to ask of it, so only every third failure in a row lists again.
            if not is_server_trouble(error) or self._watch_failures % _RELIST_AFTER_FAILURES == 0:
                self._relist("failure")
            self._delay(error)

    def feed(self, data: bytes) -> list[Change]:
        """Take the next bytes of the open watch, split anywhere; return the news in them."""
        out: list[Change] = []
        if not self.reading:
            return out
        splitter = self._splitter
        for frame in splitter.feed(data):
            if frame.type == "ERROR":
                self._stream_error(status_error(frame.object))
                return out
            if frame.type == "BOOKMARK":
                if not self._bookmark(out, frame):
                    return out
            elif self._streamed is not None:
                self._streamed.take(frame, self._ledger)
            else:
                self._event(out, frame)
        if splitter.error is not None:
            self._stream_error(decoding_failure(splitter.error, splitter.corrupt))
        return out

    def closed(self, error: Exception | None = None) -> None:
        """The open watch has ended, normally or with a transport error; an incomplete frame is discarded (D4)."""
        reading, self.reading = self.reading, False
        if not reading:
            return
        seconds = self._clock() - self._opened_at
        short = seconds < _SHORT_WATCH and not self._progress
        if self._version is None:
            self._broken_streams += 1
            # A server that ignores sendInitialEvents never sends the bookmark that ends them.
            if self._broken_streams >= 2 or isinstance(error, RequestTimeout) or (error is None and not short):
                self._streaming = False
        elif self._unordered:
            self._relist("failure")
        else:
            ended_as_agreed = seconds >= self._watch_seconds * 0.9
            if self._resuming and (ended_as_agreed or short):
                self._doubt, self._resuming = True, False
            elif error is not None or not ended_as_agreed:
                self._resuming = True
            if not short:
                self._watch_failures = 0
        if short:
            self._delay(error or VeryShortWatch(f"very short watch: it ended after {seconds:.3f} s without news"))

    # ---- the history ------------------------------------------------------------------------------------------

    def checked(self, body: bytes) -> None:
        """Take the latest state of the collection: a version below ours proves that the server's history is another.

        It was restored from a backup, or wiped. Only a consistent read proves that: an answer from a cache may be
        older than what was seen.
        """
        try:
            listed = split_list(body, self._resource)
        except DecodeError as malformed:
            self._delay(malformed)
            return
        self._doubt = False
        version = str(listed.metadata.get("resourceVersion") or "")
        if self._version is not None and version and is_newer(self._version, version):
            if not self._ever_listed:
                self.history_lost = history_replaced(self._version, version)
            self._ledger.forget_deletions()
            self._floor = None
            self._relist("lost")
            self._latest = True

    def check_failed(self, error: Exception) -> None:
        """The history could not be checked: try again if that is of use; else the watch will tell."""
        if is_transient(error) or is_server_trouble(error):
            self._delay(error)
        else:
            self._doubt = False

    # ---- inside -----------------------------------------------------------------------------------------------

    def _reset_stream(self) -> None:
        self._splitter = FrameSplitter()
        self._progress = False
        self._opened_at = self._clock()
        self._streamed = StreamedList() if self._version is None else None

    def _event(self, out: list[Change], frame: Frame) -> None:
        version = self._take(out, frame.type, frame.object, frame.parts)
        if self._unordered:
            # The initial events come in no particular order, so their versions say nothing about the stream (D9).
            if frame.type == "ADDED":
                return
            self._end_of_initial_events()
        self._advance(version)
        if out:
            out[-1].position = self._version or ""

    def _take(self, out: list[Change], server_type: str, raw: bytes, parts: dict[str, Any] | None = None) -> str:
        try:
            identity = peek_parts(raw, parts)
        except DecodeError as error:
            self._ledger.undecodable(out, server_type, raw, loose_key(raw), error)
            return peek_resource_version(raw)
        if server_type == "DELETED":
            self._ledger.gone(out, raw, identity)
        else:
            self._ledger.alive(out, server_type, raw, identity, initial=not self.synced)
        if parts is not None and out and out[-1].raw is raw:
            out[-1].parts = parts
        return identity.resourceVersion or ""

    def _advance(self, version: str) -> None:
        if version and is_newer(self._version or "", version):
            self._doubt_older()
        else:
            self._resuming = False
        if version and version != self._version and not is_newer(self._version or "", version):
            self._version = self._floor = version
            self._progress = True
            self._expirations = 0

    def _doubt_older(self) -> None:
        """A stream tells of a version before those that it told of: repeated by a proxy, or of another history."""
        now = self._clock()
        if self._doubted is None or now - self._doubted >= _BETWEEN_DOUBTS:
            self._doubted = now
            self._doubt = True
            self.reading = False

    def _bookmark(self, out: list[Change], frame: Frame) -> bool:
        try:
            bookmark = peek_bookmark(frame.object)
        except DecodeError as error:
            self._stream_error(decoding_failure(error, b""))
            return False
        if self._streamed is None:
            self._end_of_initial_events()
            self._advance(bookmark.resource_version)
        elif bookmark.initial_events_end:
            self._end_of_stream_list(out, self._streamed, bookmark.resource_version)
        return True

    def _end_of_initial_events(self) -> None:
        if self._unordered:
            self._unordered = False
            self._ledger.assume_complete()
            self.synced = True

    def _end_of_stream_list(self, out: list[Change], streamed: StreamedList, version: str) -> None:
        self._streamed = None
        if self._floor is not None and is_newer(self._floor, version):
            self._ledger.forget_deletions()
        self._ledger.begin_list()
        self.listed = len(streamed)
        for raw in streamed.objects():
            self._take(out, "ADDED", raw)
        self._ledger.end_list(out)
        self._listed(version)
        if out:
            out[-1].position = version
        self._progress = True
        self._broken_streams = 0

    def _stream_error(self, error: ApiError) -> None:
        self.reading = False
        if self._version is None:
            self._stream_list_failed(error)
        elif is_expired(error):
            self._expired(error)
        elif is_transient(error):
            self._delay(error)
        else:
            self._relist("failure")
            self._delay(error)

    def _stream_list_failed(self, error: Exception) -> None:
        if (is_expired(error) or is_too_large_version(error)) and not self._latest and self._floor is not None:
            self._latest = True
        elif is_transient(error):
            self._delay(error)
        else:
            # Whatever else it is, a plain list is the way that every server knows (D21).
            self._streaming = False
            if is_server_trouble(error):
                self._delay(error)

    def _expired(self, error: Exception) -> None:
        # The first time the list follows at once. A version that has just been listed should not be expired: from the
        # second time on it is a failure, or a server that always answers 410 would be asked without a pause.
        self._expirations += 1
        if self._expirations > 1:
            self._latest = True
            self._delay(error)
        if not self._ever_listed and isinstance(error, ApiError):
            self.history_lost = error
        self._relist("expired")

    def _delay(self, error: Exception) -> None:
        self._wait = Wait(max(self._delays.failed(), retry_after(error)), error)
