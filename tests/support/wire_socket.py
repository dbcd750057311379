# SPDX-License-Identifier: Apache-2.0
"""One HTTP request over a plain socket, header lines as given: for handshakes that no library would send."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Head:
    """An answer; ``then`` is the body of the second one on the same connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    then: bytes = b""


def talk(port: int, method: str, target: str, headers: Sequence[tuple[str, str]], *, then: str = "") -> Head:
    """Send a request; after a 101 nothing more is read."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        text = "".join(f"{name}: {value}\r\n" for name, value in [("Host", "test"), *headers])
        connection.sendall(f"{method} {target} HTTP/1.1\r\n{text}\r\n".encode())
        response = HTTPResponse(connection, method=method)
        response.begin()
        names = {name.lower(): value for name, value in response.getheaders()}
        head = Head(response.status, names, b"" if response.status == 101 else response.read())
        if then:
            connection.sendall(f"GET {then} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
            second = HTTPResponse(connection)
            second.begin()
            head.then = second.read()
            second.close()
        response.close()
        return head
