# SPDX-License-Identifier: Apache-2.0
"""How long to wait before trying again (protocol C41, D16). Pure: clock and randomness are handed in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["BUSY_BACKOFF", "DEFAULT_BACKOFF", "PATIENT_BACKOFF", "WATCH_BACKOFF", "Backoff", "FailureDelays"]

_LARGEST_EXPONENT = 64
"""Beyond it no wait that people mean grows any more, and the power is still a float."""


class Backoff(Struct, frozen=True):
    """How often to try, and how long to wait in between. Immutable.

    Attributes:
        steps: attempts in all, for those who count them.
        duration: seconds before the second attempt.
        factor: each wait is this many times the one before.
        jitter: up to this part of a wait is added at random.
        cap: the longest wait in seconds, jitter not counted.
    """

    steps: int = 5
    duration: float = 0.010
    factor: float = 1.0
    jitter: float = 0.1
    cap: float = math.inf

    def delay(self, retries: int, chance: float = 0.0) -> float:
        """Seconds to wait.

        Args:
            retries: how many there have been: 0 before the first of them.
            chance: a random number from 0 to 1, the part of the jitter that is added.
        """
        wait = min(self.duration * self.factor ** min(retries, _LARGEST_EXPONENT), self.cap)
        return wait * (1.0 + self.jitter * chance)


DEFAULT_BACKOFF = Backoff()
"""For conflicts of few writers: five attempts, 10 ms apart."""
PATIENT_BACKOFF = Backoff(steps=4, duration=0.010, factor=5.0, jitter=0.1)
"""For conflicts of many writers: four attempts, 10, 50 and 250 ms apart."""
BUSY_BACKOFF = Backoff(steps=12, duration=0.010, factor=1.5, jitter=0.1)
"""For conflicts with controllers, which may write many times a second: 12 attempts within about two seconds."""
WATCH_BACKOFF = Backoff(duration=0.8, factor=2.0, jitter=1.0, cap=30.0)
"""For watches: 0.8 s, doubling up to 30 s, each lengthened by up to 100 % at random; ``steps`` does not count."""


class FailureDelays:
    """The waits of something that goes on for ever: they grow with each failure, and start over after a good while.

    The defaults are those of client-go's watches. Not thread-safe.

    Args:
        clock: seconds that only grow.
        random: source of the jitter.
        backoff: how the waits grow.
        reset_after: seconds without a failure after which they start over.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        random: Random,
        *,
        backoff: Backoff = WATCH_BACKOFF,
        reset_after: float = 120.0,
    ) -> None:
        self._clock = clock
        self._random = random
        self._backoff = backoff
        self._reset_after = reset_after
        self._last: float | None = None
        self.failures = 0
        """Failures since the waits last started over."""

    def failed(self) -> float:
        """Record a failure and return the seconds to wait."""
        now = self._clock()
        if self._last is not None and now - self._last > self._reset_after:
            self.failures = 0
        self._last = now
        self.failures += 1
        return self._backoff.delay(self.failures - 1, self._random.random())
