# SPDX-License-Identifier: Apache-2.0
"""A lock for things that live as long as the process: usable in a forked child, whoever held it in the parent (B24)."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["ForkLock"]


class ForkLock:
    """A ``threading.Lock`` for ``with`` statements that a fork leaves unlocked in the child.

    The child has a copy of the lock and not of the thread that would release it.
    """

    __slots__ = ("__weakref__", "_held", "_lock")

    def __init__(self) -> None:
        self._held = self._lock = threading.Lock()
        _all.add(self)

    def __enter__(self) -> None:
        lock = self._lock
        lock.acquire()
        self._held = lock

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Not `_lock`: after a fork inside of the `with` that is another one.
        self._held.release()

    def renew(self) -> None:
        """Forget who holds it."""
        self._lock = threading.Lock()


_all: weakref.WeakSet[ForkLock] = weakref.WeakSet()


def _renew_all() -> None:
    for lock in _all:
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
