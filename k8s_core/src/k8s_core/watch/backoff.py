# SPDX-License-Identifier: Apache-2.0
"""How long to wait after failures (protocol D16). Pure: clock and randomness are handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

__all__ = ["Backoff"]


class Backoff:
    """Delays of 0.8 s, doubling up to 30 s, each lengthened by up to 100 % at random.

    The sequence starts over when ``reset_after`` seconds (120) have passed since the last failure. Not thread-safe.

    Args:
        clock: seconds that only grow.
        random: source of the jitter.
        initial, factor, cap, jitter, reset_after: as the defaults of client-go; seconds where they are times.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        random: Random,
        *,
        initial: float = 0.8,
        factor: float = 2.0,
        cap: float = 30.0,
        jitter: float = 1.0,
        reset_after: float = 120.0,
    ) -> None:
        self._clock = clock
        self._random = random
        self._initial = initial
        self._factor = factor
        self._cap = cap
        self._jitter = jitter
        self._reset_after = reset_after
        self._next = initial
        self._last: float | None = None
        self.failures = 0
        """Failures since the sequence last started over."""

    def failed(self) -> float:
        """Record a failure and return the seconds to wait."""
        now = self._clock()
        if self._last is not None and now - self._last > self._reset_after:
            self._next = self._initial
            self.failures = 0
        self._last = now
        self.failures += 1
        base, self._next = self._next, min(self._next * self._factor, self._cap)
        return base * (1.0 + self._jitter * self._random.random())
