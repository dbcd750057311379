# SPDX-License-Identifier: Apache-2.0
"""Channels in a WebSocket, as a pure codec: bytes in, events out (protocol F6, F7, F10-F12).

wsproto makes and reads the frames of RFC 6455. The first byte of each binary message says its channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from k8s_core.errors import ConfigError

try:
    from wsproto.connection import Connection, ConnectionState, ConnectionType
    from wsproto.events import BytesMessage, CloseConnection, Message, Ping, Pong
    from wsproto.frame_protocol import CloseReason
    from wsproto.utilities import ProtocolError, generate_accept_token
except ImportError as _missing:
    raise ConfigError(
        "exec, attach, port-forward and copies need wsproto: pip install 'k8s-core[streams]'"
    ) from _missing

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "CLOSE",
    "ERROR",
    "RESIZE",
    "STDERR",
    "STDIN",
    "STDOUT",
    "V4",
    "V5",
    "ChannelCodec",
    "Closed",
    "Data",
    "MalformedFrames",
    "Pinged",
    "Ponged",
    "accept_token",
]

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
V5: Final = "v5.channel.k8s.io"
V4: Final = "v4.channel.k8s.io"


class MalformedFrames(Exception):
    """The bytes are not what a server sends in these protocols."""


class Data(NamedTuple):
    """Bytes of a channel, as they came: a part of a message, or the whole of it."""

    channel: int
    data: bytes
    last: bool
    """Whether the message ends with them."""


class Pinged(NamedTuple):
    """The server asks whether the client is there; the answer is a pong with the same payload."""

    payload: bytes


class Ponged(NamedTuple):
    """The server answers a ping."""

    payload: bytes


class Closed(NamedTuple):
    """The server ends the WebSocket in order."""

    code: int
    reason: str


FrameEvent: TypeAlias = Data | Pinged | Ponged | Closed


def accept_token(key: str) -> str:
    """What a WebSocket server answers to a key."""
    return generate_accept_token(key.encode("ascii")).decode("ascii")


class ChannelCodec:
    """One WebSocket after its handshake, seen from the client. One thread may feed while another one encodes."""

    def __init__(self) -> None:
        self._frames = Connection(ConnectionType.CLIENT)
        self._channel: int | None = None  # of the message that is under way

    def feed(self, data: bytes) -> Iterator[FrameEvent]:
        """What the bytes say; to be iterated to its end.

        Raises:
            MalformedFrames: a broken frame, or one of text.
        """
        try:
            self._frames.receive_data(data)
            for event in self._frames.events():
                if isinstance(event, BytesMessage):
                    yield from self._on_message(bytes(event.data), event.message_finished)
                elif isinstance(event, Ping):
                    yield Pinged(bytes(event.payload))
                elif isinstance(event, Pong):
                    yield Ponged(bytes(event.payload))
                elif isinstance(event, CloseConnection):
                    if self._frames.state in (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING):
                        # No Close came: that is how wsproto says what it could not parse.
                        raise MalformedFrames(event.reason or "a frame that can't be read")
                    yield Closed(int(event.code), event.reason or "")
                elif isinstance(event, Message):
                    raise MalformedFrames("a frame of text came, where only binary ones may")
        except ProtocolError as error:
            raise MalformedFrames(str(error)) from error

    def _on_message(self, data: bytes, finished: bool) -> Iterator[FrameEvent]:
        if self._channel is None:
            if not data:
                return  # an empty message has no channel; an empty frame before the rest has none yet
            self._channel, data = data[0], data[1:]
        channel = self._channel
        if finished:
            self._channel = None
        if data or finished:
            yield Data(channel, data, finished)

    def encode(self, channel: int, data: bytes) -> bytes:
        """One message on a channel. Raises MalformedFrames after a Close of either side."""
        try:
            return self._frames.send(BytesMessage(data=bytes((channel,)) + data))
        except ProtocolError as error:
            raise MalformedFrames(str(error)) from error

    def ping(self, payload: bytes) -> bytes:
        """A ping; ``payload`` has 125 bytes at most."""
        return self._control(Ping(payload=payload))

    def pong(self, payload: bytes) -> bytes:
        """The answer to a ping."""
        return self._control(Pong(payload=payload))

    def close(self) -> bytes:
        """The end of the WebSocket in order, or the answer to the server's; nothing may be encoded afterwards."""
        return self._control(CloseConnection(code=CloseReason.NORMAL_CLOSURE))

    def _control(self, event: Ping | Pong | CloseConnection) -> bytes:
        try:
            return self._frames.send(event)
        except ProtocolError:
            return b""  # closed already: nobody waits for it
