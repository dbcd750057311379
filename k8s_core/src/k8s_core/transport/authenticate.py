# SPDX-License-Identifier: Apache-2.0
"""Adds credentials to requests, and after a 401 renews them and sends the request once more (protocol A26, A38)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from k8s_core.errors import CredentialsError, KubernetesError
from k8s_core.transport.limits import Deadline
from k8s_core.transport.observe import TokenRefreshObservation

if TYPE_CHECKING:
    from k8s_core.auth import Credentials
    from k8s_core.requests import Request
    from k8s_core.transport.http import HTTPLayer
    from k8s_core.transport.limits import Clock, Limit
    from k8s_core.transport.observe import Observers
    from k8s_core.transport.response import Answer

__all__ = ["AuthenticationLayer"]

_NONE: Mapping[str, str] = {}


class AuthenticationLayer:
    """Puts the headers of a source of credentials on each request. Thread-safe."""

    def __init__(self, inner: HTTPLayer, credentials: Credentials, observers: Observers, clock: Clock) -> None:
        self._inner = inner
        self._credentials = credentials
        self._observers = observers
        self._clock = clock

    def exchange(self, request: Request, limit: Limit, timeout: str | None) -> Answer:
        """As :meth:`HTTPLayer.exchange`, with credentials. The second 401 in a row is the answer."""
        for name, _ in request.headers:
            if name.lower() == "authorization":
                return self._inner.exchange(request, _NONE, limit, timeout)
        headers = self._headers(limit)
        response = self._inner.exchange(request, headers, limit, timeout)
        if response.status != 401 or not self._refresh(headers, limit):
            return response
        response.close()
        return self._inner.exchange(request, self._headers(limit), limit, timeout)

    def _headers(self, limit: Limit) -> Mapping[str, str]:
        start = self._clock()
        try:
            headers = self._credentials.headers()
        except KubernetesError:
            raise
        except Exception as error:
            raise self._failed(error) from error
        if not isinstance(headers, Mapping):
            raise CredentialsError(f"{self._name()}.headers() returned {type(headers).__name__} and not a mapping")
        self._give_back(limit, start)
        return headers

    def _refresh(self, rejected: Mapping[str, str], limit: Limit) -> bool:
        start = self._clock()
        renewed, failure = False, None
        try:
            renewed = bool(self._credentials.refresh(rejected))
        except KubernetesError as error:
            failure = error
            raise
        except Exception as error:
            failure = self._failed(error)
            raise failure from error
        finally:
            seconds = self._clock() - start
            if renewed or failure is not None:
                self._observers.token_refresh(
                    TokenRefreshObservation(succeeded=renewed, seconds=seconds, error=failure)
                )
        self._give_back(limit, start)
        return renewed

    def _give_back(self, limit: Limit, start: float) -> None:
        # A person may have logged in meanwhile: that is no slowness of the server.
        if isinstance(limit, Deadline):
            limit.extend(self._clock() - start)

    def _name(self) -> str:
        return f"{type(self._credentials).__module__}.{type(self._credentials).__qualname__}"

    def _failed(self, error: Exception) -> CredentialsError:
        return CredentialsError(f"the credentials source {self._name()} failed: {type(error).__name__}")

    def close(self) -> None:
        """Close the connections below."""
        self._inner.close()
