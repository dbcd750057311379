# SPDX-License-Identifier: Apache-2.0
"""SPDY/3.1 as kubectl speaks it, for exec and port-forward (protocol F16)."""

from __future__ import annotations

import json
import struct
import threading
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from spdy_client import DICTIONARY, PING, RST_STREAM, SYN_STREAM, SpdyClient
from stream_client import PODS, running_pod
from waiting import eventually
from wire_socket import talk

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import ExecSession, ForwardedSocket

EXEC = f"{PODS}/web/exec?command=x&stdin=1&stdout=1&stderr=1"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    before = set(threading.enumerate())
    with ApiServer() as running:
        running.seed(running_pod())
        yield running
    assert set(threading.enumerate()) <= before


def test_F16_the_dictionary_is_that_of_the_specification() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)


def test_F16_exec_has_a_stream_for_each_channel(server: ApiServer) -> None:
    @server.exec
    def count(session: ExecSession) -> int:
        length = len(session.stdin.read())
        session.stderr.write(b"err")
        return length

    with SpdyClient(server.port, EXEC, "v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io") as client:
        assert "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n" in client.headers
        for stream, name in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr")):
            client.open(stream, streamtype=name)
        client.control(PING, b"\0\0\0\1")
        assert client.frame() == (PING, b"\0\0\0\1")
        client.send(3, b"abc")
        client.send(3, b"d", fin=True)
        got = client.drain(1, 5, 7)
    assert (got[5], got[7]) == (b"", b"err")
    assert json.loads(got[1])["details"]["causes"] == [{"reason": "ExitCode", "message": "4"}]


def test_F16_connections_of_port_forward_share_one(server: ApiServer) -> None:
    @server.port_forward(port=80)
    def echo(connection: ForwardedSocket) -> None:
        while data := connection.recv(100):
            connection.sendall(b"%d:%b" % (connection.port, data))

    with SpdyClient(server.port, f"{PODS}/web/portforward", "portforward.k8s.io") as client:
        for stream, request, port in ((1, "0", "80"), (5, "1", "80"), (9, "2", "99")):
            client.open(stream, streamtype="error", port=port, requestid=request)
            client.send(stream, b"", fin=True)
            client.open(stream + 2, streamtype="data", port=port, requestid=request)
            if port == "99":
                error = client.drain(9, 11)[9].decode()
                assert error.startswith("error forwarding port 99 to pod web, uid ")
                assert "ApiServer.port_forward()" in error
        client.send(7, b"second")
        assert client.frame() == (-7, b"80:second")
        client.send(3, b"first", fin=True)
        assert client.drain(1, 3) == {1: b"", 3: b"80:first"}
        client.control(RST_STREAM, struct.pack(">II", 7, 5))
        assert client.drain(5, 7) == {5: b"", 7: b""}


def test_F16_a_client_that_goes_ends_the_handlers(server: ApiServer) -> None:
    ended: list[Any] = []
    server.port_forward(lambda connection: ended.append(connection.recv(10)))
    server.exec(lambda session: ended.append(session.stdin.read()))
    with SpdyClient(server.port, f"{PODS}/web/portforward", "portforward.k8s.io") as client:
        client.open(1, streamtype="error", port="1", requestid="0")
        client.open(3, streamtype="data", port="1", requestid="0")
    with SpdyClient(server.port, EXEC, "v4.channel.k8s.io") as client:
        for stream, name in ((1, "error"), (3, "stdin"), (5, "stdout"), (7, "stderr")):
            client.open(stream, streamtype=name)
    with SpdyClient(server.port, EXEC, "v4.channel.k8s.io") as client:
        client.control(SYN_STREAM, b"no headers")
        assert client.frame() == (0, b"")
    eventually(lambda: ended == [b"", b""])


def test_F16_a_protocol_that_is_not_spoken(server: ApiServer) -> None:
    server.exec(exit_code=0)
    lines = [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1"), ("X-Stream-Protocol-Version", "v1")]
    answer = talk(server.port, "POST", EXEC, [*lines, ("Content-Length", "0")])
    text = (
        b"unable to upgrade: unable to negotiate protocol: client supports [v1], server accepts [v4.channel.k8s.io]\n"
    )
    assert (answer.status, answer.body) == (403, text)
