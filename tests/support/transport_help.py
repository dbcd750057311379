# SPDX-License-Identifier: Apache-2.0
"""What the tests of the transport share: requests, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from k8s_core.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from k8s_core.auth import ClientCertificate

__all__ = ["Background", "FakeTime", "RotatingToken", "get", "interrupted", "post", "watch"]


class FakeTime:
    """A monotonic clock for retries: sleeping moves it, nothing else does."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    @property
    def hooks(self) -> dict[str, Any]:
        """The keywords of ``make_transport``."""
        return {"clock": self.clock, "sleep": self.sleep}


class RotatingToken:
    """Credentials whose token is the next of a list after each refresh; counts what it is asked."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)
        self._lock = threading.Lock()
        self.asked = 0
        self.refreshed = 0

    def headers(self) -> Mapping[str, str]:
        self.asked += 1
        return {"Authorization": f"Bearer {self._tokens[0]}"}

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        with self._lock:
            if rejected.get("Authorization") != f"Bearer {self._tokens[0]}":
                return True  # somebody else was faster
            self.refreshed += 1
            if len(self._tokens) == 1:
                return False
            del self._tokens[0]
            return True

    def client_certificate(self) -> ClientCertificate | None:
        return None

    def expires_at(self) -> datetime | None:
        return None


class Background:
    """Runs a function in a thread; ``result()`` waits for what it returned or raised."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function
        self._value: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._value = self._function()
        except BaseException as error:
            self._error = error

    def result(self, timeout: float = 30.0) -> Any:
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "the thread is still blocked"
        if self._error is not None:
            raise self._error
        return self._value


def interrupted(function: Callable[[], Any]) -> None:
    """Call ``function`` in the main thread, and press Ctrl-C while it blocks."""
    main = threading.main_thread().ident
    assert main == threading.get_ident()
    timer = threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT))
    timer.start()
    try:
        function()
    finally:
        timer.join()


def get(path: str = "/api/v1/pods", **options: Any) -> Request:
    return Request(method="GET", path=path, **{"verb": "get", **options})


def post(body: bytes = b'{"kind":"Pod"}', path: str = "/api/v1/pods", **options: Any) -> Request:
    return Request(method="POST", path=path, body=body, **{"verb": "create", **options})


def watch(path: str = "/api/v1/pods", **options: Any) -> Request:
    return Request(method="GET", path=path, query=(("watch", "true"),), verb="watch", stream=True, **options)
