# SPDX-License-Identifier: Apache-2.0
"""When a request is sent again: client-go's rules, no others (protocol B8-B12).

* An answer of 429 or 500 and above that says ``Retry-After: <seconds>`` is retried for every method: the server has
  refused the request and promises that a repetition is harmless.
* A connection that is lost before the answer is retried after a second for GET only.
* The handshake of a watch is also retried after timeouts, and ends as an empty watch when nothing helps.
* Other streams (logs) are retried for Retry-After only.
"""

from __future__ import annotations

import logging
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from k8s_core.errors import ConnectionFailed, RequestTimeout, TransportError
from k8s_core.transport.base import Transport
from k8s_core.transport.encode import format_timeout
from k8s_core.transport.faults import is_lost, is_timeout
from k8s_core.transport.limiter import TokenBucket
from k8s_core.transport.limits import Deadline, Inactivity
from k8s_core.transport.observe import RetryObservation, ThrottleObservation
from k8s_core.transport.response import empty_response
from k8s_core.transport.warning_headers import WarningReporter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_core.configuration import Config
    from k8s_core.requests import Request
    from k8s_core.transport.authenticate import AuthenticationLayer
    from k8s_core.transport.base import Response
    from k8s_core.transport.limits import Clock, Limit
    from k8s_core.transport.observe import Observers
    from k8s_core.transport.response import Answer

__all__ = ["RetryLayer", "retry_after", "wait_after_error"]

_log = logging.getLogger("k8s_core.transport")
_ERROR_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 600.0
"""Seconds that a stream, which has no deadline, waits at most for a repetition."""
_NOTABLE_DELAY: Final = 0.05
"""Seconds; shorter delays of the rate limit are not worth a line in the log."""


def retry_after(status: int, headers: Mapping[str, str]) -> int | None:
    """Seconds after which this answer may be asked for again; None if it is final (B8, B9)."""
    if status != 429 and status < 500:
        return None
    text = headers.get("retry-after", "")
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 9:
        return None  # an HTTP date is no promise either
    return max(0, int(text))


def wait_after_error(request: Request, error: TransportError) -> float | None:
    """Seconds after which a request that got no answer may be sent again; None if it must not be (B10, B11)."""
    if request.method != "GET":
        return None
    if not request.stream:
        return _ERROR_WAIT if is_lost(error) else None
    if request.verb == "watch" and (is_lost(error) or is_timeout(error)):
        return _ERROR_WAIT
    return None


class RetryLayer(Transport):
    """A Transport over :class:`AuthenticationLayer`: timeouts, retries, the rate limit and warnings. Thread-safe."""

    def __init__(
        self,
        inner: AuthenticationLayer,
        config: Config,
        observers: Observers,
        clock: Clock,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        """
        Args:
            inner: sends single attempts.
            config: timeouts, number of retries, rate limit.
            observers: hear of retries and delays.
            clock: monotonic seconds.
            sleep: waits that many seconds; the default ends at once when the transport is closed.
        """
        self._inner = inner
        self._observers = observers
        self._clock = clock
        self._sleep = sleep
        self._closing = threading.Event()
        self._timeout = config.timeout
        self._timeout_text = format_timeout(config.timeout)
        self._silence = Inactivity(config.stream_timeout)
        self._max_retries = config.max_retries
        self._bucket = None if config.qps is None else TokenBucket(config.qps, config.burst, clock)
        self._warnings = WarningReporter()

    def send(self, request: Request) -> Response:
        if self._bucket is not None:
            self._throttle(request, self._bucket)
        timeout: str | None = None
        limit: Limit
        if request.stream:
            seconds = request.inactivity_timeout
            limit = self._silence if seconds is None else Inactivity(seconds)
        elif request.timeout is None:
            limit = Deadline(self._clock, self._timeout)
            timeout = self._timeout_text
        else:
            limit = Deadline(self._clock, request.timeout)
            timeout = format_timeout(request.timeout)
        response = self._attempt(request, limit, timeout)
        if response.warnings:
            try:
                self._warnings.report(response.warnings)
            except BaseException:
                response.close()
                raise
        return response

    def _attempt(self, request: Request, limit: Limit, timeout: str | None) -> Answer:
        maximum = self._max_retries if request.max_retries is None else request.max_retries
        attempt = 0
        previous: str | None = None
        while True:
            wait: float | None
            try:
                response = self._inner.exchange(request, limit, timeout)
            except TransportError as error:
                wait = wait_after_error(request, error)
                if wait is not None and request.stream and attempt >= maximum > 0:
                    # A watch without any retries belongs to somebody who wants to know what went wrong.
                    return empty_response()
                if wait is None or attempt >= maximum:
                    _mention(error, previous)
                    raise
                failure = str(error)
            else:
                status = response.status
                if status < 429:
                    return response
                wait = retry_after(status, response.headers)
                if wait is None or attempt >= maximum:
                    return response
                response.close()
                failure = f"{status} {_phrase(status)} (Retry-After: {wait})"
            attempt += 1
            self._before_retry(request, attempt, wait, failure, limit)
            previous = failure

    def _before_retry(self, request: Request, attempt: int, wait: float, failure: str, limit: Limit) -> None:
        left = limit.remaining() if isinstance(limit, Deadline) else _LONGEST_WAIT
        if left <= wait:
            raise RequestTimeout(
                f"{request.method} {request.path}: {limit.describe()}; the next attempt would be in {wait:g} s"
                f" - error from a previous attempt: {failure}"
            )
        _log.debug("%s %s: attempt %d in %g s: %s", request.method, request.path, attempt + 1, wait, failure)
        self._observers.retry(RetryObservation(request=request, attempt=attempt, wait=wait, reason=failure))
        self._wait(wait, failure)
        if self._bucket is not None:
            self._throttle(request, self._bucket)

    def _throttle(self, request: Request, bucket: TokenBucket) -> None:
        if request.verb == "watch":
            return
        wait = bucket.reserve()
        if wait > 0:
            if wait >= _NOTABLE_DELAY:
                _log.info("%s %s waits %.2f s for the client's own rate limit", request.method, request.path, wait)
            self._observers.throttle(ThrottleObservation(request=request, wait=wait))
            self._wait(wait, None)

    def _wait(self, seconds: float, failure: str | None) -> None:
        if self._sleep is not None:
            self._sleep(seconds)
        else:
            self._closing.wait(seconds)
        if self._closing.is_set():
            error = ConnectionFailed("the client was closed while it waited")
            _mention(error, failure)
            raise error

    def close(self) -> None:
        self._closing.set()
        self._inner.close()


def _mention(error: TransportError, previous: str | None) -> None:
    if previous is not None and previous not in str(error):
        error.args = (f"{error} - error from a previous attempt: {previous}",)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
