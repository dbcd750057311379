# SPDX-License-Identifier: Apache-2.0
"""Credentials that rotate while a client is in use, seen from the server: A24, A27, A36, A37, A38."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import Client, Watcher
from k8s_core.auth.exec_plugin import ExecCredentials
from k8s_core.auth.files import FileCertificate, FileToken
from k8s_core.configuration import Config, ExecConfig
from k8s_core.configuration import material as material_module
from k8s_core.errors import CredentialsError, TLSError
from k8s_core.requests import Request
from k8s_core.transport import make_transport
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

V1 = "client.authentication.k8s.io/v1"


@pytest.fixture
def base(server: Any, pki: Any) -> Config:
    return Config(server=server.url, certificate_authority_data=pki.ca_pem, timeout=20)


@pytest.fixture
def connect() -> Iterator[Callable[..., Any]]:
    opened = []

    def make(config: Config, credentials: Any = None) -> Any:
        opened.append(make_transport(config, credentials=credentials))
        return opened[-1]

    yield make
    for transport in opened:
        transport.close()


def get(transport: Any, path: str = "/version", **fields: Any) -> int:
    response = transport.send(Request(method="GET", path=path, **fields))
    response.read()
    return int(response.status)


def write_pair(folder: Path, pair: tuple[bytes, bytes]) -> tuple[str, str]:
    for name, content in zip(("crt", "key"), pair, strict=True):
        (folder / name).write_bytes(content)
    return str(folder / "crt"), str(folder / "key")


def test_A24_a_rotated_token_file_is_used_without_a_401(
    base: Config, server: Any, connect: Any, tmp_path: Path, time: Any
) -> None:
    (tmp_path / "token").write_text("one")
    transport = connect(base, FileToken(str(tmp_path / "token"), clock=time.clock))
    get(transport)
    (tmp_path / "token").write_text("two")
    get(transport)
    time.seconds += 50
    get(transport)
    assert [request["Authorization"] for request in server.requests] == ["Bearer one", "Bearer one", "Bearer two"]
    assert server.connections == 1


def test_A27_rotated_certificate_files_are_presented_on_a_new_connection(
    base: Config, server: Any, connect: Any, pki: Any, tmp_path: Path, time: Any
) -> None:
    files = write_pair(tmp_path, pki.client("before"))
    transport = connect(base, FileCertificate(*files, clock=time.clock))
    get(transport)
    get(transport)
    write_pair(tmp_path, pki.client("after"))
    time.seconds += 1
    get(transport)
    assert [(request.certificate, request.connection) for request in server.requests] == [
        ("before", 1), ("before", 1), ("after", 2),
    ]  # fmt: skip


def test_A27_a_pair_that_does_not_fit_is_an_error_and_not_anonymous(
    base: Config, server: Any, connect: Any, pki: Any, tmp_path: Path
) -> None:
    files = write_pair(tmp_path, (pki.client("a")[0], pki.client("b")[1]))
    transport = connect(base.replace(client_certificate=files[0], client_key=files[1]))
    with pytest.raises(CredentialsError, match="client certificate and key can't be used"):
        get(transport)
    assert server.requests == []


def test_A27_a_rotated_authority_is_trusted_without_a_restart(
    serve: Any, connect: Any, pki: Any, other_pki: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material_module, "AUTHORITY_PERIOD", 0.0)  # five minutes pass between any two requests
    first, second = serve(), serve(context=other_pki.server_context())
    (tmp_path / "ca").write_bytes(pki.ca_pem)
    transports = [
        connect(Config(server=server.url, certificate_authority=str(tmp_path / "ca"))) for server in (first, second)
    ]
    assert get(transports[0]) == 200
    with pytest.raises(TLSError):
        get(transports[1])
    (tmp_path / "ca").write_bytes(other_pki.ca_pem)
    assert get(transports[1]) == 200
    with pytest.raises(TLSError):
        get(transports[0])


def test_A36_a_new_certificate_closes_connections_and_a_new_token_does_not(
    base: Config, server: Any, connect: Any, pki: Any, program: Any, time: Any
) -> None:
    config = base.replace(exec=ExecConfig(command=program.command, api_version=V1))
    transport = connect(config, ExecCredentials(config, now=time.now, clock=time.clock))
    pairs = [pki.client("alice"), pki.client("bob")]
    for token, (certificate, key) in (("a", pairs[0]), ("b", pairs[0]), ("c", pairs[1])):
        status = {"token": token, "clientCertificateData": certificate.decode(), "clientKeyData": key.decode()}
        program.answers(status | {"expirationTimestamp": time.stamp(1)})
        get(transport)
        time.seconds += 2
    assert [(r["Authorization"], r.certificate, r.connection) for r in server.requests] == [
        ("Bearer a", "alice", 1), ("Bearer b", "alice", 1), ("Bearer c", "bob", 2),
    ]  # fmt: skip


def test_A37_sixteen_threads_on_one_client_and_a_credential_of_one_second(
    base: Config, server: Any, connect: Any, program: Any, time: Any
) -> None:
    """Each time it expires the program runs once, and no request fails: the server takes the newest token alone."""
    rounds, per_thread = 5, 3
    config = base.replace(exec=ExecConfig(command=program.command, api_version=V1))
    transport = connect(config, ExecCredentials(config, now=time.now, clock=time.clock))
    valid = [""]
    server.respond = lambda request: (200 if request["Authorization"] == valid[0] else 401, {}, b"{}")
    meet = threading.Barrier(16)

    def work(_: int) -> list[int]:
        statuses = []
        for number in range(rounds):
            if meet.wait(30) == 0:
                time.seconds += 1.001
                program.answers({"token": f"t{number}", "expirationTimestamp": time.stamp(1)})
                valid[0] = f"Bearer t{number}"
            meet.wait(30)
            statuses += [get(transport) for _ in range(per_thread)]
        return statuses

    with ThreadPoolExecutor(16) as pool:
        statuses = [status for found in pool.map(work, range(16)) for status in found]
    assert statuses == [200] * (16 * rounds * per_thread)
    assert len(server.requests) == len(statuses), "none had to be sent twice"
    assert len(program.runs) == rounds


def test_A38_sixteen_threads_whose_token_is_revoked_log_in_once(
    base: Config, server: Any, connect: Any, program: Any
) -> None:
    transport = connect(base.replace(exec=ExecConfig(command=program.command, api_version=V1)))
    get(transport)
    program.answers({"token": "t1"})
    server.respond = lambda request: (200 if request["Authorization"] == "Bearer t1" else 401, {}, b"{}")
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: get(transport), range(32))) == {200}
    assert len(program.runs) == 2


# -- a running watch


def pod(name: str, version: int) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "d", "resourceVersion": str(version)},
    }


def frame(kind: str, name: str, version: int) -> bytes:
    return json.dumps({"type": kind, "object": pod(name, version)}).encode() + b"\n"


EMPTY_LIST = {"apiVersion": "v1", "kind": "PodList", "metadata": {"resourceVersion": "1"}, "items": []}


def test_A38_a_running_watch_goes_on_with_the_rotated_token(
    base: Config, server: Any, tmp_path: Path, time: Any
) -> None:
    """The server ends the watch, as it does every few minutes, and takes the new token alone from then on."""
    token = tmp_path / "token"
    token.write_text("one")
    valid = ["Bearer one"]

    def respond(request: Any) -> Any:
        return (200, {}, json.dumps(EMPTY_LIST).encode()) if request["Authorization"] == valid[0] else (401, {}, b"{}")

    def stream(request: Any, send: Callable[[bytes], None]) -> None:
        number = 2 if valid[0] == "Bearer one" else 3
        send(frame("ADDED", f"p{number}", number))
        if number == 2:
            token.write_text("two")
            valid[0] = "Bearer two"

    server.respond, server.stream = respond, stream
    transport = make_transport(base, credentials=FileToken(str(token), clock=time.clock))
    with Client(base, transport=transport) as client:
        watcher = Watcher(Pod, client=client)
        events = watcher.watch(namespace="d")
        names = [next(events).object.metadata.name for _ in range(2)]
        watcher.stop()
        events.close()
    assert names == ["p2", "p3"]
    tokens = [(request["Authorization"], "watch=" in request.path) for request in server.requests[:4]]
    assert tokens == [("Bearer one", False), ("Bearer one", True), ("Bearer one", True), ("Bearer two", True)]


def test_A27_a_running_watch_goes_on_with_the_rotated_certificate(
    base: Config, server: Any, pki: Any, tmp_path: Path, time: Any
) -> None:
    """Any request that finds the new files ends the old connections, the watch's as well; the watch then resumes."""
    files = write_pair(tmp_path, pki.client("before"))
    done = threading.Event()

    def stream(request: Any, send: Callable[[bytes], None]) -> None:
        send(frame("ADDED", f"{request.certificate}", 2 if request.certificate == "before" else 3))
        done.wait(30)

    server.respond = lambda request: (200, {}, json.dumps(EMPTY_LIST).encode())
    server.stream = stream
    transport = make_transport(base, credentials=FileCertificate(*files, clock=time.clock))
    with Client(base, transport=transport) as client:
        watcher = Watcher(Pod, client=client)
        events = watcher.watch(namespace="d")
        assert next(events).object.metadata.name == "before"
        write_pair(tmp_path, pki.client("after"))
        time.seconds += 1
        client.request(Request(method="GET", path="/version")).read()
        assert next(events).object.metadata.name == "after"
        done.set()
        watcher.stop()
        events.close()
