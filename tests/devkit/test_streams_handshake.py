# SPDX-License-Identifier: Apache-2.0
"""Who may open a stream on the embedded server, and what is said to those who may not (protocol F2, F5, F14)."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from stream_client import (
    PODS,
    STDIN,
    STDOUT,
    V4,
    V5,
    StreamClient,
    exec_in,
    last_stream,
    refusal,
    running_pod,
    status_of,
)
from uvicorn.protocols.http.h11_impl import H11Protocol
from wire_socket import Head, talk

from k8s_devkit import AdmissionDenied, ApiServer
from k8s_devkit.api_server.network import runner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import AdmissionRequest, ExecSession

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": V5,
}
EXEC = f"{PODS}/web/exec?command=x&stdout=true"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        running.seed(running_pod(), running_pod("two", "a", "b"))
        running.exec(output="ok")
        yield running


def ask(server: ApiServer, path: str = EXEC, method: str = "GET", **changes: str | None) -> Head:
    headers = {**UPGRADE, **{name.replace("_", "-"): value for name, value in changes.items()}}
    lines = [(name, value) for name, value in headers.items() if value is not None]
    return talk(server.port, method, path, lines)


@pytest.mark.parametrize(
    ("offered", "chosen"), [((V5,), V5), ((V4,), V4), ((V4, V5), V5), (("channel.k8s.io", V4), V4), ((V5, V4), V5)]
)
def test_F2_v5_is_chosen_over_v4(server: ApiServer, offered: tuple[str, ...], chosen: str) -> None:
    with exec_in(server, "x", protocols=offered) as client:
        assert client.protocol == chosen
        assert client.drain()[STDOUT] == b"ok"


def test_F2_a_server_that_knows_v4_only(server: ApiServer) -> None:
    server.streams.protocols = (V4,)
    with exec_in(server, "x", protocols=[V5, V4]) as client:
        assert client.protocol == V4
    status, text = refusal(lambda: exec_in(server, "x", protocols=[V5]))
    assert status == 403
    assert text == f"requested protocol(s) are not supported: [{V5}]; supports [{V4}]\n"


def test_F2_only_the_first_header_line_counts(server: ApiServer) -> None:
    lines = [*UPGRADE.items()]
    lines[-1:] = [("Sec-WebSocket-Protocol", "unknown"), ("Sec-WebSocket-Protocol", V5)]
    assert talk(server.port, "GET", EXEC, lines).status == 403
    assert ask(server, Sec_WebSocket_Protocol=None).status == 403


def test_F2_the_accepted_handshake(server: ApiServer) -> None:
    head = ask(server, Connection="keep-alive, Upgrade")
    assert head.status == 101
    assert head.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert head.headers["sec-websocket-protocol"] == V5
    assert (head.headers["upgrade"], head.headers["connection"]) == ("websocket", "Upgrade")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Sec_WebSocket_Version": "8"}, 400),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Upgrade": "h2c"}, 400),
        ({"Connection": "keep-alive"}, 400),
        ({"Upgrade": None, "Connection": None}, 400),
    ],
)
def test_F4_handshakes_that_cannot_succeed(server: ApiServer, changes: dict[str, Any], status: int) -> None:
    head = ask(server, **changes)
    assert head.status == status
    if changes.get("Upgrade") == "h2c":
        assert head.body == b"unable to upgrade: missing upgrade headers in request\n"
    if "Connection" in changes:
        assert json.loads(head.body)["message"] == "Upgrade request required"


def test_F4_a_websocket_is_a_get_and_others_are_told_so(server: ApiServer) -> None:
    assert ask(server, method="POST").status == 405
    assert json.loads(ask(server, method="PUT").body)["reason"] == "MethodNotAllowed"


def test_F4_refusals_are_statuses(server: ApiServer) -> None:
    status, document = refusal(lambda: exec_in(server, "x", pod="gone"))
    assert (status, document["reason"], document["details"]) == (404, "NotFound", {"name": "gone", "kind": "pods"})
    assert last_stream(server).status == 404
    query = [("stdout", "1"), ("container", "c")]
    status, document = refusal(lambda: exec_in(server, "x", pod="two", query=query))
    assert (status, document["message"]) == (400, "container c is not valid for pod two")
    status, document = refusal(lambda: StreamClient(server, f"{PODS}/web/exec", [("command", "x")]))
    assert (status, document["message"]) == (400, "you must specify at least 1 of stdin, stdout, stderr")


def test_F14_the_choice_of_a_container(server: ApiServer) -> None:
    status, document = refusal(lambda: exec_in(server, "x", pod="two"))
    message = "a container name must be specified for pod two, choose one of: [a b]"
    assert (status, document["reason"], document["message"]) == (400, "BadRequest", message)
    inits = running_pod("three", "a", "b")
    inits["spec"]["initContainers"] = [{"name": "i", "image": "x"}]
    server.seed(inits)
    _, document = refusal(lambda: exec_in(server, "x", pod="three"))
    assert document["message"].endswith("three, choose one of: [i a b]")

    @server.exec(container="b")
    def where(session: ExecSession) -> None:
        session.stdout.write(session.container.encode())

    with exec_in(server, "x", pod="two", query=[("stdout", "1"), ("container", "b")]) as client:
        assert client.drain()[STDOUT] == b"b"
    with exec_in(server, "x", pod="two", query=[("stdout", "1"), ("container", "a")]) as client:
        assert client.drain()[STDOUT] == b"ok"


def test_F5_a_websocket_needs_the_verb_create_too(server: ApiServer) -> None:
    server.deny(verb="create", resource="pods/exec")
    status, document = refusal(lambda: exec_in(server, "x"))
    assert (status, document["reason"]) == (403, "Forbidden")
    where = 'resource "pods/exec" in API group "" in the namespace "default"'
    user = "system:anonymous" if "anonymous" in document["message"] else "kubernetes-admin"
    assert document["message"] == f'pods "web" is forbidden: User "{user}" cannot create {where}'
    server.streams.needs_create = False
    with exec_in(server, "x") as client:
        assert status_of(client.drain())["status"] == "Success"
    server.deny(verb="get", resource="pods/exec")
    assert "cannot get resource" in refusal(lambda: exec_in(server, "x"))[1]["message"]


def test_F5_admission_sees_the_options(server: ApiServer) -> None:
    seen: list[AdmissionRequest] = []

    @server.admit
    def guard(request: AdmissionRequest) -> None:
        seen.append(request)
        assert request.object is not None
        if "rm" in request.object["command"]:
            raise AdmissionDenied("nothing is removed here")

    status, document = refusal(lambda: exec_in(server, "rm", "-r"))
    assert (status, document["message"]) == (
        403,
        'admission webhook "guard" denied the request: nothing is removed here',
    )
    assert (seen[0].operation, seen[0].subresource, seen[0].name) == ("CONNECT", "exec", "web")
    assert (seen[0].kind.kind, seen[0].namespace) == ("PodExecOptions", "default")
    assert seen[0].object is not None
    assert (seen[0].object["command"], seen[0].object["stdin"]) == (["rm", "-r"], True)
    with exec_in(server, "ls") as client:
        client.drain()


def test_J13_faults_of_requests_hit_handshakes(server: ApiServer) -> None:
    server.faults.status(503, resource="pods/exec")
    assert refusal(lambda: exec_in(server, "x"))[0] == 503
    with exec_in(server, "x") as client:
        client.drain()


def test_J30_the_last_handler_that_matches_counts(server: ApiServer) -> None:
    server.exec(output="for web", pod="web")
    server.exec(output="for ls", command=["ls"])
    server.exec(output="elsewhere", namespace="other")
    for command, expected in (("ls", b"for ls"), ("id", b"for web")):
        with exec_in(server, command) as client:
            assert client.drain()[STDOUT] == expected
    with exec_in(server, "id", pod="two", query=[("stdout", "1"), ("container", "a")]) as client:
        assert client.drain()[STDOUT] == b"ok"


def test_J30_the_log_of_requests_has_the_command(server: ApiServer) -> None:
    with exec_in(server, "ls", "a b") as client:
        client.drain()
    record = last_stream(server)
    assert (record.name, record.status) == ("web", 101)
    assert [value for name, value in record.query if name == "command"] == ["ls", "a b"]


def test_J30_after_a_refused_handshake_the_connection_still_serves(server: ApiServer) -> None:
    lines = list(UPGRADE.items())
    with_refusal = talk(server.port, "GET", f"{PODS}/gone/exec", lines, then="/version")
    assert with_refusal.status == 404
    assert b"gitVersion" in with_refusal.then


def test_J30_streams_also_run_on_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "AutoHTTPProtocol", H11Protocol)
    with ApiServer() as server:
        server.seed(running_pod())
        server.exec(lambda session: len(session.stdin.read()))
        with exec_in(server, "x") as client:
            client.send(STDIN, b"12345")
            client.end_stdin()
            assert status_of(client.drain())["details"]["causes"][0]["message"] == "5"
        assert talk(server.port, "GET", f"{PODS}/gone/exec", list(UPGRADE.items()), then="/version").status == 404


def test_J30_who_uses_no_streams_does_not_wait_for_them() -> None:
    code = """
import sys
from k8s_devkit import ApiServer
with ApiServer() as server:
    server.exec(output="x")
loaded = {name.rpartition(".")[2] for name in sys.modules}
assert not loaded & {"wsproto", "websocket", "spdy", "serving", "sessions", "forwarding", "remote_command"}, loaded
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
