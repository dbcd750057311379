# SPDX-License-Identifier: Apache-2.0
"""The memory of a watcher: which objects it has reported as alive, and in which version. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

__all__ = ["Known", "Remembered"]


class Remembered(NamedTuple):
    """What is kept of an object: its incarnation, the version last reported, and its bytes if they are wanted."""

    uid: str
    resource_version: str
    raw: bytes | None


class Known:
    """Key to :class:`Remembered`, for all live objects, or for the ``capacity`` most recently seen.

    ``complete`` says that every live object is in here: only then does an unknown key prove that an object is new.
    """

    __slots__ = ("_capacity", "_objects", "_recent", "complete", "evicted")

    def __init__(self, capacity: int | None = None) -> None:
        if capacity is not None and capacity < 1:
            raise ValueError(f"capacity must be at least 1, or None for no limit; got {capacity}")
        self._capacity = capacity
        # An OrderedDict costs twice the memory, so only a bounded memory is one.
        self._recent: OrderedDict[str, Remembered] | None = None if capacity is None else OrderedDict()
        self._objects: dict[str, Remembered] = {} if self._recent is None else self._recent
        self.complete = False
        self.evicted = False
        """An object was forgotten for lack of room since this was last set to False."""

    def __len__(self) -> int:
        return len(self._objects)

    def __contains__(self, key: str) -> bool:
        return key in self._objects

    def get(self, key: str) -> Remembered | None:
        """What is known of an object, None if nothing."""
        return self._objects.get(key)

    def put(self, key: str, remembered: Remembered) -> None:
        """Record the version reported last. Beyond the capacity, the object not seen for longest is forgotten."""
        self._objects[key] = remembered
        if self._recent is not None and self._capacity is not None:
            self._recent.move_to_end(key)
            if len(self._recent) > self._capacity:
                self._recent.popitem(last=False)
                self.complete = False
                self.evicted = True

    def pop(self, key: str) -> Remembered | None:
        """Forget an object, return what was known."""
        return self._objects.pop(key, None)

    def missing_from(self, keys: set[str]) -> list[str]:
        """The known keys that are not among ``keys``, in the order in which they became known."""
        return [key for key in self._objects if key not in keys]
