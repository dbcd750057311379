# SPDX-License-Identifier: Apache-2.0
"""The logs of containers: what tests wrote, line by line, and who follows. Pure; used under a core's lock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from k8s_devkit.api_server.clock import Clock

__all__ = ["ContainerLog", "ContainerLogs", "LogChunk"]

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class LogChunk:
    """A line or a part of one, as written at one moment."""

    moment: datetime
    stream: str
    data: bytes
    starts_line: bool


@dataclass(slots=True, eq=False)
class ContainerLog:
    """The log of one container from its start; a restart begins another one.

    Attributes:
        finished: the container writes no more.
        listeners: called after every change; must not block.
    """

    chunks: list[LogChunk] = field(default_factory=list)
    finished: bool = False
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def append(self, moment: datetime, stream: str, data: bytes) -> None:
        """Write; ``data`` may be several lines, or a part of one."""
        last = next((chunk for chunk in reversed(self.chunks) if chunk.stream == stream), None)
        starts = last is None or last.data.endswith(b"\n")
        # Not splitlines(): a carriage return belongs to its line (F19).
        lines = data.split(b"\n")
        for part in [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else []):
            self.chunks.append(LogChunk(moment, stream, part, starts))
            starts = True
        self.notify()

    def finish(self) -> None:
        """The container writes no more."""
        self.finished = True
        self.notify()

    def notify(self) -> None:
        """Tell the followers."""
        for listener in tuple(self.listeners):
            listener()


class ContainerLogs(ABC, Generic[K]):
    """The logs of a server, each by a key that says whose it is.

    Args:
        clock: stamps what is written.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._current: dict[K, ContainerLog] = {}
        self._previous: dict[K, ContainerLog] = {}

    @abstractmethod
    def keys(self, namespace: str, name: str, container: str = "") -> Sequence[K]:
        """The logs that a test means by the name of an object.

        Args:
            container: one container, which nothing needs to know of; empty for all containers of the object.

        Raises:
            LookupError: there is no such object, and no container was named.
        """

    def write(self, key: K, data: bytes, stream: str, *, previous: bool = False) -> None:
        """Append to a log. The first write after the end is that of a restart."""
        logs = self._previous if previous else self._current
        log = logs.get(key)
        if log is None or (log.finished and not previous):
            if log is not None:
                self._previous[key] = log
            log = logs[key] = ContainerLog(finished=previous)
        log.append(self._clock(), stream, data)

    def finish(self, key: K) -> None:
        """The container ends: so do those who follow its log."""
        self.of(key).finish()

    def of(self, key: K) -> ContainerLog:
        """The current log of a container, made where there is none."""
        return self._current.setdefault(key, ContainerLog())

    def previous(self, key: K) -> ContainerLog | None:
        """The log from before the container's last restart."""
        return self._previous.get(key)

    def finish_all(self) -> None:
        """The server stops, and all followers with it. The logs stay, and may be written to."""
        for log in self._current.values():
            log.listeners, ended = [], log.listeners
            for listener in ended:
                listener()
