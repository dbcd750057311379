# SPDX-License-Identifier: Apache-2.0
"""How long things may take: a total for requests, silence for streams (protocol B15, B16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

__all__ = ["CONNECT_TIMEOUT", "HANDSHAKE_TIMEOUT", "Clock", "Deadline", "Inactivity", "Limit", "OutOfTime"]

Clock = Callable[[], float]
"""Monotonic seconds."""

CONNECT_TIMEOUT: Final = 30.0
HANDSHAKE_TIMEOUT: Final = 10.0


class OutOfTime(TimeoutError):
    """The limit was reached before the operation began."""


class Limit(Protocol):
    """How long the next socket operation may block."""

    __slots__ = ()

    def seconds(self) -> float:
        """Seconds, always above 0; OutOfTime if none are left."""
        ...

    def describe(self) -> str:
        """For messages: what was exceeded."""
        ...


class Deadline(Limit):
    """A total for a request with all its attempts."""

    __slots__ = ("_clock", "at", "total")

    def __init__(self, clock: Clock, total: float) -> None:
        self._clock = clock
        self.total = total
        self.at = clock() + total

    def remaining(self) -> float:
        """Seconds left, negative when it is over."""
        return self.at - self._clock()

    def extend(self, seconds: float) -> None:
        """Give time back that was spent on something else, such as a person who logs in."""
        self.at += seconds

    def seconds(self) -> float:
        left = self.at - self._clock()
        if left <= 0:
            raise OutOfTime
        return left

    def describe(self) -> str:
        return f"no complete answer within {self.total:g} s"


class Inactivity(Limit):
    """The longest silence on a stream."""

    __slots__ = ("_seconds",)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def seconds(self) -> float:
        return self._seconds

    def describe(self) -> str:
        return f"no byte came for {self._seconds:g} s"
