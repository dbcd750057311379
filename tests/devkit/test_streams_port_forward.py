# SPDX-License-Identifier: Apache-2.0
"""port-forward on the embedded server: the native WebSocket protocol (protocol F15, J30)."""

from __future__ import annotations

import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest
from stream_client import PODS, V4, V5, StreamClient, last_stream, refusal, running_pod
from waiting import eventually

from k8s_devkit import ApiServer, ForwardedSocket

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ApiServer]:
    before = set(threading.enumerate())
    with ApiServer() as running:
        running.seed(running_pod())
        yield running
    # The client's threads end a moment after its connection.
    eventually(lambda: set(threading.enumerate()) <= before)


def forward(server: ApiServer, *ports: int) -> StreamClient:
    """A client for ports; the first frame of each channel is read and checked."""
    query = [("ports", str(port)) for port in ports]
    client = StreamClient(server, f"{PODS}/web/portforward", query, protocols=[V4])
    for index, port in enumerate(ports):
        for channel in (2 * index, 2 * index + 1):
            assert client.receive() == (channel, struct.pack("<H", port))
    return client


def test_F15_a_handler_gets_a_socket(server: ApiServer) -> None:
    @server.port_forward(pod="web")
    def shout(connection: ForwardedSocket) -> None:
        with connection.makefile("rwb") as file:
            file.write(file.readline().upper() + b"from %d" % connection.port)

    with forward(server, 8080) as client:
        assert client.protocol == V4
        client.send(0, b"hel")
        client.send(0, b"lo\n")
        assert client.drain() == {0: b"HELLO\nfrom 8080"}
    record = last_stream(server)
    assert (record.status, record.resource, record.query) == (101, "pods/portforward", [("ports", "8080")])


def test_F15_ports_below_256_are_little_endian_too(server: ApiServer) -> None:
    server.port_forward(lambda connection: connection.sendall(b"x"), port=80)
    with forward(server, 80) as client:
        assert client.drain() == {0: b"x"}


def test_F15_each_port_has_its_own_channels(server: ApiServer) -> None:
    @server.port_forward
    def echo(connection: ForwardedSocket) -> None:
        while data := connection.recv(1024):
            if data == b"bye":
                return
            connection.sendall(b"%d:%b" % (connection.port, data))

    with forward(server, 80, 443) as client:
        client.send(2, b"second")
        assert client.receive() == (2, b"443:second")
        client.send(0, b"first")
        assert client.receive() == (0, b"80:first")
        client.send(0, b"bye")
        client.send(2, b"still")
        assert client.receive() == (2, b"443:still")
        client.send(1, b"the error channel of a client says nothing")
        client.send(77, b"unknown")
        client.send(2, b"bye")
        assert client.drain() == {}


def test_F15_bytes_are_really_forwarded_to_an_address(server: ApiServer) -> None:
    data = bytes(range(256)) * 4096
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server.port_forward(listening.getsockname()[:2], port=5432)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                received = b""
                while len(received) < len(data):
                    received += connection.recv(65536)
                connection.sendall(received[::-1])

        thread = threading.Thread(target=serve)
        thread.start()
        with forward(server, 5432) as client:
            client.send(0, data[:100_000])
            client.send(0, data[100_000:])
            assert client.drain() == {0: data[::-1]}
        thread.join()


def test_F15_nobody_listens_is_a_text_on_the_error_channel(server: ApiServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()[:2]
    server.port_forward(address)
    with forward(server, 80) as client:
        channels = client.drain()
    uid = server.objects("v1", "Pod")[0]["metadata"]["uid"]
    assert channels[1].decode().startswith(f"error forwarding port 80 to pod web, uid {uid}: ")
    assert 0 not in channels


def test_F15_what_a_handler_raises_ends_its_port_only(server: ApiServer) -> None:
    server.port_forward(lambda connection: connection.sendall(connection.recv(10)), port=1)

    @server.port_forward(port=2)
    def broken(connection: ForwardedSocket) -> None:
        connection.sendall(b"before")
        raise ValueError("no database")

    with forward(server, 1, 2) as client:
        assert client.receive() == (2, b"before")
        channel, text = client.receive()
        assert (channel, text.endswith(b": no database")) == (3, True)
        client.send(0, b"ping")
        assert client.drain() == {0: b"ping"}
    assert isinstance(last_stream(server).error, ValueError)


def test_F15_a_client_that_goes_is_an_eof(server: ApiServer) -> None:
    received, done = [b""], threading.Event()

    @server.port_forward
    def read(connection: ForwardedSocket) -> None:
        while data := connection.recv(100):
            received[0] += data
        done.set()

    with forward(server, 80) as client:
        client.send(0, b"last")
    assert done.wait(10)
    assert received == [b"last"]


def test_F15_the_end_of_the_server_is_the_end_of_its_connections() -> None:
    ended = threading.Event()
    with ApiServer() as server:
        server.seed(running_pod())

        @server.port_forward
        def wait(connection: ForwardedSocket) -> None:
            connection.recv(1)
            ended.set()

        client = forward(server, 80)
    eventually(ended.is_set)
    client.close()


def test_F15_refusals(server: ApiServer) -> None:
    def refused(query: str, pod: str = "web", protocol: str = V4) -> str:
        query_pairs = [tuple(part.split("=", 1)) for part in query.split("&") if part]
        path = f"{PODS}/{pod}/portforward"
        status, document = refusal(lambda: StreamClient(server, path, query_pairs, protocols=[protocol]))  # type: ignore[arg-type]  # pairs
        return f"{status} {document['message'] if isinstance(document, dict) else document}"

    text = "501 nothing serves portforward of port 80 of pod default/web: register a handler with "
    assert refused("ports=80") == text + "ApiServer.port_forward()"
    assert refused("") == '400 query parameter "port" is required'
    assert refused("ports=0") == '400 port "0" must be > 0'
    assert refused("ports=http").startswith('400 cannot convert to []int32: strconv.ParseUint: parsing "http"')
    assert refused("ports=80", pod="gone") == '404 pods "gone" not found'
    server.port_forward(lambda connection: None)
    assert refused("ports=80", protocol=V5).startswith("403 requested protocol(s) are not supported")
    server.seed(running_pod("late", node=""))
    server.streams.routes.clear()
    assert refused("ports=80", pod="late") == "400 pod late does not have a host assigned"
