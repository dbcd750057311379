# SPDX-License-Identifier: Apache-2.0
"""The stand-in for a kubelet, asked directly as a kube-apiserver asks it: TLS, its paths, WebSockets and SPDY."""

from __future__ import annotations

import http.client
import json
import ssl
import struct
import threading
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from client_tls import client_tls
from spdy_client import SpdyClient
from stream_client import ERROR, STDERR, STDIN, STDOUT, V4, V5, StreamClient, refusal, status_of
from waiting import eventually

from k8s_devkit.api_server.clock import ManualClock
from k8s_devkit.certificates import Authority
from k8s_devkit.kubelet.kubelet import Kubelet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import AttachSession, ExecSession, ForwardedSocket

AUTHORITY = Authority()
LOGS, EXEC, ATTACH, FORWARD = (
    "/containerLogs/ns/web/main",
    "/exec/ns/web/main",
    "/attach/ns/web/main",
    "/portForward/ns/web",
)
ALL = (("input", "1"), ("output", "1"), ("error", "1"))
SIZE = 10 << 20


def context_of(name: str, *groups: str) -> ssl.SSLContext:
    pair = AUTHORITY.user(name, groups)
    return client_tls(AUTHORITY.certificate, pair.certificate, pair.key)


API_SERVER = context_of("kube-apiserver-kubelet-client", "system:masters")


@pytest.fixture
def kubelet() -> Iterator[Kubelet]:
    before = set(threading.enumerate())
    with closing(Kubelet(AUTHORITY)) as running:
        yield running
    # The client's threads end a moment after its connection.
    eventually(lambda: set(threading.enumerate()) <= before)


def ask(kubelet: Kubelet, path: str, method: str = "GET", tls: ssl.SSLContext = API_SERVER) -> tuple[int, bytes]:
    with closing(http.client.HTTPSConnection("127.0.0.1", kubelet.port, timeout=10, context=tls)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def websocket(kubelet: Kubelet, path: str, query: Any = ALL, *, protocols: Any = (V4,)) -> StreamClient:
    return StreamClient(kubelet, path, query, protocols=protocols, ssl=API_SERVER)


# --- who may ask, and what -------------------------------------------------------------------------------


def test_only_a_certificate_of_the_kube_apiserver_is_answered(kubelet: Kubelet) -> None:
    kubelet.write_log("web", "secret", namespace="ns", container="main")
    assert ask(kubelet, LOGS) == (200, b"secret")
    assert ask(kubelet, LOGS, tls=client_tls(AUTHORITY.certificate))[0] == 401
    status, text = ask(kubelet, LOGS, tls=context_of("alice", "dev"))
    assert (status, text) == (403, b"Forbidden (user=alice, verb=create, resource=nodes, subresource=proxy)")
    stranger = Authority("another").user("kube-apiserver-kubelet-client", ["system:masters"])
    with pytest.raises((ssl.SSLError, ConnectionError)):
        ask(kubelet, LOGS, tls=client_tls(AUTHORITY.certificate, stranger.certificate, stranger.key))


@pytest.mark.parametrize("path", ["/", "/pods", "/containerLogs/ns/web", "/exec/ns//main", "/portForward/ns/web/main"])
def test_other_paths_are_not_found(kubelet: Kubelet, path: str) -> None:
    assert ask(kubelet, path) == (404, b"404 page not found")


@pytest.mark.parametrize(("method", "path"), [("POST", LOGS), ("DELETE", EXEC), ("PUT", FORWARD)])
def test_other_methods_are_refused(kubelet: Kubelet, method: str, path: str) -> None:
    assert ask(kubelet, path, method)[0] == 405


# --- logs ------------------------------------------------------------------------------------------------


def test_a_log_is_followed_to_its_end(kubelet: Kubelet) -> None:
    kubelet.write_log("web", "one\n", namespace="ns", container="main")
    connection = http.client.HTTPSConnection("127.0.0.1", kubelet.port, timeout=10, context=API_SERVER)
    with closing(connection):
        connection.request("GET", f"{LOGS}?follow=true")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type"), answer.readline()) == (200, "text/plain", b"one\n")
        kubelet.write_log("web", "two\n", namespace="ns", container="main")
        assert answer.readline() == b"two\n"
        kubelet.write_log("web", "rest", namespace="ns", container="main")
        kubelet.end_log("web", namespace="ns", container="main")
        assert answer.read() == b"rest"
    assert ask(kubelet, f"{LOGS}?follow=true") == (200, b"one\ntwo\nrest")


def test_parts_of_a_log() -> None:
    clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    with closing(Kubelet(AUTHORITY, clock=clock)) as kubelet:
        for text in ("one\n", "two\n", "three\n"):
            kubelet.write_log("web", text, namespace="ns", container="main")
            clock.advance(60)
        kubelet.write_log("web", "oh\n", namespace="ns", container="main", stream="Stderr")
        for query, text in {
            "tailLines=2": "three\noh\n",
            "tailLines=0": "",
            "limitBytes=5": "one\nt",
            "sinceSeconds=70": "three\noh\n",
            f"sinceTime={quote('2026-05-01T02:02:00+02:00')}": "three\noh\n",
            "sinceTime=2026-05-01T00:02:00": "three\noh\n",
            "stream=Stderr": "oh\n",
            "timestamps=true&tailLines=1": "2026-05-01T00:03:00.000000000Z oh\n",
        }.items():
            assert ask(kubelet, f"{LOGS}?{query}") == (200, text.encode()), query


def test_the_log_of_the_previous_container(kubelet: Kubelet) -> None:
    kubelet.write_log("web", "crash\n", namespace="ns", container="main")
    text = b'previous terminated container "main" in pod "web" not found'
    assert ask(kubelet, f"{LOGS}?previous=true") == (400, text)
    kubelet.end_log("web", namespace="ns", container="main")
    kubelet.write_log("web", "again\n", namespace="ns", container="main")
    assert ask(kubelet, f"{LOGS}?previous=true") == (200, b"crash\n")
    assert ask(kubelet, LOGS) == (200, b"again\n")


@pytest.mark.parametrize("query", ["tailLines=x", "sinceTime=soon", "sinceSeconds=999999999999999"])
def test_options_that_cannot_be_read(kubelet: Kubelet, query: str) -> None:
    status, text = ask(kubelet, f"{LOGS}?{query}")
    assert status == 400
    assert query.partition("=")[2].encode() in text


def test_a_log_needs_a_container_where_the_pod_is_not_known(kubelet: Kubelet) -> None:
    with pytest.raises(LookupError, match=r"ns/web was not run on this node: run\(\) it first"):
        kubelet.write_log("web", "x", namespace="ns")


# --- exec and attach -------------------------------------------------------------------------------------


def test_exec_over_a_websocket(kubelet: Kubelet) -> None:
    @kubelet.exec(pod="web", container="main")
    def shout(session: ExecSession) -> int:
        session.stdout.write(session.stdin.read(3).upper())
        session.stderr.write(f"{session.user} {session.command}".encode())
        return 3

    with websocket(kubelet, EXEC, [*ALL, ("command", "sh"), ("command", "-c")]) as client:
        assert (client.protocol, client.receive()) == (V4, (STDOUT, b""))
        client.send(STDIN, b"abc")
        channels = client.drain()
    assert channels[STDOUT] == b"ABC"
    assert channels[STDERR] == b"kube-apiserver-kubelet-client ['sh', '-c']"
    assert status_of(channels)["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]
    (record,) = kubelet.requests.where(resource="pods/exec", name="web")
    assert (record.status, record.path, record.namespace) == (101, EXEC, "ns")


def test_exec_over_spdy(kubelet: Kubelet) -> None:
    @kubelet.exec
    def count(session: ExecSession) -> None:
        session.stdout.write(b"%d" % len(session.stdin.read()))

    target = f"{EXEC}?command=wc&input=1&output=1"
    with SpdyClient(kubelet.port, target, V4, tls=API_SERVER) as client:
        for stream, name in ((1, "error"), (3, "stdin"), (5, "stdout")):
            client.open(stream, streamtype=name)
        client.send(3, b"abcd", fin=True)
        got = client.drain(1, 5)
    assert (got[5], json.loads(got[1])["status"]) == (b"4", "Success")


def test_ten_megabytes_both_ways(kubelet: Kubelet) -> None:
    @kubelet.exec
    def echo(session: ExecSession) -> None:
        for _ in range(SIZE >> 16):
            session.stdout.write(session.stdin.read(1 << 16))

    data = bytes(range(256)) * (SIZE >> 8)
    with websocket(kubelet, EXEC, [*ALL, ("command", "cat")]) as client:
        sender = threading.Thread(
            target=lambda: [client.send(STDIN, data[at : at + (1 << 16)]) for at in range(0, SIZE, 1 << 16)]
        )
        sender.start()
        channels = client.drain()
        sender.join()
    assert channels[STDOUT] == data
    assert status_of(channels)["status"] == "Success"


def test_v5_is_spoken_only_if_it_is_asked_for(kubelet: Kubelet) -> None:
    kubelet.exec(lambda session: session.stdout.write(session.stdin.read()) and None)
    status, text = refusal(lambda: websocket(kubelet, EXEC, protocols=[V5]))
    assert (status, V4 in text) == (403, True)
    kubelet.streams.protocols = (V5, V4)
    with websocket(kubelet, EXEC, protocols=[V5, V4]) as client:
        assert client.protocol == V5
        client.send(STDIN, b"abc")
        client.end_stdin()
        assert client.drain()[STDOUT] == b"abc"


def test_attach_with_a_terminal(kubelet: Kubelet) -> None:
    @kubelet.attach
    def greet(session: AttachSession) -> None:
        session.stdout.write(b"in " + session.container.encode())
        session.stderr.write(b" on a terminal" if session.tty else b"")

    with websocket(kubelet, ATTACH, [("output", "1"), ("tty", "1")]) as client:
        channels = client.drain()
    assert channels[STDOUT] == b"in main on a terminal"
    assert channels[ERROR]


@pytest.mark.parametrize(
    ("path", "query", "status", "text"),
    [
        (EXEC, ALL, 501, "register a handler with Kubelet.exec()"),
        (ATTACH, ALL, 501, "register a handler with Kubelet.attach()"),
        (FORWARD, [("port", "80")], 501, "register a handler with Kubelet.port_forward()"),
        (EXEC, [], 400, "you must specify at least 1 of stdin, stdout, stderr"),
        (FORWARD, [], 400, 'query parameter "port" is required'),
        (FORWARD, [("port", "0")], 400, 'port "0" must be > 0'),
        (FORWARD, [("port", "x")], 400, "unable to parse ['x'] as ports"),
    ],
)
def test_refusals_before_the_handshake(kubelet: Kubelet, path: str, query: Any, status: int, text: str) -> None:
    refused, body = refusal(lambda: websocket(kubelet, path, query))
    assert (refused, text in body) == (status, True), body


def test_a_request_that_asks_for_no_upgrade(kubelet: Kubelet) -> None:
    kubelet.exec(output="x")
    assert ask(kubelet, f"{EXEC}?output=1") == (400, b"unable to upgrade: missing upgrade headers in request\n")


# --- port-forward ----------------------------------------------------------------------------------------


def test_port_forward_over_a_websocket(kubelet: Kubelet) -> None:
    @kubelet.port_forward(pod="web")
    def shout(connection: ForwardedSocket) -> None:
        connection.sendall(connection.recv(3).upper() + b"%d" % connection.port)

    with websocket(kubelet, FORWARD, [("port", "80"), ("port", "81")]) as client:
        for channel, port in enumerate((80, 80, 81, 81)):
            assert client.receive() == (channel, struct.pack("<H", port))
        client.send(0, b"abc")
        client.send(2, b"xyz")
        assert client.drain() == {0: b"ABC80", 2: b"XYZ81"}


def test_port_forward_over_spdy(kubelet: Kubelet) -> None:
    kubelet.port_forward(lambda connection: connection.sendall(connection.recv(3).upper()), port=80)
    with SpdyClient(kubelet.port, FORWARD, "portforward.k8s.io", tls=API_SERVER) as client:
        for stream, port in ((1, "80"), (5, "99")):
            client.open(stream, streamtype="error", port=port, requestid=port)
            client.send(stream, b"", fin=True)
            client.open(stream + 2, streamtype="data", port=port, requestid=port)
        error = client.drain(5, 7)[5].decode()
        assert error.startswith("error forwarding port 99 to pod web, uid ")
        assert error.endswith("Kubelet.port_forward() would")
        client.send(3, b"abc")
        assert client.drain(1, 3) == {1: b"", 3: b"ABC"}


# --- faults and the end ----------------------------------------------------------------------------------


def test_faults_are_those_of_the_embedded_server(kubelet: Kubelet) -> None:
    kubelet.exec(output="x")
    kubelet.faults.streams("omit_status", resource="pods/exec")
    with websocket(kubelet, EXEC) as client:
        assert client.drain() == {STDOUT: b"x"}
    kubelet.faults.status(503, resource="pods/log")
    assert ask(kubelet, LOGS)[0] == 503
    assert ask(kubelet, LOGS)[0] == 200


def test_closing_ends_logs_streams_and_handlers(kubelet: Kubelet) -> None:
    ended: list[bytes] = []
    kubelet.exec(lambda session: ended.append(session.stdin.read()))
    connection = http.client.HTTPSConnection("127.0.0.1", kubelet.port, timeout=10, context=API_SERVER)
    with closing(connection), websocket(kubelet, EXEC) as client:
        assert client.receive() == (STDOUT, b"")
        connection.request("GET", f"{LOGS}?follow=true")
        following = connection.getresponse()
        kubelet.close()
        assert ended == [b""]
        assert following.read() == b""
    kubelet.close()  # does nothing
    with pytest.raises(ConnectionError):
        ask(kubelet, LOGS)


def test_a_handler_that_does_not_end_is_named(kubelet: Kubelet) -> None:
    released = threading.Event()
    kubelet.exec(lambda session: released.wait(60) and None)
    with websocket(kubelet, EXEC) as client:
        assert client.receive() == (STDOUT, b"")
        with pytest.warns(ResourceWarning, match="exec of container main in pod ns/web"):
            kubelet.close()
        released.set()
