# SPDX-License-Identifier: Apache-2.0
"""exec and attach: a handler in a thread on one side, channels of a client on the other (protocol F6-F11)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.streams.channels import (
    CLOSE,
    RESIZE,
    STDERR,
    STDIN,
    STDOUT,
    exit_status,
    failure_status,
)
from k8s_devkit.api_server.streams.sessions import AttachSession, ExecSession, TerminalSize
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import Upgrade
    from k8s_devkit.api_server.network.request_log import RequestRecord
    from k8s_devkit.api_server.streams.registry import StreamHandlers
    from k8s_devkit.api_server.streams.spdy_channels import SpdyChannels
    from k8s_devkit.api_server.streams.websocket_channels import WebSocketChannels

__all__ = ["RemoteCommand"]

_CHUNK = 64 * 1024
_log = logging.getLogger("k8s_devkit")
_FAILED = {"exec": "error executing command in container", "attach": "error attaching to container"}


class RemoteCommand:
    """One session of exec or attach. Made and used in the server's loop, but for the handler's thread."""

    def __init__(
        self,
        upgrade: Upgrade,
        channels: WebSocketChannels | SpdyChannels,
        record: RequestRecord,
        streams: StreamHandlers,
    ) -> None:
        self.target = upgrade.targets[0]
        self.channels = channels
        self.record = record
        self.streams = streams
        self._upgrade = upgrade
        self._status: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Run the handler to its end, or until the client goes."""
        route = self.streams.find(self.target)
        assert route is not None  # `connect` found it
        make = ExecSession if self.target.stream == "exec" else AttachSession
        target, options = self.target, self._upgrade.options
        await self.channels.open(options)
        session = make(target.namespace, target.name, target.container, self._upgrade.user, options)
        loop = asyncio.get_running_loop()
        self.streams.run(f"{target}", lambda: self._work(route.handler, session, loop))
        receiving = asyncio.ensure_future(self._receive(session))
        working = asyncio.ensure_future(self._finish(session))
        try:
            await asyncio.wait({receiving, working}, return_when=asyncio.FIRST_COMPLETED)
            await self.channels.settle(receiving)
        finally:
            receiving.cancel()
            working.cancel()
            await asyncio.gather(receiving, working, return_exceptions=True)
            session.leave()

    # The handler's thread

    def _work(self, handler: Any, session: AttachSession, loop: asyncio.AbstractEventLoop) -> None:
        try:
            status = exit_status(_exit_code(handler(session)))
        except SystemExit as error:
            status = exit_status(_exit_code(error.code))
        except BaseException as error:
            self.record.error = error
            if session.gone:
                if isinstance(error, BrokenPipeError):
                    return  # what a handler meets when its client goes
                raise  # nobody is left to be told: threading.excepthook is
            _log.warning("%s failed", self.target, exc_info=True)
            text = str(error) or type(error).__name__
            status = failure_status(f"{_FAILED[self.target.stream]}: {text}")
        finally:
            session.close_files()
        with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped
            loop.call_soon_threadsafe(self._set_status, status)

    def _set_status(self, status: bytes) -> None:
        if not self._status.done():
            self._status.set_result(status)

    # The server's loop

    async def _finish(self, session: AttachSession) -> None:
        """Output first, then the Status, then the end."""
        ends = session.ends
        try:
            async with asyncio.TaskGroup() as group:
                for channel, end in ((STDOUT, ends.stdout), (STDERR, ends.stderr)):
                    if end is not None:
                        group.create_task(self._pump(channel, end))
            await self.channels.finish(await self._status)
        except* BrokenPipeError:
            pass  # the client went while the server spoke

    async def _pump(self, channel: int, end: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(end, _CHUNK):
            await self.channels.send(channel, data)
        await self.channels.end(channel)

    async def _receive(self, session: AttachSession) -> None:
        loop, stdin = asyncio.get_running_loop(), session.ends.stdin
        while (frame := await self.channels.receive()) is not None:
            channel, data = frame
            if channel == RESIZE:
                _resize(session, data)
            elif channel == CLOSE and stdin is not None:
                _end(stdin)
                stdin = None
            elif channel == STDIN and stdin is not None:
                try:
                    await loop.sock_sendall(stdin, data)
                except OSError:
                    stdin = None  # the handler reads no more


def _end(stdin: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the handler closed it already
        stdin.shutdown(socket.SHUT_WR)


def _resize(session: AttachSession, data: bytes) -> None:
    # A size that cannot be read is ignored, as the kubelet does.
    with contextlib.suppress(AttributeError, TypeError, ValueError):
        size = load_json(data)
        session.resize(TerminalSize(int(size.get("Width", 0)), int(size.get("Height", 0))))


def _exit_code(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, int) and 0 <= value <= 255:
        return int(value)
    raise TypeError(f"a handler returns its exit code, 0 to 255, or None; this one returned {value!r}")
