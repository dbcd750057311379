# SPDX-License-Identifier: Apache-2.0
"""port-forward: what is behind a port, and the native WebSocket protocol in front of it (protocol F15)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from k8s_devkit.api_server.network.messages import Upgrade
    from k8s_devkit.api_server.network.request_log import RequestRecord
    from k8s_devkit.api_server.network.websocket import WebSocket
    from k8s_devkit.api_server.streams.registry import StreamHandlers, StreamTarget

__all__ = ["Backend", "ForwardedSocket", "forward"]

_CHUNK = 32 * 1024
_log = logging.getLogger("k8s_devkit")


class ForwardedSocket(socket.socket):
    """The pod's side of one forwarded connection: a connected, blocking socket, closed when the handler returns.

    Attributes:
        namespace, pod, port: what the client forwards to.
    """

    namespace: str = ""
    pod: str = ""
    port: int = 0


class Backend:
    """One connection to what is behind a port. Used in the server's loop, but for the handler's thread."""

    def __init__(self, target: StreamTarget, uid: str, record: RequestRecord, streams: StreamHandlers) -> None:
        self.target = target
        self.record = record
        self.streams = streams
        self.reader = asyncio.StreamReader()
        self._uid = uid
        self._writer: asyncio.StreamWriter | None = None
        self._outcome: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        self._gone = False

    async def connect(self) -> None:
        """Call the handler, or connect to the address; a failure is kept for `error`."""
        route = self.streams.find(self.target)
        if route is None:
            owner = self.streams.owner
            self._outcome.set_result(LookupError(f"nothing serves {self.target}: {owner}.port_forward() would"))
            self.reader.feed_eof()
            return
        if callable(route.handler):
            await self._call(route.handler)
            return
        host, port = route.handler
        try:
            self.reader, self._writer = await asyncio.open_connection(host, port)
        except OSError as error:
            self._outcome.set_result(error)
            self.reader.feed_eof()
        else:
            self._outcome.set_result(None)

    async def _call(self, handler: Any) -> None:
        ours, pair = socket.socketpair()
        theirs = ForwardedSocket(pair.family, pair.type, pair.proto, fileno=pair.detach())
        theirs.namespace, theirs.pod, theirs.port = self.target.namespace, self.target.name, self.target.port
        self.reader, self._writer = await asyncio.open_connection(sock=ours)
        loop = asyncio.get_running_loop()
        self.streams.run(f"{self.target}", lambda: self._work(handler, theirs, loop))

    def _work(self, handler: Any, theirs: ForwardedSocket, loop: asyncio.AbstractEventLoop) -> None:
        failure: BaseException | None = None
        try:
            with theirs:
                handler(theirs)
        except BaseException as error:
            self.record.error = failure = error
            if self._gone:
                if isinstance(error, ConnectionError):
                    return  # what a handler meets when its client goes
                raise  # nobody is left to be told: threading.excepthook is
            _log.warning("%s failed", self.target, exc_info=True)
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(self._set_outcome, failure)

    def _set_outcome(self, failure: BaseException | None) -> None:
        if not self._outcome.done():
            self._outcome.set_result(failure)

    async def output(self, size: int) -> AsyncIterator[bytes]:
        """What comes from behind the port, to its end."""
        while True:
            try:
                data = await self.reader.read(size)
            except ConnectionError:  # what was behind the port broke off
                return
            if not data:
                return
            yield data

    async def error(self) -> str:
        """After the end of `output`: what goes to the error channel; empty for a connection that ended in order."""
        failure = await self._outcome
        if failure is None:
            return ""
        text = str(failure) or type(failure).__name__
        target = self.target
        return f"error forwarding port {target.port} to {target.kind} {target.name}, uid {self._uid}: {text}"

    async def write(self, data: bytes) -> None:
        """Send to what is behind the port; dropped when that is closed."""
        if self._writer is not None:
            with contextlib.suppress(ConnectionError):
                self._writer.write(data)
                await self._writer.drain()

    def end_input(self) -> None:
        """The client sends no more on this connection."""
        if self._writer is not None and not self._writer.is_closing():
            with contextlib.suppress(OSError):
                self._writer.write_eof()

    async def close(self) -> None:
        """The client is gone, or the connection over. Idempotent."""
        self._gone = True
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()


async def forward(upgrade: Upgrade, websocket: WebSocket, record: RequestRecord, streams: StreamHandlers) -> None:
    """Serve the ports of one WebSocket until all have ended, or the client goes."""
    uid = upgrade.object["metadata"].get("uid", "")
    backends = [Backend(target, uid, record, streams) for target in upgrade.targets]
    tasks: list[asyncio.Future[Any]] = []
    try:
        for index, backend in enumerate(backends):
            for channel in (2 * index, 2 * index + 1):
                await websocket.send(bytes((channel,)) + struct.pack("<H", backend.target.port))
        await asyncio.gather(*(backend.connect() for backend in backends))
        receiving = asyncio.ensure_future(_receive(websocket, backends))
        working = asyncio.ensure_future(_work(websocket, backends))
        tasks += [receiving, working]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        await websocket.settle(receiving)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for backend in backends:
            await backend.close()


async def _work(websocket: WebSocket, backends: list[Backend]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for index, backend in enumerate(backends):
                group.create_task(_serve(websocket, index, backend))
        await websocket.close()
    except* BrokenPipeError:
        pass  # the client went while the server spoke


async def _serve(websocket: WebSocket, index: int, backend: Backend) -> None:
    """One port, to its end."""
    async for data in backend.output(_CHUNK):
        await websocket.send(bytes((2 * index,)) + data)
    text = await backend.error()
    if text:
        await websocket.send(bytes((2 * index + 1,)) + text.encode())


async def _receive(websocket: WebSocket, backends: list[Backend]) -> None:
    channel: int | None = None
    while (part := await websocket.receive()) is not None:
        data, last = part
        if channel is None and data:
            channel, data = data[0], data[1:]
        if data and channel is not None and channel % 2 == 0 and channel // 2 < len(backends):
            await backends[channel // 2].write(data)
        if last:
            channel = None
