# SPDX-License-Identifier: Apache-2.0
"""The server's side of a WebSocket after its handshake: wsproto makes and reads the frames."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, TextMessage
from wsproto.utilities import RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from k8s_devkit.api_server.network.connection import RawConnection
    from k8s_devkit.api_server.network.faults import ChannelFault

__all__ = ["Part", "WebSocket"]

_CLOSE_SECONDS = 1.0
_PROTOCOL_ERROR = 1002

Part = tuple[bytes, bool]
"""Some bytes of a message, and whether they are its last. Parts keep memory bounded whatever a client sends."""


class WebSocket:
    """Messages over a connection. `receive` is for one task, `send` for any number of them.

    Attributes:
        closing: the server's Close frame was the first.
        sent: how many messages the server has sent.
    """

    def __init__(
        self, connection: RawConnection, fault_of: Callable[[int, bytes], ChannelFault | None] = lambda *_: None
    ) -> None:
        self.connection = connection
        self.sent = 0
        self._fault_of = fault_of
        self._frames = Connection(ConnectionType.SERVER)
        self._events: list[Any] = []
        self._sending = asyncio.Lock()
        self.closing = False
        self._over = False

    async def receive(self) -> Part | None:
        """The next part of a message; None when the client is gone. Pings and closes are answered on the way."""
        while True:
            while self._events:
                event = self._events.pop(0)
                if isinstance(event, Message):
                    data = event.data
                    return (data.encode() if isinstance(data, str) else bytes(data)), event.message_finished
                if isinstance(event, Ping):
                    await self._write(event.response())
                elif isinstance(event, CloseConnection):
                    if not self._over:
                        self._over = True
                        await self._write(event.response())
                    return None
            data = await self.connection.read()
            if not data:
                return None
            try:
                self._frames.receive_data(data)
                self._events.extend(self._frames.events())
            except RemoteProtocolError:
                await self.close(_PROTOCOL_ERROR)
                return None

    async def read(self) -> bytes:
        """The bytes of all messages in a row, for what is tunnelled; empty at the end."""
        while (part := await self.receive()) is not None:
            if part[0]:
                return part[0]
        return b""

    async def send(self, data: bytes) -> None:
        """Send one binary message. Raises BrokenPipeError when the client is gone."""
        fault = self._fault_of(self.sent, data)
        self.sent += 1
        if fault is None or not await fault.apply(self, data):
            await self._write(BytesMessage(data=data))

    async def disturb(self) -> None:
        """Carry out the fault that is ordered for a stream that is idle, if there is one."""
        fault = self._fault_of(self.sent, b"")
        if fault is not None:
            with contextlib.suppress(BrokenPipeError):
                await fault.apply(self, b"")

    async def send_text(self, text: str) -> None:
        """Send one text message."""
        await self._write(TextMessage(data=text))

    async def send_fragments(self, fragments: Sequence[bytes]) -> None:
        """Send one binary message in several frames."""
        last = len(fragments) - 1
        async with self._sending:
            for index, data in enumerate(fragments):
                event = BytesMessage(data=data, message_finished=index == last)
                await self.connection.write(self._frames.send(event))

    def encode(self, data: bytes) -> bytes:
        """The frame that `send` would write."""
        return self._frames.send(BytesMessage(data=data))

    async def ping(self) -> None:
        """Ask whether the client is there; its answer is not waited for."""
        await self._write(Ping())

    async def close(self, code: int | None = 1000, reason: str = "") -> None:
        """Send a Close frame; without a code it carries no status (the client reads that as 1005)."""
        if self._over:
            return
        self.closing = self._over = True
        if code is None:
            await self.connection.write(b"\x88\x00")
        else:
            await self._write(CloseConnection(code=code, reason=reason or None))

    async def settle(self, receiving: asyncio.Future[Any]) -> None:
        """After `close`: give the client a moment to close too, so that nothing it still reads is lost to a reset."""
        if self.closing:
            await asyncio.wait({receiving}, timeout=_CLOSE_SECONDS)

    async def _write(self, event: Any) -> None:
        async with self._sending:
            await self.connection.write(self._frames.send(event))
