# SPDX-License-Identifier: Apache-2.0
"""Read, change, write, again if somebody else was faster (protocol C41)."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from k8s_core.backoff import DEFAULT_BACKOFF, PATIENT_BACKOFF, Backoff
from k8s_core.errors import ApplyConflict, Conflict

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT_BACKOFF", "PATIENT_BACKOFF", "Backoff", "retry_on_conflict"]

T = TypeVar("T")


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
    for retries in range(backoff.steps):
        try:
            return attempt()
        except ApplyConflict:
            raise
        except Conflict:
            if retries == backoff.steps - 1:
                raise
        sleep(backoff.delay(retries, random.random()))
    raise ValueError(f"backoff.steps={backoff.steps} must be 1 or more")
