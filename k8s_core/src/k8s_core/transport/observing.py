# SPDX-License-Identifier: Apache-2.0
"""The layer that tells observers of requests and of the life of watch connections."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Literal

from k8s_core.errors import KubernetesError
from k8s_core.transport.base import Transport
from k8s_core.transport.observe import RequestObservation, WatchObservation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core.requests import Request
    from k8s_core.transport.base import Response
    from k8s_core.transport.limits import Clock
    from k8s_core.transport.observe import Observers

__all__ = ["ObservationLayer"]


class ObservationLayer(Transport):
    """Tells observers of each request that the wrappers of plugins let through."""

    def __init__(self, inner: Transport, observers: Observers, clock: Clock) -> None:
        self._inner = inner
        self._observers = observers
        self._clock = clock

    def send(self, request: Request) -> Response:
        start = self._clock()
        try:
            response = self._inner.send(request)
        except BaseException as error:
            seconds = self._clock() - start
            self._observers.request(RequestObservation(request=request, status=None, error=error, seconds=seconds))
            raise
        seconds = self._clock() - start
        self._observers.request(RequestObservation(request=request, status=response.status, seconds=seconds))
        if request.verb == "watch" and request.stream and 200 <= response.status < 300:
            return _WatchedResponse(request, response, self._observers, self._clock)
        return response

    def close(self) -> None:
        self._inner.close()


class _WatchedResponse:
    """The stream of a watch; says when it began, and once when and how it ended."""

    def __init__(self, request: Request, inner: Response, observers: Observers, clock: Clock) -> None:
        self.status = inner.status
        self.headers: Mapping[str, str] = inner.headers
        self._request = request
        self._inner = inner
        self._observers = observers
        self._clock = clock
        self._began = clock()
        self._events = 0
        self._lock = threading.Lock()
        self._over = False
        self._version = next((value for name, value in request.query if name == "resourceVersion"), None)
        self._tell("started", None)

    def read(self) -> bytes:
        return b"".join(self.stream())

    def stream(self) -> Iterator[bytes]:
        try:
            for piece in self._inner.stream():
                self._events += piece.count(b"\n")  # a frame ends with the only newline in it
                yield piece
        except KubernetesError as error:
            self._end(error)
            raise
        finally:
            self.close()

    def close(self) -> None:
        self._inner.close()
        self._end(None)

    def _end(self, error: KubernetesError | None) -> None:
        with self._lock:
            over, self._over = self._over, True
        if not over:
            self._tell("ended" if error is None else "failed", error)

    def _tell(self, phase: Literal["started", "ended", "failed"], error: KubernetesError | None) -> None:
        self._observers.watch(
            WatchObservation(
                resource=self._request.resource,
                namespace=self._request.namespace,
                phase=phase,
                resource_version=self._version,
                error=error,
                seconds=self._clock() - self._began,
                events=self._events,
            )
        )

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()
