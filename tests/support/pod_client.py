# SPDX-License-Identifier: Apache-2.0
"""The one seam between tests of pods' streams and who speaks them: here the product's own verbs."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.errors import ApiError, CommandNotRun, StreamBroken
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client
    from k8s_core.streams import Process

__all__ = ["Broken", "Completed", "PodClient", "Refused"]


class Broken(Exception):
    """The connection ended before the session did."""


class Refused(Exception):
    """No session came about; with the HTTP code and what the server said."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass
class Completed:
    """What a session left; without an exit code if the program could not be run."""

    stdout: bytes
    stderr: bytes
    exit_code: int | None
    error: str = ""


class PodClient:
    """Logs and streams of the pods of one namespace."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace

    def follow(self, pod: str, *, tail: int | None = None) -> Iterator[bytes]:
        """The lines of a log as they come; closing the iterator closes the connection."""
        with self.client.logs(Pod, pod, namespace=self.namespace, follow=True, tail=tail, text=False) as lines:
            yield from lines

    def exec(self, pod: str, *command: str, stdin: bytes = b"", end_input: bool = False) -> Completed:
        """Run a command to its end; ``end_input`` closes its stdin after the data, which takes v5."""
        if end_input:
            done = self.client.exec(Pod, command, name=pod, namespace=self.namespace, input=stdin)
            return Completed(done.stdout, done.stderr, done.exit_code)
        process = self.client.open_exec(Pod, command, name=pod, namespace=self.namespace, stdin=bool(stdin))
        return _finish(process, stdin)

    def attach(self, pod: str, *, stdin: bytes = b"") -> Completed:
        """Attach to the end."""
        try:
            return _finish(self.client.attach(Pod, name=pod, namespace=self.namespace, stdin=bool(stdin)), stdin)
        except ApiError as error:
            raise Refused(error.code, str(error)) from error

    def ask(self, pod: str, port: int, data: bytes) -> bytes:
        """Send data to a port of a pod, and read until the pod closes the connection."""
        with self.client.open_port(Pod, port, name=pod, namespace=self.namespace) as connection:
            sender = threading.Thread(target=connection.sendall, args=(data,))
            sender.start()
            try:
                return b"".join(iter(lambda: connection.recv(1 << 16), b""))
            finally:
                sender.join()


def _finish(process: Process, stdin: bytes) -> Completed:
    """Send, in a thread of its own, while all is read."""

    def send() -> None:
        if stdin:
            process.stdin.write(stdin)
            process.stdin.flush()

    sender = threading.Thread(target=send)
    done = Completed(b"", b"", None)
    with process:
        sender.start()
        try:
            done.stdout, done.stderr = process.stdout.read(), process.stderr.read()
            done.exit_code = process.wait(30)
        except CommandNotRun as failure:
            done.error = str(failure)
        except StreamBroken as failure:
            raise Broken from failure
        finally:
            sender.join()
    return done
