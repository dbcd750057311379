# SPDX-License-Identifier: Apache-2.0
"""port-forward: local sockets that end in a pod, their errors, and their end."""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from scripted_server import Peer, ScriptedServer, close, hold, reply, status_body
from scripted_websocket import V4, ScriptedStream, accept
from transport_help import Background
from waiting import eventually

from k8s_core.errors import (
    Forbidden,
    KubernetesError,
    NotFound,
    PodNotRunning,
    PortForwardError,
    RequestError,
    StreamBroken,
    StreamError,
)
from k8s_core.patches import MergePatch
from k8s_core.streams.forwarded import PortFrames
from k8s_core.streams.frames import Data
from k8s_plugins_builtin.core.v1 import Pod, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Connect, MakePod
    from k8s_core.client import Client
    from k8s_core.streams import PortForward
    from k8s_devkit import ApiServer

LARGE = bytes(range(256)) * 40_000


def echo(connection: socket.socket) -> None:
    while data := connection.recv(1 << 16):
        connection.sendall(data)


def connected(forward: PortForward) -> socket.socket:
    return socket.create_connection(("127.0.0.1", forward.port), timeout=30)


def received(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (more := sock.recv(1 << 16)):
        data += more
    return bytes(data)


def test_a_local_port_leads_to_one_of_the_pod(api: ApiServer, client: Client, pod: Pod) -> None:
    asked = []

    @api.port_forward
    def serve(connection: Any) -> None:
        asked.append((connection.pod, connection.port))
        echo(connection)

    with client.port_forward(pod, 8080) as forward:
        assert (list(forward.ports), forward.target) == ([8080], "web")
        with connected(forward) as one, connected(forward) as other:
            for sock in (one, other):
                sock.sendall(b"hello")
            assert received(one, 5) == received(other, 5) == b"hello"
    assert asked == [("web", 8080)] * 2
    assert forward.closed
    assert forward.errors == []
    with pytest.raises(ConnectionRefusedError):
        connected(forward)


def test_ten_megabytes_go_both_ways_at_once(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(echo)
    with client.port_forward(pod, 8080) as forward, connected(forward) as sock:
        sending = Background(lambda: sock.sendall(LARGE))
        assert received(sock, len(LARGE)) == LARGE
        sending.result()


def test_several_ports_and_a_local_one_of_choice(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(lambda connection: connection.sendall(b"%d" % connection.port))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    with client.port_forward(pod, 80, (free, 443)) as forward:
        assert forward.ports[443] == free
        for remote, local in forward.ports.items():
            with socket.create_connection(("127.0.0.1", local), timeout=30) as sock:
                assert received(sock, 9) == str(remote).encode()
        with pytest.raises(RequestError, match="several ports are forwarded"):
            _ = forward.port


def test_localhost_has_two_addresses(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(echo)
    with client.port_forward(pod, 80, address="localhost") as forward:
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, forward.port), timeout=30) as sock:
                sock.sendall(b"x")
                assert received(sock, 1) == b"x"


def test_a_local_port_that_is_taken(client: Client, pod: Pod) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(StreamError, match="can't listen on"):
            client.port_forward(pod, (taken.getsockname()[1], 80))


def test_the_end_of_the_pods_side_is_the_end_here(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(lambda connection: connection.sendall(LARGE))
    with client.port_forward(pod, 80) as forward, connected(forward) as sock:
        assert received(sock, len(LARGE) + 1) == LARGE
    assert forward.errors == []


def test_the_end_of_the_local_side_reaches_the_pod(api: ApiServer, client: Client, pod: Pod) -> None:
    gone = threading.Event()

    @api.port_forward
    def serve(connection: Any) -> None:
        echo(connection)
        gone.set()

    with client.port_forward(pod, 80) as forward:
        connected(forward).close()
        assert gone.wait(30)
    assert forward.errors == []


def test_what_comes_after_the_local_input_has_ended_arrives(api: ApiServer, client: Client, pod: Pod) -> None:
    asked = threading.Event()

    @api.port_forward
    def serve(connection: Any) -> None:
        connection.recv(100)
        asked.wait(30)
        connection.sendall(b"answer")

    with client.port_forward(pod, 80) as forward, connected(forward) as sock:
        sock.sendall(b"question")
        sock.shutdown(socket.SHUT_WR)
        asked.set()
        assert received(sock, 100) == b"answer"


# -- without a listener


def test_a_socket_without_a_listener(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.port_forward
    def serve(connection: Any) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        connection.recv(1)

    connection = http.client.HTTPConnection("web")
    connection.sock = client.open_port(pod, 80)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hi"
    connection.close()


def test_tls_inside_of_a_forwarded_connection(api: ApiServer, client: Client, pod: Pod) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("web.example").configure_cert(context)

    @api.port_forward
    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            echo(inner)

    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    with client.open_port(pod, 443) as outer, trust.wrap_socket(outer, server_hostname="web.example") as sock:
        sock.sendall(b"secret")
        assert received(sock, 6) == b"secret"


def test_the_far_ends_error_is_raised_by_the_socket(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.port_forward
    def refuse(connection: Any) -> None:
        connection.sendall(b"some")
        raise ConnectionRefusedError("connection refused")

    with client.open_port(pod, 80) as sock:
        assert received(sock, 4) == b"some"
        with pytest.raises(PortForwardError, match=r"port 80 to pod web, .*connection refused") as failure:
            sock.recv(1)
        assert failure.value.port == 80
        with pytest.raises(PortForwardError):
            with sock.makefile("rb") as file:
                file.read(1)


def test_a_socket_that_is_closed_leaves_nothing(api: ApiServer, client: Client, pod: Pod) -> None:
    gone = threading.Event()
    before = set(threading.enumerate())

    @api.port_forward
    def serve(connection: Any) -> None:
        echo(connection)
        gone.set()

    client.open_port(pod, 80).close()
    assert gone.wait(30)
    eventually(lambda: not [each for each in set(threading.enumerate()) - before if "portforward" in each.name])


# -- errors


@pytest.mark.parametrize("fault", ["drop", "reset", "truncate", "text"])
def test_a_connection_that_breaks_is_reset_here_and_said(
    api: ApiServer, client: Client, pod: Pod, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    api.port_forward(lambda connection: (connection.sendall(b"some"), connection.recv(1)))
    told: list[KubernetesError] = []
    with client.port_forward(pod, 80, on_error=told.append) as forward:
        with connected(forward) as sock:
            assert received(sock, 4) == b"some"
            api.faults.streams(fault, now=True)
            with pytest.raises(ConnectionResetError):
                received(sock, 100)  # half a message may come before
        eventually(lambda: forward.errors)
    assert {type(each) for each in forward.errors} == {StreamBroken}
    assert told == forward.errors
    assert [each.levelno for each in caplog.records if each.name == "k8s_core.streams"] == [logging.WARNING]


def test_a_port_that_nobody_listens_on_is_named(api: ApiServer, client: Client, pod: Pod) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nobody = probe.getsockname()
    api.port_forward(nobody)
    with pytest.raises(ConnectionResetError) as failure, client.port_forward(pod, 80) as forward:
        with connected(forward) as sock:
            sock.recv(1)
    assert any("error forwarding port 80 to pod web" in note for note in failure.value.__notes__)
    assert isinstance(forward.errors[0], PortForwardError)


def test_a_refused_handshake_resets_that_connection_only(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(echo)
    with client.port_forward(pod, 80) as forward:
        api.faults.status(500, resource="pods/portforward")
        with connected(forward) as sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
        with connected(forward) as sock:
            sock.sendall(b"x")
            assert received(sock, 1) == b"x"


def test_a_pod_that_is_gone_ends_the_listening(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(echo)
    with client.port_forward(pod, 80) as forward:
        client.delete(pod, grace_period_seconds=0)
        with connected(forward) as sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
        eventually(lambda: forward.closed)
        assert isinstance(forward.errors[0], NotFound)


def test_what_can_be_said_at_once_is(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    with pytest.raises(NotFound):
        client.port_forward(Pod, 80, name="gone")
    with pytest.raises(PodNotRunning, match=r"Pod default/late is not running \(Pending\)"):
        client.open_port(make_pod("late", phase="Pending"), 80)


@pytest.mark.parametrize("port", [0, -1, 65536, True, 1.5, "http"])
def test_ports_are_numbers_or_known_names(client: Client, pod: Pod, port: Any) -> None:
    with pytest.raises(RequestError, match="port"):
        client.port_forward(pod, port)


def test_no_port_at_all(client: Client, pod: Pod) -> None:
    with pytest.raises(RequestError, match="at least one port"):
        client.port_forward(pod)


def test_403_is_the_error_of_the_socket(api: ApiServer, client: Client, pod: Pod) -> None:
    api.deny(verb="create", resource="pods/portforward")
    with pytest.raises(Forbidden):
        client.open_port(pod, 80)


# -- which pod, which port


def service(client: Client, **ports: Any) -> Service:
    spec = {"selector": {"app": "web"}, "ports": [ports]}
    return client.create(Service(metadata={"name": "web"}, spec=spec))


def test_a_service_stands_for_a_ready_pod_and_its_ports(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    make_pod("ill", ready=False, labels={"app": "web"})
    make_pod("web-1", labels={"app": "web"})
    api.port_forward(lambda connection: connection.sendall(f"{connection.pod} {connection.port}".encode()))
    web = service(client, port=80, targetPort=8080, name="http")
    for port in (80, "http"):
        with client.open_port(web, port) as sock:
            assert received(sock, 100) == b"web-1 8080"
    with pytest.raises(RequestError, match=r"Service web has no port 8080; it has 80 \(http\)"):
        client.open_port(Service, 8080, name="web")


def test_names_of_ports_are_those_of_the_containers(api: ApiServer, client: Client) -> None:
    container = {"name": "main", "image": "x", "ports": [{"name": "admin", "containerPort": 9000}]}
    api.seed({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default",
              "labels": {"app": "web"}}, "spec": {"nodeName": "n", "containers": [container]},
              "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})  # fmt: skip
    api.port_forward(lambda connection: connection.sendall(b"%d" % connection.port))
    for subject, port in ((client.get(Pod, "p"), "admin"), (service(client, port=80, targetPort="admin"), 80)):
        with client.open_port(subject, port) as sock:
            assert received(sock, 100) == b"9000"
    with pytest.raises(RequestError, match=r"Pod p has no port 'admim'; did you mean 'admin'\?; ports: admin"):
        client.open_port(Pod, "admim", name="p")


@pytest.mark.parametrize("reselect", [True, False])
def test_another_pod_is_taken_if_that_is_asked_for(
    api: ApiServer, client: Client, make_pod: MakePod, reselect: bool
) -> None:
    for name in ("a", "b"):
        make_pod(name, labels={"app": "web"})
    api.port_forward(lambda connection: connection.sendall(connection.pod.encode()))
    with client.port_forward(service(client, port=80), 80, reselect=reselect) as forward:
        first = forward.target
        client.delete(Pod, first, grace_period_seconds=0)
        with connected(forward) as sock:
            if not reselect:
                with pytest.raises(ConnectionResetError):
                    sock.recv(1)
                return
            other = received(sock, 100).decode()
        assert (other, forward.target) == (forward.target, other) != (first, first)


def test_reselecting_needs_something_to_select_from(client: Client, pod: Pod) -> None:
    with pytest.raises(RequestError, match="goes with what stands for several pods, not with Pod default/web"):
        client.port_forward(pod, 80, reselect=True)


def test_a_pod_that_stops_running_is_gone(api: ApiServer, client: Client, pod: Pod) -> None:
    with client.port_forward(pod, 80) as forward:
        client.patch(pod, patch=MergePatch({"status": {"phase": "Succeeded"}}), subresource="status")
        api.faults.status(500, resource="pods/portforward")
        with connected(forward) as sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
        eventually(lambda: forward.closed)


# -- the end


def test_closing_ends_connections_that_are_open(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(echo)
    before = set(threading.enumerate())
    forward = client.port_forward(pod, 80)
    with connected(forward) as sock:
        sock.sendall(b"x")
        assert received(sock, 1) == b"x"
        forward.close()
        assert sock.recv(1) == b""
    assert [
        each for each in set(threading.enumerate()) - before if "forward" in each.name and "pod" not in each.name
    ] == []
    forward.close()


def test_closing_the_client_ends_them_too(api: ApiServer, client: Client, pod: Pod) -> None:
    api.port_forward(echo)
    with client.port_forward(pod, 80) as forward, connected(forward) as sock:
        sock.sendall(b"x")
        assert received(sock, 1) == b"x"
        client.close()
        with pytest.raises(ConnectionResetError):
            sock.recv(1)


# -- the framing


def frames(*messages: tuple[int, bytes]) -> bytes:
    state = PortFrames(80, "here")
    return b"".join(state.feed(Data(channel, data, True)) for channel, data in messages)


PORT = struct.pack("<H", 80)


def test_each_channel_begins_with_the_port() -> None:
    assert frames((0, PORT), (1, PORT), (0, b"da"), (0, b"ta")) == b"data"
    assert frames((0, PORT[:1]), (0, PORT[1:] + b"x"), (1, PORT), (9, b"future")) == b"x"
    with pytest.raises(StreamBroken, match="forwards port 81 instead"):
        frames((0, struct.pack("<H", 81)))
    with pytest.raises(StreamBroken, match="forwards port 20480 instead"):
        frames((1, struct.pack(">H", 80)))


def forwarding(talk: Callable[[ScriptedStream], None], **options: Any) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        stream = accept(peer, (V4,), **options)
        for channel in (0, 1):
            stream.send(channel, PORT)
        talk(stream)

    return script


RUNNING = reply(200, b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"status":{"phase":"Running"}}')


@pytest.mark.parametrize("split", [False, True])
def test_frames_of_another_library_byte_by_byte(connect: Connect, split: bool) -> None:
    got: list[Any] = []

    def talk(stream: ScriptedStream) -> None:
        got.append(stream.receive())
        stream.send(0, b"answer")
        stream.close()

    with ScriptedServer(RUNNING, forwarding(talk, split=split)) as server:
        with connect(server).open_port(Pod(metadata={"name": "web", "namespace": "shop"}), 80) as sock:
            sock.sendall(b"question")
            assert received(sock, 100) == b"answer"
        request = server.requests[1]
    assert got == [(0, b"question")]
    assert (request.path, request.query) == ("/api/v1/namespaces/shop/pods/web/portforward", [("ports", "80")])
    assert request.header("Sec-WebSocket-Protocol") == V4


def test_a_connection_that_is_cut_off_anywhere_is_whole_or_an_error(connect: Connect) -> None:
    recorded: list[bytes] = []

    def record(peer: Peer) -> None:
        stream = accept(peer, (V4,))
        try:
            for channel, data in ((0, PORT), (1, PORT), (0, b"some data"), (1, b"and an error"), (0, b"")):
                stream.send(channel, data)
            stream.close()
        finally:
            recorded.extend(stream.recorded)

    with ScriptedServer(RUNNING, record) as server:
        with connect(server).open_port(Pod(metadata={"name": "web"}), 80) as sock, pytest.raises(PortForwardError):
            received(sock, 100)
    session = b"".join(recorded[1:])
    sizes = iter(range(len(session)))

    def cut(peer: Peer) -> None:
        assert peer.request is not None
        if not peer.request.path.endswith("portforward"):
            RUNNING(peer)
            return
        accept(peer, (V4,))
        peer.send(session[: next(sizes)])
        close()(peer)

    with ScriptedServer(default=cut) as server:
        client = connect(server)
        for _ in range(len(session)):
            with client.open_port(Pod(metadata={"name": "web"}), 80) as sock, pytest.raises(KubernetesError):
                received(sock, 100)


def test_a_server_that_does_not_answer_does_not_hold_the_end_up(connect: Connect) -> None:
    forbidden = reply(403, status_body(403, "Forbidden", "no"))  # who may forward need not be allowed to read
    with ScriptedServer(forbidden, hold(released := threading.Event())) as server:
        forward = connect(server).port_forward(Pod(metadata={"name": "web"}), 80)
        with connected(forward):
            server.wait_for_requests(2)
            forward.close()
        released.set()


def test_reselecting_goes_on_listening_while_no_pod_is_ready(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    api.port_forward(lambda connection: connection.sendall(connection.pod.encode()))
    make_pod("a", labels={"app": "web"})
    with client.port_forward(service(client, port=80), 80, reselect=True) as forward:
        client.delete(Pod, "a", grace_period_seconds=0)
        with connected(forward) as sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
        make_pod("b", labels={"app": "web"})
        with connected(forward) as sock:
            assert received(sock, 100) == b"b"
    assert [type(each) for each in forward.errors] == [PodNotRunning]
