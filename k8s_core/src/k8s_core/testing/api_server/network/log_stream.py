# SPDX-License-Identifier: Apache-2.0
"""A log that is followed, as the body of an HTTP answer."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from threading import RLock

    from k8s_core.testing.api_server.network.messages import Follow

__all__ = ["follow_log"]


async def follow_log(
    answer: Follow,
    lock: RLock,
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
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
        with lock:
            follower.end()
        ready.set()

    listener = asyncio.ensure_future(disconnected())
    try:
        headers = [("content-type", "text/plain"), ("cache-control", "no-cache, private"), *answer.headers]
        lines = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": lines})
        follower.wake = wake
        body, more = b"", True
        while more:
            # The first, empty one carries the head, also where nothing was written yet.
            await send({"type": "http.response.body", "body": body, "more_body": True})
            with lock:
                ready.clear()
                ended = follower.ended
                body = follower.drain()
            more = bool(body) or not ended
            if not body and more:
                await ready.wait()
        await send({"type": "http.response.body", "body": b""})
    finally:
        listener.cancel()
        with lock:
            follower.end()
