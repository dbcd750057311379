# SPDX-License-Identifier: Apache-2.0
"""Steps for ``ScriptedServer`` that make it a proxy: CONNECT, plain forwarding, SOCKS5."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scripted_server import EndOfConnection, Peer, head

if TYPE_CHECKING:
    from scripted_server import Script, Step

__all__ = ["connect_tunnel", "forward", "socks5"]


def _relay(peer: Peer, address: tuple[str, int], first: bytes = b"") -> None:
    with socket.create_connection(address, 10) as upstream:
        upstream.settimeout(None)
        if first:
            upstream.sendall(first)

        def back() -> None:
            with contextlib.suppress(OSError):
                while data := upstream.recv(65536):
                    peer.sock.sendall(data)
            with contextlib.suppress(OSError):
                socket.socket.shutdown(peer.sock, socket.SHUT_RDWR)

        thread = threading.Thread(target=back)
        thread.start()
        with contextlib.suppress(OSError):
            while data := peer.receive():
                upstream.sendall(data)
        with contextlib.suppress(OSError):
            upstream.shutdown(socket.SHUT_RDWR)
        thread.join()
    raise EndOfConnection


def connect_tunnel(request: object) -> Script:
    """A handler: ``CONNECT host:port`` opens a tunnel to there."""

    def step(peer: Peer) -> None:
        assert peer.request is not None
        assert peer.request.method == "CONNECT"
        host, _, port = peer.request.target.rpartition(":")
        peer.send(head(200))
        _relay(peer, (host.strip("[]"), int(port)))

    return step


def forward(request: object) -> Script:
    """A handler: a request with an absolute URL is sent on, without its proxy headers."""

    def step(peer: Peer) -> None:
        assert peer.request is not None
        url = urlsplit(peer.request.target)
        target = url.path + (f"?{url.query}" if url.query else "")
        lines = [f"{peer.request.method} {target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in peer.request.headers if not name.lower().startswith("proxy-")]
        top = "\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n"
        _relay(peer, (url.hostname or "", url.port or 80), top.encode("latin-1") + peer.request.body)

    return step


def socks5(asked: list[tuple[str, int]], logins: list[tuple[str, str]], resolve: dict[str, str]) -> Step:
    """A script for ``accept``: SOCKS5 with an optional login, CONNECT by name or IPv4 address.

    Args:
        asked: gets the targets as the client named them.
        logins: gets user name and password.
        resolve: what names mean.
    """

    def step(peer: Peer) -> None:
        methods = _exactly(peer, 2)[1]
        offered = _exactly(peer, methods)
        if 2 in offered:
            peer.send(b"\x05\x02")
            user = _exactly(peer, _exactly(peer, 2)[1])
            password = _exactly(peer, _exactly(peer, 1)[0])
            logins.append((user.decode(), password.decode()))
            peer.send(b"\x01\x00")
        else:
            peer.send(b"\x05\x00")
        kind = _exactly(peer, 4)[3]
        host = _exactly(peer, _exactly(peer, 1)[0]).decode() if kind == 3 else socket.inet_ntoa(_exactly(peer, 4))
        port = int.from_bytes(_exactly(peer, 2), "big")
        asked.append((host, port))
        peer.send(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        _relay(peer, (resolve.get(host, host), port))

    return step


def _exactly(peer: Peer, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = peer.sock.recv(count - len(data))
        if not more:
            raise EndOfConnection
        data += more
    return data
