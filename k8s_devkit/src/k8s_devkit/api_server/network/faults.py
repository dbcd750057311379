# SPDX-License-Identifier: Apache-2.0
"""Faults that a test can order: wrong statuses, latency, resets, silence, truncated frames (protocol J13).

``server.faults`` takes orders for the requests to come; each order counts down as requests match it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.network.request_log import RequestRecord
    from k8s_devkit.api_server.network.websocket import WebSocket
    from k8s_devkit.api_server.reads.watching import WatchSession
    from k8s_devkit.strategy.subresources import StreamType

__all__ = ["ChannelFault", "Fault", "Faults", "StreamFault", "cut", "pause", "reset"]

_CHANNEL_ACTIONS = frozenset(
    {"drop", "reset", "close", "stall", "truncate", "garbage", "split", "text", "delay", "omit_status", "status"}
)
_ERROR_CHANNEL = 3
_OF_LOGS = _CHANNEL_ACTIONS - {"text", "omit_status", "status"}
Send = Callable[[dict[str, Any]], Awaitable[None]]
_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


def reset(transport: Any) -> None:
    """Close a connection with RST instead of FIN."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def pause(seconds: float, transport: Any) -> None:
    """Wait, but no longer than the connection lives."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not transport.is_closing() and (left := end - loop.time()) > 0:
        await asyncio.sleep(min(left, 0.02))


async def _silence(transport: Any) -> None:
    """Say nothing until the client, or the server's end, closes the connection."""
    await pause(float("inf"), transport)


@dataclass(slots=True)
class Fault:
    """One order for whole requests.

    Attributes:
        times: how many matching requests it hits; None for all.
        verb, resource, path: what it matches; empty matches everything. ``path`` is a prefix.
        status: answer with this code instead of doing the request.
        body: the body of that answer; a Status that fits ``status`` unless given.
        latency: seconds to wait before anything else.
        action: ``reset`` (RST), ``close`` (FIN without an answer), ``stall`` (silence).
        truncate: send only so many bytes of the answer's body, then close.
        raw: bytes to write to the connection as they are, then close.
    """

    times: int | None = 1
    verb: str = ""
    resource: str = ""
    path: str = ""
    status: int = 0
    body: bytes | None = None
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    latency: float = 0.0
    action: str = ""
    truncate: int | None = None
    raw: bytes | None = None

    def matches(self, record: RequestRecord) -> bool:
        """Whether it hits a request."""
        return (
            (not self.verb or self.verb == record.verb)
            and (not self.resource or self.resource == record.resource)
            and record.path.startswith(self.path)
        )

    async def answer_instead(self, record: RequestRecord, transport: Any, send: Send) -> bool:
        """Carry the order out; False if the request should be answered as usual."""
        if self.raw is not None:
            transport.write(self.raw)
            transport.close()
        elif self.action == "reset":
            reset(transport)
        elif self.action == "close":
            transport.close()
        elif self.action == "stall":
            await _silence(transport)
        elif self.status:
            record.status = self.status
            await _answer(self, send)
        else:
            return False
        return True


async def _answer(fault: Fault, send: Send) -> None:
    body = fault.body
    if body is None:
        document = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": f"injected fault {fault.status}",
            "reason": _REASONS.get(fault.status, ""),
            "code": fault.status,
        }
        body = msgspec.json.encode(document)
    headers = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
    headers += [(b"content-type", fault.content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def cut(answer: Answer, size: int, transport: Any, send: Send) -> None:
    """Send the head that promises the whole body, ``size`` bytes of it, and close."""
    headers = [(b"content-type", answer.content_type.encode()), (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if size:
        await send({"type": "http.response.body", "body": answer.body[:size], "more_body": True})
    transport.close()


@dataclass(slots=True)
class StreamFault:
    """One order for running watches, carried out at the next frame that would be sent, or at once if ``now``.

    Attributes:
        action: ``close`` (the stream ends in order), ``reset`` (RST), ``drop`` (FIN in mid-stream), ``stall``
            (silence), ``truncate`` (half a frame, then FIN), ``split`` (all bytes one by one), ``garbage``
            (``payload`` as it is), ``error`` (an ERROR event with ``payload``).
    """

    action: str
    after: int = 0
    times: int | None = 1
    plural: str = ""
    payload: bytes = b""
    now: bool = False

    async def apply(self, frames: list[bytes], transport: Any, send: Send) -> bool:
        """Carry the order out; True if the stream is over."""
        data = b"".join(frames)
        if self.action == "split":
            for index in range(len(data)):
                await send({"type": "http.response.body", "body": data[index : index + 1], "more_body": True})
            return False
        if self.action in ("garbage", "error"):
            await send({"type": "http.response.body", "body": data + self.payload, "more_body": True})
            if self.action == "garbage":
                return False
            await send({"type": "http.response.body", "body": b""})
            return True
        if self.action == "close":
            await send({"type": "http.response.body", "body": data})
        elif self.action == "stall":
            await _silence(transport)
        elif self.action == "reset":
            reset(transport)
        else:
            if self.action == "truncate" and frames:
                half = frames[-1][: len(frames[-1]) // 2]
                body = b"".join(frames[:-1]) + half
                await send({"type": "http.response.body", "body": body, "more_body": True})
            transport.close()
        return True


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


class Faults:
    """The orders of one server. Thread-safe; every method may be called while the server runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._orders: list[Fault] = []
        self._stream_orders: list[StreamFault] = []
        self._channel_orders: list[ChannelFault] = []
        self.wake_streams: Callable[[], None] = lambda: None

    def add(self, fault: Fault) -> Fault:
        """Order a fault for requests to come."""
        with self._lock:
            self._orders.append(fault)
        return fault

    def status(
        self, status: int, *, times: int | None = 1, retry_after: int | str | None = None, **match: Any
    ) -> Fault:
        """Answer the next ``times`` matching requests with ``status``; ``retry_after`` is the header's value."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return self.add(Fault(times=times, status=status, headers=headers, **match))

    def latency(self, seconds: float, *, times: int | None = None, **match: Any) -> Fault:
        """Delay the answers to matching requests by ``seconds``."""
        return self.add(Fault(times=times, latency=seconds, **match))

    def reset(self, *, times: int | None = 1, **match: Any) -> Fault:
        """Reset the connections of matching requests instead of answering."""
        return self.add(Fault(times=times, action="reset", **match))

    def close(self, *, times: int | None = 1, **match: Any) -> Fault:
        """Close the connections of matching requests instead of answering."""
        return self.add(Fault(times=times, action="close", **match))

    def stall(self, *, times: int | None = 1, **match: Any) -> Fault:
        """Never answer matching requests; their connections stay open."""
        return self.add(Fault(times=times, action="stall", **match))

    def truncate(self, size: int, *, times: int | None = 1, **match: Any) -> Fault:
        """Send only ``size`` bytes of the body that was announced, then close."""
        return self.add(Fault(times=times, truncate=size, **match))

    def garbage(self, raw: bytes, *, times: int | None = 1, **match: Any) -> Fault:
        """Write ``raw`` to the connection instead of an HTTP answer, then close."""
        return self.add(Fault(times=times, raw=raw, **match))

    def watches(
        self,
        action: str,
        *,
        times: int | None = 1,
        after: int = 0,
        plural: str = "",
        payload: bytes = b"",
        now: bool = False,
    ) -> StreamFault:
        """Order a fault for watches, see `StreamFault`; ``after`` is the number of frames that a watch sends before."""
        fault = StreamFault(action, after, times, plural, payload, now)
        with self._lock:
            self._stream_orders.append(fault)
        if now:
            self.wake_streams()
        return fault

    def streams(
        self,
        action: str,
        *,
        times: int | None = 1,
        after: int = 0,
        resource: str = "",
        payload: bytes = b"",
        code: int | None = 1000,
        seconds: float = 0.0,
        now: bool = False,
    ) -> ChannelFault:
        """Order a fault for exec, attach, port-forward and logs that are followed, see `ChannelFault`.

        Raises:
            ValueError: an unknown action.
        """
        if action not in _CHANNEL_ACTIONS:
            raise ValueError(f"{action!r} is no fault of a stream; there are {', '.join(sorted(_CHANNEL_ACTIONS))}")
        fault = ChannelFault(action, after, times, resource, payload, code, seconds, now)
        with self._lock:
            self._channel_orders.append(fault)
        if now:
            self.wake_streams()
        return fault

    def clear(self) -> None:
        """Cancel all orders."""
        with self._lock:
            self._orders.clear()
            self._stream_orders.clear()
            self._channel_orders.clear()

    def plan(self, record: RequestRecord) -> Fault | None:
        """The order for a request, counted down."""
        if not self._orders:
            return None
        with self._lock:
            for fault in self._orders:
                if fault.matches(record):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._orders.remove(fault)
                    return fault
        return None

    def stream_fault(self, session: WatchSession, frames: list[bytes]) -> StreamFault | None:
        """The order for a running watch that is about to send ``frames``, counted down."""
        if not self._stream_orders:
            return None
        with self._lock:
            for fault in self._stream_orders:
                if fault.plural not in ("", session.kind.resource.plural):
                    continue
                if (frames and session.sent > fault.after) or fault.now:
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._stream_orders.remove(fault)
                    return fault
        return None

    def channel_fault(
        self, resource: str, stream: StreamType | Literal["log"], sent: int, message: bytes
    ) -> ChannelFault | None:
        """The order for a stream that is about to send ``message``, or that is idle (empty), counted down."""
        if not self._channel_orders:
            return None
        with self._lock:
            for fault in self._channel_orders:
                if fault.matches(resource, stream, sent, message):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._channel_orders.remove(fault)
                    return fault
        return None
