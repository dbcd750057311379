# SPDX-License-Identifier: Apache-2.0
"""Time and interruption: the only places where a watch waits."""

from __future__ import annotations

import contextvars
import threading
import time
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "StopSignal", "SystemClock"]

T = TypeVar("T")


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

    def wake(self) -> None:
        """Have everybody in :meth:`wait_until` look again."""
        with self._condition:
            self._condition.notify_all()

    def wait_until(self, holds: Callable[[], bool], seconds: float | None) -> None:
        """Block until ``holds`` or the flag is set, at most ``seconds``."""
        with self._condition:
            self._condition.wait_for(lambda: self._set or holds(), seconds)

    def call(self, work: Callable[[], T], dispose: Callable[[T], None], seconds: float | None) -> T | None:
        """Run ``work`` in a thread of its own and return its result, or None as soon as the flag is set.

        A call that can't be interrupted (connecting, waiting for the head of an answer) is left behind in that case;
        when it ends, its result goes to ``dispose``.

        Raises:
            TimeoutError: ``work`` took longer than ``seconds``; it is left behind, too.
            Exception: what ``work`` raised.
        """
        call = _Call(work, dispose, self._condition)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(call.run,), name="k8s-watch-request", daemon=True).start()
        try:
            with self._condition:
                in_time = self._condition.wait_for(lambda: call.done or self._set, seconds)
        except BaseException:
            if call.leave():
                call.drop()
            raise
        if call.leave():
            return call.outcome()
        if not in_time:
            raise TimeoutError
        return None


class _Call(Generic[T]):
    """One piece of work in a thread, and who takes care of its result."""

    def __init__(self, work: Callable[[], T], dispose: Callable[[T], None], condition: threading.Condition) -> None:
        self.done = False
        self._work = work
        self._dispose = dispose
        self._condition = condition
        self._left = False
        self._result: list[T] = []
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._result.append(self._work())
        except Exception as error:  # noqa: BLE001  # raised again in the thread that asked
            self._error = error
        with self._condition:
            left = self._left
            self.done = not left
            self._condition.notify_all()
        if left:
            self.drop()

    def leave(self) -> bool:
        """Stop waiting. Returns True if the call is done, so that the caller has to care for its outcome."""
        with self._condition:
            self._left = not self.done
            return self.done

    def drop(self) -> None:
        """Care for the result in place of a caller that does not want it any more."""
        if self._result:
            self._dispose(self._result.pop())

    def outcome(self) -> T:
        if self._error is not None:
            try:
                raise self._error
            finally:
                self._error = None
        return self._result.pop()


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
