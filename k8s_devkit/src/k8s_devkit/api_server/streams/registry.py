# SPDX-License-Identifier: Apache-2.0
"""Who answers exec, attach and port-forward: handlers by object, container, command and port."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.streams.channels import V4, V5

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.strategy.subresources import StreamType

__all__ = ["StreamHandlers", "StreamRoute", "StreamTarget"]


@dataclass(frozen=True, slots=True)
class StreamTarget:
    """What a client wants a stream to; ``kind`` is for messages, such as ``pod``."""

    stream: StreamType
    kind: str
    namespace: str
    name: str
    container: str = ""
    command: tuple[str, ...] = ()
    port: int = 0

    def __str__(self) -> str:
        where = f"{self.kind} {self.namespace}/{self.name}"
        if self.container:
            where = f"container {self.container} in {where}"
        return f"{self.stream} of port {self.port} of {where}" if self.port else f"{self.stream} of {where}"


@dataclass(frozen=True, slots=True)
class StreamRoute:
    """One registered handler; empty values match everything."""

    stream: StreamType
    handler: Any
    namespace: str = ""
    pod: str = ""
    container: str = ""
    command: tuple[str, ...] | None = None
    port: int = 0

    def matches(self, target: StreamTarget) -> bool:
        """Whether the handler is for a stream."""
        return (
            self.stream == target.stream
            and self.namespace in ("", target.namespace)
            and self.pod in ("", target.name)
            and self.container in ("", target.container)
            and (self.command is None or self.command == target.command)
            and (not target.port or self.port in (0, target.port))  # over SPDY the ports come later
        )


@dataclass(slots=True)
class StreamHandlers:
    """The streams of one server: handlers, and facts in which servers differ. Thread-safe.

    Attributes:
        protocols: the subprotocols of exec and attach that the server speaks. Without v5 there is no half close, as on
            servers before 1.30: ``server.streams.protocols = ("v4.channel.k8s.io",)``.
        needs_create: whether a WebSocket needs the verb ``create`` besides ``get``, as since 1.35 (F5).
        ping_interval: seconds between pings to the client; 0 for none, as the API server has it.
        owner: the class whose methods register handlers, for messages.
    """

    protocols: tuple[str, ...] = (V5, V4)
    needs_create: bool = True
    ping_interval: float = 0.0
    owner: str = "ApiServer"
    routes: list[StreamRoute] = field(default_factory=list)
    wakers: set[Callable[[], None]] = field(default_factory=set)
    _threads: set[threading.Thread] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, route: StreamRoute) -> None:
        """Register a handler; of several that match, the last one counts."""
        with self._lock:
            self.routes.append(route)

    def find(self, target: StreamTarget) -> StreamRoute | None:
        """The handler for a stream."""
        with self._lock:
            return next((route for route in reversed(self.routes) if route.matches(target)), None)

    def wake(self) -> None:
        """Have the streams that run look for a fault that comes now."""
        for waker in tuple(self.wakers):
            waker()

    def run(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Run a handler in a thread of its own."""
        # A handler that never returns must not keep the interpreter alive.
        thread = threading.Thread(target=work, name=name, daemon=True)
        with self._lock:
            thread.start()
            self._threads = {known for known in self._threads if known.is_alive()} | {thread}
        return thread

    def join(self, seconds: float) -> list[str]:
        """Wait for the handlers, at most so long. Returns the names of those that still run."""
        end = time.monotonic() + seconds
        with self._lock:
            threads = [thread for thread in self._threads if thread is not threading.current_thread()]
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return sorted(thread.name for thread in threads if thread.is_alive())
