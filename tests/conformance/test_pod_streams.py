# SPDX-License-Identifier: Apache-2.0
"""Logs, exec, attach and port-forward of pods: by the embedded server, and through a real kube-apiserver to a node.

`PodClient` is the seam: the tests say what the pod does and what its client gets, not how they speak.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from pod_client import PodClient, Refused
from stream_client import V4, V5
from wire import MERGE_PATCH
from wire_documents import PODS, pod

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Wire

    from k8s_core import Client
    from k8s_devkit import AttachSession, ControlPlane, ExecSession, ForwardedSocket, ScriptedNode

    Stage = ApiServer | ScriptedNode

SIZE = 10 << 20
NODE = "streams"


@pytest.fixture(scope="session")
def stage(api_server: ApiServer | ControlPlane) -> Iterator[Stage]:
    """Where tests say what containers do: the embedded server, or a node of the real one, by the same methods."""
    if isinstance(api_server, ApiServer):
        yield api_server
    else:
        with api_server.node(NODE) as node:
            yield node


@pytest.fixture
def pods(admin: Client, namespace: str, wire: Wire) -> PodClient:
    """A client of a namespace with the pod ``web``, whose one container is ``main`` and runs."""
    wire.ok("POST", PODS, pod("web", nodeName=NODE))
    main = {
        "name": "main",
        "image": "nginx:1",
        "imageID": "",
        "ready": True,
        "restartCount": 0,
        "state": {"running": {}},
    }
    status = {"phase": "Running", "containerStatuses": [main]}
    wire.ok("PATCH", f"{PODS}/web/status", {"status": status}, content_type=MERGE_PATCH)
    return PodClient(admin, namespace)


@pytest.fixture(params=[V4, V5])
def protocol(request: pytest.FixtureRequest, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> str:
    """The version that the server speaks: kubelets of 1.20 speak v4, which has no half close."""
    monkeypatch.setattr(stage.streams, "protocols", (request.param,))
    return str(request.param)


# --- logs ------------------------------------------------------------------------------------------------


def test_F19_lines_come_as_they_are_written(stage: Stage, pods: PodClient, namespace: str) -> None:
    where: Any = {"namespace": namespace, "container": "main"}
    stage.write_log("web", "one\n", **where)
    with contextlib.closing(pods.follow("web")) as lines:
        assert next(lines) == b"one"
        stage.write_log("web", "two\nthree\n", **where)
        assert [next(lines), next(lines)] == [b"two", b"three"]
        stage.write_log("web", b"\xff rest", **where)
        stage.end_log("web", **where)
        assert list(lines) == [b"\xff rest"]


def test_F19_a_reader_that_goes_leaves_the_log_to_the_next(stage: Stage, pods: PodClient, namespace: str) -> None:
    stage.write_log("web", "one\n", namespace=namespace, container="main")
    with contextlib.closing(pods.follow("web")) as lines:
        assert next(lines) == b"one"
    with contextlib.closing(pods.follow("web", tail=0)) as lines:
        stage.end_log("web", namespace=namespace, container="main")
        assert list(lines) == []


def test_F18_parts_of_a_log(stage: Stage, pods: PodClient, namespace: str, wire: Wire) -> None:
    log = f"{PODS}/web/log"
    stage.write_log("web", "one\ntwo\nthree\n", namespace=namespace, container="main")
    assert wire("GET", log).body == b"one\ntwo\nthree\n"
    assert wire("GET", f"{log}?tailLines=1").body == b"three\n"
    assert wire("GET", f"{log}?limitBytes=5").body == b"one\nt"
    assert wire("GET", f"{log}?sinceSeconds=3600&container=main").body == b"one\ntwo\nthree\n"
    assert wire("GET", f"{log}?sinceTime=2100-01-01T00:00:00Z").body == b""
    stamped = wire("GET", f"{log}?timestamps=true&tailLines=1").body
    assert stamped.endswith(b"Z three\n")
    assert wire("GET", log).headers["Content-Type"] == "text/plain"


def test_F20_there_is_no_previous_container(stage: Stage, pods: PodClient, wire: Wire) -> None:
    refused = wire.fails(400, "GET", f"{PODS}/web/log?previous=true")
    assert refused["message"] == 'previous terminated container "main" in pod "web" not found'


# --- exec and attach -------------------------------------------------------------------------------------


def test_F8_exit_codes_output_and_errors(stage: Stage, pods: PodClient, namespace: str) -> None:
    @stage.exec(namespace=namespace)
    def speak(session: ExecSession) -> int:
        session.stdout.write(" ".join(session.command).encode())
        session.stderr.write(b"in " + session.container.encode())
        return 42

    done = pods.exec("web", "sh", "-c", "a b", "ü&=?")
    assert (done.stdout.decode(), done.stderr, done.exit_code) == ("sh -c a b ü&=?", b"in main", 42)
    stage.exec(namespace=namespace, command=["true"], exit_code=0)
    assert pods.exec("web", "true").exit_code == 0


def test_F8_a_program_that_cannot_be_run(stage: Stage, pods: PodClient, namespace: str) -> None:
    @stage.exec(namespace=namespace)
    def broken(session: ExecSession) -> int:
        raise FileNotFoundError("no such program")

    done = pods.exec("web", "nope")
    assert (done.exit_code, "no such program" in done.error) == (None, True)


def test_F10_ten_megabytes_both_ways(stage: Stage, pods: PodClient, namespace: str, protocol: str) -> None:
    @stage.exec(namespace=namespace)
    def echo(session: ExecSession) -> None:
        left = SIZE
        while left and (data := session.stdin.read(1 << 16)):
            left -= session.stdout.write(data)
        if protocol == V5:
            assert session.stdin.read() == b""  # the end has come, too

    data = bytes(range(256)) * (SIZE >> 8)
    done = pods.exec("web", "cat", stdin=data, end_input=protocol == V5)
    assert (done.exit_code, done.error) == (0, "")
    assert done.stdout == data


def test_F6_attach(stage: Stage, pods: PodClient, namespace: str) -> None:
    @stage.attach(namespace=namespace)
    def shout(session: AttachSession) -> None:
        session.stdout.write(session.stdin.read(5).upper() + b" from " + session.container.encode())

    done = pods.attach("web", stdin=b"hello")
    assert (done.stdout, done.exit_code) == (b"HELLO from main", 0)


def test_F4_a_stream_that_nothing_serves(stage: Stage, pods: PodClient) -> None:
    with pytest.raises(Refused, match=rf"register a handler with {type(stage).__name__}\.attach\(\)") as refused:
        pods.attach("web")
    assert refused.value.code == 501


# --- port-forward ----------------------------------------------------------------------------------------


def test_F15_port_forward(stage: Stage, pods: PodClient, namespace: str) -> None:
    @stage.port_forward(namespace=namespace, port=8080)
    def echo(connection: ForwardedSocket) -> None:
        left = SIZE
        while left:
            data = connection.recv(1 << 16)
            left -= len(data)
            connection.sendall(data)

    data = bytes(range(256)) * (SIZE >> 8)
    assert pods.ask("web", 8080, data) == data
