# SPDX-License-Identifier: Apache-2.0
"""The loop around an eviction: what to do about each answer, and how long (protocol H16-H18)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.errors import Forbidden, NotFound, TooManyRequests, WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.errors import ApiError

__all__ = ["POLL_SECONDS", "EvictionPlan", "evict", "namespace_terminating"]

POLL_SECONDS = 5.0
"""Between two attempts, as kubectl waits, where the server gives no other hint."""


@dataclass(frozen=True, slots=True)
class EvictionPlan:
    """One eviction.

    Attributes:
        post: sends the Eviction once, without retries of its own.
        current_uid: reads the uid of whoever has the pod's name now.
        subject: for messages.
        wait: seconds for everything; None = without end.
        until_gone: also wait for the pod to go.
    """

    post: Callable[[], None]
    current_uid: Callable[[], str]
    subject: str
    wait: float | None
    until_gone: bool = False


def evict(
    plan: EvictionPlan,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Carry a plan out; blocks.

    Returns:
        True if it was evicted, False if it was gone already.

    Raises:
        TooManyRequests, Forbidden: still refused when the time is up.
        WaitTimeout: evicted, but not gone when the time is up.
        ApiError, TransportError: of any request.
    """
    deadline = None if plan.wait is None else monotonic() + plan.wait

    def pause(seconds: float) -> bool:
        """Sleep, unless that would be beyond the deadline."""
        if deadline is not None:
            left = deadline - monotonic()
            if left <= 0:
                return False
            seconds = min(seconds, left)
        sleep(seconds)
        return True

    uid = ""
    if plan.until_gone:
        try:
            uid = plan.current_uid()
        except NotFound:
            return False
    if not _post_until_accepted(plan, pause):
        return False
    if plan.until_gone:
        _wait_until_gone(plan, uid, pause)
    return True


def namespace_terminating(error: ApiError) -> bool:
    """True if an eviction was refused because its namespace is going away: the pod goes too, so wait for that."""
    return isinstance(error, Forbidden) and any(item.get("reason") == "NamespaceTerminating" for item in error.causes)


def _post_until_accepted(plan: EvictionPlan, pause: Callable[[float], bool]) -> bool:
    while True:
        try:
            plan.post()
        except NotFound:
            return False
        except TooManyRequests as error:
            if not pause(error.retry_after_seconds or POLL_SECONDS):
                raise
        except Forbidden as error:
            if not namespace_terminating(error):
                raise
            if not pause(POLL_SECONDS):
                raise
        else:
            return True


def _wait_until_gone(plan: EvictionPlan, uid: str, pause: Callable[[float], bool]) -> None:
    while True:
        try:
            if plan.current_uid() != uid:
                return
        except NotFound:
            return
        if not pause(POLL_SECONDS):
            raise WaitTimeout(f"{plan.subject} was evicted, but is not gone after {plan.wait} s")
