# SPDX-License-Identifier: Apache-2.0
"""What the server was asked, for assertions in tests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, overload

import msgspec

from k8s_devkit.strategy.users import ANONYMOUS, User

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.api_server.requests.routing import RequestInfo

__all__ = ["RequestLog", "RequestRecord"]


@dataclass(slots=True)
class RequestRecord:
    """One request as the server got it.

    Attributes:
        status: the HTTP code of the answer; None while it is not answered, and after a fault that gave none.
        user: who asked, impersonation applied.
        error: what the handler of a stream raised; None for all else.
    """

    request: HttpRequest
    info: RequestInfo | None
    status: int | None = None
    user: User = field(default=ANONYMOUS)
    error: BaseException | None = None

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path, still percent-encoded, without the query."""
        return self.request.path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query parameters in order."""
        return self.request.query.pairs

    @property
    def headers(self) -> dict[str, str]:
        """The headers, names in lower case."""
        return dict(self.request.headers)

    @property
    def body(self) -> bytes:
        """The body as received."""
        return self.request.body

    @property
    def json(self) -> Any:
        """The body as JSON. Raises msgspec.DecodeError if it is none."""
        return msgspec.json.decode(self.request.body)

    @property
    def verb(self) -> str:
        """The Kubernetes verb, empty for a path that is no resource."""
        return self.info.verb if self.info else ""

    @property
    def resource(self) -> str:
        """The plural, with the subresource if there is one: ``pods/log``."""
        if self.info is None:
            return ""
        return f"{self.info.resource}/{self.info.subresource}" if self.info.subresource else self.info.resource

    @property
    def namespace(self) -> str:
        """The namespace of the path, empty if there is none."""
        return self.info.namespace if self.info else ""

    @property
    def name(self) -> str:
        """The object's name in the path, empty if there is none."""
        return self.info.name if self.info else ""

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.query)
        return f"{self.method} {self.path}{'?' + query if query else ''}"


class RequestLog(Sequence[RequestRecord]):
    """The requests of a server in order of arrival. Thread-safe; holds at least the last ``limit``."""

    def __init__(self, limit: int = 2000) -> None:
        self._records: list[RequestRecord] = []
        self._limit = limit
        self._lock = Lock()

    def add(self, record: RequestRecord) -> None:
        """Append a record."""
        with self._lock:
            self._records.append(record)
            if len(self._records) > self._limit * 2:
                del self._records[: -self._limit]

    def clear(self) -> None:
        """Forget everything, so that a test can look at what comes next."""
        with self._lock:
            self._records.clear()

    def where(self, *, verb: str = "", resource: str = "", name: str = "") -> list[RequestRecord]:
        """The records that match all given values."""
        return [
            record
            for record in self
            if (not verb or record.verb == verb)
            and (not resource or record.resource == resource)
            and (not name or record.name == name)
        ]

    @overload
    def __getitem__(self, index: int) -> RequestRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[RequestRecord]: ...
    def __getitem__(self, index: int | slice) -> RequestRecord | list[RequestRecord]:
        with self._lock:
            return self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[RequestRecord]:
        with self._lock:
            records = list(self._records)
        return iter(records)
