# SPDX-License-Identifier: Apache-2.0
"""A request may ask to leave HTTP: the answer 101 has the connection, made and authenticated as all others are."""

from __future__ import annotations

import dataclasses
import threading
from typing import TYPE_CHECKING, Any

import pytest
from scripted_proxy import connect_tunnel, socks5
from scripted_server import Peer, ScriptedServer, close, head, hold, raw, reply, reset, status_body
from transport_help import Background, RotatingToken, get

from k8s_core.configuration import Impersonation
from k8s_core.errors import ConnectionFailed, OutcomeUnknown, ProxyError, StreamBroken
from k8s_core.transport import Observer, Response, Transport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from conftest import MakeTransport
    from k8s_core.requests import Request

    Context = Callable[..., ssl.SSLContext]

SWITCH = head(101, {"Connection": "Upgrade", "Upgrade": "echo"})
LARGE = bytes(range(256)) * 40_000  # ten megabytes: more than any buffer on the way


def upgrade(**options: Any) -> Request:
    return get("/stream", upgrade="echo", stream=True, **options)


def echo(peer: Peer) -> None:
    """Switch, then send everything back."""
    peer.send(SWITCH)
    while data := peer.receive():
        peer.send(data)
    close()(peer)


def switched(transport: Transport, **options: Any) -> Any:
    response: Any = transport.send(upgrade(**options))
    assert (response.status, response.read(), list(response.stream())) == (101, b"", [])
    return response.connection


def received(connection: Any, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (more := connection.receive(30)):
        data += more
    return bytes(data)


def both_ways(connection: Any) -> None:
    """Ten megabytes there and back at once: neither direction waits for the other."""
    sending = Background(lambda: connection.send(LARGE))
    assert received(connection, len(LARGE)) == LARGE
    sending.result()
    connection.close()


def test_the_headers_ask_for_the_protocol_and_no_time_limit_is_sent(connect: MakeTransport) -> None:
    with ScriptedServer(echo) as server:
        both_ways(switched(connect(server, token="secret"), headers=(("Sec-Thing", "1"),)))
        (request,) = server.requests
    assert (request.header("Connection"), request.header("Upgrade")) == ("Upgrade", "echo")
    assert (request.header("Sec-Thing"), request.header("Authorization")) == ("1", "Bearer secret")
    assert request.target == "/stream"


def test_over_tls(connect: MakeTransport, server_context: Context, authority_pem: bytes) -> None:
    with ScriptedServer(echo, tls=server_context()) as server:
        both_ways(switched(connect(server, certificate_authority_data=authority_pem)))


@pytest.mark.parametrize("proxy_tls", [False, True], ids=["http", "https"])
def test_through_the_tunnel_of_a_proxy(
    connect: MakeTransport, server_context: Context, authority_pem: bytes, proxy_tls: bool
) -> None:
    context = server_context() if proxy_tls else None
    with ScriptedServer(echo, tls=server_context()) as server, ScriptedServer(handler=connect_tunnel, tls=context) as p:
        transport = connect(server, certificate_authority_data=authority_pem, proxy_url=p.url, token="secret")
        both_ways(switched(transport))
        assert p.requests[0].method == "CONNECT"
        assert server.requests[0].header("Authorization") == "Bearer secret"


def test_through_socks(connect: MakeTransport, server_context: Context, authority_pem: bytes) -> None:
    asked: list[tuple[str, int]] = []
    with ScriptedServer(echo, tls=server_context()) as server, ScriptedServer(accept=[socks5(asked, [], {})]) as proxy:
        url = f"socks5://127.0.0.1:{proxy.port}"
        both_ways(switched(connect(server, certificate_authority_data=authority_pem, proxy_url=url)))
        assert asked == [("127.0.0.1", server.port)]


def test_a_proxy_that_refuses_the_tunnel(connect: MakeTransport) -> None:
    with ScriptedServer(default=[raw(b"HTTP/1.1 403 Forbidden\r\n\r\n"), close()]) as proxy:
        with pytest.raises(ProxyError, match="403"):
            connect("https://127.0.0.1:1", proxy_url=proxy.url).send(upgrade())


def test_a_401_renews_the_login_and_asks_once_more(connect: MakeTransport) -> None:
    seen: list[Any] = []

    class Recorder(Observer):
        def request(self, event: Any) -> None:
            seen.append((event.status, event.request.upgrade))

        def token_refresh(self, event: Any) -> None:
            seen.append(event.succeeded)

    with ScriptedServer(reply(401), echo) as server:
        transport = connect(server, credentials=RotatingToken("old", "new"), observers=[Recorder()])
        both_ways(switched(transport))
        assert [request.header("Authorization") for request in server.requests] == ["Bearer old", "Bearer new"]
    assert seen == [True, (101, "echo")]


def test_impersonation_applies(connect: MakeTransport) -> None:
    with ScriptedServer(echo) as server:
        switched(connect(server, impersonate=Impersonation(user="bob"))).close()
        assert server.requests[0].header("Impersonate-User") == "bob"


def test_a_refusal_that_says_when_to_come_back_is_repeated(connect: MakeTransport, fake_time: Any) -> None:
    with ScriptedServer(reply(503, b"", {"Retry-After": "3"}), echo) as server:
        switched(connect(server, **fake_time.hooks)).close()
    assert fake_time.sleeps == [3]


def test_wrappers_that_know_only_plain_requests_still_work(connect: MakeTransport) -> None:
    class Audit:
        def __init__(self, inner: Transport) -> None:
            self.inner = inner
            self.seen: list[Any] = []

        def send(self, request: Request) -> Response:
            labelled = dataclasses.replace(request, headers=(*request.headers, ("X-Audit", "yes")))
            response = self.inner.send(labelled)
            self.seen.append((request.method, request.path, response.status, len(response.read())))
            return response

        def close(self) -> None:
            self.inner.close()

    made: list[Audit] = []

    def wrap(inner: Transport) -> Transport:
        made.append(Audit(inner))
        return made[0]

    with ScriptedServer(echo) as server:
        both_ways(switched(connect(server, wrappers=[wrap])))
        assert server.requests[0].header("X-Audit") == "yes"
    assert made[0].seen == [("GET", "/stream", 101, 0)]


def test_each_has_a_connection_of_its_own_and_requests_go_on_beside_it(connect: MakeTransport) -> None:
    with ScriptedServer(reply(200, b"a"), echo, reply(200, b"b")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b"a"
        stream = switched(transport)
        assert transport.send(get()).read() == b"b"
        stream.send(b"x")
        assert stream.receive(30) == b"x"
        assert [request.connection for request in server.requests] == [0, 1, 0]
        stream.close()
        server.wait_for_open_connections(1)
        assert transport.send(get()).status == 200
        assert server.requests[-1].connection == 0


def test_bytes_that_come_along_with_the_head_are_the_first(connect: MakeTransport) -> None:
    with ScriptedServer([raw(SWITCH + b"first"), close()]) as server:
        stream = switched(connect(server))
        assert (stream.receive(30), stream.receive(30)) == (b"first", b"")
        stream.close()


def test_any_other_answer_is_one(connect: MakeTransport) -> None:
    body = status_body(403, "Forbidden", "no")
    with ScriptedServer(reply(403, body), reply(200, b"{}"), reply(302, b"", {"Location": "/x"})) as server:
        transport = connect(server)
        answers = [transport.send(upgrade()) for _ in range(3)]
        assert [(answer.status, answer.read()) for answer in answers] == [(403, body), (200, b"{}"), (302, b"")]
        assert len(server.requests) == 3  # a redirect is not followed


def test_switching_to_something_else_is_refused(connect: MakeTransport) -> None:
    with ScriptedServer(raw(head(101, {"Upgrade": "h2c"})), raw(head(101))) as server:
        for _ in range(2):
            with pytest.raises(OutcomeUnknown, match="did not switch to echo"):
                connect(server).send(upgrade())
        server.wait_for_open_connections(0)


@pytest.mark.parametrize("script", [close(), reset(), [raw(SWITCH[:20]), close()]], ids=["FIN", "RST", "half a head"])
def test_without_an_answer_it_may_have_begun_and_is_not_repeated(connect: MakeTransport, script: Any) -> None:
    with ScriptedServer(script) as server:
        with pytest.raises(OutcomeUnknown, match="what it asks for may have begun"):
            connect(server).send(upgrade())
        assert len(server.requests) == 1


def test_a_connection_that_breaks_says_whose_it_was(connect: MakeTransport) -> None:
    with ScriptedServer([raw(SWITCH), reset()]) as server:
        stream = switched(connect(server))
        with pytest.raises(StreamBroken, match=rf"/stream at {server.url}: .*reset"):
            received(stream, 1)
        stream.close()


@pytest.mark.parametrize("side", ["client", "connection"])
def test_closing_ends_blocked_calls_at_once(connect: MakeTransport, side: str) -> None:
    with ScriptedServer([raw(SWITCH), hold()], [raw(SWITCH), hold(blocked := threading.Event())]) as server:
        transport = connect(server)
        reader, writer = switched(transport), switched(transport)
        reading = Background(reader.receive)
        writing = Background(lambda: writer.send(LARGE))
        server.wait_for_requests(2)
        for closed in [transport] if side == "client" else [reader, writer]:
            closed.close()
        blocked.set()
        if side == "client":
            with pytest.raises(ConnectionFailed, match="was closed"):
                reading.result()
        else:
            assert reading.result() == b""
        with pytest.raises(ConnectionFailed if side == "client" else StreamBroken):
            writing.result()
        server.wait_for_open_connections(0)


def test_receiving_may_have_a_time_limit(connect: MakeTransport) -> None:
    with ScriptedServer([raw(SWITCH), hold()]) as server:
        stream = switched(connect(server))
        assert stream.receive(0.01) is None
        assert stream.writable()
        stream.close()
        assert not stream.writable()


def test_a_connection_that_is_forgotten_is_closed(connect: MakeTransport) -> None:
    with ScriptedServer([raw(SWITCH), hold()]) as server:
        stream = switched(connect(server))
        assert server.open_connections == 1
        del stream
        server.wait_for_open_connections(0)


def test_a_renewed_authority_leaves_running_streams_alone(
    connect: MakeTransport, server_context: Context, authority_pem: bytes, tmp_path: Any
) -> None:
    path = tmp_path / "ca.crt"
    path.write_bytes(authority_pem)
    with ScriptedServer(echo, reply(200, b"{}"), tls=server_context()) as server:
        transport = connect(server, certificate_authority=str(path))
        stream = switched(transport)
        path.write_bytes(authority_pem + b"\n")
        assert transport.send(get()).status == 200
        stream.send(b"still here")
        assert stream.receive(30) == b"still here"
        stream.close()


def test_a_closed_client_asks_for_nothing(connect: MakeTransport) -> None:
    with ScriptedServer() as server:
        transport = connect(server)
        transport.close()
        with pytest.raises(ConnectionFailed, match="is closed; nothing was sent"):
            transport.send(upgrade())
        assert server.requests == []
