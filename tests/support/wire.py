# SPDX-License-Identifier: Apache-2.0
"""HTTP to an API server through the product's transport, but below its types: for tests that look at the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from k8s_core.requests import Request
from k8s_core.transport.warning_headers import parse_warning_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core import Client

Json = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass
class Reply:
    """An answer with its body read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def warnings(self) -> list[str]:
        """The texts of its ``Warning`` headers."""
        return [warning.text for warning in parse_warning_line(self.headers.get("Warning", ""))]


class Wire:
    """The methods of HTTP; ``{ns}`` in a path stands for the test's namespace."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace

    def _request(
        self, method: str, path: str, body: Any, content_type: str, accept: str, agent: str, *, stream: bool = False
    ) -> Request:
        target, _, query = path.replace("{ns}", self.namespace).partition("?")
        pairs = tuple(tuple(part.partition("=")[::2]) for part in query.split("&") if part)
        headers: list[tuple[str, str]] = [("Accept", accept), ("User-Agent", agent)]
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if data is not None:
            headers.append(("Content-Type", content_type))
        return Request(
            method=method,
            path=target,
            query=tuple((name, value) for name, value in pairs),
            headers=tuple(headers),
            body=data,
            stream=stream,
            max_retries=0,
        )

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        accept: str = "application/json",
        agent: str = "conformance/1",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Reply:
        """Send; any status is an answer. Values in the query are written as they are meant, not encoded."""
        request = self._request(method, path, body, content_type, accept, agent)
        if headers:
            request = replace(request, headers=(*request.headers, *headers))
        response = self.client.transport.send(request)
        return Reply(response.status, response.headers, response.read())

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The decoded answer of a request that must succeed."""
        reply = self(method, path, body, **options)
        assert 200 <= reply.status < 300, reply.body
        return reply.json

    def fails(self, status: int, method: str, path: str, body: Any = None, **options: Any) -> Json:
        """The Status of a request that must be refused with ``status``."""
        reply = self(method, path, body, **options)
        assert reply.status == status, reply.body
        document: Json = reply.json
        assert (document["kind"], document["status"], document["code"]) == ("Status", "Failure", status)
        return document

    def watch(self, path: str, *, seconds: int = 2, **options: Any) -> Iterator[Json]:
        """The events of a watch that the server ends after ``seconds``; ``watch=1`` is added."""
        separator = "&" if "?" in path else "?"
        target = f"{path}{separator}watch=1&timeoutSeconds={seconds}"
        request = self._request(
            "GET", target, None, "", options.get("accept", "application/json"), "watcher/1", stream=True
        )
        response = self.client.transport.send(request)
        buffer = b""
        try:
            for chunk in response.stream():
                buffer += chunk
                *lines, buffer = buffer.split(b"\n")
                for line in lines:
                    yield json.loads(line)
        finally:
            response.close()
