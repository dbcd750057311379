# SPDX-License-Identifier: Apache-2.0
"""Waiting for what gives no event: another process, the kernel, a real server's caches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["eventually"]

T = TypeVar("T")


def eventually(condition: Callable[[], T], what: str = "the condition", *, within: float = 45.0) -> T:
    """Ask until the answer is true, and return it. ``within`` only ends a test that fails: waiting proves nothing."""
    end = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < end, f"{what} did not come true within {within:.0f} s"
        time.sleep(0.005)
    return answer
