# SPDX-License-Identifier: Apache-2.0
"""The example package ``transport_policy``, end to end: installed, found, and in the way of what it forbids."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer
from transport_help import get

from k8s_core import ALL_NAMESPACES, Client, Config
from k8s_core.errors import ConfigError, NotFound, RequestError
from k8s_core.meta import ObjectMeta
from k8s_core.plugins import Plugins
from k8s_core.requests import Request
from k8s_core.transport import make_transport
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace, Pod
from k8s_transport_policy import Policy, PolicyViolation, enforce

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        yield running


@pytest.fixture
def client(server: ApiServer) -> Iterator[Any]:
    """``client()`` makes one with the plugins that are installed, as they are told by the environment."""
    made: list[Client] = []

    def make() -> Client:
        made.append(Client(server.config(), plugins=Plugins()))
        return made[-1]

    yield make
    for one in made:
        one.close()


def config_map(name: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name), data={"password": "hunter2"})


def test_without_variables_it_does_nothing(client: Any) -> None:
    one = client()
    one.create(config_map("free"))
    one.delete(ConfigMap, "free")
    assert Policy.from_environment({"K8S_POLICY_DRY_RUN": "no", "K8S_POLICY_PROTECTED": " , "}) is None


def test_deletions_in_protected_namespaces_are_refused(
    client: Any, monkeypatch: pytest.MonkeyPatch, server: ApiServer
) -> None:
    monkeypatch.setenv("K8S_POLICY_PROTECTED", "prod-*, default")
    one = client()
    one.create(Namespace(metadata=ObjectMeta(name="prod-1")))
    one.create(Namespace(metadata=ObjectMeta(name="dev")))
    for namespace in ("prod-1", "dev", "default"):
        one.create(config_map("kept"), namespace=namespace)
    before = len(server.requests)
    for attempt in (
        lambda: one.delete(ConfigMap, "kept", namespace="prod-1"),
        lambda: one.delete(ConfigMap, "kept"),
        lambda: one.delete_collection(ConfigMap, namespace="prod-1", everything=True),
        lambda: one.delete_collection(ConfigMap, namespace=ALL_NAMESPACES, everything=True),
        lambda: one.delete(Namespace, "prod-1"),
        lambda: one.request(Request(method="DELETE", path="/api/v1/namespaces/prod-1/configmaps/kept")),
        lambda: one.request(Request(method="POST", path="/api/v1/namespaces/prod-1/pods/x/eviction", body=b"{}")),
    ):
        with pytest.raises(PolicyViolation, match=r"policy: .* is not allowed"):
            attempt()
    assert len(server.requests) == before
    one.delete(ConfigMap, "kept", namespace="dev")
    one.delete(Namespace, "dev")
    assert one.get(ConfigMap, "kept", namespace="prod-1").data["password"] == "hunter2"


def test_every_write_becomes_a_dry_run(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = client()
    plain.create(config_map("old"))
    monkeypatch.setenv("K8S_POLICY_DRY_RUN", "true")
    careful = client()
    answer = careful.create(config_map("new"))
    assert answer.metadata.uid
    old = careful.get(ConfigMap, "old")
    old.data["password"] = "changed"
    assert careful.replace(old).data["password"] == "changed"
    careful.delete(ConfigMap, "old")
    careful.delete(ConfigMap, "old", grace_period_seconds=0, propagation_policy="Foreground")  # with a body
    careful.delete_collection(ConfigMap, everything=True)
    with pytest.raises(NotFound):
        plain.get(ConfigMap, "new")
    assert plain.get(ConfigMap, "old").data["password"] == "hunter2"
    plain.delete(ConfigMap, "old")


@pytest.mark.parametrize("subresource", ["exec", "attach", "portforward", "proxy"])
def test_what_cant_be_a_dry_run_is_refused(subresource: str) -> None:
    policy = Policy(dry_run=True)
    request = get(
        f"/api/v1/namespaces/default/pods/x/{subresource}", resource=Pod.api_resource, subresource=subresource
    )
    assert policy.objection(request) == f"{subresource} can't be a dry run"


def test_reads_and_dry_runs_pass_unchanged() -> None:
    policy = Policy(dry_run=True, protected=("*",))
    for request in (get(), Request(method="POST", path="/x", query=(("dryRun", "All"),))):
        assert policy.shape(request) is request
        assert policy.objection(request) is None


def test_each_write_is_one_line_of_the_audit_log(client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    monkeypatch.setenv("K8S_POLICY_AUDIT", str(log))
    monkeypatch.setenv("K8S_POLICY_PROTECTED", "kube-system")
    one = client()
    one.create(config_map("audited"))
    one.get(ConfigMap, "audited")
    with pytest.raises(NotFound):
        one.delete(ConfigMap, "missing", namespace="other")
    with pytest.raises(RequestError):
        one.delete(ConfigMap, "x", namespace="kube-system")
    one.delete(ConfigMap, "audited")
    text = log.read_text()
    entries = [json.loads(line) for line in text.splitlines()]
    seen = [(e["verb"], e["namespace"], e.get("name"), e["decision"], e.get("status")) for e in entries]
    assert seen == [
        ("create", "default", "audited", "allowed", 201),
        ("delete", "other", "missing", "allowed", 404),
        ("delete", "kube-system", "x", "refused", None),
        ("delete", "default", "audited", "allowed", 200),
    ]
    assert {entry["resource"] for entry in entries} == {"configmaps"}
    assert "hunter2" not in text
    assert log.stat().st_mode & 0o777 == 0o600


def test_lines_of_many_threads_do_not_mix(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    policy = Policy(audit=str(log))

    class Answers:
        def send(self, request: Request) -> Any:
            return type("Answer", (), {"status": 200})()

        def close(self) -> None:
            """Nothing to close."""

    transport = enforce(policy)(Answers())
    threads = [
        threading.Thread(target=lambda: [transport.send(Request(method="POST", path="/x")) for _ in range(50)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([json.loads(line) for line in log.read_text().splitlines()]) == 400


def test_failures_are_audited_and_stderr_is_a_file_too(capsys: pytest.CaptureFixture[str]) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    policy = Policy(audit="-")
    transport = make_transport(Config(server=url), wrappers=[enforce(policy)], environ={})
    with pytest.raises(Exception, match="no connection"):
        transport.send(Request(method="POST", path="/x", body=b"{}"))
    transport.close()
    assert json.loads(capsys.readouterr().err)["error"] == "ConnectionFailed"


def test_a_switch_that_is_neither_is_an_error_and_no_guess() -> None:
    with pytest.raises(ConfigError, match="K8S_POLICY_DRY_RUN='maybe': use true or false"):
        Policy.from_environment({"K8S_POLICY_DRY_RUN": "maybe"})
