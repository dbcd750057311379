# SPDX-License-Identifier: Apache-2.0
"""A TCP server on loopback that says exactly what a test scripts: bytes, silence, resets, truncation; also over TLS.

::

    with ScriptedServer(reply(503, headers={"Retry-After": "1"}), reply(200, b"{}")) as server:
        ...                                       # the client talks to server.url
    assert [r.path for r in server.requests] == ["/api", "/api"]

The n-th request that arrives, on whatever connection, gets the n-th script; then ``default`` answers. A script is one
step or a list of steps; a step is a callable that gets the ``Peer``. ``accept`` scripts connections before their first
request. A script that has to stop in the middle of a response waits on a ``threading.Event``, never on a clock.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    import ssl

__all__ = [
    "EndOfConnection",
    "Peer",
    "RecordedRequest",
    "ScriptedServer",
    "chunk",
    "close",
    "gzipped",
    "head",
    "hold",
    "last_chunk",
    "no_reply",
    "raw",
    "reply",
    "reset",
    "status_body",
    "truncated",
]

_WAIT = 30.0  # seconds after which a test that waits for nothing ends

Step = Callable[["Peer"], None]
Script = Step | Sequence[Step]


class EndOfConnection(Exception):
    """Raised by a step that closed the connection."""


@dataclass
class RecordedRequest:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int
    raw_head: bytes = field(repr=False, default=b"")

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The value of the only line of that name, None if there is none; a repeated one fails the test."""
        values = self.header_lines(name)
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else None

    def header_lines(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Peer:
    """One connection of a client, as steps see it."""

    def __init__(self, server: ScriptedServer, sock: socket.socket, number: int) -> None:
        self.server = server
        self.sock = sock
        self.number = number
        self.request: RecordedRequest | None = None
        self._buffer = b""

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise EndOfConnection from error

    def receive(self) -> bytes:
        """Some bytes; empty at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        try:
            return self.sock.recv(65536)
        except OSError:
            return b""

    def read_request(self) -> RecordedRequest | None:
        """The next request; None when the client closed the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.receive()
            if not more:
                return None
            data += more
        top, _, body = data.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        length = int(next((value for name, value in headers if name.lower() == "content-length"), "0"))
        while len(body) < length:
            more = self.receive()
            if not more:
                return None
            body += more
        body, self._buffer = body[:length], body[length:]
        self.request = RecordedRequest(method, target, headers, body, self.number, top)
        return self.request

    def wait_for_close(self) -> None:
        """Until the client closes the connection."""
        while self.receive():
            pass
        raise EndOfConnection


# -- steps --------------------------------------------------------------------------------------------------------


def head(status: int = 200, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> bytes:
    """The bytes of a status line with headers."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in pairs)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def reply(
    status: int = 200,
    body: bytes = b"",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    *,
    content_type: str = "application/json",
) -> Step:
    """A whole response of known length."""
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    return raw(head(status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *pairs]) + body)


def raw(data: bytes) -> Step:
    """Send bytes as they are."""
    return lambda peer: peer.send(data)


def chunk(data: bytes) -> Step:
    """One chunk of a body with ``Transfer-Encoding: chunked``."""
    return raw(b"%x\r\n%b\r\n" % (len(data), data))


def last_chunk() -> Step:
    """The end of a chunked body."""
    return raw(b"0\r\n\r\n")


def truncated(status: int, body: bytes, missing: int = 1, headers: Mapping[str, str] | None = None) -> list[Step]:
    """A response that announces ``missing`` bytes more than come before the connection ends."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body) + missing), **(headers or {})}
    return [raw(head(status, fields) + body), close()]


def gzipped(status: int, body: bytes) -> Step:
    """A compressed response."""
    return reply(status, gzip.compress(body), {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})


def hold(event: threading.Event | None = None) -> Step:
    """Say nothing until ``event`` is set (or, without one, until the client goes away)."""

    def step(peer: Peer) -> None:
        if event is None:
            peer.wait_for_close()
        elif not event.wait(_WAIT):
            raise AssertionError("nobody set the event")

    return step


def close() -> Step:
    """End the connection properly (FIN)."""

    def step(peer: Peer) -> None:
        raise EndOfConnection

    return step


def reset() -> Step:
    """Break the connection (RST)."""

    def step(peer: Peer) -> None:
        raw_socket = peer.sock
        raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise EndOfConnection

    return step


def no_reply() -> Step:
    """Close the connection instead of answering."""
    return close()


def status_body(code: int, reason: str, message: str = "", **details: Any) -> bytes:
    """A Kubernetes ``Status`` of failure."""
    document = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return json.dumps(document | {"reason": reason, "details": details, "code": code}).encode()


# -- the server ---------------------------------------------------------------------------------------------------


class ScriptedServer:
    """Listens from ``__enter__`` to ``__exit__``, which closes everything and joins every thread."""

    def __init__(
        self,
        *scripts: Script,
        default: Script | None = None,
        accept: Sequence[Script] = (),
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        handler: Callable[[RecordedRequest], Script] | None = None,
    ) -> None:
        """
        Args:
            scripts: for the requests in the order in which they arrive.
            default: for the requests after those; default is an empty 200.
            accept: for the connections in order, before their first request.
            tls: server-side context.
            host: address to listen on, such as ``::1``.
            handler: gives the script for each request instead of ``scripts``; called under a lock.
        """
        self._scripts = list(scripts)
        self._default = default if default is not None else reply(200, b"{}")
        self._accept = list(accept)
        self._tls = tls
        self._host = host
        self._handler = handler
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._sockets: dict[int, socket.socket] = {}
        self._stopping = False
        self._failures: list[BaseException] = []
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        """Accepted so far."""

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._listener = socket.create_server((self._host, 0), family=family, backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            sockets = list(self._sockets.values())
        for sock in sockets:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_WAIT)
            assert not thread.is_alive(), "a connection of the scripted server does not end"
        assert not self._failures, self._failures

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    @property
    def open_connections(self) -> int:
        """Connections that neither side has closed."""
        with self._changed:
            return len(self._sockets)

    def wait_for(self, condition: Callable[[], bool], what: str = "the condition") -> None:
        """Block until ``condition``, which may look at this server, is true."""
        with self._changed:
            assert self._changed.wait_for(condition, _WAIT), f"{what} did not come about"

    def wait_for_requests(self, count: int) -> None:
        self.wait_for(lambda: len(self.requests) >= count, f"request number {count}")

    def wait_for_open_connections(self, count: int) -> None:
        self.wait_for(lambda: len(self._sockets) == count, f"{count} open connections")

    def _start(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, name=f"scripted-server-{len(self._threads)}")
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                if self._stopping:
                    sock.close()
                    return
                number = self.connections
                self.connections += 1
                self._sockets[number] = sock
                self._changed.notify_all()
            self._start(self._serve, sock, number)

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True)
                with self._changed:
                    self._sockets[number] = sock
            self._converse(Peer(self, sock, number))
        except (EndOfConnection, OSError):
            return
        except BaseException as error:
            self._failures.append(error)
            raise
        finally:
            sock.close()
            with self._changed:
                self._sockets.pop(number, None)
                self._changed.notify_all()

    def _converse(self, peer: Peer) -> None:
        if peer.number < len(self._accept):
            _run(self._accept[peer.number], peer)
        while (request := peer.read_request()) is not None:
            with self._changed:
                script = self._script_for(request)
                self.requests.append(request)
                self._changed.notify_all()
            _run(script, peer)

    def _script_for(self, request: RecordedRequest) -> Script:
        if self._handler is not None:
            return self._handler(request)
        position = len(self.requests)
        return self._scripts[position] if position < len(self._scripts) else self._default


def _run(script: Script, peer: Peer) -> None:
    for step in [script] if callable(script) else script:
        step(peer)
