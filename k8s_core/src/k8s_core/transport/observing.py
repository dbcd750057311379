# SPDX-License-Identifier: Apache-2.0
"""The layer that tells observers of requests. Retries, delays and token refreshes are told where they happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.transport.base import Transport
from k8s_core.transport.observe import RequestObservation

if TYPE_CHECKING:
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
        return response

    def close(self) -> None:
        self._inner.close()
