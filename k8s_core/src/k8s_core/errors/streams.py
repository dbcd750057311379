# SPDX-License-Identifier: Apache-2.0
"""What goes wrong inside of a pod: its containers, commands, ports and files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors.base import KubernetesError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CommandFailed",
    "CommandNotRun",
    "CommandTimeout",
    "CopyError",
    "NoSuchContainer",
    "PodNotRunning",
    "PortForwardError",
    "StreamError",
    "UnsafeEntry",
]


class StreamError(KubernetesError):
    """Root of the errors of logs, exec, attach, port-forward and copies that are not those of the connection."""


class NoSuchContainer(StreamError):
    """The object has no container of that name, or has several and none was named.

    Attributes:
        containers: the names to choose from.
    """

    def __init__(self, message: str, containers: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.containers = list(containers)


class PodNotRunning(StreamError):
    """The pod is not running, so that nothing can be run in it and no port of it reached."""


class CommandFailed(StreamError):
    """A command ended with an exit code other than 0.

    Attributes:
        command: the program and its arguments; empty for a container that was attached to.
        exit_code: 1 to 255; 126 and 127 are what a shell says of a program that it can't run or find.
        stdout, stderr: what it wrote, bytes or str as it was asked for; None if that was not collected. The message
            does not quote them: they may hold secrets.
    """

    def __init__(
        self,
        message: str,
        *,
        command: Sequence[str] = (),
        exit_code: int = 0,
        stdout: Any = None,
        stderr: Any = None,
    ) -> None:
        super().__init__(message)
        self.command = list(command)
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr


class CommandNotRun(StreamError):
    """The container runtime could not run the command: there is no such program, or the container is gone.

    Attributes:
        command: the program and its arguments; empty for a container that was attached to.
    """

    def __init__(self, message: str, *, command: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.command = list(command)


class CommandTimeout(StreamError, TimeoutError):
    """A command did not end in time. The connection to it is closed, and **it may run on**: nothing kills it.

    Attributes:
        command: the program and its arguments; empty for a container that was attached to.
        stdout, stderr: what it wrote until then; None if that was not collected.
    """

    def __init__(
        self, message: str, *, command: Sequence[str] = (), stdout: bytes | None = None, stderr: bytes | None = None
    ) -> None:
        super().__init__(message)
        self.command = list(command)
        self.stdout = stdout
        self.stderr = stderr


class PortForwardError(StreamError):
    """A connection to a port of a pod failed at its far end.

    Attributes:
        port: of the pod.
    """

    def __init__(self, message: str, *, port: int = 0) -> None:
        super().__init__(message)
        self.port = port


class CopyError(StreamError):
    """Files could not be copied; nothing stands under the final name that was not there before."""


class UnsafeEntry(CopyError):
    """An archive holds an entry that would be written outside of the target, or is not a file, folder or link.

    Attributes:
        entry: its name in the archive.
    """

    def __init__(self, message: str, *, entry: str = "") -> None:
        super().__init__(message)
        self.entry = entry
