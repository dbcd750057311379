# SPDX-License-Identifier: Apache-2.0
"""The ends of a running command: what a thread receives, and a program reads like a file."""

from __future__ import annotations

import io
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["InputFile", "OutputFile", "Pipe"]

CAPACITY: Final = 1 << 20
"""Bytes that are kept for a reader who has not come for them yet."""


class Pipe:
    """Bytes from one thread to another; whoever writes waits while it is full. Thread-safe."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity: float = capacity
        self._changed = threading.Condition()
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._error: BaseException | None = None
        self._dropped = False
        self._shortened = False

    def write(self, data: bytes) -> None:
        """Append; blocks while there is more than the capacity, and drops the data once nobody will read."""
        with self._changed:
            self._changed.wait_for(lambda: self._size < self._capacity or self._dropped or self._shortened)
            if self._dropped or not data or self._size >= self._capacity:
                return
            self._pieces.append(data)
            self._size += len(data)
            self._changed.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """Nothing will follow; ``error`` is raised for the reader once he has read what is there."""
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
            self._changed.notify_all()

    def drop(self) -> None:
        """Nobody will read any more."""
        with self._changed:
            self._dropped = True
            self._pieces.clear()
            self._size = 0
            self._changed.notify_all()

    def collect(self) -> None:
        """Take any amount from now on."""
        with self._changed:
            self._capacity = float("inf")
            self._changed.notify_all()

    def shorten(self) -> None:
        """Throw away what does not fit, instead of waiting."""
        with self._changed:
            self._shortened = True
            self._changed.notify_all()

    def taken(self) -> bytes:
        """All that is there; does not block."""
        with self._changed:
            data = b"".join(self._pieces)
            self._pieces.clear()
            self._size = 0
            self._changed.notify_all()
            return data

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes as soon as there are any; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._pieces or self._ended or self._dropped)
            if not self._pieces:
                if self._error is not None and not self._dropped:
                    raise self._error
                return b""
            first = self._pieces[0]
            if len(first) <= size:
                self._pieces.popleft()
                data = first
            else:
                data, self._pieces[0] = first[:size], first[size:]
            self._size -= len(data)
            self._changed.notify_all()
            return data


class OutputFile(io.RawIOBase):
    """stdout or stderr of a command, for reading."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._pipe.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._pipe.drop()
        super().close()


class InputFile(io.RawIOBase):
    """stdin of a command, for writing. Unbuffered: what is written is sent."""

    def __init__(self, send: Callable[[bytes], None], end: Callable[[], None]) -> None:
        super().__init__()
        self._send = send
        self._end = end

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.closed:
            raise ValueError("write to stdin after it was closed")
        view = memoryview(data).cast("B")
        self._send(bytes(view))
        return len(view)

    def close(self) -> None:
        """End the input. Raises StreamError where the server can't."""
        if not self.closed:
            super().close()
            self._end()

    def __del__(self) -> None:
        """Being forgotten ends nothing, and raises nothing."""
