# SPDX-License-Identifier: Apache-2.0
"""What a reader of a log gets: the part that was asked for, and what is written while it follows. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from k8s_devkit.api_server.network.messages import Answer, Follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.logs.container_logs import ContainerLog, LogChunk
    from k8s_devkit.strategy.subresources import LogRead

__all__ = ["LogFollower", "show_log"]

_PIECE = 64 * 1024


class LogFollower:
    """Reads one log from where a request says, and on as it grows. Used under the core's lock.

    Args:
        wake: called when there is more to drain; must not block.
    """

    def __init__(self, log: ContainerLog, read: LogRead) -> None:
        self.wake: Callable[[], None] = lambda: None
        self._log = log
        self._read = read
        self._left = read.limit
        self._next = _tail_start(log.chunks, read)
        log.listeners.append(self._changed)

    def _changed(self) -> None:
        self.wake()

    @property
    def ended(self) -> bool:
        """Whether nothing can come after what `drain` gives."""
        followed = self._changed in self._log.listeners
        return self._log.finished or self._left == 0 or not followed

    def drain(self, size: int | None = _PIECE) -> bytes:
        """What was written since the last call, about ``size`` bytes of it; None takes all."""
        pieces: list[bytes] = []
        length = 0
        chunks = self._log.chunks
        while self._next < len(chunks) and (size is None or length < size):
            piece = self._shown(chunks[self._next])
            self._next += 1
            if self._left is not None:
                piece = piece[: self._left]
                self._left -= len(piece)
            pieces.append(piece)
            length += len(piece)
        return b"".join(pieces)

    def _shown(self, chunk: LogChunk) -> bytes:
        read = self._read
        if read.stream not in ("All", chunk.stream) or (read.since and chunk.moment < read.since):
            return b""
        if read.timestamps and chunk.starts_line:
            return _stamp(chunk.moment).encode() + b" " + chunk.data
        return chunk.data

    def end(self) -> None:
        """Follow no longer. Idempotent."""
        if self._changed in self._log.listeners:
            self._log.listeners.remove(self._changed)


def show_log(log: ContainerLog, read: LogRead, resource: str) -> Answer | Follow:
    """The answer to a request for a log; ``resource`` is what faults know it by. Used under the core's lock."""
    follower = LogFollower(log, read)
    if read.follow:
        return Follow(follower, resource)
    follower.end()
    return Answer(200, follower.drain(None), "text/plain")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def _tail_start(chunks: list[LogChunk], read: LogRead) -> int:
    """Where the last lines begin; a line of several chunks counts once."""
    if read.tail is None:
        return 0
    index, left = len(chunks), read.tail
    while index and left:
        index -= 1
        left -= chunks[index].starts_line
    return index
