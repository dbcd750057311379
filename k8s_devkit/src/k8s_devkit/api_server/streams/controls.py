# SPDX-License-Identifier: Apache-2.0
"""How tests say what exec, attach and port-forward do."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from k8s_devkit.api_server.streams.registry import StreamHandlers, StreamRoute

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.server_core import ServerCore
    from k8s_devkit.api_server.streams.forwarding import ForwardedSocket
    from k8s_devkit.api_server.streams.sessions import AttachSession, ExecSession
    from k8s_devkit.strategy.subresources import StreamType

__all__ = ["StreamControls"]

_HANDLER_SECONDS = 1.0

ExecHandler = Callable[["ExecSession"], "int | None"]
AttachHandler = Callable[["AttachSession"], "int | None"]
ForwardHandler = Callable[["ForwardedSocket"], None]
E = TypeVar("E", bound=ExecHandler)
A = TypeVar("A", bound=AttachHandler)
F = TypeVar("F", bound=ForwardHandler)


class StreamControls:
    """Handlers of streams. Each runs as a plain function in a thread of its own; the last one that matches counts."""

    core: ServerCore

    @property
    def streams(self) -> StreamHandlers:
        """Facts about streams in which API servers differ, such as the subprotocols that are spoken."""
        return self.core.streams

    @overload
    def exec(
        self,
        handler: E,
        *,
        pod: str = "",
        namespace: str = "",
        container: str = "",
        command: Sequence[str] | None = None,
    ) -> E: ...
    @overload
    def exec(
        self,
        handler: None = None,
        *,
        pod: str = "",
        namespace: str = "",
        container: str = "",
        command: Sequence[str] | None = None,
    ) -> Callable[[E], E]: ...
    @overload
    def exec(
        self,
        handler: None = None,
        *,
        output: bytes | str = b"",
        errors: bytes | str = b"",
        exit_code: int = 0,
        pod: str = "",
        namespace: str = "",
        container: str = "",
        command: Sequence[str] | None = None,
    ) -> Any: ...
    def exec(
        self,
        handler: Any = None,
        *,
        output: bytes | str | None = None,
        errors: bytes | str | None = None,
        exit_code: int | None = None,
        pod: str = "",
        namespace: str = "",
        container: str = "",
        command: Sequence[str] | None = None,
    ) -> Any:
        """Say what ``pods/exec`` does; usable as a decorator.

        Args:
            handler: gets an `ExecSession`, returns the exit code (None is 0). What it raises is sent to the client as
                a failed Status; SystemExit is an exit code.
            output, errors, exit_code: a fixed answer instead of a handler.
            pod, namespace, container, command: what it is for; empty means all. ``command`` is the whole list.
        """
        if handler is None and (output, errors, exit_code) != (None, None, None):
            handler = _canned(output or b"", errors or b"", exit_code or 0)
        arguments = None if command is None else tuple(command)
        match = {"pod": pod, "namespace": namespace, "container": container, "command": arguments}
        return self._register("exec", handler, match)

    @overload
    def attach(self, handler: A, *, pod: str = "", namespace: str = "", container: str = "") -> A: ...
    @overload
    def attach(
        self, handler: None = None, *, pod: str = "", namespace: str = "", container: str = ""
    ) -> Callable[[A], A]: ...
    @overload
    def attach(
        self,
        handler: None = None,
        *,
        output: bytes | str = b"",
        errors: bytes | str = b"",
        exit_code: int = 0,
        pod: str = "",
        namespace: str = "",
        container: str = "",
    ) -> Any: ...
    def attach(
        self,
        handler: Any = None,
        *,
        output: bytes | str | None = None,
        errors: bytes | str | None = None,
        exit_code: int | None = None,
        pod: str = "",
        namespace: str = "",
        container: str = "",
    ) -> Any:
        """Say what ``pods/attach`` does, as `exec` does; the handler gets an `AttachSession`."""
        if handler is None and (output, errors, exit_code) != (None, None, None):
            handler = _canned(output or b"", errors or b"", exit_code or 0)
        return self._register("attach", handler, {"pod": pod, "namespace": namespace, "container": container})

    @overload
    def port_forward(self, handler: F, *, pod: str = "", namespace: str = "", port: int = 0) -> F: ...
    @overload
    def port_forward(self, handler: tuple[str, int], *, pod: str = "", namespace: str = "", port: int = 0) -> Any: ...
    @overload
    def port_forward(
        self, handler: None = None, *, pod: str = "", namespace: str = "", port: int = 0
    ) -> Callable[[F], F]: ...
    def port_forward(self, handler: Any = None, *, pod: str = "", namespace: str = "", port: int = 0) -> Any:
        """Say what is behind forwarded ports; usable as a decorator.

        Args:
            handler: a callable that gets a connected `ForwardedSocket` for each connection, or an address
                (``("127.0.0.1", 8080)``) to which the bytes are forwarded. What the callable raises ends the
                connection, with the text on its error channel.
            pod, namespace, port: what it is for; empty or 0 means all.
        """
        return self._register("portforward", handler, {"pod": pod, "namespace": namespace, "port": port})

    def _register(self, stream: StreamType, handler: Any, match: dict[str, Any]) -> Any:
        if handler is None:

            def decorate(function: Any) -> Any:
                return self._register(stream, function, match)

            return decorate
        self.core.streams.add(StreamRoute(stream, handler, **match))
        return handler

    def _end_handlers(self) -> None:
        """After the end of all connections: wait for the handlers for a moment, and warn of those that go on."""
        stuck = self.core.streams.join(_HANDLER_SECONDS)
        if stuck:
            text = "these handlers still run though their clients are gone; they must end when stdin does: "
            warnings.warn(text + ", ".join(stuck), ResourceWarning, stacklevel=3)


def _canned(output: bytes | str, errors: bytes | str, exit_code: int) -> Callable[[AttachSession], int]:
    out = output.encode() if isinstance(output, str) else output
    err = errors.encode() if isinstance(errors, str) else errors

    def answer(session: AttachSession) -> int:
        session.stdout.write(out)
        session.stderr.write(err)
        return exit_code

    return answer
