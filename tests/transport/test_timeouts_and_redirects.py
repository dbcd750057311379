# SPDX-License-Identifier: Apache-2.0
"""Protocol B15-B17: how long things may take, and where redirects may lead."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, chunk, head, hold, last_chunk, raw, reply
from transport_help import Background, FakeTime, RotatingToken, get, post, watch

from k8s_core.auth import AnonymousCredentials
from k8s_core.errors import OutcomeUnknown, RequestTimeout, TransportError
from k8s_core.transport.encode import format_timeout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scripted_server import Peer

    from conftest import MakeTransport

CHUNKED = {"Transfer-Encoding": "chunked"}


def drip(data: bytes, stop: threading.Event) -> Any:
    """Send byte after byte, each soon after the one before, until the client gives up."""

    def step(peer: Peer) -> None:
        for byte in data:
            peer.send(bytes([byte]))
            if stop.wait(0.03):
                return

    return step


@pytest.mark.parametrize(
    ("seconds", "text"), [(20.0, "20s"), (90, "90s"), (0.5, "500ms"), (1.25, "1250ms"), (0.0001, "1ms")]
)
def test_B15_timeouts_are_sent_as_go_durations(seconds: float, text: str) -> None:
    assert format_timeout(seconds) == text


def test_B15_the_timeout_goes_into_the_query(connect: MakeTransport) -> None:
    with ScriptedServer() as server:
        transport = connect(server, timeout=30)
        transport.send(get())
        transport.send(get(query=(("limit", "5"),)))
        transport.send(post(timeout=2.5))
        transport.send(get(query=(("timeout", "7s"),)))
        assert [request.query for request in server.requests] == [
            [("timeout", "30s")],
            [("limit", "5"), ("timeout", "30s")],
            [("timeout", "2500ms")],
            [("timeout", "7s")],
        ]


def test_B15_the_timeout_covers_slow_headers(connect: MakeTransport) -> None:
    # Each byte comes well within the limit of a single read; the sum does not.
    stop = threading.Event()
    with ScriptedServer(drip(head(200, {"X-Padding": "x" * 4000}), stop)) as server:
        with pytest.raises(RequestTimeout, match=r"no complete answer within 0\.5 s"):
            connect(server, timeout=0.5).send(get())
        stop.set()


def test_B15_the_timeout_covers_a_slow_body(connect: MakeTransport) -> None:
    stop = threading.Event()
    with ScriptedServer([raw(head(200, {"Content-Length": "4000"})), drip(b"x" * 4000, stop)]) as server:
        with pytest.raises(OutcomeUnknown, match="began to answer with status 200"):
            connect(server, timeout=2).send(post())  # time enough for the status to come
        stop.set()


def test_B15_the_timeout_covers_all_attempts(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(default=reply(503, b"", {"Retry-After": "4"})) as server:
        with pytest.raises(RequestTimeout):
            connect(server, timeout=10, **fake_time.hooks).send(get())
        assert fake_time.sleeps == [4, 4]
        assert len(server.requests) == 3


def test_B15_a_login_does_not_count(connect: MakeTransport, fake_time: FakeTime) -> None:
    class SlowLogin(AnonymousCredentials):
        def headers(self) -> Mapping[str, str]:
            fake_time.now += 300  # somebody types a password
            return {"Authorization": "Bearer x"}

    with ScriptedServer() as server:
        assert connect(server, credentials=SlowLogin(), **fake_time.hooks).send(get()).status == 200


def test_B16_streams_have_no_total_timeout_and_do_not_ask_for_one(connect: MakeTransport, fake_time: FakeTime) -> None:
    going_on = threading.Event()
    script = [raw(head(200, CHUNKED)), chunk(b"one"), hold(going_on), chunk(b"two"), last_chunk()]
    with ScriptedServer(script) as server:
        stream = connect(server, timeout=5, **fake_time.hooks).send(watch()).stream()
        assert next(stream) == b"one"
        fake_time.now += 10_000
        going_on.set()
        assert list(stream) == [b"two"]
        assert server.requests[0].query == [("watch", "true")]


@pytest.mark.parametrize("configured", [True, False])
def test_B16_a_silent_stream_times_out(connect: MakeTransport, configured: bool) -> None:
    with ScriptedServer([raw(head(200, CHUNKED)), chunk(b"one"), hold()]) as server:
        # Long enough for the first chunk to come in time on a busy machine.
        transport = connect(server, stream_timeout=1.5 if configured else 60)
        stream = transport.send(watch(inactivity_timeout=None if configured else 1.5)).stream()
        assert next(stream) == b"one"
        with pytest.raises(RequestTimeout, match=r"no byte came for 1\.5 s"):
            next(stream)
        server.wait_for_open_connections(0)


def test_B17_a_get_follows_redirects_within_the_origin(connect: MakeTransport) -> None:
    script = [reply(301, b"", {"Location": "/openapi/v3/apis/apps/v1?hash=new"}), reply(200, b"{}")]
    with ScriptedServer(*script) as server:
        transport = connect(server, token="secret")
        assert transport.send(get("/openapi/v3/apis/apps/v1", query=(("hash", "old"),))).status == 200
        assert server.requests[1].target == "/openapi/v3/apis/apps/v1?hash=new"
        assert server.requests[1].header("Authorization") == "Bearer secret"
        assert server.connections == 1


def test_B17_relative_and_absolute_locations_and_server_paths(connect: MakeTransport) -> None:
    with ScriptedServer() as server:
        server._scripts = [
            reply(302, b"", {"Location": "other"}),
            reply(307, b"", {"Location": f"{server.url}/base/third"}),
            reply(308, b"", {"Location": "/outside?x=%20"}),
            reply(200, b"there"),
        ]
        assert connect(f"{server.url}/base").send(get("/first", timeout=1)).read() == b"there"
        assert [request.target for request in server.requests] == [
            "/base/first?timeout=1s",
            "/base/other",
            "/base/third",
            "/outside?x=%20",
        ]


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1:{port}/x",  # another scheme
        "http://127.0.0.1:{other}/x",  # another port
        "http://localhost:{other}/x",  # another host
        "//127.0.0.1:{other}/x",
        "http://user@127.0.0.1:{port}/x",
        "http://[::1",
        "/\xff",
        "/x?\xe9",
        "",
    ],
)
def test_B17_nothing_at_all_reaches_another_origin(connect: MakeTransport, location: str) -> None:
    with ScriptedServer() as other, ScriptedServer() as server:
        where = location.format(port=server.port, other=other.port)
        server._scripts = [reply(302, b"moved", {"Location": where})]
        transport = connect(server, token="secret")
        response = transport.send(get(headers=(("Cookie", "session"), ("Impersonate-User", "me"))))
        assert (response.status, response.read()) == (302, b"moved")
        assert (other.connections, len(server.requests)) == (0, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_B17_writes_are_not_redirected(connect: MakeTransport, status: int) -> None:
    with ScriptedServer(reply(status, b"", {"Location": "/elsewhere"})) as server:
        assert connect(server).send(post()).status == status
        assert len(server.requests) == 1


def test_B17_a_circle_ends(connect: MakeTransport) -> None:
    with ScriptedServer(default=reply(302, b"", {"Location": "/again"})) as server:
        with pytest.raises(TransportError, match="more than 10 redirects"):
            connect(server).send(get())
        assert len(server.requests) == 11


def test_B17_a_stream_follows_as_well(connect: MakeTransport) -> None:
    with ScriptedServer(reply(302, b"", {"Location": "/there"}), reply(200, b"event")) as server:
        assert b"".join(connect(server).send(watch()).stream()) == b"event"


def test_B17_switching_protocols_unasked_is_an_error(connect: MakeTransport) -> None:
    switch = raw(head(101, {"Upgrade": "SPDY/3.1", "Connection": "Upgrade"}))
    with ScriptedServer(switch) as server, pytest.raises(TransportError, match="switched protocols"):
        connect(server).send(get())


def test_A38_a_401_is_answered_with_a_new_token_once(connect: MakeTransport) -> None:
    credentials = RotatingToken("old", "new")
    with ScriptedServer(reply(401, b"no"), reply(201, b"ok")) as server:
        response = connect(server, credentials=credentials).send(post(b"body"))
        assert response.status == 201
        assert [request.header("Authorization") for request in server.requests] == ["Bearer old", "Bearer new"]
        assert [request.body for request in server.requests] == [b"body"] * 2
        assert credentials.refreshed == 1


def test_A38_a_second_401_is_the_answer(connect: MakeTransport) -> None:
    credentials = RotatingToken("one", "two", "three")
    with ScriptedServer(default=reply(401, b"no")) as server:
        assert connect(server, credentials=credentials).send(get()).status == 401
        assert len(server.requests) == 2


def test_A38_without_anything_new_the_401_is_the_answer(connect: MakeTransport) -> None:
    with ScriptedServer(default=reply(401, b"no")) as server:
        assert connect(server, credentials=RotatingToken("one")).send(get()).read() == b"no"
        assert len(server.requests) == 1


def test_A38_a_watch_handshake_is_replayed_too(connect: MakeTransport) -> None:
    with ScriptedServer(reply(401, b"no"), reply(200, b"event")) as server:
        response = connect(server, credentials=RotatingToken("old", "new")).send(watch())
        assert b"".join(response.stream()) == b"event"
        assert len(server.requests) == 2


def test_A38_many_threads_refresh_once(connect: MakeTransport) -> None:
    credentials = RotatingToken("old", "new", "newer")

    def answer(request: Any) -> Any:
        return reply(200 if request.header("Authorization") == "Bearer new" else 401, b"{}")

    with ScriptedServer(handler=answer) as server:
        transport = connect(server, credentials=credentials)
        threads = [Background(lambda: transport.send(get()).status) for _ in range(16)]
        assert {thread.result() for thread in threads} == {200}
        assert credentials.refreshed == 1
