# SPDX-License-Identifier: Apache-2.0
"""``WorkQueue``: what is between handlers and the workers of an operator (protocol D31)."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from k8s_core.backoff import Backoff

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

__all__ = ["WorkQueue"]

H = TypeVar("H", bound="Hashable")


class WorkQueue(Generic[H]):
    """Keys to be worked on, each by one worker at a time. All methods are for any thread.

    A key that is added while it waits is worked on once; one that is added while it is being worked on is worked on
    once more. :meth:`retry` adds a key after a delay that doubles with each retry of that key, from ``initial_delay``
    to ``max_delay`` seconds, and beyond ``burst`` retries at once of all keys, at ``rate`` retries per second.

    ::

        queue = WorkQueue[str]()
        pods.add_handler(event=lambda n: queue.add(n.key))
        while (key := queue.get()) is not None:
            with queue.working_on(key):         # retries the key if this raises
                reconcile(key)
    """

    def __init__(
        self,
        *,
        initial_delay: float = 0.005,
        max_delay: float = 1000.0,
        rate: float = 10.0,
        burst: int = 100,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._backoff = Backoff(duration=initial_delay, factor=2.0, jitter=0.0, cap=max_delay)
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._condition = threading.Condition()
        self._waiting: deque[H] = deque()
        self._queued: set[H] = set()
        self._processing: set[H] = set()
        self._again: set[H] = set()
        self._later: list[tuple[float, int, H]] = []
        self._due: dict[H, float] = {}
        self._order = itertools.count()
        self._retries: dict[H, int] = {}
        self._tokens = float(burst)
        self._filled_at = clock()
        self._shut_down = False

    def add(self, key: H) -> None:
        """Have a key worked on; nothing if it waits already, or the queue was shut down."""
        with self._condition:
            self._add(key)

    def _add(self, key: H) -> None:
        if self._shut_down or key in self._queued:
            return
        if key in self._processing:
            self._again.add(key)
            return
        self._queued.add(key)
        self._waiting.append(key)
        self._condition.notify()

    def add_after(self, key: H, seconds: float) -> None:
        """Add a key after a delay; of several delays for one key, the one that ends first counts."""
        with self._condition:
            if self._shut_down:
                return
            if seconds <= 0:
                self._add(key)
                return
            due = self._clock() + seconds
            if key in self._due and self._due[key] <= due:
                return
            self._due[key] = due
            heapq.heappush(self._later, (due, next(self._order), key))
            self._condition.notify()

    def retry(self, key: H) -> float:
        """Add a key again after a delay that grows with each retry; returns the delay in seconds."""
        with self._condition:
            retries = self._retries.get(key, 0)
            self._retries[key] = retries + 1
            delay = max(self._backoff.delay(retries), self._take_token())
        self.add_after(key, delay)
        return delay

    def _take_token(self) -> float:
        now = self._clock()
        self._tokens = min(float(self._burst), self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
        self._tokens -= 1.0
        return 0.0 if self._tokens >= 0 else -self._tokens / self._rate

    def forget(self, key: H) -> None:
        """The key is settled: its next retry begins with the shortest delay again."""
        with self._condition:
            self._retries.pop(key, None)

    def retries(self, key: H) -> int:
        """How often the key was retried since it was last forgotten."""
        return self._retries.get(key, 0)

    def get(self, timeout: float | None = None) -> H | None:
        """The next key, which is the caller's until :meth:`done`; None after ``timeout`` seconds or at the end.

        After :meth:`shut_down` the keys that wait are still handed out, then None.
        """
        end = None if timeout is None else self._clock() + timeout
        with self._condition:
            while True:
                self._move_due()
                if self._waiting:
                    key = self._waiting.popleft()
                    self._queued.discard(key)
                    self._processing.add(key)
                    return key
                if self._shut_down:
                    return None
                left = None if end is None else end - self._clock()
                if left is not None and left <= 0:
                    return None
                next_due = self._later[0][0] - self._clock() if self._later else None
                waits = [seconds for seconds in (left, next_due) if seconds is not None]
                self._condition.wait(min(waits) if waits else None)

    def _move_due(self) -> None:
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            due, _, key = heapq.heappop(self._later)
            if self._due.get(key) == due:
                del self._due[key]
                self._add(key)

    def done(self, key: H) -> None:
        """The work on a key from :meth:`get` is over; if the key was added meanwhile, it waits again."""
        with self._condition:
            self._processing.discard(key)
            if key in self._again:
                self._again.discard(key)
                self._add(key)
            self._condition.notify_all()

    @contextmanager
    def working_on(self, key: H) -> Iterator[None]:
        """Call :meth:`done` at the end of a ``with``; :meth:`forget` if it went well, :meth:`retry` if it raised.

        What it raised is raised on.
        """
        try:
            yield
        except Exception:
            self.retry(key)
            raise
        else:
            self.forget(key)
        finally:
            self.done(key)

    def shut_down(self) -> None:
        """Take nothing any more; keys that wait for a delay are dropped, workers get the rest and then None."""
        with self._condition:
            self._shut_down = True
            self._later.clear()
            self._due.clear()
            self._condition.notify_all()

    def __len__(self) -> int:
        """How many keys wait to be worked on now."""
        with self._condition:
            self._move_due()
            return len(self._waiting)
