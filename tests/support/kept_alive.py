# SPDX-License-Identifier: Apache-2.0
"""A connection of HTTP that stays open, and the frames of a watch on it."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl

    from k8s_devkit import ApiServer


class Http:
    """One kept-alive connection."""

    def __init__(self, server: ApiServer, *, timeout: float = 10, context: ssl.SSLContext | None = None) -> None:
        if context is not None:
            self.connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", server.port, timeout=timeout, context=context
            )
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.connection.close()

    def start(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        data = None if body is None else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, data, names)
        return self.connection.getresponse()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        response = self.start(method, path, body, **headers)
        text = response.read()
        return response.status, json.loads(text) if text else None


def frames(response: http.client.HTTPResponse, count: int) -> list[dict[str, Any]]:
    return [json.loads(response.readline()) for _ in range(count)]
