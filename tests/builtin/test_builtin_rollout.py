# SPDX-License-Identifier: Apache-2.0
"""Readiness by the rules of ``kubectl rollout status`` (protocol H23, H24)."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_core.errors import KubernetesError, RequestError
from k8s_plugins_builtin.apps.rollout import RolloutError
from k8s_plugins_builtin.apps.v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet


def deployment(wanted: int | None = 3, generation: int = 2, **status: Any) -> Deployment:
    spec = {} if wanted is None else {"replicas": wanted}
    return Deployment.from_dict(
        {
            "metadata": {"name": "web", "generation": generation},
            "spec": spec,
            "status": {"observedGeneration": 2, **status},
        }
    )


DONE = {"replicas": 3, "updatedReplicas": 3, "availableReplicas": 3}


@pytest.mark.parametrize(
    ("changes", "done", "text"),
    [
        ({}, True, "all 3 replicas"),
        ({"observedGeneration": 1}, False, "not seen"),
        ({"updatedReplicas": 2}, False, "2 of 3 replicas are updated"),
        ({"replicas": 4}, False, "1 old replicas"),
        ({"availableReplicas": 2}, False, "2 of 3 updated replicas are available"),
    ],
)
def test_H23_deployment(changes: dict[str, Any], done: bool, text: str) -> None:
    obj = deployment(**(DONE | changes))
    status = obj.rollout_status()
    assert (status.done, obj.is_ready()) == (done, done)
    assert text in status.message


def test_H23_the_progress_deadline_is_an_error_and_never_ready() -> None:
    conditions = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "stuck"}]
    obj = deployment(**DONE, conditions=conditions)
    with pytest.raises(RolloutError, match="'web' exceeded its progress deadline: stuck") as caught:
        obj.rollout_status()
    assert isinstance(caught.value, KubernetesError)
    assert not obj.is_ready()


def test_H23_an_older_generation_comes_before_the_deadline() -> None:
    conditions = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
    assert not deployment(generation=9, conditions=conditions).rollout_status().done


def test_H23_without_replicas_the_counters_decide() -> None:
    assert deployment(None, replicas=1, updatedReplicas=1, availableReplicas=1).is_ready()


def test_H23_what_no_controller_has_seen_is_not_ready() -> None:
    assert not Deployment(metadata={"name": "new"}).is_ready()
    assert not DaemonSet.from_dict({"spec": {"updateStrategy": {"type": "RollingUpdate"}}}).is_ready()


def stateful_set(strategy: dict[str, Any], replicas: int = 3, **status: Any) -> StatefulSet:
    return StatefulSet.from_dict(
        {
            "metadata": {"name": "db", "generation": 2},
            "spec": {"replicas": replicas, "updateStrategy": strategy},
            "status": {"observedGeneration": 2, "readyReplicas": 3, **status},
        }
    )


ROLLING: dict[str, Any] = {"type": "RollingUpdate"}


@pytest.mark.parametrize(
    ("strategy", "status", "done"),
    [
        (ROLLING, {"updateRevision": "b", "currentRevision": "b"}, True),
        (ROLLING, {"updateRevision": "b", "currentRevision": "a"}, False),
        (ROLLING, {"observedGeneration": 0}, False),
        (ROLLING, {"observedGeneration": 1}, False),
        (ROLLING, {"readyReplicas": 2}, False),
        (ROLLING | {"rollingUpdate": {"partition": 1}}, {"updatedReplicas": 1}, False),
        (ROLLING | {"rollingUpdate": {"partition": 1}}, {"updatedReplicas": 2}, True),
        # Once rollingUpdate is there, revisions are not compared.
        (ROLLING | {"rollingUpdate": {}}, {"updateRevision": "b", "currentRevision": "a"}, True),
    ],
)
def test_H24_stateful_set(strategy: dict[str, Any], status: dict[str, Any], done: bool) -> None:
    obj = stateful_set(strategy, **status)
    assert obj.rollout_status().done is done
    assert obj.is_ready() is done


def test_H24_on_delete_has_no_rollout_but_can_be_ready() -> None:
    obj = stateful_set({"type": "OnDelete"})
    with pytest.raises(RolloutError, match="'db' has update strategy 'OnDelete'"):
        obj.rollout_status()
    assert obj.is_ready()
    assert not stateful_set({"type": "OnDelete"}, readyReplicas=1).is_ready()
    assert not stateful_set({"type": "OnDelete"}, observedGeneration=1).is_ready()


def daemon_set(strategy: str = "RollingUpdate", **status: Any) -> DaemonSet:
    counts = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2, "numberReady": 2}
    return DaemonSet.from_dict(
        {
            "metadata": {"name": "agent", "generation": 2},
            "spec": {"updateStrategy": {"type": strategy}},
            "status": {"observedGeneration": 2, **counts, **status},
        }
    )


@pytest.mark.parametrize(
    ("status", "done"),
    [
        ({}, True),
        ({"observedGeneration": 1}, False),
        ({"updatedNumberScheduled": 1}, False),
        ({"numberAvailable": 1}, False),
    ],
)
def test_H24_daemon_set(status: dict[str, Any], done: bool) -> None:
    assert daemon_set(**status).is_ready() is done
    assert daemon_set(**status).rollout_status().done is done


def test_H24_daemon_set_with_on_delete() -> None:
    with pytest.raises(RolloutError, match="OnDelete"):
        daemon_set("OnDelete").rollout_status()
    assert daemon_set("OnDelete").is_ready()
    assert not daemon_set("OnDelete", numberReady=1).is_ready()


def test_a_replica_set_is_ready_when_its_pods_are() -> None:
    document = {"metadata": {"generation": 1}, "spec": {}, "status": {"observedGeneration": 1, "readyReplicas": 1}}
    assert ReplicaSet.from_dict(document).is_ready()
    document["spec"] = {"replicas": 2}
    assert not ReplicaSet.from_dict(document).is_ready()


@pytest.mark.parametrize("replicas", [-1, True, "3", 1.5, None])
def test_scale_refuses_what_is_no_number_of_pods(replicas: Any) -> None:
    with pytest.raises(RequestError, match="whole number"):
        deployment().scale(replicas)
