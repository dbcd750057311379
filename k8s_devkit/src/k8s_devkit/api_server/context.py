# SPDX-License-Identifier: Apache-2.0
"""What strategies and simulated controllers get of the server: see `k8s_devkit.strategy.context`."""

from __future__ import annotations

import zlib
from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from k8s_devkit.api_server.access.users import ADMIN
from k8s_devkit.api_server.logs.book import LogKey
from k8s_devkit.api_server.network.messages import Answer, HttpRequest
from k8s_devkit.api_server.reads.reading import get_entry, object_key
from k8s_devkit.strategy.context import ControllerContext, ServerContext
from k8s_devkit.strategy.failures import internal_error
from k8s_devkit.strategy.field_errors import Problems as NewProblems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.store import Change
    from k8s_devkit.strategy.context import Access
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems
    from k8s_devkit.strategy.users import User

__all__ = ["Context", "WritingContext"]

_T = TypeVar("_T", bound=Hashable)


class Context(ServerContext):
    """A `ServerContext`.

    Args:
        kind: what the request is about, for `check_declared`; None where there is no such kind.
        user: who asks; a controller is the administrator.
        warnings: what `warn` adds to.
        key: the store's key of the object that the request changes; empty for a new one.
    """

    def __init__(
        self,
        core: ApiCore,
        kind: Kind | None = None,
        user: User = ADMIN,
        warnings: list[str] | None = None,
        key: str = "",
    ) -> None:
        self._core = core
        self._kind = kind
        self._warnings = [] if warnings is None else warnings
        self._key = key
        self._reserved: set[tuple[str, Hashable]] = set()
        self.user = user

    @property
    def access(self) -> Access:
        return self._core.access

    @property
    def minor(self) -> int:
        return self._core.minor

    def time(self) -> datetime:
        return self._core.clock()

    def now(self) -> str:
        return self._core.now()

    def uid(self) -> str:
        return self._core.identities.uid()

    def get(self, group: str, resource: str, name: str, namespace: str = "") -> Document | None:
        entry = self._core.store.get((group, resource), object_key(namespace, name))
        return entry.document() if entry is not None else None

    def objects(self, group: str, resource: str, namespace: str = "") -> Iterator[Document]:
        return (entry.document() for entry in self._core.store.entries((group, resource), namespace))

    def check_declared(self, document: Document) -> Problems:
        from k8s_devkit.api_server.writes.by_model import check_by_model  # noqa: PLC0415  # only a write needs it

        return NewProblems(check_by_model(self._kind.shape(), document)) if self._kind is not None else NewProblems()

    def warn(self, message: str) -> None:
        self._warnings.append(message)

    def later(self, work: Callable[[], None]) -> None:
        self._core.later(work)

    def reserve(self, pool: str, value: Hashable) -> bool:
        if self._kind is not None and not self._core.allocations.available(self._kind.key, pool, value, self._key):
            return False
        self._reserved.add((pool, value))
        return True

    def allocate(self, pool: str, size: int, key: str, value: Callable[[int], _T]) -> _T:
        first = zlib.crc32(key.encode()) % size
        for step in range(size):
            chosen = value((first + step) % size)
            if (pool, chosen) not in self._reserved and self.reserve(pool, chosen):
                return chosen
        raise internal_error(f"failed to allocate a {pool}: range is full")


class WritingContext(Context, ControllerContext):
    """A `ControllerContext`: writes go through the handlers of HTTP requests, as the user of the context.

    Faults and the request log do not see them, and the rules for users are not asked again.
    """

    def create(self, document: Document) -> Document:
        kind, metadata = self._core.kind_of(document), document.get("metadata") or {}
        return self._send("POST", _path(kind, metadata.get("namespace", "")), document)

    def update(self, document: Document) -> Document:
        return self._replace(document, "")

    def update_status(self, document: Document) -> Document:
        return self._replace(document, "/status")

    def delete(
        self, group: str, resource: str, name: str, namespace: str = "", options: Document | None = None
    ) -> None:
        self._send("DELETE", f"{_path(self._kind_of(group, resource), namespace)}/{name}", options)

    def guaranteed_update(
        self, group: str, resource: str, name: str, namespace: str, change: Callable[[Document], None]
    ) -> None:
        kind = self._kind_of(group, resource)
        self._core.update_status(kind, get_entry(self._core.store, kind, namespace, name), change)

    def has_log(
        self, group: str, resource: str, name: str, namespace: str, container: str = "", *, previous: bool = False
    ) -> bool:
        key = LogKey((group, resource), object_key(namespace, name), container)
        return self._core.logs.previous(key) is not None if previous else self._core.logs.written(key)

    def after_change(self, group: str, resource: str, work: Callable[[], None]) -> None:
        def changed(_: Change) -> None:
            stop()
            self._core.later(work)

        stop = self._core.store.listen((group, resource), changed)

    def _kind_of(self, group: str, resource: str) -> Kind:
        kind = self._core.catalog.of_store((group, resource))
        if kind is None:
            raise internal_error(f"{resource} of API group {group or 'core'!r} are not served")
        return kind

    def _replace(self, document: Document, suffix: str) -> Document:
        kind, metadata = self._core.kind_of(document), document["metadata"]
        return self._send("PUT", f"{_path(kind, metadata.get('namespace', ''))}/{metadata['name']}{suffix}", document)

    def _send(self, method: str, path: str, body: Document | None) -> Document:
        encoded = b"" if body is None else msgspec.json.encode(body)
        request = HttpRequest(method, path, headers={"content-type": "application/json"}, body=encoded)
        answer = self._core.send(request, self.user)
        assert isinstance(answer, Answer)  # only watches, logs and streams answer with something else
        decoded: Document = msgspec.json.decode(answer.body)
        return decoded


def _path(kind: Kind, namespace: str) -> str:
    """The path of a collection."""
    resource = kind.resource
    root = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    inner = f"/namespaces/{namespace}" if resource.namespaced else ""
    return f"{root}{inner}/{resource.plural}"
