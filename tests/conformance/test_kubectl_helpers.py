# SPDX-License-Identifier: Apache-2.0
"""What the kinds do as kubectl does: the same against the embedded server and a real one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import Conflict, Invalid, RequestError, RolloutError
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.apps.v1 import ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8s_plugins_builtin.authorization.v1 import SelfSubjectAccessReview, SelfSubjectRulesReview
from k8s_plugins_builtin.core.v1 import ConfigMap, Event, Node, Pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client

TEMPLATE: dict[str, Any] = {
    "metadata": {"labels": {"app": "web"}},
    "spec": {"containers": [{"name": "web", "image": "web:1"}, {"name": "log", "image": "log:1"}]},
}


def workload(kind: type[Any], namespace: str, name: str = "web", **spec: Any) -> Any:
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE, **spec}
    return kind.from_dict({"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def keep(client: Client, obj: Any, number: int) -> None:
    """Keep the template of an object as its controller would."""
    fresh = client.get(type(obj), "web", namespace=obj.metadata.namespace)
    reference = {"apiVersion": "apps/v1", "kind": obj.kind, "name": "web", "uid": obj.metadata.uid, "controller": True}
    metadata = {
        "name": f"web-{number}",
        "namespace": obj.metadata.namespace,
        "labels": {"app": "web"},
        "annotations": {"deployment.kubernetes.io/revision": str(number)},
        "ownerReferences": [reference],
    }
    if isinstance(obj, Deployment):
        replica_set = workload(ReplicaSet, obj.metadata.namespace or "", replicas=0)
        replica_set.metadata = metadata
        replica_set.spec.template = fresh.spec.template
        client.create(replica_set)
        return
    data = {"spec": {"template": {**fresh.spec.template.to_dict(), "$patch": "replace"}}}
    client.create(ControllerRevision.from_dict({"metadata": metadata, "data": data, "revision": number}))


def image(obj: Any) -> str | None:
    return next(item.image for item in obj.spec.template.spec.containers if item.name == "web")


@pytest.mark.parametrize("kind", [Deployment, StatefulSet, DaemonSet])
def test_rollouts_are_restarted_and_undone(admin: Client, namespace: str, kind: type[Any]) -> None:
    extra = {"serviceName": "web"} if kind is StatefulSet else {}
    obj = admin.create(workload(kind, namespace, **extra))
    keep(admin, obj, 1)
    assert image(obj.set_image(web="web:2", client=admin)) == "web:2"
    keep(admin, obj, 2)
    assert [item.number for item in obj.rollout.history(client=admin)] == [1, 2]
    undone = obj.rollout.undo(client=admin)
    assert undone.spec.template == obj.spec.template
    generation = undone.metadata.generation
    assert obj.rollout.restart(client=admin).metadata.generation == generation + 1
    with pytest.raises(RolloutError, match="has no revision 7; it has 1, 2"):
        obj.rollout.undo(7, client=admin)


def test_a_paused_deployment_is_not_restarted(admin: Client, namespace: str) -> None:
    obj = admin.create(workload(Deployment, namespace))
    assert obj.rollout.pause(client=admin).spec.paused is True
    with pytest.raises(RolloutError, match="is paused"):
        obj.rollout.restart(client=admin)
    assert not obj.rollout.resume(client=admin).spec.paused
    assert obj.rollout.restart(client=admin).metadata.generation == 4


def test_every_container_gets_the_image(admin: Client, namespace: str) -> None:
    obj = admin.create(workload(Deployment, namespace))
    changed = obj.set_image({"*": "all:1"}, client=admin)
    assert {item.image for item in changed.spec.template.spec.containers} == {"all:1"}
    assert len(changed.spec.template.spec.containers) == 2


def test_labels_and_annotations(admin: Client, namespace: str) -> None:
    obj = admin.create(ConfigMap(metadata=ObjectMeta(name="x", namespace=namespace, labels={"a": "1"})))
    assert admin.label(obj, {"b": "2", "a": None}).metadata.labels == {"b": "2"}
    assert admin.annotate(obj, {"note": "of two words"}).metadata.annotations == {"note": "of two words"}
    with pytest.raises(RequestError, match="overwrite=True"):
        admin.label(obj, {"b": "3"})
    with pytest.raises(Invalid):
        admin.label(obj, {"b": "not a label!"}, overwrite=True)
    assert admin.label(obj, {"b": "3"}, overwrite=True, dry_run=True).metadata.labels == {"b": "3"}
    assert admin.get(ConfigMap, "x", namespace=namespace).metadata.labels == {"b": "2"}


def test_a_merge_patch_with_a_version_that_is_over_is_a_conflict(admin: Client, namespace: str) -> None:
    """On which the edits that are sent as patches rest: they are tried again then."""
    obj = admin.create(ConfigMap(metadata=ObjectMeta(name="x", namespace=namespace), data={"n": "0"}))
    admin.label(obj, {"a": "1"})
    version = obj.metadata.resourceVersion
    with pytest.raises(Conflict):
        admin.patch(obj, patch=MergePatch({"data": {"n": "1"}, "metadata": {"resourceVersion": version}}))
    raced = [lambda: admin.label(obj, {"b": "1"})]

    def change(fresh: ConfigMap) -> None:
        if raced:
            raced.pop()()
        fresh.data["n"] = "1"

    edited = admin.edit(obj, change, as_patch=True)
    assert (edited.data, edited.metadata.labels) == ({"n": "1"}, {"a": "1", "b": "1"})


@pytest.fixture
def node(admin: Client) -> Iterator[Node]:
    created = admin.create(Node(metadata=ObjectMeta(name=f"n-{uuid.uuid4().hex[:8]}")))
    yield created
    admin.delete(created)


def test_nodes_are_cordoned_and_tainted(admin: Client, node: Node) -> None:
    assert node.cordon(client=admin).spec.unschedulable is True
    assert not node.uncordon(client=admin).spec.unschedulable
    tainted = node.taint("gpu=true:NoSchedule", "gpu:NoExecute", client=admin)
    assert {(item.key, item.effect) for item in tainted.spec.taints} >= {("gpu", "NoSchedule"), ("gpu", "NoExecute")}
    assert "gpu" not in {item.key for item in node.taint("gpu-", client=admin).spec.taints}
    with pytest.raises(RequestError, match="has no taint gpu to remove"):
        node.taint("gpu-", client=admin)


@pytest.mark.since("1.22")  # evictions of policy/v1
def test_a_node_is_drained(admin: Client, node: Node, namespace: str) -> None:
    spec = {"nodeName": node.metadata.name, **TEMPLATE["spec"]}
    admin.create(Pod.from_dict({"metadata": {"name": "p", "namespace": namespace}, "spec": spec}))
    drained = node.drain(force=True, grace_period_seconds=0, client=admin)
    assert [pod.metadata.name for pod in drained.evicted] == ["p"]
    assert admin.list(Pod, namespace=namespace) == []


def test_an_administrator_may(admin: Client, namespace: str) -> None:
    assert SelfSubjectAccessReview.can_i("create", Pod, namespace=namespace, client=admin)
    assert SelfSubjectAccessReview.can_i("get", "/metrics", client=admin)
    rules = SelfSubjectRulesReview.rules(namespace, client=admin)
    assert any("*" in rule.verbs and "*" in rule.resources for rule in rules.resourceRules)


def test_the_events_of_an_object(admin: Client, namespace: str) -> None:
    obj = admin.create(ConfigMap(metadata=ObjectMeta(name="x", namespace=namespace)))
    for name, minute in (("later", 2), ("earlier", 1)):
        involved = {"kind": "ConfigMap", "name": "x", "namespace": namespace, "uid": obj.metadata.uid}
        document = {
            "metadata": {"name": name, "namespace": namespace},
            "involvedObject": involved,
            "lastTimestamp": f"2026-01-01T00:0{minute}:00Z",
            "reason": name,
        }
        admin.create(Event.from_dict(document))
    assert [event.reason for event in Event.about(obj, client=admin)] == ["earlier", "later"]


@pytest.mark.since("1.27")  # OpenAPI v3
def test_a_field_is_explained(admin: Client) -> None:
    replicas = admin.explain("deployment.spec.replicas")
    assert (replicas.group, replicas.kind, replicas.type) == ("apps", "Deployment", "integer")
