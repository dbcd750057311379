# SPDX-License-Identifier: Apache-2.0
"""Nodes of a real control plane: who reaches them, kubectl by SPDY, and that nothing of them is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kubectl_streams import Kubectl
from pod_client import Broken, PodClient
from waiting import eventually
from wire import Wire
from wire_documents import PODS

from k8s_core.errors import AlreadyExists, Conflict, Invalid
from k8s_core.meta import ObjectMeta
from k8s_devkit import ControlPlane, ScriptedNode
from k8s_devkit.control_plane.control_plane import ControlPlaneError
from k8s_plugins_builtin.core.v1 import Container, Node, Pod, PodSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client
    from k8s_devkit import AttachSession, ExecSession, ForwardedSocket

pytestmark = [
    pytest.mark.control_plane,
    pytest.mark.timeout(180),
    pytest.mark.skipif(ControlPlane.unavailable() is not None, reason=ControlPlane.unavailable() or "available"),
]
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the PATH")


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane(start_timeout=120) as plane:
        yield plane


@pytest.fixture(scope="module")
def client(plane: ControlPlane) -> Iterator[Client]:
    with plane.client() as client:
        yield client


@pytest.fixture
def node(plane: ControlPlane) -> Iterator[ScriptedNode]:
    before = set(threading.enumerate())
    with plane.node() as node:
        yield node
    assert set(threading.enumerate()) <= before


@pytest.fixture
def pod(node: ScriptedNode, client: Client) -> Iterator[Pod]:
    """The pod ``web``, which runs."""
    containers = [Container(name="main", image="nginx")]
    pod = node.run(Pod(metadata=ObjectMeta(name="web"), spec=PodSpec(containers=containers)))
    yield pod
    client.delete(Pod, "web", grace_period_seconds=0)


@pytest.fixture
def kubectl(plane: ControlPlane, tmp_path: Path) -> Kubectl:
    return Kubectl(plane.kubeconfig(), tmp_path)


# --- the node and its control plane ----------------------------------------------------------------------


@pytest.mark.usefixtures("pod")
def test_the_kube_apiserver_reaches_it_under_its_own_name(node: ScriptedNode, client: Client) -> None:
    node.write_log("web", "hello\n")
    assert Wire(client, "default")("GET", f"{PODS}/web/log").body == b"hello\n"
    (asked,) = node.requests
    assert (asked.path, asked.user.name) == ("/containerLogs/default/web/main", "kube-apiserver-kubelet-client")
    assert client.get(Node, node.name).is_ready()


def test_pods_of_a_node_that_is_gone(plane: ControlPlane, client: Client) -> None:
    with plane.node("passing") as node:
        containers = [Container(name="main", image="nginx")]
        node.run(Pod(metadata=ObjectMeta(name="left"), spec=PodSpec(containers=containers)))
    assert '"passing" not found' in Wire(client, "default").fails(404, "GET", f"{PODS}/left/log")["message"]


def test_a_pod_that_exists_is_bound_and_one_of_another_node_is_not(node: ScriptedNode, client: Client) -> None:
    containers = [Container(name="main", image="nginx")]
    waiting = client.create(Pod(metadata=ObjectMeta(name="late"), spec=PodSpec(containers=containers)))
    running = node.run(waiting)
    assert (running.spec.nodeName, running.metadata.uid) == (node.name, waiting.metadata.uid)
    assert node.finish(running, exit_code=2).status.phase == "Failed"
    elsewhere = client.create(Pod(metadata=ObjectMeta(name="other"), spec=PodSpec(containers=containers, nodeName="x")))
    with pytest.raises(Conflict, match="already assigned to node"):
        node.run(elsewhere)


@pytest.mark.usefixtures("pod")
def test_faults_between_the_node_and_the_kube_apiserver(node: ScriptedNode, client: Client) -> None:
    node.faults.status(400, resource="pods/log", body=b"the node is tired", content_type="text/plain")
    assert Wire(client, "default").fails(400, "GET", f"{PODS}/web/log")["message"] == "the node is tired"


def test_names_that_cannot_be(plane: ControlPlane, node: ScriptedNode) -> None:
    threads = set(threading.enumerate())
    with pytest.raises(AlreadyExists, match=node.name):
        plane.node(node.name)
    with pytest.raises(Invalid, match=r"metadata\.name"):
        plane.node("No Name")
    assert set(threading.enumerate()) == threads


def sockets() -> int:
    return sum(1 for each in Path("/proc/self/fd").iterdir() if _is_socket(each))


def _is_socket(descriptor: Path) -> bool:
    try:
        return os.readlink(descriptor).startswith("socket:")
    except FileNotFoundError:  # the one that lists the folder
        return False


def test_the_end_of_the_control_plane_ends_its_nodes(tmp_path: Path) -> None:
    threads, open_sockets = set(threading.enumerate()), sockets()
    plane = ControlPlane(start_timeout=120, directory=tmp_path)
    with pytest.raises(ControlPlaneError, match="not running"):
        plane.node()
    plane.start()
    arrived, ended = threading.Event(), threading.Event()

    def hold(session: ExecSession) -> None:
        assert session.stdin.read(1) == b"x"
        arrived.set()
        assert session.stdin.read() == b""
        ended.set()

    def call(client: Client) -> None:
        with pytest.raises(Broken):
            PodClient(client, "default").exec("web", "sleep", stdin=b"x")

    with plane.client() as client:
        one, two = plane.node("one"), plane.node("two")
        containers = [Container(name="main", image="nginx")]
        one.run(Pod(metadata=ObjectMeta(name="web"), spec=PodSpec(containers=containers)))
        one.exec(hold)
        caller = threading.Thread(target=call, args=(client,))
        caller.start()
        assert arrived.wait(30)
        plane.stop()
        caller.join()
    assert (one.closed, two.closed, ended.is_set()) == (True, True, True)
    assert set(threading.enumerate()) <= threads
    assert (sockets(), list(tmp_path.iterdir())) == (open_sockets, [])


def test_a_node_can_be_closed_after_its_kube_apiserver_was_killed(tmp_path: Path) -> None:
    plane = ControlPlane(start_timeout=120, directory=tmp_path)
    plane.start()
    node = plane.node()
    (process,) = [int(each.parent.name) for each in Path("/proc").glob("[0-9]*/cmdline") if _serves(each, plane)]
    os.kill(process, signal.SIGKILL)
    eventually(lambda: not plane.running)
    node.close()
    assert node.closed
    plane.stop()


def _serves(command: Path, plane: ControlPlane) -> bool:
    try:
        return b"kube-apiserver\0" in command.read_bytes() and str(plane.directory).encode() in command.read_bytes()
    except OSError:
        return False


# --- kubectl, which speaks SPDY up to 1.30 ---------------------------------------------------------------


@pytest.mark.kubectl
@pytest.mark.usefixtures("pod")
@needs_kubectl
class TestKubectl:
    def test_logs(self, node: ScriptedNode, kubectl: Kubectl) -> None:
        node.write_log("web", "one\n")
        with kubectl.start("logs", "-f", "web") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"one\n"
            node.write_log("web", "two\n")
            assert process.stdout.readline() == b"two\n"
            node.end_log("web")
            assert process.stdout.read() == b""
            assert process.wait(10) == 0
        assert re.fullmatch(rb"[\d-]+T[\d:]+\.\d+Z two\n", kubectl("logs", "web", "--tail=1", "--timestamps").stdout)

    def test_exec_with_ten_megabytes_both_ways(self, node: ScriptedNode, kubectl: Kubectl) -> None:
        @node.exec
        def call(session: ExecSession) -> int:
            return subprocess.call(session.command, stdin=session.stdin, stdout=session.stdout, stderr=session.stderr)

        data = bytes(range(256)) * (10 << 12)
        result = kubectl("exec", "-i", "web", "--", "sh", "-c", "cat; echo done >&2; exit 3", stdin=data)
        assert (result.returncode, result.stdout == data) == (3, True)
        assert result.stderr == b"done\ncommand terminated with exit code 3\n"

    def test_attach(self, node: ScriptedNode, kubectl: Kubectl) -> None:
        @node.attach
        def shout(session: AttachSession) -> None:
            session.stdout.write(session.stdin.read().upper())

        assert kubectl("attach", "-i", "web", stdin=b"hello\n").stdout == b"HELLO\n"

    def test_port_forward(self, node: ScriptedNode, kubectl: Kubectl) -> None:
        @node.port_forward(port=80)
        def echo(connection: ForwardedSocket) -> None:
            while data := connection.recv(65536):
                connection.sendall(data.upper())

        def ask(port: int, data: bytes) -> bytes:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: connection.recv(65536), b""))

        with kubectl.start("port-forward", "web", ":80", "--address=127.0.0.1") as process:
            assert process.stdout is not None
            port = int(process.stdout.readline().rsplit(b":", 1)[1].split()[0])
            with ThreadPoolExecutor() as pool:
                sent = [b"abc%d" % number * 20_000 for number in range(3)]
                assert list(pool.map(ask, [port] * 3, sent)) == [data.upper() for data in sent]
            process.terminate()
