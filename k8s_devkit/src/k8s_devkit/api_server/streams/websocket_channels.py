# SPDX-License-Identifier: Apache-2.0
"""Channels in a WebSocket: the first byte of each message says which (protocol F6, F7, F10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.streams.channels import CLOSE, ERROR, RESIZE, STDERR, STDIN, STDOUT

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from k8s_devkit.api_server.network.websocket import WebSocket

__all__ = ["WebSocketChannels"]

_CONTROL_LIMIT = 4096


class WebSocketChannels:
    """What exec and attach say and hear over one WebSocket.

    Args:
        half_close: whether the client may end its input and stay (v5).
    """

    def __init__(self, websocket: WebSocket, *, half_close: bool) -> None:
        self.websocket = websocket
        self._half_close = half_close
        self._channel: int | None = None
        self._control = b""

    async def open(self, options: Mapping[str, Any]) -> None:
        """Tell the client that the stream stands: an empty message on the lowest channel that it reads."""
        readable = ((STDOUT, options.get("stdout")), (STDERR, options.get("stderr") and not options.get("tty")))
        await self.send(next((channel for channel, wanted in readable if wanted), ERROR), b"")

    async def send(self, channel: int, data: bytes) -> None:
        """One message. Raises BrokenPipeError when the client is gone."""
        await self.websocket.send(bytes((channel,)) + data)

    async def end(self, channel: int) -> None:
        """The output of a channel is over: nothing on the wire says so."""

    async def finish(self, status: bytes) -> None:
        """The command is over."""
        await self.send(ERROR, status)
        await self.websocket.close()

    async def settle(self, receiving: asyncio.Future[None]) -> None:
        """Before the connection is closed."""
        await self.websocket.settle(receiving)

    async def receive(self) -> tuple[int, bytes] | None:
        """Some bytes of a channel; None when the client is gone. Resizes come whole, input in any pieces."""
        while (part := await self.websocket.receive()) is not None:
            data, last = part
            if self._channel is None and data:
                self._channel, data = data[0], data[1:]
            channel = self._channel
            if last:
                self._channel = None
            if channel == STDIN:
                if data:
                    return STDIN, data
            elif channel in (RESIZE, CLOSE):
                self._control = (self._control + data)[:_CONTROL_LIMIT]
                if last:
                    control, self._control = self._control, b""
                    if channel == RESIZE:
                        return RESIZE, control
                    if self._half_close and control[:1] == bytes((STDIN,)):
                        return CLOSE, control
        return None
