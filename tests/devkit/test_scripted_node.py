# SPDX-License-Identifier: Apache-2.0
"""ScriptedNode: what it tells an API server of itself and of its pods. Here an embedded one listens."""

from __future__ import annotations

import http.client
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from client_tls import client_tls
from stream_client import STDOUT, V4, StreamClient, refusal, running_pod

from k8s_core import Client
from k8s_core.errors import AlreadyExists, Conflict, Invalid, NotFound, TransportError
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer, ScriptedNode
from k8s_devkit.certificates import Authority
from k8s_plugins_builtin.core.v1 import Container, Node, Pod, PodSpec

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

AUTHORITY = Authority()


@pytest.fixture
def server() -> Iterator[ApiServer]:
    before = set(threading.enumerate())
    with ApiServer() as running:
        yield running
    assert set(threading.enumerate()) <= before


@pytest.fixture
def client(server: ApiServer) -> Client:
    return server.client()


@pytest.fixture
def node(server: ApiServer) -> Iterator[ScriptedNode]:
    with ScriptedNode("node-1", AUTHORITY, server.client()) as running:
        yield running


@pytest.fixture
def tls() -> ssl.SSLContext:
    pair = AUTHORITY.user("kube-apiserver-kubelet-client", ["system:masters"])
    return client_tls(AUTHORITY.certificate, pair.certificate, pair.key)


def pod(name: str = "web", **spec: Any) -> Pod:
    containers = [Container(name="main", image="nginx"), Container(name="side", image="busybox")]
    return Pod(metadata=ObjectMeta(name=name), spec=PodSpec(containers=containers, **spec))


def logged(node: ScriptedNode, name: str, container: str, tls: ssl.SSLContext) -> tuple[int, bytes]:
    with closing(http.client.HTTPSConnection("127.0.0.1", node.port, timeout=10, context=tls)) as connection:
        connection.request("GET", f"/containerLogs/default/{name}/{container}?follow=true")
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_a_node_says_where_its_kubelet_is(node: ScriptedNode, client: Client) -> None:
    found = client.get(Node, "node-1")
    assert [(each.type, each.address) for each in found.status.addresses] == [("InternalIP", "127.0.0.1")]
    assert found.status.daemonEndpoints.kubeletEndpoint.Port == node.port
    assert found.is_ready()
    assert repr(node) == f"<ScriptedNode node-1 https://127.0.0.1:{node.port}>"


def test_a_node_goes_when_it_is_closed_and_its_pods_stay(server: ApiServer, client: Client) -> None:
    with ScriptedNode("node-2", AUTHORITY, server.client()) as node:
        node.run(pod())
    with pytest.raises(NotFound):
        client.get(Node, "node-2")
    assert client.get(Pod, "web").spec.nodeName == "node-2"
    assert node.closed
    assert repr(node) == "<ScriptedNode node-2 closed>"
    node.close()  # does nothing


def test_a_name_that_is_taken_leaves_nothing_behind(node: ScriptedNode, server: ApiServer, client: Client) -> None:
    threads = set(threading.enumerate())
    another = server.client()
    with pytest.raises(AlreadyExists):
        ScriptedNode("node-1", AUTHORITY, another)
    assert another.closed
    assert set(threading.enumerate()) <= threads
    assert client.get(Node, "node-1").status.daemonEndpoints.kubeletEndpoint.Port == node.port


def test_a_node_can_be_closed_after_its_api_server(server: ApiServer) -> None:
    node = ScriptedNode("node-1", AUTHORITY, Client(server.config()))
    server.stop()
    node.close()
    assert node.closed


def test_a_node_that_was_deleted_can_be_closed(node: ScriptedNode, client: Client) -> None:
    client.delete(Node, "node-1")
    node.close()
    assert node.closed


def test_a_new_pod_is_created_and_runs(node: ScriptedNode, client: Client) -> None:
    new = pod(initContainers=[Container(name="init", image="busybox")])
    running = node.run(new)
    assert isinstance(running, Pod)
    assert running == client.get(Pod, "web")
    assert running.spec.nodeName == "node-1"
    assert running.is_ready()
    status = running.status
    assert (status.phase, status.hostIP) == ("Running", "127.0.0.1")
    assert [(each.name, each.ready, each.state.running.startedAt) for each in status.containerStatuses] == [
        ("main", True, status.startTime),
        ("side", True, status.startTime),
    ]
    assert [each.state.terminated.exitCode for each in status.initContainerStatuses] == [0]
    assert "nodeName" not in new.spec  # the argument is not changed


def test_a_wire_document_runs_as_well(node: ScriptedNode) -> None:
    document = running_pod("wire", node="")
    assert node.run(document).status.phase == "Running"
    assert "nodeName" not in document["spec"]


def test_a_pod_that_exists_is_bound(node: ScriptedNode, client: Client) -> None:
    waiting = client.create(pod())
    running = node.run(waiting)
    assert (running.spec.nodeName, running.metadata.uid) == ("node-1", waiting.metadata.uid)
    assert node.run(running).status.phase == "Running"  # it is here already


def test_a_pod_of_another_node_stays_there(node: ScriptedNode, client: Client) -> None:
    elsewhere = client.create(pod(nodeName="node-9"))
    with pytest.raises(Conflict, match="web"):
        node.run(elsewhere)
    assert client.get(Pod, "web").spec.nodeName == "node-9"


@pytest.mark.parametrize(("exit_code", "phase", "reason"), [(0, "Succeeded", "Completed"), (3, "Failed", "Error")])
def test_a_pod_finishes(node: ScriptedNode, client: Client, exit_code: int, phase: str, reason: str) -> None:
    running = node.run(pod())
    finished = node.finish(running, exit_code)
    assert finished == client.get(Pod, "web")
    assert finished.status.phase == phase
    assert not finished.is_ready()
    ended = finished.status.containerStatuses[0].state.terminated
    assert (ended.exitCode, ended.reason, ended.startedAt) == (exit_code, reason, running.status.startTime)
    assert finished.status.hostIP == "127.0.0.1"


def test_a_pod_that_is_gone_cannot_finish(node: ScriptedNode, client: Client) -> None:
    running = node.run(pod())
    client.delete(running, grace_period_seconds=0)
    with pytest.raises(NotFound):
        node.finish(running)


def test_a_pod_that_was_not_run_here_cannot_finish(node: ScriptedNode, client: Client) -> None:
    for strange in (client.create(pod()), pod(), {"kind": "Pod"}):
        with pytest.raises(LookupError, match="was not run on this node"):
            node.finish(strange)


def test_a_pod_without_containers_is_the_server_s_to_refuse(node: ScriptedNode) -> None:
    with pytest.raises(Invalid, match=r"spec\.containers"):
        node.run({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "empty", "namespace": "default"}})


def test_a_new_pod_does_not_take_over_the_logs_of_another(
    node: ScriptedNode, client: Client, tls: ssl.SSLContext
) -> None:
    first = node.run(pod())
    node.write_log("web", "old\n")
    client.delete(first, grace_period_seconds=0)
    second = node.run(pod())
    node.write_log("web", "new\n")
    node.finish(second)
    assert logged(node, "web", "main", tls) == (200, b"new\n")


def test_the_end_of_a_pod_ends_its_logs_and_programs(node: ScriptedNode, tls: ssl.SSLContext) -> None:
    running = node.run(pod())
    node.write_log("web", "both\n")  # to all of its containers
    node.write_log("web", "one\n", container="side")
    node.exec(output="x")
    path, query = "/exec/default/web/main", [("output", "1")]
    with StreamClient(node, path, query, protocols=[V4], ssl=tls) as session:
        assert session.drain()[STDOUT] == b"x"
    node.finish(running)
    assert logged(node, "web", "main", tls) == (200, b"both\n")  # followed, and it ended
    assert logged(node, "web", "side", tls) == (200, b"both\none\n")
    refused = refusal(lambda: StreamClient(node, path, query, protocols=[V4], ssl=tls))
    assert refused == (500, 'container not found ("main")')


def test_the_end_of_a_forwarded_connection_names_the_pod(node: ScriptedNode, tls: ssl.SSLContext) -> None:
    running = node.run(pod())

    @node.port_forward
    def refuse(connection: object) -> None:
        raise OSError("connection refused")

    with StreamClient(node, "/portForward/default/web", [("port", "80")], protocols=[V4], ssl=tls) as session:
        channels = session.drain()
    assert channels[1][2:].decode() == (
        f"error forwarding port 80 to pod web, uid {running.metadata.uid}: connection refused"
    )


def test_a_node_needs_its_api_server(server: ApiServer) -> None:
    lost = Client(server.config())
    server.stop()
    threads = set(threading.enumerate())
    with pytest.raises(TransportError):
        ScriptedNode("node-1", AUTHORITY, lost)
    assert lost.closed
    assert set(threading.enumerate()) <= threads
