# SPDX-License-Identifier: Apache-2.0
"""The machine's kubectl with streams of the embedded server (protocol section F, J30)."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import pytest
from kubectl_streams import Kubectl
from stream_client import running_pod
from waiting import eventually

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from k8s_devkit import AttachSession, ExecSession, ForwardedSocket

pytestmark = [
    pytest.mark.kubectl,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the PATH"),
]


@cache
def kubectl_minor() -> int:
    text = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=True).stdout
    match = re.search(r'(?:v1\.|Minor:")(\d+)', text)
    assert match is not None, text
    return int(match[1])


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        running.seed(running_pod(status={"phase": "Running"}))
        yield running


@pytest.fixture
def kubectl(server: ApiServer, tmp_path: Path) -> Kubectl:
    return Kubectl(server.kubeconfig(), tmp_path)


@pytest.fixture
def run(server: ApiServer) -> None:
    """exec runs real programs."""

    @server.exec
    def call(session: ExecSession) -> int:
        return subprocess.call(session.command, stdin=session.stdin, stdout=session.stdout, stderr=session.stderr)


@pytest.mark.usefixtures("run")
def test_F8_kubectl_exec(server: ApiServer, kubectl: Kubectl) -> None:
    result = kubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (result.returncode, result.stdout) == (3, b"out\n")
    assert result.stderr == b"err\ncommand terminated with exit code 3\n"
    (record,) = server.requests.where(resource="pods/exec")
    assert (record.status, next(value for name, value in record.query if name == "command")) == (101, "sh")
    if kubectl_minor() >= 31:
        assert record.headers["sec-websocket-protocol"] == "v5.channel.k8s.io"


@pytest.mark.usefixtures("run")
def test_F10_kubectl_exec_with_stdin(kubectl: Kubectl) -> None:
    data = bytes(range(256)) * 4096
    result = kubectl("exec", "-i", "web", "--", "cat", stdin=data)
    assert (result.returncode, result.stdout == data, result.stderr) == (0, True, b"")


@pytest.mark.usefixtures("run")
def test_J30_kubectl_cp(kubectl: Kubectl, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"content")
    assert kubectl("cp", f"web:{tmp_path}/source", str(tmp_path / "copy")).returncode == 0
    assert (tmp_path / "copy").read_bytes() == b"content"


def test_F4_kubectl_shows_refusals(server: ApiServer, kubectl: Kubectl) -> None:
    result = kubectl("exec", "web", "-c", "nope", "--", "ls")
    assert (result.returncode, result.stdout) == (1, b"")
    assert b"container nope is not valid for pod web" in result.stderr
    server.exec(lambda session: None)
    server.deny(resource="pods/exec")
    assert b'cannot create resource "pods/exec"' in kubectl("exec", "web", "--", "ls").stderr


def test_J30_kubectl_attach(server: ApiServer, kubectl: Kubectl) -> None:
    @server.attach
    def loud(session: AttachSession) -> None:
        session.stdout.write(b"attached to " + session.container.encode() + b"\n")
        session.stdout.write(session.stdin.read().upper())

    result = kubectl("attach", "-i", "web", stdin=b"hello\n")
    assert (result.returncode, result.stdout) == (0, b"attached to main\nHELLO\n")


def test_F19_kubectl_logs_follow(server: ApiServer, kubectl: Kubectl) -> None:
    server.write_log("web", "one\n")
    with kubectl.start("logs", "-f", "web") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"one\n"
        server.write_log("web", "two\n")
        assert process.stdout.readline() == b"two\n"
        server.end_log("web")
        assert process.stdout.read() == b""
        assert process.wait(10) == 0
    result = kubectl("logs", "web", "--tail=1", "--timestamps")
    assert re.fullmatch(rb"[\d-]+T[\d:]+\.\d{9}Z two\n", result.stdout)
    eventually(lambda: server.requests.where(resource="pods/log")[0].status == 200)


def test_F16_kubectl_port_forward(server: ApiServer, kubectl: Kubectl) -> None:
    @server.port_forward(port=80)
    def echo(connection: ForwardedSocket) -> None:
        while data := connection.recv(65536):
            connection.sendall(data.upper())

    def ask(port: int, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    with kubectl.start("port-forward", "web", ":80", ":81", "--address=127.0.0.1") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ports = [int(process.stdout.readline().rsplit(b":", 1)[1].split()[0]) for _ in range(2)]
        with ThreadPoolExecutor() as pool:
            sent = [b"abc%d" % number * 20_000 for number in range(3)]
            assert list(pool.map(ask, [ports[0]] * 3, sent)) == [data.upper() for data in sent]
        assert ask(ports[1], b"x") == b""
        process.terminate()
        assert b"nothing serves portforward of port 81 of pod default/web" in process.stderr.read()
    (record,) = server.requests.where(resource="pods/portforward")
    assert record.status == 101
    if kubectl_minor() >= 31:
        assert record.headers["sec-websocket-protocol"] == "SPDY/3.1+portforward.k8s.io"
