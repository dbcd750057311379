# SPDX-License-Identifier: Apache-2.0
"""Protocol B1-B3, B23, B24: connections are shared, bounded, probed, ended at once, and never inherited."""

from __future__ import annotations

import gc
import os
import socket
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, chunk, close, head, hold, last_chunk, raw, reply
from transport_help import Background, get, interrupted, post, watch

from k8s_core.errors import ConnectionFailed, RequestTimeout
from k8s_core.transport.connections import IDLE_CONNECTIONS, socket_options

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from conftest import MakeTransport

CHUNKED = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}


def test_B1_two_requests_use_one_connection(connect: MakeTransport) -> None:
    with ScriptedServer(reply(200, b"one"), reply(200, b"two")) as server:
        transport = connect(server)
        assert [transport.send(get()).read() for _ in range(2)] == [b"one", b"two"]
        assert server.connections == 1


def test_B1_two_tls_requests_use_one_connection(
    connect: MakeTransport, server_context: Callable[..., ssl.SSLContext], authority_pem: bytes
) -> None:
    with ScriptedServer(reply(200, b"one"), reply(200, b"two"), tls=server_context()) as server:
        transport = connect(server, certificate_authority_data=authority_pem)
        assert [transport.send(get()).read() for _ in range(2)] == [b"one", b"two"]
        assert server.connections == 1


@pytest.mark.parametrize("status", [404, 409, 422, 500])
def test_B1_after_an_error_the_next_request_reads_its_own_answer(connect: MakeTransport, status: int) -> None:
    with ScriptedServer(reply(status, b"x" * 3000), reply(200, b"mine")) as server:
        transport = connect(server)
        assert transport.send(get()).status == status
        assert transport.send(get()).read() == b"mine"
        assert server.connections == 1


def test_B1_an_error_body_without_end_is_cut_and_its_connection_dropped(connect: MakeTransport) -> None:
    endless = [raw(head(500, {"Content-Length": str(100 << 20)})), raw(b"x" * (5 << 20)), hold()]
    with ScriptedServer(endless, reply(200, b"mine")) as server:
        transport = connect(server)
        answer = transport.send(get())
        assert (answer.status, len(answer.read())) == (500, 4 << 20)
        assert transport.send(get()).read() == b"mine"
        assert server.connections == 2


def test_B1_bytes_behind_an_answer_are_never_taken_for_the_next_one(connect: MakeTransport) -> None:
    smuggled = head(200, {"Content-Length": "5"}) + b"wrong"
    with ScriptedServer([raw(head(200, {"Content-Length": "2"}) + b"ok" + smuggled)], reply(200, b"mine")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b"ok"
        assert transport.send(get()).read() == b"mine"
        assert server.connections == 2


@pytest.mark.parametrize(
    "last",
    [reply(200, b"ok", {"Connection": "close"}), raw(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")],
    ids=["says so", "HTTP/1.0"],
)
def test_B1_a_connection_that_the_server_will_close_is_not_used_again(connect: MakeTransport, last: Any) -> None:
    with ScriptedServer(last, reply(200, b"two")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b"ok"
        assert transport.send(post()).read() == b"two"
        assert server.connections == 2


def test_B1_a_connection_that_the_server_closed_while_idle_is_replaced(connect: MakeTransport) -> None:
    with ScriptedServer([reply(200, b"one"), close()], reply(201, b"two")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b"one"
        server.wait_for_open_connections(0)
        assert transport.send(post()).read() == b"two"
        assert [request.method for request in server.requests] == ["GET", "POST"]


def test_B2_many_threads_share_a_bounded_set_of_idle_connections(connect: MakeTransport) -> None:
    count = IDLE_CONNECTIONS + 7
    together = threading.Event()
    with ScriptedServer(default=[hold(together), reply(200, b"ok")]) as server:
        transport = connect(server)
        threads = [Background(lambda: transport.send(get()).read()) for _ in range(count)]
        server.wait_for_requests(count)
        together.set()
        assert {thread.result() for thread in threads} == {b"ok"}
        server.wait_for_open_connections(IDLE_CONNECTIONS)
        for _ in range(10):
            transport.send(get())
        assert server.connections == count  # no churn: the idle ones serve whatever comes
        transport.close()
        server.wait_for_open_connections(0)


def test_B3_sockets_are_probed_and_not_delayed(connect: MakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[socket.socket] = []
    plain_connect = socket.socket.connect

    def recording(self: socket.socket, address: Any) -> None:
        seen.append(self)
        plain_connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", recording)
    with ScriptedServer() as server:
        transport = connect(server)
        transport.send(get())
        (sock,) = seen
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        for _, name, value in socket_options()[2:]:
            assert sock.getsockopt(socket.IPPROTO_TCP, name) == value
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30


def test_B3_the_handshake_has_a_limit_of_its_own(connect: MakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s_core.transport.connections.HANDSHAKE_TIMEOUT", 0.2)
    with ScriptedServer(accept=[hold()]) as server:
        transport = connect(server.url.replace("http:", "https:"), timeout=20)
        with pytest.raises(RequestTimeout, match="nothing was sent"):
            transport.send(post())


@pytest.fixture(params=["http", "https"])
def stream_server(
    request: pytest.FixtureRequest, server_context: Callable[..., ssl.SSLContext], authority_pem: bytes
) -> tuple[Any, dict[str, Any]]:
    """Keywords for a server that sends one chunk and then nothing, and for the Config of a client of it."""
    script = [raw(head(200, CHUNKED)), chunk(b'{"type":"ADDED"}\n'), hold()]
    tls = server_context() if request.param == "https" else None
    options = {"certificate_authority_data": authority_pem} if tls else {}
    return lambda: ScriptedServer(script, tls=tls), options


def test_B23_close_from_another_thread_ends_a_blocked_read(
    connect: MakeTransport, stream_server: tuple[Any, dict[str, Any]]
) -> None:
    make_server, options = stream_server
    with make_server() as server:
        response = connect(server, **options).send(watch())
        stream = response.stream()
        assert next(stream) == b'{"type":"ADDED"}\n'
        reader = Background(lambda: list(stream))
        response.close()
        assert reader.result() == []
        server.wait_for_open_connections(0)
        response.close()


def test_B23_closing_the_iterator_closes_the_connection(
    connect: MakeTransport, stream_server: tuple[Any, dict[str, Any]]
) -> None:
    make_server, options = stream_server
    with make_server() as server:
        transport = connect(server, **options)
        stream = transport.send(watch()).stream()
        next(stream)
        stream.close()  # type: ignore[attr-defined]  # it is a generator
        server.wait_for_open_connections(0)


def test_B23_a_forgotten_stream_is_closed(connect: MakeTransport, stream_server: tuple[Any, dict[str, Any]]) -> None:
    make_server, options = stream_server
    with make_server() as server:
        transport = connect(server, **options)
        transport.send(watch())
        gc.collect()
        server.wait_for_open_connections(0)


def test_B23_closing_the_transport_ends_its_streams(
    connect: MakeTransport, stream_server: tuple[Any, dict[str, Any]]
) -> None:
    make_server, options = stream_server
    with make_server() as server:
        transport = connect(server, **options)
        stream = transport.send(watch()).stream()
        next(stream)
        reader = Background(lambda: list(stream))
        transport.close()
        with pytest.raises(ConnectionFailed, match="was closed"):
            reader.result()
        server.wait_for_open_connections(0)
        with pytest.raises(ConnectionFailed, match="nothing was sent"):
            transport.send(get())


def test_B23_ctrl_c_ends_a_blocked_read_and_drops_the_connection(connect: MakeTransport) -> None:
    script = [raw(head(200, CHUNKED)), chunk(b"one"), hold()]
    with ScriptedServer(script, reply(200, b"fresh")) as server:
        transport = connect(server)
        stream = transport.send(watch()).stream()
        next(stream)
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: next(stream))
        server.wait_for_open_connections(0)
        assert transport.send(get()).read() == b"fresh"


def test_B23_ctrl_c_while_waiting_for_an_answer_drops_the_connection(connect: MakeTransport) -> None:
    with ScriptedServer(hold(), reply(200, b"fresh")) as server:
        transport = connect(server)
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: transport.send(get()))
        assert transport.send(get()).read() == b"fresh"
        assert server.connections == 2


def test_B23_a_stream_that_ended_properly_gives_its_connection_back(connect: MakeTransport) -> None:
    script = [raw(head(200, CHUNKED)), chunk(b"one"), chunk(b"two"), last_chunk()]
    with ScriptedServer(script, reply(200, b"next")) as server:
        transport = connect(server)
        assert b"".join(transport.send(watch()).stream()) == b"onetwo"
        assert transport.send(get()).read() == b"next"
        assert server.connections == 1


def test_B24_a_forked_child_makes_connections_of_its_own(connect: MakeTransport) -> None:
    stream = [raw(head(200, CHUNKED)), chunk(b"one"), hold()]
    with ScriptedServer(reply(200, b"parent"), stream, reply(200, b"child"), reply(200, b"parent again")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b"parent"
        response = transport.send(watch())
        pieces = response.stream()
        assert next(pieces) == b"one"
        child = _fork(lambda: (transport.send(get()).read() == b"child", response.close(), transport.close())[0])
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        # The watch took the parent's connection; the child made its own and closing it left the parent's alone.
        assert [request.connection for request in server.requests] == [0, 0, 1]
        assert server.open_connections == 1
        reader = Background(lambda: list(pieces))
        response.close()
        assert reader.result() == []
        assert transport.send(get()).read() == b"parent again"


def _fork(work: Callable[[], bool]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks beside threads
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return pid
