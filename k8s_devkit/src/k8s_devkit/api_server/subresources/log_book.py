# SPDX-License-Identifier: Apache-2.0
"""The logs of containers: what tests wrote, line by line, and who follows. Pure; used under the core's lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.store import DELETED

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.store import Change

__all__ = ["ContainerLog", "LogBook", "LogChunk", "container_status", "terminated"]

Json = dict[str, Any]


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


class LogBook:
    """The logs of a server by pod and container. A deleted pod takes its logs along."""

    def __init__(self, core: ApiCore) -> None:
        self._core = core
        self._current: dict[tuple[str, str], ContainerLog] = {}
        self._previous: dict[tuple[str, str], ContainerLog] = {}
        core.store.listen(("", "pods"), self._changed)

    def write(self, pod: str, container: str, data: bytes, stream: str, *, previous: bool = False) -> None:
        """Append to a log; ``pod`` is ``namespace/name``. The first write after the end is that of a restart."""
        logs = self._previous if previous else self._current
        log = logs.get((pod, container))
        if log is None or (log.finished and not previous):
            if log is not None:
                self._previous[pod, container] = log
            log = logs[pod, container] = ContainerLog(finished=previous)
        log.append(self._core.clock(), stream, data)

    def finish(self, pod: str, container: str) -> None:
        """The container ends: so do those who follow its log."""
        self.of(pod, container).finish()

    def of(self, pod: str, container: str) -> ContainerLog:
        """The current log of a container, made where there is none."""
        return self._current.setdefault((pod, container), ContainerLog())

    def previous(self, pod: str, container: str) -> ContainerLog | None:
        """The log from before the container's last restart."""
        return self._previous.get((pod, container))

    def written(self, pod: str, container: str = "") -> bool:
        """Whether anything was written for a pod, or for one of its containers."""
        return any(
            log.chunks
            for (key, name), log in [*self._current.items(), *self._previous.items()]
            if key == pod and container in ("", name)
        )

    def finish_all(self) -> None:
        """The server stops: nobody follows any more. The logs stay, and may be written to."""
        for log in self._current.values():
            log.listeners, ended = [], log.listeners
            for listener in ended:
                listener()

    def _changed(self, change: Change) -> None:
        pod = change.entry.key
        keys = [key for key in self._current if key[0] == pod]
        if change.type == DELETED:
            for key in keys:
                self._current.pop(key).finish()
            for key in [key for key in self._previous if key[0] == pod]:
                del self._previous[key]
        elif any(self._current[key].listeners for key in keys):
            document = change.entry.document()
            for key in keys:
                if terminated(document, key[1]):
                    self._current[key].finish()


def terminated(pod: Json, container: str) -> bool:
    """Whether the pod's status says that a container has ended."""
    status = container_status(pod, container)
    return bool(status and (status.get("state") or {}).get("terminated"))


def container_status(pod: Json, container: str) -> Json | None:
    """The status of a container, of whichever sort it is; None where the pod has none."""
    status = pod.get("status") or {}
    for key in ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"):
        for item in status.get(key) or []:
            if item.get("name") == container:
                found: Json = item
                return found
    return None
