# SPDX-License-Identifier: Apache-2.0
"""exec and attach over SPDY: a stream for each channel, named in its headers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.network.spdy import DATA, FIN, OPENED, RESET
from k8s_devkit.api_server.streams.channels import CLOSE, ERROR, RESIZE, STDERR, STDIN, STDOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.api_server.network.spdy import SpdyConnection

__all__ = ["SpdyChannels"]

_NAMES = {"error": ERROR, "stdin": STDIN, "stdout": STDOUT, "stderr": STDERR, "resize": RESIZE}
_OPEN_SECONDS = 30.0
_CLOSE_SECONDS = 1.0


class SpdyChannels:
    """The same as `WebSocketChannels`, for kubectl up to 1.30 and for fallbacks of newer ones."""

    def __init__(self, connection: SpdyConnection) -> None:
        self._connection = connection
        self._channels: dict[int, int] = {}
        self._streams: dict[int, int] = {}
        self._finished = False

    async def open(self, options: Mapping[str, Any]) -> None:
        """Wait for the client's streams. Raises BrokenPipeError where they do not come."""
        wanted = {ERROR} | {_NAMES[name] for name in ("stdin", "stdout", "stderr") if options.get(name)}
        if options.get("tty"):
            wanted = (wanted | {RESIZE}) - {STDERR}
        try:
            async with asyncio.timeout(_OPEN_SECONDS):
                while not wanted <= self._streams.keys():
                    if await self._next() is None:
                        raise BrokenPipeError("the client is gone")
        except TimeoutError:
            raise BrokenPipeError("the client does not open its streams") from None

    async def _next(self) -> tuple[int, bytes] | None:
        """One event as a message of a channel; of no channel (-1) if it says nothing."""
        event = await self._connection.receive()
        if event is None:
            return None
        if event.type == OPENED:
            channel = _NAMES.get(event.headers.get("streamtype", ""), -1)
            self._channels[event.stream] = channel
            self._streams[channel] = event.stream
        channel = self._channels.get(event.stream, -1)
        if event.type == DATA:
            return channel, event.data
        if event.type in (FIN, RESET) and channel == STDIN:
            return CLOSE, b"\x00"
        return -1, b""

    async def receive(self) -> tuple[int, bytes] | None:
        """Some bytes of a channel; None when the client is gone."""
        return await self._next()

    async def send(self, channel: int, data: bytes) -> None:
        """Some bytes. Raises BrokenPipeError when the client is gone."""
        if channel in self._streams:
            await self._connection.send(self._streams[channel], data)

    async def end(self, channel: int) -> None:
        """The output of a channel is over."""
        if channel in self._streams:
            await self._connection.end(self._streams[channel])

    async def finish(self, status: bytes) -> None:
        """The command is over."""
        await self.send(ERROR, status)
        await self.end(ERROR)
        self._finished = True

    async def settle(self, receiving: asyncio.Future[None]) -> None:
        """Before the connection is closed: the client closes it first, if it is still there."""
        if self._finished:
            await asyncio.wait({receiving}, timeout=_CLOSE_SECONDS)
