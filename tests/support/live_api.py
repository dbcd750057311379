# SPDX-License-Identifier: Apache-2.0
"""The simulated API for tests with threads: a watch blocks until the test does something."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any

from simulated_api import FakeClock, SimulatedApi, SimulatedResponse
from watch_consumer import Thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.model import Resource


class LiveApi(SimulatedApi):
    """What the test gives to :meth:`do` happens in the thread that reads the watch, while that would block.

    An action that returns False ends the stream. Only one watch may be open at a time.
    """

    def __init__(self, kind: type[Resource] = Thing, **options: Any) -> None:
        super().__init__(kind.api_resource, clock=FakeClock(), **options)
        self._actions: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self.watching = threading.Event()
        self._blocked = False
        self.step = self._next_action

    def do(self, action: Callable[[], object]) -> None:
        self._actions.put(action)

    def request(self, request: Any) -> SimulatedResponse:
        response = super().request(request)
        original = response.close

        def close() -> None:
            original()
            if self._blocked:
                self._actions.put(None)

        self._latest = response
        response.close = close  # type: ignore[method-assign]  # so that it wakes the reader
        return response

    def _next_action(self) -> bool:
        self.watching.set()
        self._blocked = True
        # close() looks at the flag after it has closed, and this looks at the response after it has set the flag.
        closed = self._latest is not None and self._latest.closed
        action = None if closed else self._actions.get()
        self._blocked = False
        return action is not None and action() is not False
