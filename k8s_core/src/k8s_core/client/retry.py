# SPDX-License-Identifier: Apache-2.0
"""Read, change, write, again if somebody else was faster (protocol C41)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from k8s_core.errors import ApplyConflict, Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT_BACKOFF", "PATIENT_BACKOFF", "Backoff", "retry_on_conflict"]

T = TypeVar("T")


class Backoff(Struct, frozen=True):
    """How often to try, and how long to wait in between.

    Attributes:
        steps: attempts in all.
        duration: seconds before the second attempt.
        factor: each wait is this many times the one before.
        jitter: up to this part of a wait is added at random.
    """

    steps: int = 5
    duration: float = 0.010
    factor: float = 1.0
    jitter: float = 0.1


DEFAULT_BACKOFF = Backoff()
"""For few writers: five attempts, 10 ms apart."""
PATIENT_BACKOFF = Backoff(steps=4, duration=0.010, factor=5.0, jitter=0.1)
"""For many writers: four attempts, 10, 50 and 250 ms apart."""


def retry_on_conflict(
    attempt: Callable[[], T],
    *,
    backoff: Backoff = DEFAULT_BACKOFF,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Call ``attempt`` until it does not end in a Conflict; blocks.

    ``attempt`` must *read* the object again each time: repeating a write with the same resourceVersion cannot succeed.
    Only the conflict of an object that has changed is repeated, not an ApplyConflict, which repeating cannot solve.

    Returns:
        What ``attempt`` returned.

    Raises:
        Conflict: of the last attempt, when there are no more.
        Exception: anything else that ``attempt`` raises, at once.
    """
    import random

    pause = backoff.duration
    for left in range(backoff.steps - 1, -1, -1):
        try:
            return attempt()
        except ApplyConflict:
            raise
        except Conflict:
            if left <= 0:
                raise
        sleep(pause * (1 + random.random() * backoff.jitter))
        pause *= backoff.factor
    raise ValueError(f"backoff.steps={backoff.steps} must be 1 or more")
