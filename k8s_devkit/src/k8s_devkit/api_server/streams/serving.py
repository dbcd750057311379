# SPDX-License-Identifier: Apache-2.0
"""Streams that run: a connection is taken from HTTP, and given to who serves it."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

from wsproto.utilities import generate_accept_token

from k8s_devkit.api_server.network.spdy import SpdyConnection
from k8s_devkit.api_server.network.websocket import WebSocket
from k8s_devkit.api_server.streams.channels import TUNNEL, V5
from k8s_devkit.api_server.streams.forwarding import forward
from k8s_devkit.api_server.streams.remote_command import RemoteCommand
from k8s_devkit.api_server.streams.spdy_channels import SpdyChannels
from k8s_devkit.api_server.streams.spdy_forwarding import SpdyForwarding
from k8s_devkit.api_server.streams.upgrade import SPDY, choose_protocol
from k8s_devkit.api_server.streams.websocket_channels import WebSocketChannels

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.connection import RawConnection
    from k8s_devkit.api_server.network.faults import Faults
    from k8s_devkit.api_server.network.messages import HttpRequest, Upgrade
    from k8s_devkit.api_server.network.request_log import RequestRecord
    from k8s_devkit.api_server.streams.registry import StreamHandlers

__all__ = ["switch"]


async def switch(
    upgrade: Upgrade,
    request: HttpRequest,
    record: RequestRecord,
    state: dict[str, Any],
    streams: StreamHandlers,
    faults: Faults,
) -> None:
    """Take the connection from HTTP, finish the handshake and run the stream to its end."""
    protocol = choose_protocol(upgrade, request, streams)
    if upgrade.protocol == SPDY:
        lines = ["Upgrade: SPDY/3.1", f"X-Stream-Protocol-Version: {protocol}"]
    else:
        accept = generate_accept_token(request.header("sec-websocket-key").encode()).decode()
        lines = ["Upgrade: websocket", f"Sec-WebSocket-Accept: {accept}", f"Sec-WebSocket-Protocol: {protocol}"]
    lines += [f"{name}: {value}" for name, value in upgrade.headers]
    lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", *lines, "", ""]
    connection: RawConnection = state["hand_over"]()
    try:
        await connection.write("\r\n".join(lines).encode("latin-1", "replace"))
        record.status = 101
        if upgrade.protocol == SPDY:
            await _serve_spdy(upgrade, SpdyConnection(connection.read, connection.write), record, streams)
        else:
            await _serve_websocket(upgrade, connection, protocol, record, streams, faults)
    except BrokenPipeError:
        pass  # the client went while the server spoke
    finally:
        if not connection.lost.is_set():
            connection.transport.close()


async def _serve_websocket(
    upgrade: Upgrade,
    connection: RawConnection,
    protocol: str,
    record: RequestRecord,
    streams: StreamHandlers,
    faults: Faults,
) -> None:
    websocket = WebSocket(connection, partial(faults.channel_fault, record.resource, upgrade.targets[0].stream))
    beside = [
        asyncio.ensure_future(_ping(websocket, streams.ping_interval)),
        asyncio.ensure_future(_disturb(websocket, streams)),
    ]
    try:
        await _serve(upgrade, websocket, protocol, record, streams)
    finally:
        for task in beside:
            task.cancel()


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
    if protocol == TUNNEL:
        await _serve_spdy(upgrade, SpdyConnection(websocket.read, websocket.send), record, streams)
    elif upgrade.targets[0].stream == "portforward":
        await forward(upgrade, websocket, record, streams)
    else:
        channels = WebSocketChannels(websocket, half_close=protocol == V5)
        await RemoteCommand(upgrade, channels, record, streams).serve()


async def _serve_spdy(
    upgrade: Upgrade, connection: SpdyConnection, record: RequestRecord, streams: StreamHandlers
) -> None:
    if upgrade.targets[0].stream == "portforward":
        await SpdyForwarding(upgrade, connection, record, streams).serve()
    else:
        await RemoteCommand(upgrade, SpdyChannels(connection), record, streams).serve()
