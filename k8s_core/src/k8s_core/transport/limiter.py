# SPDX-License-Identifier: Apache-2.0
"""The optional client-side rate limit: a token bucket (protocol B22). Off unless ``Config.qps`` is set."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_core.transport.limits import Clock

__all__ = ["TokenBucket"]


class TokenBucket:
    """``burst`` requests at once, ``qps`` per second in the long run. Thread-safe; never sleeps itself."""

    def __init__(self, qps: float, burst: int, clock: Clock) -> None:
        self._qps = qps
        self._burst = max(1, burst)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = float(self._burst)
        self._at = clock()

    def reserve(self) -> float:
        """Take a token, perhaps one of the future; returns the seconds to wait until it is there."""
        with self._lock:
            now = self._clock()
            self._tokens = min(float(self._burst), self._tokens + (now - self._at) * self._qps)
            self._at = now
            self._tokens -= 1
            return max(0.0, -self._tokens / self._qps)
