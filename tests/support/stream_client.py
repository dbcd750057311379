# SPDX-License-Identifier: Apache-2.0
"""A client for exec, attach and port-forward on another WebSocket library than the server's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlencode

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from k8s_devkit import ApiServer, RequestRecord

Json = dict[str, Any]
PODS = "/api/v1/namespaces/default/pods"
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
NORMAL = (("stdin", "true"), ("stdout", "true"), ("stderr", "true"))


class HasUrl(Protocol):
    """A server, or a stand-in for one."""

    @property
    def url(self) -> str: ...


class StreamClient:
    """One WebSocket; closed by the end of the with statement. ``options`` go to `connect`, such as ``ssl``."""

    def __init__(
        self,
        server: HasUrl,
        path: str,
        query: Sequence[tuple[str, str]] = (),
        *,
        protocols: Sequence[str] = (V5, V4),
        **options: Any,
    ) -> None:
        options.setdefault("compression", None)
        options.setdefault("max_size", None)
        uri = f"{server.url.replace('http', 'ws', 1)}{path}?{urlencode(query)}"
        offered: Any = list(protocols) or None
        self._context = connect(uri, subprotocols=offered, open_timeout=10, close_timeout=2, proxy=None, **options)
        self.socket = self._context.__enter__()
        self.protocol = str(self.socket.subprotocol)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close in order, if the server did not."""
        self._context.__exit__(None, None, None)

    def receive(self) -> tuple[int, bytes]:
        """The channel and the payload of the next message."""
        message = self.socket.recv(timeout=10)
        assert isinstance(message, bytes), f"a text frame: {message!r}"
        return message[0], message[1:]

    def expect(self, channel: int, size: int) -> bytes:
        """Read until ``size`` bytes came on ``channel``, and nothing on another."""
        data = b""
        while len(data) < size:
            got, payload = self.receive()
            assert got == channel, (got, payload)
            data += payload
        return data

    def send(self, channel: int, data: bytes) -> None:
        """One message."""
        self.socket.send(bytes((channel,)) + data)

    def end_stdin(self) -> None:
        """The half close of v5."""
        self.send(CLOSE, b"\x00")

    def drain(self) -> dict[int, bytes]:
        """Everything by channel until the server closes in order."""
        channels: dict[int, bytes] = {}
        try:
            while True:
                channel, data = self.receive()
                channels[channel] = channels.get(channel, b"") + data
        except ConnectionClosed as closed:
            assert closed.rcvd is not None, "the connection ended without a Close frame"
            assert closed.rcvd.code == 1000, closed.rcvd
        return channels


def exec_in(server: ApiServer, *command: str, pod: str = "web", query: Any = NORMAL, **options: Any) -> StreamClient:
    """A client that runs ``command``; the first message, which says that the stream stands, is read."""
    arguments = [("command", argument) for argument in command]
    client = StreamClient(server, f"{PODS}/{pod}/exec", [*query, *arguments], **options)
    assert client.receive() == (STDOUT, b"")
    return client


def status_of(channels: dict[int, bytes]) -> Json:
    """The Status of a session that ended."""
    status: Json = json.loads(channels[ERROR])
    return status


def refusal(connecting: Callable[[], StreamClient]) -> tuple[int, Any]:
    """Status and body of a handshake that is refused."""
    try:
        connecting().close()
    except InvalidStatus as refused:
        body = refused.response.body or b""
        kind = refused.response.headers.get("content-type", "")
        return refused.response.status_code, json.loads(body) if kind == "application/json" else body.decode()
    raise AssertionError("the handshake succeeded")


def last_stream(server: ApiServer) -> RequestRecord:
    """The last request for a stream."""
    return [record for record in server.requests if "/" in record.resource][-1]


def running_pod(name: str = "web", *containers: str, node: str = "node-1", **more: Any) -> Json:
    """A Pod on a node."""
    parts = [{"name": container, "image": "busybox"} for container in containers or ("main",)]
    spec = {"containers": parts, **({"nodeName": node} if node else {})}
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, **more}
