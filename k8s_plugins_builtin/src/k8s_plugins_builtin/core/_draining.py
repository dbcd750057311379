# SPDX-License-Identifier: Apache-2.0
"""The loop of a drain: many evictions at once, each tried again while a budget forbids it, until all pods are gone."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

from k8s_core.errors import ApiError, TooManyRequests
from k8s_plugins_builtin.core._eviction import POLL_SECONDS, namespace_terminating
from k8s_plugins_builtin.core.drain import DrainEvent, PodInTheWay, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k8s_plugins_builtin.core.v1 import Pod

__all__ = ["GONE_SECONDS", "Drain"]

GONE_SECONDS = 1.0
"""Between two looks at which pods are still there, as kubectl waits."""


class _Blocked(NamedTuple):
    """A pod that is not evicted yet: when to try again, and why the last attempt failed."""

    until: float
    pod: Pod
    why: str


class Drain:
    """The evictions of one node.

    One thread is enough: an attempt takes one request, and what blocks is waiting. A pod that is blocked keeps no other
    from going, which may be just what its budget waits for.

    Args:
        node: its name, for messages.
        evict: one attempt; returns False if the pod is gone already, raises as ``pod.evict(wait=0)``.
        present: the uids of the pods that are still on the node.
        progress: told of each step.
    """

    def __init__(
        self,
        node: str,
        evict: Callable[[Pod], bool],
        present: Callable[[], set[str]],
        progress: Callable[[DrainEvent], object],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._node = node
        self._evict = evict
        self._present = present
        self._progress = progress
        self._monotonic = monotonic
        self._sleep = sleep
        self._end = math.inf
        self._blocked: list[_Blocked] = []
        self._going: dict[str, Pod] = {}
        self._failed: list[PodInTheWay] = []

    def run(self, pods: Iterable[Pod], timeout: float | None) -> None:
        """Evict the pods and wait until they are gone; blocks.

        Args:
            pods: of the node.
            timeout: seconds for everything; None = without end.

        Raises:
            DrainTimeout: some are still there when the time is up.
            DrainError: the server refused to evict some for good; the others are gone.
            ApiError, TransportError: of looking for who is gone; the latter of any request.
        """
        start = self._monotonic()
        self._end = math.inf if timeout is None else start + timeout
        self._blocked = [_Blocked(start, pod, "") for pod in pods]
        while True:
            self._attempt_all()
            self._see_who_is_gone()
            if not self._blocked and not self._going:
                break
            now = self._monotonic()
            if now >= self._end:
                raise failure(self._node, self._left(), after=timeout)
            again = [pod.until for pod in self._blocked] + [now + GONE_SECONDS] * bool(self._going)
            self._sleep(max(0, min(*again, self._end) - now))
        if self._failed:
            raise failure(self._node, self._failed)

    def _attempt_all(self) -> None:
        now, waiting = self._monotonic(), self._blocked
        self._blocked = [blocked for blocked in waiting if blocked.until > now]
        for blocked in waiting:
            if blocked.until <= now:
                self._attempt(blocked.pod)

    def _attempt(self, pod: Pod) -> None:
        try:
            evicted = self._evict(pod)
        except ApiError as error:
            why = _reason(error)
            if not (isinstance(error, TooManyRequests) or namespace_terminating(error)):
                self._failed.append(PodInTheWay.of(pod, why))
                return
            # No later than at the end, for a last attempt.
            until = min(self._monotonic() + (error.retry_after_seconds or POLL_SECONDS), self._end)
            self._blocked.append(_Blocked(until, pod, why))
            self._progress(DrainEvent(pod, "blocked", why))
            return
        if evicted:
            self._going[pod.metadata.uid or ""] = pod
        self._progress(DrainEvent(pod, "evicted" if evicted else "gone"))

    def _see_who_is_gone(self) -> None:
        if not self._going:
            return
        present = self._present()
        for uid in [uid for uid in self._going if uid not in present]:
            self._progress(DrainEvent(self._going.pop(uid), "gone"))

    def _left(self) -> list[PodInTheWay]:
        blocked = [PodInTheWay.of(pod, why) for _, pod, why in self._blocked]
        going = [PodInTheWay.of(pod, "evicted, but still there") for pod in self._going.values()]
        return [*self._failed, *blocked, *going]


def _reason(error: ApiError) -> str:
    """What the server said: the message, and the budget, which is in the causes."""
    causes = [str(cause["message"]) for cause in error.causes if cause.get("message")]
    return " ".join([error.message, *causes])
