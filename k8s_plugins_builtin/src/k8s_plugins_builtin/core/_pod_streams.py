# SPDX-License-Identifier: Apache-2.0
"""Verbs inside of a Pod: its logs, commands, ports and files."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from k8s_core.behaviour import client_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta
    from os import PathLike
    from socket import socket

    from k8s_core.client import Client
    from k8s_core.errors import KubernetesError
    from k8s_core.streams import (
        CompletedCommand,
        CopyProgress,
        CopyReport,
        LogBytes,
        LogLine,
        LogStream,
        PortForward,
        Process,
    )
    from k8s_core.streams.commands import Input
    from k8s_plugins_builtin.core.v1 import Pod

__all__ = ["PodStreams"]


class PodStreams:
    """The verbs of ``Client`` of the same names, on the pod itself; arguments and errors are theirs.

    ``client`` is who asks; None means the active client, else the default one.
    """

    __slots__ = ()

    @overload
    def logs(
        self,
        *,
        container: str | None = None,
        follow: bool = False,
        since: float | timedelta | datetime | None = None,
        tail: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
        text: Literal[True] = True,
        client: Client | None = None,
    ) -> LogStream[LogLine]: ...
    @overload
    def logs(
        self,
        *,
        container: str | None = None,
        follow: bool = False,
        since: float | timedelta | datetime | None = None,
        tail: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
        text: Literal[False],
        client: Client | None = None,
    ) -> LogStream[LogBytes]: ...
    def logs(
        self,
        *,
        container: str | None = None,
        follow: bool = False,
        since: float | timedelta | datetime | None = None,
        tail: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
        text: bool = True,
        client: Client | None = None,
    ) -> LogStream[Any]:
        """Read a log line by line, as the lines come; see ``Client.logs``."""
        pod = cast("Pod", self)
        read: Any = client_for(pod, client).logs
        lines: LogStream[Any] = read(
            pod,
            container=container,
            follow=follow,
            since=since,
            tail=tail,
            previous=previous,
            timestamps=timestamps,
            text=text,
        )
        return lines

    @overload
    def exec(
        self,
        command: Sequence[str],
        *,
        container: str | None = None,
        input: Input | None = None,
        text: Literal[True],
        check: bool = False,
        timeout: float | None = None,
        tty: bool = False,
        client: Client | None = None,
    ) -> CompletedCommand[str]: ...
    @overload
    def exec(
        self,
        command: Sequence[str],
        *,
        container: str | None = None,
        input: Input | None = None,
        text: Literal[False] = False,
        check: bool = False,
        timeout: float | None = None,
        tty: bool = False,
        client: Client | None = None,
    ) -> CompletedCommand[bytes]: ...
    def exec(
        self,
        command: Sequence[str],
        *,
        container: str | None = None,
        input: Input | None = None,
        text: bool = False,
        check: bool = False,
        timeout: float | None = None,
        tty: bool = False,
        client: Client | None = None,
    ) -> CompletedCommand[Any]:
        """Run a command to its end, as ``subprocess.run`` does; see ``Client.exec``."""
        pod = cast("Pod", self)
        run: Any = client_for(pod, client).exec
        done: CompletedCommand[Any] = run(
            pod, command, container=container, input=input, text=text, check=check, timeout=timeout, tty=tty
        )
        return done

    def open_exec(
        self,
        command: Sequence[str],
        *,
        container: str | None = None,
        stdin: bool = False,
        text: bool = False,
        tty: bool = False,
        client: Client | None = None,
    ) -> Process:
        """Start a command and talk to it, as ``subprocess.Popen`` does; see ``Client.open_exec``."""
        pod = cast("Pod", self)
        return client_for(pod, client).open_exec(pod, command, container=container, stdin=stdin, text=text, tty=tty)

    def attach(
        self,
        *,
        container: str | None = None,
        stdin: bool = False,
        text: bool = False,
        tty: bool = False,
        client: Client | None = None,
    ) -> Process:
        """Attach to the process that a container runs; see ``Client.attach``."""
        pod = cast("Pod", self)
        return client_for(pod, client).attach(pod, container=container, stdin=stdin, text=text, tty=tty)

    def port_forward(
        self,
        *ports: int | str | tuple[int, int | str],
        address: str = "127.0.0.1",
        on_error: Callable[[KubernetesError], object] | None = None,
        client: Client | None = None,
    ) -> PortForward:
        """Listen on this machine, and lead each connection to a port of the pod; see ``Client.port_forward``."""
        pod = cast("Pod", self)
        return client_for(pod, client).port_forward(pod, *ports, address=address, on_error=on_error)

    def open_port(self, port: int | str, *, client: Client | None = None) -> socket:
        """Connect to a port of the pod, without a local listener; see ``Client.open_port``."""
        pod = cast("Pod", self)
        return client_for(pod, client).open_port(pod, port)

    def copy_from(
        self,
        source: str,
        target: str | PathLike[str],
        *,
        container: str | None = None,
        skip_unsafe: bool = False,
        progress: Callable[[CopyProgress], object] | None = None,
        client: Client | None = None,
    ) -> CopyReport:
        """Copy a file or a tree out of a container; see ``Client.copy_from``."""
        pod = cast("Pod", self)
        return client_for(pod, client).copy_from(
            pod, source, target, container=container, skip_unsafe=skip_unsafe, progress=progress
        )

    def copy_to(
        self,
        source: str | PathLike[str],
        target: str,
        *,
        container: str | None = None,
        progress: Callable[[CopyProgress], object] | None = None,
        client: Client | None = None,
    ) -> CopyReport:
        """Copy a file or a tree into a container; see ``Client.copy_to``."""
        pod = cast("Pod", self)
        return client_for(pod, client).copy_to(pod, source, target, container=container, progress=progress)

    def debug(
        self,
        image: str,
        *,
        command: Sequence[str] = (),
        container: str | None = None,
        name: str | None = None,
        stdin: bool = True,
        text: bool = False,
        tty: bool = False,
        timeout: float = 60.0,
        client: Client | None = None,
    ) -> Process:
        """Start a debugging container in the pod and attach to it; as ``kubectl debug -it`` does.

        The container can't be removed; it ends with its command. Several requests.

        Args:
            image: with the tools that the pod's own images lack.
            command: to run; empty means the image's own.
            container: whose processes it sees; None isolates it.
            name: of the new container; None makes one up.
            stdin: write to its stdin.
            text: the files are of str, as UTF-8, and not of bytes.
            tty: give it a terminal.
            timeout: seconds until it must have started.
            client: who asks.

        Raises:
            WaitTimeout: it has not started in time, such as when its image can't be pulled.
            ApiError, TransportError: see ``Client.attach``.
        """
        pod = cast("Pod", self)
        chosen = client_for(pod, client)
        called = name or f"debugger-{secrets.token_hex(3)}"
        wanted: dict[str, Any] = {"name": called, "image": image, "stdin": stdin, "tty": tty}
        if command:
            wanted["command"] = list(command)
        if container is not None:
            wanted["targetContainerName"] = container
        changed = pod.add_ephemeral_container(wanted, client=chosen)

        def started(each: Pod) -> bool:
            return each.has_started(called)

        started.__name__ = f"the container {called} has started"
        return chosen.attach(
            chosen.wait(changed, started, timeout=timeout), container=called, stdin=stdin, text=text, tty=tty
        )
