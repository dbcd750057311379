# SPDX-License-Identifier: Apache-2.0
"""The server's side of SPDY/3.1, as much of it as kubectl uses: streams, data, pings, resets (protocol F16).

kubectl port-forward tunnels it through a WebSocket since 1.31; before that, and where a WebSocket is refused, exec and
attach speak it as well. No library for it is maintained in Python.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["DATA", "FIN", "OPENED", "RESET", "SpdyConnection", "SpdyEvent"]

OPENED, DATA, FIN, RESET = "opened", "data", "fin", "reset"
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING = 1, 2, 3, 6
_FLAG_FIN = 1
_CONTROL = 0x8003_0000
_HEADERS_LIMIT = 64 * 1024

# The names of which the specification makes the dictionary of header compression, each after its length.
_NAMES = """
options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow
authorization cache-control connection content-base content-encoding content-language content-length content-location
content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match
if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range
referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method
get status 200_OK version HTTP/1.1 url public set-cookie keep-alive origin
"""
_TEXTS = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


@cache
def _dictionary() -> bytes:
    words = [name.replace("_", " ").encode() for name in _NAMES.split()]
    return b"".join(struct.pack(">I", len(word)) + word for word in words) + _TEXTS.encode()


@dataclass(frozen=True, slots=True)
class SpdyEvent:
    """What a client did with one of its streams."""

    type: str
    stream: int
    data: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class SpdyConnection:
    """Frames over anything that carries bytes. `receive` is for one task, the rest for any number of them.

    Args:
        read: gives bytes, none at the end.
        write: sends bytes; raises BrokenPipeError at the end.
    """

    def __init__(self, read: Callable[[], Awaitable[bytes]], write: Callable[[bytes], Awaitable[None]]) -> None:
        self._read = read
        self._write = write
        self._buffer = bytearray()
        self._events: list[SpdyEvent] = []
        self._sending = asyncio.Lock()
        self._inflate = zlib.decompressobj(zdict=_dictionary())
        self._deflate = zlib.compressobj(zdict=_dictionary())

    async def receive(self) -> SpdyEvent | None:
        """The next event; None when the client is gone. Replies and pings are sent on the way."""
        while not self._events:
            header = await self._take(8)
            if header is None:
                return None
            head, flags_length = struct.unpack(">II", header)
            flags, length = flags_length >> 24, flags_length & 0xFF_FFFF
            payload = await self._take(length)
            if payload is None:
                return None
            if head & 0x8000_0000:
                try:
                    await self._control(head & 0xFFFF, flags, payload)
                except (struct.error, zlib.error):
                    return None  # no SPDY: there is nothing to be said in it either
            else:
                if payload:
                    self._events.append(SpdyEvent(DATA, head, payload))
                if flags & _FLAG_FIN:
                    self._events.append(SpdyEvent(FIN, head))
        return self._events.pop(0)

    async def _take(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            data = await self._read()
            if not data:
                return None
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def _control(self, type_: int, flags: int, payload: bytes) -> None:
        if type_ == _SYN_STREAM:
            (stream,) = struct.unpack_from(">I", payload)
            self._events.append(SpdyEvent(OPENED, stream, headers=self._headers(payload[10:])))
            async with self._sending:  # the compressor's state is one for all frames
                block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                await self._send_control(_SYN_REPLY, struct.pack(">I", stream) + block)
            if flags & _FLAG_FIN:
                self._events.append(SpdyEvent(FIN, stream))
        elif type_ == _RST_STREAM:
            (stream,) = struct.unpack_from(">I", payload)
            self._events.append(SpdyEvent(RESET, stream))
        elif type_ == _PING:
            async with self._sending:
                await self._send_control(_PING, payload)
        # Windows and settings change nothing here, and who goes away closes the connection.

    def _headers(self, block: bytes) -> dict[str, str]:
        data = self._inflate.decompress(block, _HEADERS_LIMIT)
        headers: dict[str, str] = {}
        (count,) = struct.unpack_from(">I", data)
        offset = 4
        for _ in range(count):
            pair: list[str] = []
            for _part in range(2):
                (size,) = struct.unpack_from(">I", data, offset)
                pair.append(data[offset + 4 : offset + 4 + size].decode("latin-1"))
                offset += 4 + size
            headers[pair[0].lower()] = pair[1].split("\0", 1)[0]
        return headers

    async def _send_control(self, type_: int, payload: bytes, flags: int = 0) -> None:
        await self._write(struct.pack(">II", _CONTROL | type_, flags << 24 | len(payload)) + payload)

    async def send(self, stream: int, data: bytes) -> None:
        """Some bytes of a stream."""
        async with self._sending:
            await self._write(struct.pack(">II", stream, len(data)) + data)

    async def end(self, stream: int) -> None:
        """The server sends no more on a stream."""
        async with self._sending:
            await self._write(struct.pack(">II", stream, _FLAG_FIN << 24))
