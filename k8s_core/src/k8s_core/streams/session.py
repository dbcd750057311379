# SPDX-License-Identifier: Apache-2.0
"""A WebSocket with channels over a connection of the transport: sending, receiving, and staying alive (F12)."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final

from k8s_core.errors import StreamBroken
from k8s_core.streams.frames import ChannelCodec, Closed, Data, MalformedFrames, Pinged, Ponged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.transport import UpgradedConnection

__all__ = ["ChannelSession"]

PING_INTERVAL: Final = 5.0
SILENCE: Final = 61.0
"""Seconds without a byte after which a connection is given up, as kubectl does."""
_PIECE: Final = 1 << 16


class ChannelSession:
    """One WebSocket. One thread receives; any others send."""

    def __init__(self, connection: UpgradedConnection, protocol: str, where: str) -> None:
        """
        Args:
            connection: of the transport; this object's own from now on.
            protocol: that was agreed on.
            where: what it is a stream of, for messages.
        """
        self.protocol = protocol
        self.where = where
        self._connection = connection
        self._codec = ChannelCodec()
        self._sending = threading.Lock()
        self._control: list[bytes] = []  # payloads of pongs that are due
        self.closed: Closed | None = None
        """How the server ended the stream, if it did so in order."""
        self._closing = False
        self._pings = 0
        self._input_since = 0  # the number of the first ping after the last input

    # -- receiving

    def events(self, deadline: float | None = None) -> Iterator[Data]:
        """What the server sends, until it ends the WebSocket in order or the connection ends.

        Args:
            deadline: on the monotonic clock, when to give up.

        Raises:
            TimeoutError: the deadline has passed.
            StreamBroken: the connection broke, makes no sense, or shows no sign of life.
            ConnectionFailed: the client was closed.
        """
        silent_since = time.monotonic()
        while True:
            now = time.monotonic()
            wait = PING_INTERVAL if deadline is None else min(PING_INTERVAL, deadline - now)
            if wait <= 0:
                raise TimeoutError
            data = self._connection.receive(wait)
            if data is None:
                self._ask(time.monotonic() - silent_since)
                continue
            if not data:
                return
            try:
                for event in self._codec.feed(data):
                    if isinstance(event, Data):
                        yield event
                    elif isinstance(event, Pinged):
                        self._control.append(event.payload)
                        self._send_control()
                    elif isinstance(event, Ponged):
                        self._on_pong(event.payload)
                    else:
                        self.closed = event
                        self._end()
                        return
            except MalformedFrames as error:
                raise StreamBroken(f"{self.where}: the server sent what these streams don't have: {error}") from error
            # The consumer may have taken its time with the events: that was no silence of the server.
            silent_since = time.monotonic()

    def _ask(self, silence: float) -> None:
        """Nothing came for a while."""
        # A server that waits for its process to take input does not read, and so does not answer either.
        if silence >= SILENCE and self._input_since == 0:
            raise StreamBroken(f"{self.where}: nothing came for {silence:.0f} s, not even an answer to a ping")
        with self._spare() as free:
            if free:
                self._pings += 1
                self._flush()
                self._connection.send(self._codec.ping(str(self._pings).encode()))

    def _on_pong(self, payload: bytes) -> None:
        if payload.isdigit() and int(payload) >= self._input_since:
            self._input_since = 0

    def _send_control(self) -> None:
        if self._control:
            with self._spare() as free:
                if free:
                    self._flush()

    @contextlib.contextmanager
    def _spare(self) -> Iterator[bool]:
        """Whether a few bytes can be sent now: who receives must never wait for what is sent, nor fail by it.

        The server may wait for us to receive; and what it sent before the connection broke is still there.
        """
        if not (self._connection.writable() and self._sending.acquire(blocking=False)):
            yield False
            return
        try:
            with contextlib.suppress(StreamBroken):
                yield True
        finally:
            self._sending.release()

    def _flush(self) -> None:
        while self._control:
            self._connection.send(self._codec.pong(self._control.pop(0)))

    # -- sending

    def send(self, channel: int, data: bytes) -> None:
        """Send all of ``data`` on a channel; blocks while the server takes nothing.

        Raises:
            StreamBroken: the connection broke, or has ended.
            ConnectionFailed: the client was closed.
        """
        view = memoryview(data)
        for start in range(0, len(view), _PIECE) or (0,):
            with self._sending:
                if self._closing:
                    raise StreamBroken(f"{self.where}: the stream has ended")
                self._input_since = self._pings + 1
                try:
                    message = self._codec.encode(channel, bytes(view[start : start + _PIECE]))
                except MalformedFrames:
                    raise StreamBroken(f"{self.where}: the stream has ended") from None
                self._connection.send(message)
                self._flush()
        self._send_control()  # what became due while this thread had the lock

    def _end(self) -> None:
        """Answer a Close, or begin one, if that can be done at once."""
        with self._spare() as free:
            if free and not self._closing:
                self._closing = True
                self._connection.send(self._codec.close())

    def close(self) -> None:
        """End the stream, from any thread; blocked calls end at once."""
        self._end()
        self._connection.close()
