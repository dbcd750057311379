# SPDX-License-Identifier: Apache-2.0
"""Time, uids and name suffixes of the embedded server, all of which a test may inject (protocol J31)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

__all__ = ["Clock", "Identities", "ManualClock", "format_time", "system_clock"]

Clock = Callable[[], datetime]
"""Returns the current time, aware."""

_SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def system_clock() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is told to move: ``ApiServer(clock=ManualClock())``."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move the time on by ``seconds``."""
        self.now += timedelta(seconds=seconds)


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with second precision, as ``metadata.creationTimestamp`` is written (protocol E9)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Identities:
    """Uids and ``generateName`` suffixes; from ``seed`` they come out the same in every run."""

    def __init__(self, seed: int | None = None, uid: Callable[[], str] | None = None) -> None:
        self._random = random.Random(seed)
        self._seeded = seed is not None
        self._uid = uid

    def uid(self) -> str:
        """A new UUIDv4 text."""
        if self._uid is not None:
            return self._uid()
        if self._seeded:
            return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        return str(uuid.uuid4())

    def suffix(self) -> str:
        """Five characters of the API server's alphabet without vowels (J5)."""
        return "".join(self._random.choices(_SUFFIX_ALPHABET, k=5))
