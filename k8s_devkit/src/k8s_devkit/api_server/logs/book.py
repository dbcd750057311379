# SPDX-License-Identifier: Apache-2.0
"""The logs of objects in the store. Used under the core's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k8s_devkit.api_server.logs.container_logs import ContainerLogs
from k8s_devkit.api_server.reads.reading import object_key
from k8s_devkit.api_server.store import DELETED
from k8s_devkit.strategy.subresources import LogSubresource

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.logs.container_logs import ContainerLog
    from k8s_devkit.api_server.store import Change, StoreKey

__all__ = ["LogBook", "LogKey"]


class LogKey(NamedTuple):
    """Whose log it is: the resource and the key of the object in the store, and the container."""

    resource: StoreKey
    object: str
    container: str


class LogBook(ContainerLogs[LogKey]):
    """The logs of a server by object and container. A deleted object takes its logs along."""

    def __init__(self, core: ApiCore) -> None:
        super().__init__(core.clock)
        self._core = core
        self._resources: set[StoreKey] = set()

    def keys(self, namespace: str, name: str, container: str = "") -> list[LogKey]:
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
        self._listen(key.resource)
        super().write(key, data, stream, previous=previous)

    def of(self, key: LogKey) -> ContainerLog:
        self._listen(key.resource)
        return super().of(key)

    def written(self, key: LogKey) -> bool:
        """Whether anything was written for a container, or for any of an object if the key names none."""
        return any(
            log.chunks
            for known, log in [*self._current.items(), *self._previous.items()]
            if known == key or (known[:2] == key[:2] and not key.container)
        )

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
