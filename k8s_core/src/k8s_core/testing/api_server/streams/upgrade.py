# SPDX-License-Identifier: Apache-2.0
"""The handshake: from an HTTP request to a stream that runs (protocol F2, F15)."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.network.messages import Answer
from k8s_core.testing.api_server.streams.channels import V4, V5

if TYPE_CHECKING:
    from k8s_core.testing.api_server.network.connection import RawConnection
    from k8s_core.testing.api_server.network.faults import Faults
    from k8s_core.testing.api_server.network.messages import HttpRequest, Upgrade
    from k8s_core.testing.api_server.network.request_log import RequestRecord
    from k8s_core.testing.api_server.network.websocket import WebSocket
    from k8s_core.testing.api_server.streams.registry import StreamHandlers

__all__ = ["choose_protocol", "refusal", "switch"]


def refusal(upgrade: Upgrade, request: HttpRequest, streams: StreamHandlers) -> Answer | None:
    """The answer to a handshake that cannot succeed; None for a good one."""
    if upgrade.protocol != "websocket":
        return _refuse(403, f"unable to upgrade: this server speaks WebSocket, not {upgrade.protocol}")
    if request.method != "GET":
        return _refuse(405, "bad method")
    if not request.header("sec-websocket-key"):
        return _refuse(400, "mismatch challenge/response")
    if request.header("sec-websocket-version") != "13":
        answer = _refuse(400, "missing or bad WebSocket Version")
        answer.headers.append(("Sec-WebSocket-Version", "13"))
        return answer
    if not choose_protocol(upgrade, request, streams):
        offered, spoken = _offered(request), _spoken(upgrade, streams)
        return _refuse(
            403, f"requested protocol(s) are not supported: [{' '.join(offered)}]; supports [{' '.join(spoken)}]"
        )
    return None


def _refuse(status: int, text: str) -> Answer:
    return Answer(status, text.encode() + b"\n", "text/plain; charset=utf-8", [("Connection", "close")])


def _spoken(upgrade: Upgrade, streams: StreamHandlers) -> tuple[str, ...]:
    return (V4,) if upgrade.targets[0].subresource == "portforward" else streams.protocols


def _offered(request: HttpRequest) -> list[str]:
    # Several lines do not make a list here: the API server reads the first one only (F2).
    lines = (value for name, value in request.header_lines if name.lower() == "sec-websocket-protocol")
    return [part.strip() for part in next(lines, "").split(",") if part.strip()]


def choose_protocol(upgrade: Upgrade, request: HttpRequest, streams: StreamHandlers) -> str:
    """The subprotocol that both speak: v5 where it is offered, else the client's first; empty for none."""
    offered, spoken = _offered(request), _spoken(upgrade, streams)
    if V5 in offered and V5 in spoken:
        return V5
    return next((name for name in offered if name in spoken), "")


async def switch(
    upgrade: Upgrade,
    request: HttpRequest,
    record: RequestRecord,
    state: dict[str, Any],
    streams: StreamHandlers,
    faults: Faults,
) -> None:
    """Take the connection from HTTP, finish the handshake and run the stream to its end."""
    from wsproto.utilities import generate_accept_token

    from k8s_core.testing.api_server.network.websocket import WebSocket

    protocol = choose_protocol(upgrade, request, streams)
    accept = generate_accept_token(request.header("sec-websocket-key").encode()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Accept: {accept}", f"Sec-WebSocket-Protocol: {protocol}"]
    lines += [f"{name}: {value}" for name, value in upgrade.headers]
    connection: RawConnection = state["hand_over"]()
    try:
        await connection.write("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))
        record.status = 101
        websocket = WebSocket(connection, partial(faults.channel_fault, record.resource))
        beside = [
            asyncio.ensure_future(_ping(websocket, streams.ping_interval)),
            asyncio.ensure_future(_disturb(websocket, streams)),
        ]
        try:
            await _serve(upgrade, websocket, protocol, record, streams)
        finally:
            for task in beside:
                task.cancel()
    except BrokenPipeError:
        pass  # the client went while the server spoke
    finally:
        if not connection.lost.is_set():
            connection.transport.close()


async def _ping(websocket: WebSocket, interval: float) -> None:
    with contextlib.suppress(BrokenPipeError):
        while interval > 0:
            await asyncio.sleep(interval)
            await websocket.ping()


async def _disturb(websocket: WebSocket, streams: StreamHandlers) -> None:
    """Look for faults that come now, whenever one is ordered."""
    loop, ordered = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be closing
            loop.call_soon_threadsafe(ordered.set)

    streams.wakers.add(wake)
    try:
        while not websocket.connection.lost.is_set():
            await websocket.disturb()
            await ordered.wait()
            ordered.clear()
    finally:
        streams.wakers.discard(wake)


async def _serve(
    upgrade: Upgrade, websocket: WebSocket, protocol: str, record: RequestRecord, streams: StreamHandlers
) -> None:
    if upgrade.targets[0].subresource == "portforward":
        from k8s_core.testing.api_server.streams.forwarding import forward

        await forward(upgrade, websocket, record, streams)
    else:
        from k8s_core.testing.api_server.streams.remote_command import RemoteCommand
        from k8s_core.testing.api_server.streams.websocket_channels import WebSocketChannels

        channels = WebSocketChannels(websocket, half_close=protocol == V5)
        await RemoteCommand(upgrade, channels, record, streams).serve()
