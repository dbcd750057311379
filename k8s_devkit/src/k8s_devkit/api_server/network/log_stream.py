# SPDX-License-Identifier: Apache-2.0
"""A log that is followed, as the body of an HTTP answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.network.faults import StreamFault, pause

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.faults import ChannelFault, Faults
    from k8s_devkit.api_server.network.messages import Follow
    from k8s_devkit.api_server.network.server_core import ServerCore

__all__ = ["follow_log"]

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


async def follow_log(
    answer: Follow, core: ServerCore, faults: Faults, transport: Any, receive: Receive, send: Send
) -> None:
    """Send a log as it grows, until it ends or the client goes (F19)."""
    follower, loop = answer.follower, asyncio.get_running_loop()
    ready = asyncio.Event()

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop may be closing while another thread still writes
            loop.call_soon_threadsafe(ready.set)

    async def disconnected() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        with core.lock:
            follower.end()
        ready.set()

    listener = asyncio.ensure_future(disconnected())
    core.streams.wakers.add(wake)
    try:
        headers = [("content-type", "text/plain"), ("cache-control", "no-cache, private"), *answer.headers]
        lines = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": lines})
        # An empty body carries the head, also where nothing was written yet.
        await send({"type": "http.response.body", "body": b"", "more_body": True})
        follower.wake = wake
        sent, ended = 0, False
        while not ended:
            with core.lock:
                ready.clear()
                finished = follower.ended
                body = follower.drain()
            ended = await _send(body, faults.channel_fault(answer.resource, "log", sent, body), transport, send)
            sent += bool(body)
            if finished and not body and not ended:
                await send({"type": "http.response.body", "body": b""})
                ended = True
            elif not body and not ended:
                await ready.wait()
    finally:
        listener.cancel()
        core.streams.wakers.discard(wake)
        with core.lock:
            follower.end()


async def _send(body: bytes, fault: ChannelFault | None, transport: Any, send: Send) -> bool:
    """Send what was written, or carry a fault out; True if the answer is over."""
    if fault is not None and fault.action != "delay":
        return await StreamFault(fault.action, payload=fault.payload).apply([body] if body else [], transport, send)
    if fault is not None:
        await pause(fault.seconds, transport)
    if body:
        await send({"type": "http.response.body", "body": body, "more_body": True})
    return False
