# SPDX-License-Identifier: Apache-2.0
"""One plain HTTP address on loopback for several HTTPS servers: the path of a request says which one gets it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

__all__ = ["SplitProxy"]

_HOST = "127.0.0.1"
_HEAD = 1 << 20  # bytes; longer than any head that a server accepts


class SplitProxy:
    """Passes requests on from ``__enter__`` to ``__exit__``, over TLS and with the client certificate of ``context``.

    Each request gets a connection of its own, after which both sides close. So only its head has to be understood;
    all that follows, in both directions, passes as it comes: bodies, streams that never end, upgraded connections.

    Args:
        route: the port that gets a path (without the query).
        context: how the servers are trusted and who they see.
    """

    def __init__(self, route: Callable[[str], int], context: ssl.SSLContext) -> None:
        self._route = route
        self._context = context
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="split-proxy")
        self._loop: asyncio.AbstractEventLoop
        self._stopping: asyncio.Event
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://{_HOST}:{self.port}"

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        connections: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await self._pass_on(reader, writer)
            except asyncio.CancelledError:
                pass  # only __exit__ cancels
            finally:
                connections.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(connected, _HOST, 0, limit=_HEAD)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in tuple(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request, *headers = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        path = request.split(b" ")[1].partition(b"?")[0].decode()
        upgrade = any(line.lower().startswith(b"upgrade:") for line in headers)
        if not upgrade:  # which says "Connection" itself
            headers = [line for line in headers if not line.lower().startswith(b"connection:")] + [b"Connection: close"]
        far_reader, far_writer = await asyncio.open_connection(_HOST, self._route(path), ssl=self._context)
        try:
            far_writer.write(b"\r\n".join([request, *headers, b"", b""]))
            there = asyncio.create_task(_copy(reader, far_writer))
            back = asyncio.create_task(_copy(far_reader, writer))
            try:
                # Either end decides: a client that leaves its watch, a server that has answered.
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
            with contextlib.suppress(OSError):
                writer.close()
                await writer.wait_closed()
        finally:
            far_writer.transport.abort()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
