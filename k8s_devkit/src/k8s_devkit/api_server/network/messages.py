# SPDX-License-Identifier: Apache-2.0
"""Requests and answers as plain values, between the ASGI rim and the handlers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.query import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.api_server.logs.following import LogFollower
    from k8s_devkit.api_server.reads.watching import WatchSession
    from k8s_devkit.api_server.streams.registry import StreamTarget

__all__ = ["Answer", "Follow", "HttpRequest", "Query", "Reply", "Stream", "Upgrade"]


@dataclass(slots=True)
class HttpRequest:
    """One HTTP request: ``path`` still percent-encoded, header names in lower case (repeated ones joined)."""

    method: str
    path: str
    query: Query = field(default_factory=lambda: Query(""))
    headers: Mapping[str, str] = field(default_factory=dict)
    header_lines: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    client_certificate: Mapping[str, Any] | None = None

    def header(self, name: str) -> str:
        """A header's value, empty if absent; ``name`` in lower case."""
        return self.headers.get(name, "")


@dataclass(slots=True)
class Answer:
    """A complete HTTP answer.

    ``awaited_version``, if not 0, says that the same request would be answered better once the store is at that version
    (protocol J13).
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    awaited_version: int = 0


@dataclass(slots=True)
class Stream:
    """An answer whose body is a watch: frames as they come (J15)."""

    session: WatchSession
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Follow:
    """An answer whose body is a log that grows (F19); ``resource`` is what faults know it by, such as ``pods/log``."""

    follower: LogFollower
    resource: str
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Upgrade:
    """A connection that leaves HTTP for a stream: exec, attach or port-forward.

    Attributes:
        protocol: what the client asked to upgrade to, in lower case.
        targets: what the stream is to: one container, or one port after the other.
        options: the options document, such as PodExecOptions, as admission left it.
        object: the object that the stream is to.
        user: the name of the user who asks.
    """

    protocol: str
    targets: tuple[StreamTarget, ...]
    options: dict[str, Any]
    object: dict[str, Any]
    user: str
    headers: list[tuple[str, str]] = field(default_factory=list)


Reply = Answer | Stream | Follow | Upgrade
