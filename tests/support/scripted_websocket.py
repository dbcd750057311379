# SPDX-License-Identifier: Apache-2.0
"""The server's side of a stream on the library ``websockets``, for scripts of ``ScriptedServer``.

::

    def script(peer):
        stream = accept(peer)
        stream.send(STDOUT, b"hello")
        stream.finish(success())
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripted_server import EndOfConnection
from websockets import Subprotocol
from websockets.exceptions import NegotiationError
from websockets.frames import Opcode
from websockets.server import ServerProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripted_server import Peer

__all__ = ["ERROR", "STDERR", "STDIN", "STDOUT", "V4", "V5", "ScriptedStream", "accept", "exit_status", "failure"]

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"


def exit_status(code: int = 0) -> bytes:
    """The Status of a command that ended."""
    if not code:
        return b'{"metadata":{},"status":"Success"}'
    causes = [{"reason": "ExitCode", "message": str(code)}]
    document: dict[str, Any] = {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode"}
    return json.dumps(document | {"message": f"exit code {code}", "details": {"causes": causes}}).encode()


def failure(message: str) -> bytes:
    """The Status of a command that the runtime could not run."""
    return json.dumps({"status": "Failure", "reason": "InternalError", "message": message, "code": 500}).encode()


class ScriptedStream:
    """One WebSocket after its handshake."""

    def __init__(self, peer: Peer, protocol: ServerProtocol, *, split: bool) -> None:
        self._peer = peer
        self._protocol = protocol
        self._split = split
        self._messages: list[bytes] = []
        self.recorded: list[bytes] = []
        """The bytes that were sent, in order."""
        self.pongs: list[bytes] = []
        self.pings = 0

    def flush(self) -> None:
        for data in self._protocol.data_to_send():
            if not data:
                raise EndOfConnection
            self.recorded.append(data)
            for piece in [data[i : i + 1] for i in range(len(data))] if self._split else [data]:
                self._peer.send(piece)

    def send(self, channel: int, data: bytes) -> None:
        """One message."""
        self._protocol.send_binary(bytes((channel,)) + data)
        self.flush()

    def fragments(self, *parts: bytes) -> None:
        """One message in several frames, some of which may be empty."""
        self._protocol.send_binary(parts[0], fin=False)
        for part in parts[1:-1]:
            self._protocol.send_continuation(part, fin=False)
        self._protocol.send_continuation(parts[-1], fin=True)
        self.flush()

    def text(self, text: str) -> None:
        self._protocol.send_text(text.encode())
        self.flush()

    def ping(self, payload: bytes) -> None:
        self._protocol.send_ping(payload)
        self.flush()

    def receive(self) -> tuple[int, bytes] | None:
        """The next message; None after a Close, or when the client is gone."""
        while not self._messages:
            if not self._take():
                return None
        message = self._messages.pop(0)
        return message[0], message[1:]

    def _take(self) -> bool:
        data = self._peer.receive()
        if not data:
            return False
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            opcode = getattr(event, "opcode", None)
            if opcode is Opcode.BINARY:
                self._messages.append(bytes(event.data))  # type: ignore[union-attr]  # a frame
            elif opcode is Opcode.PONG:
                self.pongs.append(bytes(event.data))  # type: ignore[union-attr]  # a frame
            elif opcode is Opcode.PING:
                self.pings += 1
            elif opcode is Opcode.CLOSE:
                return False
        self.flush()
        return True

    def wait_for_pong(self) -> bytes:
        """The payload of the next pong."""
        while not self.pongs:
            assert self._take(), "the client went without a pong"
        return self.pongs.pop(0)

    def wait_for_ping(self) -> None:
        """One more ping than there were; the library answers it."""
        pings = self.pings
        while self.pings == pings:
            assert self._take(), "the client went without a ping"

    def input(self) -> bytes:
        """All of stdin, to its end."""
        data = b""
        while (message := self.receive()) is not None and message != (CLOSE, b"\x00"):
            assert message[0] == STDIN, message
            data += message[1]
        return data

    def close(self, code: int = 1000) -> None:
        """A Close, the client's answer, and the end."""
        self._protocol.send_close(code)
        self.flush()
        while (data := self._peer.receive()) != b"":
            self._protocol.receive_data(data)
        raise EndOfConnection

    def finish(self, status: bytes) -> None:
        """The end of a command."""
        self.send(ERROR, status)
        self.close()


def accept(peer: Peer, protocols: Sequence[str] = (V5, V4), *, split: bool = False) -> ScriptedStream:
    """Answer the handshake that has just come; refuse what a Kubernetes server refuses."""

    def choose(protocol: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol:
        for each in offered:
            if each in protocols:
                return each
        raise NegotiationError("requested protocol(s) are not supported")

    assert peer.request is not None
    assert len(peer.request.header_lines("Sec-WebSocket-Protocol")) == 1
    spoken = [Subprotocol(each) for each in protocols]
    protocol = ServerProtocol(subprotocols=spoken, select_subprotocol=choose, max_size=None)
    protocol.receive_data(peer.request.raw_head + b"\r\n\r\n")
    (request,) = protocol.events_received()
    protocol.send_response(protocol.accept(request))  # type: ignore[arg-type]  # the first event is the request
    stream = ScriptedStream(peer, protocol, split=split)
    stream.flush()
    return stream
