# SPDX-License-Identifier: Apache-2.0
"""One log, followed across broken connections (protocol F18-F20)."""

from __future__ import annotations

import logging
import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from msgspec import Struct

from k8s_core.backoff import WATCH_BACKOFF
from k8s_core.errors import (
    BadRequest,
    InternalError,
    PodNotRunning,
    RequestError,
    ServerTimeout,
    ServiceUnavailable,
    Timeout,
    TooManyRequests,
    TransportError,
    WaitTimeout,
)
from k8s_core.requests.options import check_count
from k8s_core.requests.request import Request
from k8s_core.streams.log_lines import LogBytes, LogGap, LogLine, LogMemory, RawLine
from k8s_core.streams.targets import Target, in_container
from k8s_core.watch.clock import StopSignal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from k8s_core.transport import Response

__all__ = ["LogOptions", "LogStream", "OneLog"]

L = TypeVar("L", LogLine, LogBytes)
_log: Final = logging.getLogger("k8s_core.streams")
_MAX_FAILURES: Final = 10
"""Attempts in a row that may fail, some minutes in all, before the last failure is raised."""
_PASSING: Final = (TransportError, TooManyRequests, ServerTimeout, ServiceUnavailable, InternalError, Timeout)
_LOOK_AGAIN: Final = 30.0


class LogOptions(Struct, frozen=True):
    """What to ask for; see ``Client.logs``."""

    container: str | None = None
    follow: bool = False
    since: float | timedelta | datetime | None = None
    tail: int | None = None
    previous: bool = False
    timestamps: bool = False
    text: bool = True

    def check(self) -> Self:
        """Raise RequestError for values that the server would refuse."""
        if self.tail is not None:
            check_count(self.tail, "tail")
        since = self.since
        if isinstance(since, datetime):
            if since.tzinfo is None:
                raise RequestError(f"since={since!r} has no time zone: write datetime.now(UTC) and the like")
        elif since is not None and _seconds(since) <= 0:
            raise RequestError(f"since={since!r} must be a number of seconds above 0, or a datetime")
        return self

    def begin(self) -> list[tuple[str, str]]:
        """The part of the query that says where to begin."""
        query = []
        if isinstance(self.since, datetime):
            moment = self.since.replace(microsecond=0).isoformat()
            query.append(("sinceTime", moment.replace("+00:00", "Z")))
        elif self.since is not None:
            query.append(("sinceSeconds", str(-int(-_seconds(self.since) // 1))))
        if self.tail is not None:
            query.append(("tailLines", str(self.tail)))
        return query


def _seconds(since: float | timedelta) -> float:
    return since.total_seconds() if isinstance(since, timedelta) else since


class LogStream(Generic[L]):
    """The lines of one log, or of several at once, as they come. Iterate over it; the end of a ``with`` closes it.

    For one thread that iterates; :meth:`close` may be called by any.

    Attributes:
        gaps: where lines may be missing, since the log was rotated while the connection was broken.
    """

    gaps: list[LogGap]

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> L:
        raise NotImplementedError

    def close(self) -> None:
        """End it; a thread that waits for a line gets no more. Idempotent."""
        raise NotImplementedError

    def finish(self) -> None:
        """Of several logs: take no more, and end once those that are there have ended. From any thread."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class OneLog(LogStream[L]):
    """The log of one container."""

    def __init__(self, target: Target, options: LogOptions) -> None:
        """Asks for the log at once. Errors are those of ``Client.logs``."""
        self.gaps = []
        self._target = target
        self._options = options
        self._container = options.container
        self._memory = LogMemory()
        self._stop = StopSignal()
        self._baseline: str | None = None
        self._response: Response | None = None
        self._response = self._first()
        self._lines: Iterator[Any] = self._run()

    def __next__(self) -> L:
        line: L = next(self._lines)
        return line

    def close(self) -> None:
        self._stop.set()
        response = self._response
        if response is not None:
            response.close()

    def __del__(self) -> None:
        if hasattr(self, "_stop"):
            self.close()

    # -- asking

    def _first(self) -> Response:
        while True:
            try:
                response = in_container(self._target, self._container, self._ask)
            except (BadRequest, PodNotRunning):
                if not self._wait_for_start():
                    raise
                continue
            if response.status == 204 and self._wait_for_start():
                continue
            # Where a line may be left out on purpose, only the server's clock says which ones were too old.
            self._baseline = _server_time(response) if self._options.tail is not None else None
            return response

    def _wait_for_start(self) -> bool:
        """Wait until there is a log, if it is to be followed and the kind says that there is none yet."""
        name = self._container

        def started(obj: Any) -> bool:
            chosen = name or obj.default_container()
            return bool(obj.has_started(chosen) or getattr(obj, "is_finished", bool)() or self._stop.is_set())

        if not self._options.follow or not hasattr(self._target.cls, "has_started") or started(self._target.read()):
            return False
        while not self._stop.is_set():
            try:
                self._target.client.wait(
                    self._target.cls,
                    started,
                    name=self._target.name,
                    namespace=self._target.namespace,
                    timeout=_LOOK_AGAIN,
                )
            except WaitTimeout:
                continue
            return True
        return False

    def _ask(self, container: str | None) -> Response:
        self._container = container
        options, target = self._options, self._target
        query = [] if container is None else [("container", container)]
        query += [(name, "true") for name in ("follow", "previous") if getattr(options, name)]
        query.append(("timestamps", "true"))
        since = self._memory.since or self._baseline
        query += options.begin() if since is None else [("sinceTime", since)]
        response = target.client.request(
            Request(
                method="GET",
                path=target.resource.path(target.namespace, target.name, "log"),
                query=tuple(query),
                headers=(("Accept", "text/plain, */*"),),
                verb="get",
                resource=target.resource,
                namespace=target.namespace,
                name=target.name,
                subresource="log",
                stream=True,
            )
        )
        if self._stop.is_set():
            response.close()
        return response

    # -- reading

    def _run(self) -> Iterator[L]:
        failures = 0
        while not self._stop.is_set():
            response = self._response
            try:
                if response is None:
                    response = self._response = self._ask(self._container)
                for data in response.stream():
                    failures = 0
                    for raw in self._memory.feed(data):
                        yield self._made(raw)
            except _PASSING as error:
                self._response = None
                if self._stop.is_set():
                    return
                if self._target.client.closed or failures >= _MAX_FAILURES:
                    raise
                self._pause(failures, error)
                failures += 1
                self._memory.again()
                continue
            finally:
                if response is not None:
                    response.close()
            if not self._stop.is_set():
                for raw in self._memory.end():
                    yield self._made(raw)
            return

    def _pause(self, failures: int, error: Exception) -> None:
        # A log that was silent for long is asked for again at once.
        wait = WATCH_BACKOFF.delay(failures - 1, random.random()) if failures else 0.0  # no secret
        _log.debug("log of %s: again in %.1f s: %s", self._target, wait, error)
        if wait:
            self._stop.wait(wait)

    def _made(self, raw: RawLine) -> L:
        begin = 0 if self._options.timestamps else raw.begin
        stamp = raw.data[: raw.begin - 1].decode("ascii") if raw.begin else ""
        content = raw.data[begin:]
        line: Any = LogLine(content.decode("utf-8", "replace")) if self._options.text else LogBytes(content)
        line.pod, line.container, line.timestamp = self._target.name, self._container or "", stamp
        if raw.gap is not None:
            gap = LogGap(line.pod, line.container, *raw.gap)
            self.gaps.append(gap)
            _log.warning("log of %s: lines between %s and %s may be missing: it was rotated", self._target, *raw.gap)
        return line  # type: ignore[no-any-return]  # the type follows the option


def _server_time(response: Response) -> str | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # for logs with a tail alone

    try:
        moment = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
