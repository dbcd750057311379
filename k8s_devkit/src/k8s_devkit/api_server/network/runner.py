# SPDX-License-Identifier: Apache-2.0
"""An ASGI application on a loopback port, served by uvicorn's HTTP protocol in a thread of this process.

uvicorn's own `Server` polls every 0.1 s and takes as long to stop; a server for each test cannot wait for that.
So the loop is ours, and uvicorn does what is worth having it for: HTTP/1.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.server import ServerState

from k8s_devkit.api_server.network.connection import RawConnection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable


__all__ = ["LoopServer"]

_STOP_SECONDS = 2.0


def _with_transport(base: Any) -> Any:
    """uvicorn's protocol, which also hands the application its transport: faults and streams happen below HTTP."""

    class Protocol(base):  # type: ignore[misc]  # which of uvicorn's two it is, is decided at run time
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self.app_state = {"transport": transport, "hand_over": self._hand_over}

        def _hand_over(self) -> RawConnection:
            """Take the connection from HTTP: the request that is being served is its last."""
            self._unset_keepalive_if_required()
            self.connections.discard(self)
            self.cycle.disconnected = True  # uvicorn expects no answer any more
            self.flow.resume_reading()  # h11 pauses after a request to upgrade
            connection = RawConnection(self.connections)
            self.transport.set_protocol(connection)
            connection.connection_made(self.transport)
            return connection

        def _unsupported_upgrade_warning(self) -> None:
            """uvicorn would advise to install a WebSocket library, which is not what is missing."""

    return Protocol


class LoopServer:
    """One listening socket with its own event loop and thread.

    Args:
        app: the ASGI application.
        port: 0 takes a free one.
        context: TLS, or None for plain HTTP.
        protocol: uvicorn's protocol class; None takes the one on httptools, or on h11 where that is not installed.
    """

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        protocol: Any = None,
    ) -> None:
        self._app = app
        self._context = context
        self._protocol = _with_transport(protocol or AutoHTTPProtocol)
        self._socket = _listening_socket(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.loop = asyncio.new_event_loop()
        self._state = ServerState()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Serve. Returns when connections are accepted."""
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name=f"k8s-api-{self.port}", daemon=True)
        self._thread.start()
        started.wait()
        if self._failure is not None:
            raise RuntimeError("the embedded API server does not start") from self._failure

    def _run(self, started: threading.Event) -> None:
        loop = self.loop
        asyncio.set_event_loop(loop)
        try:
            server = loop.run_until_complete(self._listen())
        except BaseException as error:  # noqa: BLE001  # handed to the thread that waits in start()
            self._failure = error
            self._socket.close()
            loop.close()
            started.set()
            return
        loop.call_soon(started.set)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(self._close_connections(server))
            loop.run_until_complete(loop.shutdown_asyncgens())
            asyncio.set_event_loop(None)
            loop.close()

    async def _listen(self) -> asyncio.Server:
        config = Config(
            self._app,
            http=self._protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=3600,
            h11_max_incomplete_event_size=1 << 20,
        )
        config.load()

        def connection() -> asyncio.Protocol:
            made: asyncio.Protocol = self._protocol(config=config, server_state=self._state, app_state={})
            return made

        return await self.loop.create_server(connection, sock=self._socket, ssl=self._context)

    async def _close_connections(self, server: asyncio.Server) -> None:
        """Let running answers end for a moment, then close what is left, sockets included."""
        # What was accepted just now gets its protocol first: a server that is closed would leave its socket open.
        with contextlib.suppress(NotImplementedError):  # by Windows' default loop
            self.loop.remove_reader(self._socket.fileno())
        await _some_iterations()
        server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        end = self.loop.time() + _STOP_SECONDS
        grace = self.loop.time() + 0.05
        while (self._state.connections or self._state.tasks) and self.loop.time() < end:
            if self.loop.time() > grace:
                for connection in list(self._state.connections):
                    transport = getattr(connection, "transport", None)
                    if transport is not None:
                        transport.abort()
            await asyncio.sleep(0.001)
        # TLS handshakes that were never finished: a task each, which closes the socket when it is cancelled.
        unfinished = asyncio.all_tasks() - {asyncio.current_task()}
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        # The callbacks that close sockets run one iteration after the connection is lost.
        await _some_iterations()

    def call(self, function: Callable[[], Any]) -> None:
        """Call a function in the loop's thread, soon. Does nothing when the loop is closed."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(function)

    def stop(self) -> None:
        """Stop serving and close every socket. Blocks until that is done, two seconds at most. Idempotent."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self.call(self.loop.stop)
        thread.join()


async def _some_iterations() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def _listening_socket(host: str, port: int) -> socket.socket:
    # The protocol number is named, for asyncio switches Nagle's algorithm off only where it sees it; with it on, each
    # answer waits 40 ms for the client's delayed acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    return listening
