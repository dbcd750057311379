# SPDX-License-Identifier: Apache-2.0
"""A connection that left HTTP: bytes both ways with back-pressure, for WebSockets and SPDY."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["RawConnection"]

_READ_AHEAD = 256 * 1024


class RawConnection(asyncio.Protocol):
    """Takes a transport over from uvicorn. Used in the server's loop only; memory is bounded in both directions.

    Args:
        connections: the server's set of open connections, which it closes when it stops.
    """

    def __init__(self, connections: set[Any]) -> None:
        self.transport: Any = None
        self.lost = asyncio.Event()
        self._connections = connections
        self._received = bytearray()
        self._readable = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._paused = False

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The transport is ours now."""
        self.transport = transport
        if transport.is_closing():
            self.connection_lost(None)
        else:
            self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        """The client sent something."""
        self._received += data
        self._readable.set()
        if len(self._received) > _READ_AHEAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over, whoever ended it."""
        del exc
        self._connections.discard(self)
        self.lost.set()
        self._readable.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """The client reads slowly: writers wait."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client has read."""
        self._writable.set()

    def shutdown(self) -> None:
        """The server stops."""
        self.transport.close()

    # What streams call

    async def read(self) -> bytes:
        """What came, at least one byte; empty when the connection is over."""
        while not self._received:
            if self.lost.is_set():
                return b""
            self._readable.clear()
            await self._readable.wait()
        data = bytes(self._received)
        self._received.clear()
        if self._paused and not self.lost.is_set():
            self._paused = False
            self.transport.resume_reading()
        return data

    async def write(self, data: bytes) -> None:
        """Send; returns when there is room for more. Raises BrokenPipeError when the connection is over."""
        if not self.lost.is_set():
            self.transport.write(data)
            await self._writable.wait()
        if self.lost.is_set():
            raise BrokenPipeError("the client is gone")
