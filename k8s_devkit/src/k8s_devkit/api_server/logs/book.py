# SPDX-License-Identifier: Apache-2.0
"""The logs of containers: what tests wrote, line by line, and who follows. Pure; used under the core's lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from k8s_devkit.api_server.reads.reading import object_key
from k8s_devkit.api_server.store import DELETED
from k8s_devkit.strategy.subresources import LogSubresource

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.store import Change, StoreKey

__all__ = ["ContainerLog", "LogBook", "LogChunk", "LogKey"]


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


class LogKey(NamedTuple):
    """Whose log it is: the resource and the key of the object in the store, and the container."""

    resource: StoreKey
    object: str
    container: str


class LogBook:
    """The logs of a server by object and container. A deleted object takes its logs along."""

    def __init__(self, core: ApiCore) -> None:
        self._core = core
        self._current: dict[LogKey, ContainerLog] = {}
        self._previous: dict[LogKey, ContainerLog] = {}
        self._resources: set[StoreKey] = set()

    def keys(self, namespace: str, name: str, container: str = "") -> list[LogKey]:
        """The logs that a test means by the name of an object.

        Args:
            container: one container, which nothing needs to know of; empty for all containers of the object.

        Raises:
            LookupError: there is no such object and no container was named, or no kind that is served has logs.
        """
        # The legacy group is always loaded, so the kinds are known that have logs in every server.
        kinds = {kind.key: (kind, log) for kind in self._core.catalog.loaded() if (log := _log_of(kind)) is not None}
        if not kinds:
            raise LookupError("no kind that is served has logs")
        key = object_key(namespace, name)
        for resource, (_, log) in kinds.items():
            entry = self._core.store.get(resource, key)
            if entry is not None:
                containers = [container] if container else log.containers(entry.document())
                return [LogKey(resource, key, each) for each in containers]
        resource, (kind, _) = next(iter(kinds.items()))
        if not container:
            raise LookupError(f"there is no {kind.name} {key} to write a log for")
        return [LogKey(resource, key, container)]

    def write(self, key: LogKey, data: bytes, stream: str, *, previous: bool = False) -> None:
        """Append to a log. The first write after the end is that of a restart."""
        logs = self._previous if previous else self._current
        log = logs.get(key)
        if log is None or (log.finished and not previous):
            if log is not None:
                self._previous[key] = log
            log = logs[key] = ContainerLog(finished=previous)
            self._listen(key.resource)
        log.append(self._core.clock(), stream, data)

    def finish(self, key: LogKey) -> None:
        """The container ends: so do those who follow its log."""
        self.of(key).finish()

    def of(self, key: LogKey) -> ContainerLog:
        """The current log of a container, made where there is none."""
        self._listen(key.resource)
        return self._current.setdefault(key, ContainerLog())

    def previous(self, key: LogKey) -> ContainerLog | None:
        """The log from before the container's last restart."""
        return self._previous.get(key)

    def written(self, key: LogKey) -> bool:
        """Whether anything was written for a container, or for any of an object if the key names none."""
        return any(
            log.chunks
            for known, log in [*self._current.items(), *self._previous.items()]
            if known == key or (known[:2] == key[:2] and not key.container)
        )

    def finish_all(self) -> None:
        """The server stops, and all followers with it. The logs stay, and may be written to."""
        for log in self._current.values():
            log.listeners, ended = [], log.listeners
            for listener in ended:
                listener()

    def _listen(self, resource: StoreKey) -> None:
        if resource not in self._resources:
            self._resources.add(resource)
            self._core.store.listen(resource, self._changed)

    def _changed(self, change: Change) -> None:
        whose = (change.resource, change.entry.key)
        keys = [key for key in self._current if key[:2] == whose]
        if change.type == DELETED:
            for key in keys:
                self._current.pop(key).finish()
            for key in [key for key in self._previous if key[:2] == whose]:
                del self._previous[key]
        elif any(self._current[key].listeners for key in keys):
            self._finish_ended(change, keys)

    def _finish_ended(self, change: Change, keys: list[LogKey]) -> None:
        kind = self._core.catalog.of_store(change.resource)
        log = _log_of(kind) if kind is not None else None
        document = change.entry.document()
        for key in keys:
            if log is not None and log.ended(document, key.container):
                self._current[key].finish()


def _log_of(kind: Kind) -> LogSubresource | None:
    return next((served for served in kind.strategy.subresources.values() if isinstance(served, LogSubresource)), None)
