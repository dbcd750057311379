# SPDX-License-Identifier: Apache-2.0
"""The thin shell around :class:`~k8s_core.watch.state.WatchState`: it sends, reads, waits and stops."""

from __future__ import annotations

import logging
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Literal

from k8s_core.errors import KubernetesError, RequestTimeout, TransportError
from k8s_core.watch.changes import Change
from k8s_core.watch.clock import Clock, StopSignal
from k8s_core.watch.failures import is_permanent
from k8s_core.watch.instructions import CheckHistory, ListPage, OpenWatch, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from k8s_core.client import Client
    from k8s_core.requests import Request
    from k8s_core.transport.base import Response
    from k8s_core.watch.state import WatchState
    from k8s_core.watch.target import Target

__all__ = ["SYNCED", "Driver"]

_LEAST_HANDSHAKE_TIMEOUT = 1.0

logger = logging.getLogger("k8s_core.watch")

SYNCED = Change("SYNCED", "", b"")
"""No change, but the moment at which everything that existed at the start has been delivered."""


class Driver:
    """Runs one state against one API server. :meth:`changes` belongs to one thread; the rest to any.

    Args:
        client: who sends.
        target: what to watch.
        state: how far it is; it survives the end of an iteration, so a new one goes on without loss or repetition.
        clock, stop: waiting and its interruption.
        stream_timeout: seconds of silence after which a connection counts as dead; None = the client's.
        on_error: told of every failure, from the thread that iterates; may raise to end the iteration.
        on_synced: told once, when the first list was delivered whole, from the thread that iterates.
        announce_sync: yield :data:`SYNCED` at that moment.
        start_timeout: seconds for the first list, after which the last failure is raised; None = never. A failure that
            waiting can't mend is raised at once, until the first watch was opened. Neither applies with ``on_error``.
    """

    def __init__(
        self,
        client: Client,
        target: Target,
        state: WatchState,
        *,
        clock: Clock,
        stop: StopSignal,
        stream_timeout: float | None = None,
        on_error: Callable[[Exception], None] | None = None,
        start_timeout: float | None = None,
        raise_when_expired: bool = False,
        on_synced: Callable[[], None] | None = None,
        announce_sync: bool = False,
    ) -> None:
        self._client = client
        self._target = target
        self._state = state
        self._clock = clock
        self._stop = stop
        self._stream_timeout = stream_timeout
        self._on_error = on_error
        self._start_timeout = start_timeout
        self._raise_when_expired = raise_when_expired
        self._on_synced = on_synced
        self._announce_sync = announce_sync
        self._pending: deque[Change] = deque()
        self._response: Response | None = None
        self._started = self._list_began = clock.now()
        self._events = 0
        self._contact: float | None = None
        self._watched = False
        self.last_error: Exception | None = None
        self.refused = False
        """The last attempt failed for good, such as for a missing permission, and no watch was opened since."""
        self.version: str | None = None
        """A watch from here would go on behind what was delivered; None before the first list was."""
        self.synced = StopSignal()
        """Set when the first list was delivered whole."""

    @property
    def last_contact(self) -> datetime | None:
        """When bytes last came from the server."""
        if self._contact is None:
            return None
        return datetime.now(UTC) - timedelta(seconds=self._clock.now() - self._contact)

    def contact_age(self) -> float | None:
        """Seconds since bytes last came from the server; None before the first."""
        return None if self._contact is None else self._clock.now() - self._contact

    def interrupt(self) -> None:
        """End a blocked read at once. The stop signal must have been set before."""
        response = self._response
        if response is not None:
            response.close()

    def changes(self) -> Generator[Change, None, None]:
        """Yield what happens until the stop signal is set. Blocks between changes."""
        while not self._stop.is_set():
            yield from self._deliver()
            if self._stop.is_set():
                return
            instruction = self._state.next()
            if isinstance(instruction, Wait):
                self._wait(instruction)
            elif isinstance(instruction, ListPage):
                self._list(instruction)
            elif isinstance(instruction, CheckHistory):
                self._check()
            else:
                yield from self._watch(instruction)

    def _deliver(self) -> Iterator[Change]:
        pending, stop = self._pending, self._stop
        while pending:
            change = pending.popleft()
            if change.position:
                self.version = change.position
            yield change
            if stop.is_set():
                return
        version = self._state.resource_version
        if version is not None and version != self.version:
            self.version = version
        if self._state.synced and not self.synced.is_set():
            self.synced.set()
            if self._on_synced is not None:
                self._on_synced()
            if self._announce_sync:
                yield SYNCED

    def _wait(self, wait: Wait) -> None:
        error = wait.error
        self.last_error = error
        self.refused = is_permanent(error)
        if self._client.closed:
            raise error
        if self._on_error is not None:
            self._on_error(error)
        elif (self.refused and not self._watched) or self._has_waited_enough():
            raise error
        logger.warning("watching %s failed, next attempt in %.1f s: %s", self._target, wait.seconds, error)
        self._clock.sleep(wait.seconds, self._stop)

    def _has_waited_enough(self) -> bool:
        if self._state.synced or self._start_timeout is None:
            return False
        return self._clock.now() - self._started >= self._start_timeout

    def _list(self, page: ListPage) -> None:
        if page.continue_token is None:
            self._list_began = self._clock.now()
        try:
            body = self._fetch(page)
        except KubernetesError as error:
            self._state.list_failed(error)
            return
        if body is None:
            return
        self._pending.extend(self._state.page(body))
        if self._state.resource_version is not None:
            self._tell_list()

    def _check(self) -> None:
        try:
            body = self._fetch(ListPage(1, None, None, "check"))
        except KubernetesError as error:
            self._state.check_failed(error)
            return
        if body is None:
            return
        self._state.checked(body)
        if self._state.list_reason == "lost" and self._state.resource_version is None:
            logger.warning("the server has lost the history of %s; listing it again", self._target)
        self._check_history()

    def _fetch(self, page: ListPage) -> bytes | None:
        """The body of a page; None if stopped: closing ends the stream without an error, so it may be a part."""
        response = self._send(self._target.list_request(page, self._handshake_timeout()))
        if response is None:
            return None
        try:
            body = b"".join(response.stream())
        finally:
            self._release(response)
        if self._stop.is_set():
            return None
        self._contact = self._clock.now()
        return body

    def _watch(self, watch: OpenWatch) -> Iterator[Change]:
        state = self._state
        self._events = 0
        try:
            response = self._send(self._target.watch_request(watch, self._stream_timeout))
        except KubernetesError as error:
            state.watch_failed(error)
            self._tell_watch("failed", watch.resource_version, error)
            self._check_history()
            return
        if response is None:
            return
        self._contact = self._clock.now()
        self._watched, self.refused = True, False
        state.opened()
        self._list_began = self._contact
        self._tell_watch("started", watch.resource_version)
        ended: TransportError | None = None
        try:
            yield from self._read(response)
        except TransportError as error:
            ended = error
        except GeneratorExit:
            # The consumer has left the loop: that is no end that the server has to answer for.
            state.reading = False
            raise
        finally:
            self._release(response)
            state.closed(ended)
            self._tell_watch(
                "failed" if ended is not None else "ended", state.resource_version, ended, self._list_began
            )
        self._check_history()

    def _read(self, response: Response) -> Iterator[Change]:
        state, pending, stop, now = self._state, self._pending, self._stop, self._clock.now
        listing = state.resource_version is None
        for chunk in response.stream():
            self._contact = now()
            changes = state.feed(chunk)
            self._events += len(changes)
            pending.extend(changes)
            if listing and state.resource_version is not None:
                listing = False
                self._tell_list()
            yield from self._deliver()
            if stop.is_set() or not state.reading:
                return

    def _send(self, request: Request) -> Response | None:
        # Connecting and waiting for the head of an answer can't be interrupted, so they happen in another thread.
        seconds = self._handshake_timeout()
        try:
            response = self._stop.call(partial(self._client.request, request), _close, seconds)
        except TimeoutError as error:
            if isinstance(error, KubernetesError):
                raise
            raise RequestTimeout(f"{request.verb} {request.path}: no answer began within {seconds:g} s") from None
        self._response = response
        # stop() sets the signal first and looks for a response second, so one of the two sees the other.
        if response is not None and self._stop.is_set():
            self._release(response)
            return None
        return response

    def _handshake_timeout(self) -> float:
        return max(float(self._client.config.timeout), _LEAST_HANDSHAKE_TIMEOUT)

    def _release(self, response: Response) -> None:
        self._response = None
        _close(response)

    def _tell_list(self) -> None:
        observers = self._client.observers
        if observers:
            from k8s_core.transport.observe import RelistObservation  # noqa: PLC0415  # only observers need it

            observers.relist(
                RelistObservation(
                    resource=self._target.resource,
                    namespace=self._target.namespace,
                    reason=self._state.list_reason,
                    objects=self._state.listed,
                    seconds=self._clock.now() - self._list_began,
                )
            )

    def _tell_watch(
        self,
        phase: Literal["started", "ended", "failed"],
        version: str | None,
        error: Exception | None = None,
        began: float | None = None,
    ) -> None:
        observers = self._client.observers
        if observers:
            from k8s_core.transport.observe import WatchObservation  # noqa: PLC0415  # only observers need it

            observers.watch(
                WatchObservation(
                    resource=self._target.resource,
                    namespace=self._target.namespace,
                    phase=phase,
                    resource_version=version,
                    error=error,
                    seconds=0.0 if began is None else self._clock.now() - began,
                    events=self._events,
                )
            )

    def _check_history(self) -> None:
        lost = self._state.history_lost
        if lost is not None and self._raise_when_expired:
            raise lost


def _close(response: Response) -> None:
    with suppress(TransportError):
        response.close()
