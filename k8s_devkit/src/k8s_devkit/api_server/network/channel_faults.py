# SPDX-License-Identifier: Apache-2.0
"""Faults of running streams: what clients of exec, attach, port-forward and logs see when things break (F6-F9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.websocket import WebSocket
    from k8s_devkit.strategy.subresources import StreamType

__all__ = ["ACTIONS", "ChannelFault"]

ACTIONS = frozenset(
    {"drop", "reset", "close", "stall", "truncate", "garbage", "split", "text", "delay", "omit_status", "status"}
)
_ERROR_CHANNEL = 3
_OF_LOGS = ACTIONS - {"text", "omit_status", "status"}


@dataclass(slots=True)
class ChannelFault:
    """One order for streams, carried out at the next message that would be sent, or at once if ``now``.

    Attributes:
        action: ``drop`` (FIN without a Close frame), ``reset`` (RST), ``close`` (a Close frame with ``code`` and no
            Status before it), ``stall`` (silence), ``truncate`` (half a frame, then FIN), ``garbage`` (``payload`` as
            it is, after the message), ``split`` (the message in frames of one byte), ``text`` (the message, or
            ``payload``, as a text frame), ``delay`` (by ``seconds``), ``omit_status`` (all but the Status),
            ``status`` (``payload`` in the place of the Status).
        after: how many messages are sent before; the empty one at the start counts.
        resource: ``pods/exec``, ``pods/attach``, ``pods/portforward``, or ``pods/log`` for logs that are followed
            (all actions but ``text`` and those about the Status); empty for all.
        code: of the Close frame; None for a frame without one.
    """

    action: str
    after: int = 0
    times: int | None = 1
    resource: str = ""
    payload: bytes = b""
    code: int | None = 1000
    seconds: float = 0.0
    now: bool = False

    def matches(self, resource: str, stream: StreamType | Literal["log"], sent: int, message: bytes) -> bool:
        """Whether it hits a message; an empty one stands for a stream that is idle."""
        if self.resource not in ("", resource) or (stream == "log" and self.action not in _OF_LOGS):
            return False
        if not message:
            return self.now
        if self.action in ("omit_status", "status"):
            return stream != "portforward" and message[0] == _ERROR_CHANNEL and len(message) > 1
        return sent >= self.after

    async def apply(self, websocket: WebSocket, message: bytes) -> bool:
        """Carry the order out; False if the message should be sent as usual. Raises BrokenPipeError at the end."""
        from k8s_devkit.api_server.network.faults import pause

        connection = websocket.connection
        if self.action == "delay":
            await pause(self.seconds, connection.transport)
            return False
        if self.action == "split":
            await websocket.send_fragments([message[index : index + 1] for index in range(len(message))])
        elif self.action == "text":
            await websocket.send_text((self.payload or message).decode("utf-8", "replace"))
        elif self.action == "garbage":
            await connection.write((websocket.encode(message) if message else b"") + self.payload)
        elif self.action == "status":
            await connection.write(websocket.encode(message[:1] + self.payload))
        elif self.action != "omit_status":
            await self._end(websocket, message)
            raise BrokenPipeError(f"the fault {self.action!r} ended the stream")
        return True

    async def _end(self, websocket: WebSocket, message: bytes) -> None:
        from k8s_devkit.api_server.network.faults import pause, reset

        connection = websocket.connection
        if self.action == "close":
            await websocket.close(self.code)
        elif self.action == "reset":
            reset(connection.transport)
        elif self.action == "stall":
            await pause(float("inf"), connection.transport)
        else:
            if self.action == "truncate":
                frame = websocket.encode(message or bytes(8))
                await connection.write(frame[: len(frame) // 2])
            connection.transport.close()
