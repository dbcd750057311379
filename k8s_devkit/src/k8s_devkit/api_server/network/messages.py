# SPDX-License-Identifier: Apache-2.0
"""Requests and answers as plain values, between the ASGI rim and the handlers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from k8s_devkit.strategy.failures import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.api_server.reads.watching import WatchSession
    from k8s_devkit.api_server.streams.registry import StreamTarget
    from k8s_devkit.api_server.subresources.logs import LogFollower

__all__ = ["Answer", "Follow", "HttpRequest", "Query", "Reply", "Stream", "Upgrade"]


class Query:
    """The query parameters of a request; the first value of a repeated one counts unless asked for all."""

    def __init__(self, text: str) -> None:
        self.pairs: list[tuple[str, str]] = parse_qsl(text, keep_blank_values=True) if text else []

    def get(self, name: str, default: str = "") -> str:
        """The first value, or ``default``."""
        return next((value for key, value in self.pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values, in order."""
        return [value for key, value in self.pairs if key == name]

    def flag(self, name: str) -> bool:
        """A boolean as Go parses query parameters: present and neither ``false`` nor ``0``."""
        value = self.get(name, "false")
        return value.lower() not in ("false", "0")

    def integer(self, name: str) -> int | None:
        """A whole number, or None where absent. Raises the server's 400 for anything else."""
        value = self.get(name)
        if not value:
            return None
        try:
            return int(value)
        except ValueError:
            raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)


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
    """An answer whose body is a log that grows (F19)."""

    follower: LogFollower
    headers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Upgrade:
    """A connection that leaves HTTP for a stream: exec, attach or port-forward.

    Attributes:
        protocol: what the client asked to upgrade to, in lower case.
        targets: what the stream is to: one container, or one port after the other.
        options: the options document, such as PodExecOptions, as admission left it.
        pod: the pod's document.
        user: the name of the user who asks.
    """

    protocol: str
    targets: tuple[StreamTarget, ...]
    options: dict[str, Any]
    pod: dict[str, Any]
    user: str
    headers: list[tuple[str, str]] = field(default_factory=list)


Reply = Answer | Stream | Follow | Upgrade
