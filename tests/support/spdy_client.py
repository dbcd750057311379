# SPDX-License-Identifier: Apache-2.0
"""A client that speaks SPDY/3.1 by hand, as kubectl does for exec and port-forward (protocol F16)."""

from __future__ import annotations

import socket
import struct
import zlib
from typing import TYPE_CHECKING, Self

from k8s_devkit.api_server.network import spdy

if TYPE_CHECKING:
    import ssl

DICTIONARY = spdy._dictionary()
SYN_STREAM, SYN_REPLY, RST_STREAM, PING = 1, 2, 3, 6


class SpdyClient:
    """Frames by hand; closed by the end of the with statement."""

    def __init__(self, port: int, target: str, *protocols: str, tls: ssl.SSLContext | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.file = self.socket.makefile("rb")
        self.deflate = zlib.compressobj(zdict=DICTIONARY)
        lines = "".join(f"X-Stream-Protocol-Version: {protocol}\r\n" for protocol in protocols)
        head = f"POST {target} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n{lines}"
        self.socket.sendall(f"{head}Content-Length: 0\r\n\r\n".encode())
        assert self.file.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        self.headers = b"".join(iter(self.file.readline, b"\r\n")).decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.file.close()
        self.socket.close()

    def control(self, type_: int, payload: bytes, flags: int = 0) -> None:
        self.socket.sendall(struct.pack(">HHI", 0x8003, type_, flags << 24 | len(payload)) + payload)

    def open(self, stream: int, **headers: str) -> None:
        pairs = [part.encode() for pair in headers.items() for part in pair]
        block = struct.pack(">I", len(headers)) + b"".join(struct.pack(">I", len(part)) + part for part in pairs)
        packed = self.deflate.compress(block) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        self.control(SYN_STREAM, struct.pack(">IIH", stream, 0, 0) + packed)
        type_, reply = self.frame()
        assert (type_, reply[:4]) == (SYN_REPLY, struct.pack(">I", stream))

    def send(self, stream: int, data: bytes, *, fin: bool = False) -> None:
        self.socket.sendall(struct.pack(">II", stream, fin << 24 | len(data)) + data)

    def frame(self) -> tuple[int, bytes]:
        """The type of the next control frame, or minus the stream for data; None-like (0, b"") at the end."""
        header = self.file.read(8)
        if not header:
            return 0, b""
        head, size = struct.unpack(">II", header)
        return (head & 0xFFFF if head >> 31 else -head), self.file.read(size & 0xFFFFFF)

    def drain(self, *streams: int) -> dict[int, bytes]:
        """The data of streams until each has ended with an empty frame."""
        got: dict[int, bytes] = dict.fromkeys(streams, b"")
        left = set(streams)
        while left:
            type_, data = self.frame()
            assert type_ < 0, type_
            got[-type_] += data
            if not data:
                left.discard(-type_)
        return got
