# SPDX-License-Identifier: Apache-2.0
"""Readiness by the rules of ``kubectl rollout status`` (protocol H23, H24)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scripted_server import ScriptedServer, reply

from k8s_core import Client, Config
from k8s_core.errors import KubernetesError, RequestError, RolloutError, WaitTimeout
from k8s_plugins_builtin.apps.v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripted_server import RecordedRequest


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
        ({"observedGeneration": 3}, True, "all 3 replicas"),
        ({"updatedReplicas": 2}, False, "2 of 3 replicas are updated"),
        ({"replicas": 4}, False, "1 old replicas"),
        ({"availableReplicas": 2}, False, "2 of 3 updated replicas are available"),
        ({"availableReplicas": None}, False, "0 of 3 updated replicas are available"),
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


def test_H23_without_replicas_one_is_wanted_as_the_server_would_fill_in() -> None:
    assert deployment(None, replicas=1, updatedReplicas=1, availableReplicas=1).is_ready()
    assert not deployment(None).is_ready()
    assert deployment(0).is_ready()


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
        (ROLLING | {"rollingUpdate": {"partition": 0}}, {"updatedReplicas": 2}, False),
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


# -- one rule for those who wait and those who ask ---------------------------------------------------------------------

COUNTS = st.sampled_from([None, 0, 1, 2])
STATUS = st.fixed_dictionaries(
    {},
    optional={
        "observedGeneration": COUNTS,
        "replicas": COUNTS,
        "updatedReplicas": COUNTS,
        "availableReplicas": COUNTS,
        "readyReplicas": COUNTS,
        "desiredNumberScheduled": COUNTS,
        "updatedNumberScheduled": COUNTS,
        "numberAvailable": COUNTS,
        "numberReady": COUNTS,
        "currentRevision": st.sampled_from(["a", "b"]),
        "updateRevision": st.just("b"),
        "conditions": st.sampled_from([[], [{"type": "Progressing", "reason": "ProgressDeadlineExceeded"}]]),
    },
)
STRATEGY = st.sampled_from([{}, {"type": "OnDelete"}, ROLLING, ROLLING | {"rollingUpdate": {"partition": 1}}])


class Shelf:
    """A server with one object, which it lists and of which no more is heard."""

    document: dict[str, Any]

    def __call__(self, request: RecordedRequest) -> Any:
        listed = {
            "kind": "List",
            "apiVersion": "apps/v1",
            "metadata": {"resourceVersion": "5"},
            "items": [self.document],
        }
        return reply(200, json.dumps(listed).encode())


@pytest.fixture
def shelf() -> Iterator[tuple[Shelf, Client]]:
    shelf = Shelf()
    with ScriptedServer(handler=shelf) as server, Client(Config(server=server.url)) as client:
        yield shelf, client


def outcome(action: Callable[[], object]) -> object:
    """What somebody learns who asks: yes, no, or why waiting is of no use."""
    try:
        return bool(action())
    except WaitTimeout:
        return False
    except RolloutError as error:
        return str(error)


@given(
    kind=st.sampled_from([Deployment, StatefulSet, DaemonSet]),
    replicas=COUNTS,
    generation=st.sampled_from([None, 1, 2]),
    strategy=STRATEGY,
    status=STATUS,
)
@example(Deployment, None, 1, {}, {"observedGeneration": 1})
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_waiting_and_asking_agree(
    shelf: tuple[Shelf, Client],
    kind: type[Deployment | StatefulSet | DaemonSet],
    replicas: int | None,
    generation: int | None,
    strategy: dict[str, Any],
    status: dict[str, Any],
) -> None:
    server, client = shelf
    metadata = {"name": "w", "namespace": "ns", "uid": "u", "resourceVersion": "5", "generation": generation}
    server.document = {
        "metadata": metadata,
        "spec": {"replicas": replicas, "updateStrategy": strategy},
        "status": status,
    }
    obj = kind.from_dict(server.document)
    assert outcome(lambda: client.wait(obj, "rollout", timeout=0)) == outcome(lambda: obj.rollout_status().done)
    assert outcome(lambda: client.wait(obj, "ready", timeout=0)) is obj.is_ready()
    done = outcome(lambda: obj.rollout_status().done)
    assert obj.is_ready() is done or isinstance(done, str)


@pytest.mark.parametrize("replicas", [-1, True, "3", 1.5, None])
def test_scale_refuses_what_is_no_number_of_pods(replicas: Any) -> None:
    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        with pytest.raises(RequestError, match="whole number"):
            deployment().scale(replicas, client=client)
        assert server.requests == []
