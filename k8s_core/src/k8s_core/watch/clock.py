# SPDX-License-Identifier: Apache-2.0
"""Time and interruption: the only places where a watch waits."""

from __future__ import annotations

import threading
import time
from typing import Protocol

__all__ = ["Clock", "StopSignal", "SystemClock"]


class StopSignal:
    """A flag that can be set once, from any thread and from a signal handler, and waited for.

    ``threading.Event`` is not used because setting it in a signal handler deadlocks when the handler interrupts the
    same thread inside the event's own lock; the lock here is re-entrant.
    """

    __slots__ = ("_condition", "_set")

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())
        self._set = False

    def is_set(self) -> bool:
        """True once :meth:`set` was called."""
        return self._set

    def set(self) -> None:
        """Set the flag and wake everybody who waits."""
        self._set = True
        with self._condition:
            self._condition.notify_all()

    def wait(self, seconds: float | None) -> bool:
        """Block until the flag is set, at most ``seconds``; return whether it is set."""
        with self._condition:
            return self._condition.wait_for(self.is_set, seconds)


class Clock(Protocol):
    """What a watcher asks about time; tests hand in their own."""

    def now(self) -> float:
        """Seconds that only grow, from an arbitrary start."""
        ...

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        """Return after ``seconds``, or as soon as ``stop`` is set."""
        ...


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> float:
        """``time.monotonic()``."""
        return time.monotonic()

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        """Wait in real time."""
        stop.wait(seconds)
