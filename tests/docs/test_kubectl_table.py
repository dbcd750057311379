# SPDX-License-Identifier: Apache-2.0
"""Every row of the page "kubectl → SDK" runs, and writes or does not write as its section says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from doc_pages import blocks_of

from k8s_core import Client, config
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8s_plugins_builtin.core.v1 import Node, Pod, ServiceAccount
from k8s_plugins_builtin.metrics.v1beta1 import NodeMetrics, PodMetrics

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/kubectl.md"
WRITING = {"Write", "Change rollouts", "Take care of nodes"}
READING = {"Read", "Ask the server", "Follow rollouts", "Choose a cluster"}
VERBS = {
    "annotate", "api-resources", "api-versions", "apply", "auth can-i", "auth whoami", "cluster-info",
    "config use-context", "config view", "cordon", "create", "delete", "describe", "diff", "drain", "edit", "events",
    "explain", "get", "label", "patch", "replace", "rollout history", "rollout pause", "rollout restart",
    "rollout resume", "rollout status", "rollout undo", "scale", "set image", "taint", "top node", "top nodes",
    "top pod", "top pods", "uncordon", "version", "wait",
}  # fmt: skip


class Row(NamedTuple):
    section: str
    command: str
    code: str


def rows() -> list[Row]:
    """The rows of all tables; of the second cell, the first code."""
    found, section = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif match := re.match(r"\| `(kubectl [^`]+)` \| `([^`]+)`(?:, or `[^`]+`)? \|$", line):
            found.append(Row(section, *match.groups()))
        else:
            assert not line.startswith("| `"), f"not a row: {line}"
    return found


# -- the cluster of the page


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image}]}}


def workload(kind: type[Any], name: str, number: int = 2, **spec: Any) -> Any:
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template(f"web:{number}"), **spec}
    return kind.from_dict({"metadata": {"name": name, "labels": {"app": name.partition("-")[0]}}, "spec": spec})


def owned(obj: Any, owner: Any) -> Any:
    reference = {"apiVersion": owner.apiVersion, "kind": owner.kind, "name": owner.metadata.name}
    obj.metadata.ownerReferences = [{**reference, "uid": owner.metadata.uid, "controller": True}]
    return obj


def pod(name: str, owner: Any) -> Any:
    document = {"metadata": {"name": name, "labels": dict(owner.metadata.labels)}, "spec": template("web:2")["spec"]}
    return owned(Pod.from_dict({**document, "spec": {**document["spec"], "nodeName": "worker-1"}}), owner)


def populate(server: ApiServer, client: Client) -> None:
    """Make what the page says that there is."""
    web = client.apply(workload(Deployment, "web", replicas=1), field_manager="me")
    for number in (1, 2):
        revision = owned(workload(ReplicaSet, f"web-{number}", number), web)
        revision.metadata.annotations = {"deployment.kubernetes.io/revision": str(number)}
        replica_set = client.create(revision)
    client.create(pod("web-0", replica_set))
    client.create(pod("agent-0", client.create(workload(DaemonSet, "agent"))))
    client.create(workload(StatefulSet, "db", serviceName="db"))
    client.create(Node.from_dict({"metadata": {"name": "worker-1"}, "status": {"allocatable": {"cpu": "2"}}}))
    Node(metadata=ObjectMeta(name="worker-1")).taint("old:NoSchedule", client=client)
    client.create(ServiceAccount(metadata=ObjectMeta(name="robot")))
    measured = {"timestamp": "2026-01-01T00:00:00Z", "window": "15s"}
    usage = {"cpu": "500m", "memory": "1Gi"}
    server.seed(NodeMetrics.from_dict({"metadata": {"name": "worker-1"}, **measured, "usage": usage}))
    metadata = {"name": "web-0", "namespace": "default"}
    containers = [{"name": "web", "usage": usage}]
    server.seed(PodMetrics.from_dict({"metadata": metadata, **measured, "containers": containers}))


KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: production
clusters: [{{name: here, cluster: {{server: "{url}"}}}}]
users: [{{name: me, user: {{}}}}]
contexts:
- {{name: production, context: {{cluster: here, user: me}}}}
- {{name: staging, context: {{cluster: here, user: me}}}}
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """The cluster, the default client for it, and the files that the page names, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("web", "shop"):
        document = workload(Deployment, name, replicas=2).to_yaml()
        (tmp_path / f"{name}.yaml").write_text(document, encoding="utf-8")
    with ApiServer(resources=[NodeMetrics.api_resource, PodMetrics.api_resource]) as server:
        populate(server, server.client())
        server.simulate("deployments", "pods")
        server.settle()
        for name in ("config", "other.yaml"):
            (tmp_path / name).write_text(KUBECONFIG.format(url=server.url), encoding="utf-8")
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
        config.api_server = server.url
        yield server
        config.reset()


@pytest.fixture
def namespace(server: ApiServer) -> dict[str, Any]:
    """The names of the page: those of its first block, and the objects that it speaks of."""
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(next(blocks_of(PAGE)).code, str(PAGE), "exec", dont_inherit=True), names)  # noqa: S102  # our own page
    client: Client = names["client"]
    objects = {
        "web": client.get(Deployment, "web"),
        "pod": client.get(Pod, "web-0"),
        "node": client.get(Node, "worker-1"),
    }
    return {**names, **objects}


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.command)
def test_every_row_runs_and_writes_if_it_says_so(row: Row, server: ApiServer, namespace: dict[str, Any]) -> None:
    before = server.resource_version
    exec(compile(row.code, row.command, "exec", dont_inherit=True), namespace)  # noqa: S102  # our own page
    server.settle()
    assert (server.resource_version != before) is (row.section in WRITING)


def test_every_command_has_a_row() -> None:
    commands = {row.command.removeprefix("kubectl ") for row in rows()}
    missing = {verb for verb in VERBS if not any(f"{command} ".startswith(f"{verb} ") for command in commands)}
    assert missing == set()


def test_every_section_says_whether_it_writes() -> None:
    assert {row.section for row in rows()} == WRITING | READING


def test_no_command_is_there_twice() -> None:
    commands = [row.command for row in rows()]
    assert len(commands) == len(set(commands)) > 70
