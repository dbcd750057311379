# SPDX-License-Identifier: Apache-2.0
"""``kubectl rollout`` and ``kubectl set image`` as methods of the kinds, by kubectl's rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import NotFound, RequestError, RolloutError
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet
from k8s_plugins_builtin.batch.v1 import CronJob
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client

NUMBER = "deployment.kubernetes.io/revision"
CAUSE = "kubernetes.io/change-cause"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
SPEC: dict[str, Any] = {
    "selector": {"matchLabels": {"app": "web"}},
    "template": {
        "metadata": {"labels": {"app": "web"}},
        "spec": {
            "initContainers": [{"name": "init", "image": "init:1"}],
            "containers": [{"name": "web", "image": "web:1"}, {"name": "log-shipper", "image": "log:1"}],
        },
    },
}


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as server:
        yield server


@pytest.fixture
def client(server: ApiServer) -> Client:
    return server.client()


@pytest.fixture
def deployment(client: Client) -> Deployment:
    document = {"metadata": {"name": "web", "annotations": {CAUSE: "first"}}, "spec": SPEC}
    return client.create(Deployment.from_dict(document))


def owner(obj: Deployment | StatefulSet | DaemonSet) -> dict[str, Any]:
    return {
        "apiVersion": obj.apiVersion,
        "kind": obj.kind,
        "name": obj.metadata.name,
        "uid": obj.metadata.uid,
        "controller": True,
    }


def observe(client: Client, obj: Deployment, number: int) -> None:
    """What the deployment controller does first about a new template: keep it in a ReplicaSet, under a number."""
    fresh = client.get(Deployment, obj.metadata.name or "")
    replica_set = ReplicaSet.from_dict(
        {
            "metadata": {
                "name": f"web-{number}",
                "labels": {"app": "web", "pod-template-hash": f"h{number}"},
                "annotations": {
                    **{key: value for key, value in fresh.metadata.annotations.items() if key == CAUSE},
                    NUMBER: str(number),
                },
                "ownerReferences": [owner(fresh)],
            },
            "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web", "pod-template-hash": f"h{number}"}}},
        }
    )
    replica_set.spec.template = fresh.spec.template
    replica_set.spec.template.metadata.labels["pod-template-hash"] = f"h{number}"
    client.create(replica_set)
    client.annotate(fresh, {NUMBER: str(number)}, overwrite=True)


@pytest.fixture
def rolled_out(client: Client, deployment: Deployment) -> Deployment:
    """Three revisions: web:1, web:2, web:3."""
    observe(client, deployment, 1)
    for number in (2, 3):
        deployment.set_image(web=f"web:{number}", client=client)
        client.annotate(deployment, {CAUSE: f"to {number}"}, overwrite=True)
        observe(client, deployment, number)
    return deployment


def images(obj: Any) -> dict[str, str]:
    spec = RUNS.get(type(obj), lambda obj: obj.spec.template.spec)(obj)
    return {item.name: item.image for item in (*spec.initContainers, *spec.containers)}


RUNS: dict[type, Any] = {
    Pod: lambda obj: obj.spec,
    CronJob: lambda obj: obj.spec.jobTemplate.spec.template.spec,
}


# -- restart


@pytest.mark.parametrize("kind", [Deployment, StatefulSet, DaemonSet])
def test_a_restart_changes_the_pod_template_and_nothing_else(client: Client, kind: type[Any]) -> None:
    obj = client.create(kind.from_dict({"metadata": {"name": "web"}, "spec": SPEC}))
    restarted = obj.rollout.restart(client=client)
    assert restarted.metadata.generation == 2
    assert set(restarted.spec.template.metadata.annotations) == {RESTARTED}
    del restarted.spec.template.metadata.annotations
    assert restarted.spec == obj.spec
    assert obj.rollout.restart(client=client).metadata.generation == 3  # within the same second


def test_a_restart_can_be_tried(client: Client, deployment: Deployment) -> None:
    assert RESTARTED in deployment.rollout.restart(dry_run=True, client=client).spec.template.metadata.annotations
    assert client.get(Deployment, "web") == deployment


def test_a_paused_deployment_is_not_restarted(client: Client, deployment: Deployment) -> None:
    deployment.rollout.pause(client=client)
    with pytest.raises(RolloutError, match=r"'web' is paused and can't be restarted: call rollout\.resume\(\) first"):
        deployment.rollout.restart(client=client)
    assert client.get(Deployment, "web").spec.template == deployment.spec.template


def test_what_does_not_exist_cannot_be_restarted(client: Client) -> None:
    with pytest.raises(NotFound, match="nothing"):
        Deployment(metadata=ObjectMeta(name="nothing")).rollout.restart(client=client)


# -- pause, resume, status


def test_pause_and_resume_are_idempotent(client: Client, deployment: Deployment) -> None:
    for _ in range(2):
        assert deployment.rollout.pause(client=client).spec.paused is True
    for _ in range(2):
        assert not deployment.rollout.resume(client=client).spec.paused


def test_status_asks_the_server(server: ApiServer, client: Client, deployment: Deployment) -> None:
    assert not deployment.rollout.status(client=client).done
    server.simulate("deployments")
    client.wait(deployment, "rollout")
    assert deployment.rollout.status(client=client).done
    assert not deployment.rollout_status().done  # the object as it was read


# -- history and undo of a Deployment


def test_history_lists_the_replica_sets_of_the_deployment_alone(client: Client, rolled_out: Deployment) -> None:
    stranger = ReplicaSet.from_dict(
        {
            "metadata": {"name": "stranger", "labels": {"app": "web"}, "annotations": {NUMBER: "9"}},
            "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": SPEC["template"]},
        }
    )
    client.create(stranger)
    found = rolled_out.rollout.history(client=client)
    assert [(item.number, item.change_cause, images_of(item.template)["web"]) for item in found] == [
        (1, "first", "web:1"),
        (2, "to 2", "web:2"),
        (3, "to 3", "web:3"),
    ]
    assert found[0].source.metadata.name == "web-1"
    assert "pod-template-hash" not in found[0].template.metadata.labels


def images_of(template: Any) -> dict[str, str]:
    return {item.name: item.image for item in template.spec.containers}


def test_revisions_are_ordered_by_number(client: Client, deployment: Deployment) -> None:
    for number in (10, 9, 2):
        observe(client, deployment, number)
    assert [item.number for item in deployment.rollout.history(client=client)] == [2, 9, 10]


def test_undo_goes_back_to_the_last_but_one(client: Client, rolled_out: Deployment) -> None:
    undone = rolled_out.rollout.undo(client=client)
    assert images(undone)["web"] == "web:2"
    assert "pod-template-hash" not in undone.spec.template.metadata.labels
    assert undone.spec.selector == rolled_out.spec.selector


def test_undo_goes_back_to_a_revision_by_number(client: Client, rolled_out: Deployment) -> None:
    assert images(rolled_out.rollout.undo(1, client=client))["web"] == "web:1"


def test_undo_brings_the_annotations_of_the_revision_and_keeps_those_of_the_deployment(
    client: Client, rolled_out: Deployment
) -> None:
    client.annotate(rolled_out, {LAST_APPLIED: "{}", "later": "1"})
    annotations = rolled_out.rollout.undo(to_revision=1, client=client).metadata.annotations
    assert annotations == {LAST_APPLIED: "{}", NUMBER: "3", CAUSE: "first"}


def test_undo_to_the_template_that_is_there_writes_nothing(
    server: ApiServer, client: Client, rolled_out: Deployment
) -> None:
    before = client.get(Deployment, "web")
    count = len(server.requests)
    assert rolled_out.rollout.undo(3, client=client) == before
    assert [request.method for request in list(server.requests)[count:]] == ["GET", "GET"]


def test_an_undo_can_be_tried(client: Client, rolled_out: Deployment) -> None:
    assert images(rolled_out.rollout.undo(1, dry_run=True, client=client))["web"] == "web:1"
    assert images(client.get(Deployment, "web"))["web"] == "web:3"


def test_a_revision_that_is_not_there_is_named_with_those_that_are(client: Client, rolled_out: Deployment) -> None:
    with pytest.raises(RolloutError, match="Deployment 'web' has no revision 7; it has 1, 2, 3"):
        rolled_out.rollout.undo(7, client=client)


@pytest.mark.parametrize("number", [0, -1, True, "2", 1.5])
def test_what_is_not_a_revision_is_refused(client: Client, rolled_out: Deployment, number: Any) -> None:
    with pytest.raises(RequestError, match="from 1 up"):
        rolled_out.rollout.undo(number, client=client)


def test_without_an_earlier_revision_there_is_nothing_to_undo(client: Client, deployment: Deployment) -> None:
    assert deployment.rollout.history(client=client) == []
    for number in (1, None):
        with pytest.raises(RolloutError, match="Deployment 'web' has no earlier revision"):
            deployment.rollout.undo(client=client)
        if number:
            observe(client, deployment, number)


def test_a_paused_deployment_is_not_undone(client: Client, rolled_out: Deployment) -> None:
    rolled_out.rollout.pause(client=client)
    with pytest.raises(RolloutError, match="is paused and can't be undone"):
        rolled_out.rollout.undo(client=client)
    assert images(client.get(Deployment, "web"))["web"] == "web:3"


# -- history and undo of the kinds with ControllerRevisions


def keep(client: Client, obj: StatefulSet | DaemonSet, number: int) -> None:
    """What the controllers of these kinds do first about a new template."""
    fresh = client.get(type(obj), "web")
    template = json.loads(json.dumps(fresh.spec.template.to_dict()))
    revision = ControllerRevision.from_dict(
        {
            "metadata": {
                "name": f"web-{number}",
                "labels": {"app": "web"},
                "annotations": dict(fresh.metadata.annotations),
                "ownerReferences": [owner(fresh)],
            },
            "data": {"spec": {"template": {**template, "$patch": "replace"}}},
            "revision": number,
        }
    )
    client.create(revision)


@pytest.mark.parametrize("kind", [StatefulSet, DaemonSet])
def test_controller_revisions_are_listed_and_restored(client: Client, kind: type[Any]) -> None:
    obj = client.create(kind.from_dict({"metadata": {"name": "web", "annotations": {CAUSE: "first"}}, "spec": SPEC}))
    with pytest.raises(RolloutError, match="no earlier revision"):
        obj.rollout.undo(client=client)
    keep(client, obj, 1)
    template = obj.spec.template
    obj.set_image(web="web:2", client=client)
    client.edit(obj, lambda fresh: fresh.spec.template.metadata.labels.update(extra="1"))
    keep(client, obj, 2)
    assert [(item.number, item.change_cause) for item in obj.rollout.history(client=client)] == [
        (1, "first"),
        (2, "first"),
    ]
    undone = obj.rollout.undo(client=client)
    assert undone.spec.template == template
    assert obj.rollout.undo(2, client=client).spec.template.metadata.labels == {"app": "web", "extra": "1"}
    with pytest.raises(RolloutError, match=f"{kind.__name__} 'web' has no revision 3; it has 1, 2"):
        obj.rollout.undo(3, client=client)


def test_pausing_is_for_deployments() -> None:
    assert not hasattr(StatefulSet().rollout, "pause")
    assert hasattr(Deployment().rollout, "pause")


# -- set image

NEVER = {**SPEC["template"]["spec"], "restartPolicy": "OnFailure"}


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (Deployment, SPEC),
        (StatefulSet, SPEC),
        (DaemonSet, SPEC),
        (ReplicaSet, SPEC),
        (Pod, SPEC["template"]["spec"]),
        (CronJob, {"schedule": "@daily", "jobTemplate": {"spec": {"template": {"spec": NEVER}}}}),
    ],
)
def test_set_image_of_one_of_some_and_of_all_containers(client: Client, kind: type[Any], spec: dict[str, Any]) -> None:
    labels = {"app": "web"}
    obj = client.create(kind.from_dict({"metadata": {"name": "web", "labels": labels}, "spec": spec}))
    assert images(obj.set_image(web="web:2", client=client)) == {
        "init": "init:1",
        "web": "web:2",
        "log-shipper": "log:1",
    }
    changed = obj.set_image({"log-shipper": "log:2", "init": "init:2"}, web="web:3", client=client)
    assert images(changed) == {"init": "init:2", "web": "web:3", "log-shipper": "log:2"}
    assert set(images(obj.set_image({"*": "all:1"}, client=client)).values()) == {"all:1"}
    assert images(obj)["web"] == "web:1"


def test_set_image_can_be_tried(client: Client, deployment: Deployment) -> None:
    assert images(deployment.set_image(web="web:2", dry_run=True, client=client))["web"] == "web:2"
    assert images(client.get(Deployment, "web"))["web"] == "web:1"


def test_a_container_that_is_not_there_is_named_with_those_that_are(client: Client, deployment: Deployment) -> None:
    with pytest.raises(RequestError, match="'web' has no container 'wbe'; it has 'init', 'web', 'log-shipper'"):
        deployment.set_image(web="web:2", wbe="web:2", client=client)
    with pytest.raises(RequestError, match="names no container"):
        deployment.set_image(client=client)
    assert images(client.get(Deployment, "web"))["web"] == "web:1"
