# SPDX-License-Identifier: Apache-2.0
"""The one seam between tests of pods' streams and who speaks them: here the library `websockets`."""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from client_tls import client_tls
from stream_client import STDERR, STDIN, STDOUT, V4, V5, StreamClient, status_of
from websockets.exceptions import InvalidStatus

from k8s_core.redaction import reveal
from k8s_core.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from k8s_core import Client
    from k8s_core.configuration import Config

__all__ = ["Broken", "Completed", "PodClient", "Refused"]

_CHUNK = 1 << 16


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
        self.url = client.config.server
        self._tls = _tls_of(client.config)
        self._path = f"/api/v1/namespaces/{namespace}/pods"

    def follow(self, pod: str, *, tail: int | None = None) -> Iterator[bytes]:
        """The lines of a log as they come; closing the iterator closes the connection."""
        pairs = (("follow", "true"), *([] if tail is None else [("tailLines", str(tail))]))
        response = self.client.transport.send(
            Request(method="GET", path=f"{self._path}/{pod}/log", query=pairs, stream=True)
        )
        buffer = b""
        try:
            for chunk in response.stream():
                *lines, buffer = (buffer + chunk).split(b"\n")
                yield from lines
            if buffer:
                yield buffer
        finally:
            response.close()

    def exec(self, pod: str, *command: str, stdin: bytes = b"", end_input: bool = False) -> Completed:
        """Run a command to its end; ``end_input`` closes its stdin after the data, which takes v5."""
        return self._session(f"{pod}/exec", [("command", argument) for argument in command], stdin, end_input=end_input)

    def attach(self, pod: str, *, stdin: bytes = b"") -> Completed:
        """Attach to the end."""
        return self._session(f"{pod}/attach", [], stdin)

    def ask(self, pod: str, port: int, data: bytes) -> bytes:
        """Send data to a port of a pod, and read until the pod closes the connection."""
        with self._connect(f"{pod}/portforward", [("ports", str(port))], [V4]) as session:
            for channel in (0, 1):
                assert session.receive() == (channel, struct.pack("<H", port))
            return self._talk(session, 0, data).get(0, b"")

    def _session(
        self, path: str, query: Sequence[tuple[str, str]], stdin: bytes, *, end_input: bool = False
    ) -> Completed:
        wanted = [("stdin", "true")] if stdin else []
        with self._connect(path, [*wanted, ("stdout", "true"), ("stderr", "true"), *query], [V5, V4]) as session:
            channels = self._talk(session, STDIN, stdin, end_input=end_input)
        status = status_of(channels)
        causes = (status.get("details") or {}).get("causes", [])
        codes = [int(cause["message"]) for cause in causes if cause.get("reason") == "ExitCode"]
        code = 0 if status["status"] == "Success" else codes[0] if codes else None
        return Completed(channels.get(STDOUT, b""), channels.get(STDERR, b""), code, status.get("message", ""))

    def _connect(self, path: str, query: Sequence[tuple[str, str]], protocols: Sequence[str]) -> StreamClient:
        try:
            return StreamClient(self, f"{self._path}/{path}", query, protocols=protocols, ssl=self._tls)
        except InvalidStatus as refused:
            response = refused.response
            raise Refused(response.status_code, (response.body or b"").decode()) from None

    def _talk(self, session: StreamClient, channel: int, data: bytes, *, end_input: bool = False) -> dict[int, bytes]:
        """Send on one channel, in a thread of its own, while all are read."""

        def send() -> None:
            for start in range(0, len(data), _CHUNK):
                session.send(channel, data[start : start + _CHUNK])
            if end_input:
                session.end_stdin()

        sender = threading.Thread(target=send)
        sender.start()
        try:
            return session.drain()
        except AssertionError as error:
            raise Broken from error
        finally:
            sender.join()


def _tls_of(config: Config) -> object | None:
    authority = config.certificate_authority_data
    if authority is None:
        return None
    return client_tls(authority, config.client_certificate_data or b"", reveal(config.client_key_data) or b"")
