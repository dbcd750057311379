# SPDX-License-Identifier: Apache-2.0
"""``node.drain()`` by the rules of ``kubectl drain``."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import ApiError, KubernetesError, WaitTimeout, api_error_from_status
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import DaemonSet
from k8s_plugins_builtin.core._draining import GONE_SECONDS, Drain
from k8s_plugins_builtin.core._eviction import POLL_SECONDS
from k8s_plugins_builtin.core.drain import DrainError, DrainEvent, DrainRefused, DrainResult, DrainTimeout, refusal
from k8s_plugins_builtin.core.drain import PodInTheWay as InTheWay
from k8s_plugins_builtin.core.v1 import Namespace, Node, Pod
from k8s_plugins_builtin.policy.v1 import PodDisruptionBudget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core import Client


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer(collect_garbage=False) as server:  # the owners of the pods are not there
        yield server


@pytest.fixture
def client(server: ApiServer) -> Client:
    return server.client()


@pytest.fixture
def node(client: Client) -> Node:
    return client.create(Node(metadata=ObjectMeta(name="n")))


def owner(kind: str, name: str) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-{name}", "controller": True}


OF_REPLICA_SET = {"ownerReferences": [owner("ReplicaSet", "web")]}
OF_DAEMON_SET = {"ownerReferences": [owner("DaemonSet", "agent")]}
STATIC = {"annotations": {"kubernetes.io/config.mirror": "hash"}, "ownerReferences": [owner("Node", "n")]}
CACHE = [{"name": "cache", "emptyDir": {}}]


@pytest.fixture
def run(client: Client) -> Callable[..., Pod]:
    def create(
        name: str, metadata: dict[str, Any] = OF_REPLICA_SET, *, node: str = "n", phase: str = "", **spec: Any
    ) -> Pod:
        document = {
            "metadata": {"name": name, "namespace": "default", **metadata},
            "spec": {"nodeName": node, "containers": [{"name": "c", "image": "i"}], **spec},
        }
        pod = client.create(Pod.from_dict(document))
        if phase:
            client.patch(pod, patch=MergePatch({"status": {"phase": phase}}), subresource="status")
        return pod

    return create


def names(pods: tuple[Pod, ...]) -> list[str]:
    return sorted(pod.metadata.name or "" for pod in pods)


def left(client: Client) -> list[str]:
    return names(tuple(client.list(Pod)))


# -- against the embedded server


@pytest.fixture
def agent(client: Client) -> DaemonSet:
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"selector": {"matchLabels": {"app": "a"}}, "template": template}
    return client.create(DaemonSet.from_dict({"metadata": {"name": "agent"}, "spec": spec}))


def test_a_drain_cordons_and_evicts_the_pods_of_the_node_and_waits_until_they_are_gone(
    server: ApiServer, client: Client, node: Node, run: Callable[..., Pod]
) -> None:
    server.simulate("pods")
    client.create(Namespace(metadata=ObjectMeta(name="other")))
    run("web-1")
    run("web-2", {**OF_REPLICA_SET, "namespace": "other"})
    run("elsewhere", node="m")
    steps: list[DrainEvent] = []
    result = node.drain(progress=steps.append, client=client)
    assert names(result.evicted) == ["web-1", "web-2"]
    assert client.get(Node, "n").spec.unschedulable is True
    assert left(client) == ["elsewhere"]
    assert client.list(Pod, namespace="other") == []
    assert sorted((event.step, event.pod.metadata.name) for event in steps) == [
        ("evicted", "web-1"),
        ("evicted", "web-2"),
        ("gone", "web-1"),
        ("gone", "web-2"),
    ]


def test_an_empty_node_is_drained_at_once(client: Client, node: Node) -> None:
    assert node.drain(timeout=0, client=client) == DrainResult((), ())


IN_THE_WAY: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("agent", OF_DAEMON_SET, {}, "belongs to DaemonSet 'agent', which would create it again", "ignore_daemonsets"),
    ("cache", OF_REPLICA_SET, {"volumes": CACHE}, "has an emptyDir volume", "delete_emptydir_data"),
    ("bare", {}, {}, "has no controller", "force"),
    (
        "orphan",
        {"ownerReferences": [owner("DaemonSet", "gone")]},
        {},
        "belongs to DaemonSet 'gone', which does not exist any more",
        "force",
    ),
]


@pytest.mark.parametrize(("name", "metadata", "spec", "reason", "option"), IN_THE_WAY)
@pytest.mark.usefixtures("agent")
def test_a_pod_in_the_way_keeps_all_pods_and_names_the_option_that_lets_it_go(
    client: Client,
    node: Node,
    run: Callable[..., Pod],
    name: str,
    metadata: dict[str, Any],
    spec: dict[str, Any],
    reason: str,
    option: str,
) -> None:
    run("web")
    run(name, metadata, **spec)
    with pytest.raises(
        DrainRefused, match=f"Node 'n' .* 1 pod is in the way. {option}=True .*: default/{name}$"
    ) as caught:
        node.drain(client=client)
    (pod,) = caught.value.pods
    assert (pod.namespace, pod.name, pod.option) == ("default", name, option)
    assert pod.reason.startswith(reason)
    assert caught.value.node == "n"
    assert left(client) == sorted(["web", name])
    assert client.get(Node, "n").spec.unschedulable is True


@pytest.mark.parametrize(("name", "metadata", "spec", "reason", "option"), IN_THE_WAY)
@pytest.mark.usefixtures("agent")
def test_with_the_option_it_is_no_longer_in_the_way(
    client: Client,
    node: Node,
    run: Callable[..., Pod],
    name: str,
    metadata: dict[str, Any],
    spec: dict[str, Any],
    reason: str,
    option: str,
) -> None:
    run(name, metadata, **spec)
    result = node.drain(**{option: True}, grace_period_seconds=0, client=client)  # type: ignore[arg-type]  # by name
    stays = option == "ignore_daemonsets"
    assert (names(result.evicted), names(result.ignored)) == (([], [name]) if stays else ([name], []))
    assert left(client) == ([name] if stays else [])


@pytest.mark.usefixtures("agent")
def test_what_is_in_the_way_of_several_rules_is_told_the_first(
    client: Client, node: Node, run: Callable[..., Pod]
) -> None:
    run("agent", OF_DAEMON_SET, volumes=CACHE)
    run("bare", {}, volumes=CACHE)
    with pytest.raises(DrainRefused, match="2 pods are in the way") as caught:
        node.drain(force=True, client=client)
    assert {pod.name: pod.option for pod in caught.value.pods} == {
        "agent": "ignore_daemonsets",
        "bare": "delete_emptydir_data",
    }


def test_static_pods_stay_and_pods_that_have_ended_go(client: Client, node: Node, run: Callable[..., Pod]) -> None:
    run("static", STATIC, volumes=CACHE)
    run("succeeded", {}, volumes=CACHE, phase="Succeeded")
    run("agent-failed", {"ownerReferences": [owner("DaemonSet", "gone")]}, phase="Failed")
    steps: list[DrainEvent] = []
    result = node.drain(grace_period_seconds=0, progress=steps.append, client=client)
    assert (names(result.evicted), names(result.ignored)) == (["agent-failed", "succeeded"], ["static"])
    assert left(client) == ["static"]
    assert (steps[0].step, steps[0].message) == ("ignored", "is a static pod, which only the kubelet can end")


def test_a_selector_chooses_pods(client: Client, node: Node, run: Callable[..., Pod]) -> None:
    run("web", {**OF_REPLICA_SET, "labels": {"app": "web"}})
    run("bare", {})
    result = node.drain(pod_selector={"app": "web"}, grace_period_seconds=0, client=client)
    assert names(result.evicted) == ["web"]
    assert left(client) == ["bare"]


def test_a_dry_run_says_what_would_go_and_changes_nothing(
    server: ApiServer, client: Client, node: Node, run: Callable[..., Pod]
) -> None:
    run("web")
    assert names(node.drain(dry_run=True, client=client).evicted) == ["web"]
    assert left(client) == ["web"]
    run("bare", {})
    with pytest.raises(DrainRefused):
        node.drain(dry_run=True, client=client)
    assert not client.get(Node, "n").spec.unschedulable


@pytest.fixture
def guarded(server: ApiServer, client: Client, run: Callable[..., Pod]) -> PodDisruptionBudget:
    """One running pod, which its budget does not let go."""
    run("db", {**OF_REPLICA_SET, "labels": {"app": "db"}}, phase="Running")
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "db"}}}
    server.simulate("poddisruptionbudgets")
    budget = client.create(PodDisruptionBudget.from_dict({"metadata": {"name": "db"}, "spec": spec}))
    return client.wait(budget, "jsonpath={.status.observedGeneration}=1")


def test_a_budget_holds_its_pod_and_no_other_until_the_time_is_up(
    client: Client, node: Node, run: Callable[..., Pod], guarded: PodDisruptionBudget
) -> None:
    run("web")
    steps: list[DrainEvent] = []
    with pytest.raises(
        DrainTimeout, match=r"not drained after 0 s: default/db \(Cannot evict pod .* budget db needs 1"
    ) as e:
        node.drain(grace_period_seconds=0, timeout=0, progress=steps.append, client=client)
    assert [str(pod) for pod in e.value.pods] == ["default/db"]
    assert isinstance(e.value, (WaitTimeout, DrainError))
    assert left(client) == ["db"]
    assert {(event.step, event.pod.metadata.name) for event in steps} >= {("blocked", "db"), ("gone", "web")}


def test_without_evictions_no_budget_is_asked(client: Client, node: Node, guarded: PodDisruptionBudget) -> None:
    assert names(node.drain(disable_eviction=True, grace_period_seconds=0, client=client).evicted) == ["db"]
    assert left(client) == []


def test_the_grace_period_is_that_of_the_pods_unless_it_is_given(
    server: ApiServer, client: Client, node: Node, run: Callable[..., Pod]
) -> None:
    run("slow", terminationGracePeriodSeconds=40)
    with pytest.raises(DrainTimeout, match=r"default/slow \(evicted, but still there\)"):
        node.drain(timeout=0, client=client)
    assert client.get(Pod, "slow").metadata.deletionGracePeriodSeconds == 40


# -- the loop, with a clock that moves when it sleeps


def pod(name: str) -> Pod:
    return Pod.from_dict({"metadata": {"name": name, "namespace": "d", "uid": f"uid-{name}"}})


def error(code: int, reason: str, message: str = "no", **details: Any) -> ApiError:
    return api_error_from_status({"code": code, "reason": reason, "message": message, "details": details})


class Cluster:
    """Answers to evictions, one after the other and the last one again, and how long pods take to go."""

    def __init__(self, answers: dict[str, list[ApiError | bool]], *, seconds_to_end: float = 0) -> None:
        self.answers = answers
        self.seconds_to_end = seconds_to_end
        self.now = 0.0
        self.attempts: list[tuple[float, str]] = []
        self.ends: dict[str, float] = {}
        self.steps: list[tuple[float, str, str]] = []

    def evict(self, pod: Pod) -> bool:
        name = pod.metadata.name or ""
        self.attempts.append((self.now, name))
        answers = self.answers[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, ApiError):
            raise answer
        self.ends[f"uid-{name}"] = self.now + self.seconds_to_end
        return answer

    def present(self) -> set[str]:
        return {uid for uid, end in self.ends.items() if end > self.now}

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def drain(self, timeout: float | None = None) -> None:
        def progress(event: DrainEvent) -> None:
            self.steps.append((self.now, event.step, event.pod.metadata.name or ""))

        drain = Drain("n", self.evict, self.present, progress, monotonic=lambda: self.now, sleep=self.sleep)
        drain.run([pod(name) for name in self.answers], timeout)


BUDGET = error(429, "TooManyRequests", "over budget")


def test_a_blocked_pod_is_tried_again_while_the_others_go() -> None:
    hinted = error(429, "TooManyRequests", retryAfterSeconds=2)
    cluster = Cluster({"a": [BUDGET, hinted, True], "b": [True]}, seconds_to_end=3)
    cluster.drain()
    assert [moment for moment, name in cluster.attempts if name == "a"] == [0, POLL_SECONDS, POLL_SECONDS + 2]
    assert cluster.steps == [
        (0, "blocked", "a"),
        (0, "evicted", "b"),
        (3, "gone", "b"),
        (5, "blocked", "a"),
        (7, "evicted", "a"),
        (10, "gone", "a"),
    ]


def test_without_a_timeout_it_goes_on() -> None:
    cluster = Cluster({"a": [BUDGET] * 200 + [True]})
    cluster.drain()
    assert cluster.now == 200 * POLL_SECONDS


def test_when_the_time_is_up_it_tries_once_more_and_says_who_is_left_and_why() -> None:
    cluster = Cluster({"a": [BUDGET], "b": [True]}, seconds_to_end=60)
    with pytest.raises(DrainTimeout, match="after 7 s") as caught:
        cluster.drain(7)
    assert cluster.now == 7
    assert [moment for moment, name in cluster.attempts if name == "a"] == [0, 5, 7]
    assert [(str(pod), pod.reason) for pod in caught.value.pods] == [
        ("d/a", "over budget"),
        ("d/b", "evicted, but still there"),
    ]


@pytest.mark.parametrize(("answers", "seconds"), [([BUDGET], 7.0), ([True], 2.5)], ids=["blocked", "going"])
def test_it_waits_no_longer_than_it_is_told(answers: list[ApiError | bool], seconds: float) -> None:
    cluster = Cluster({"a": answers}, seconds_to_end=60)
    with pytest.raises(DrainTimeout):
        cluster.drain(seconds)
    assert cluster.now == seconds


def test_pods_that_end_are_looked_for_every_second() -> None:
    cluster = Cluster({"a": [True]}, seconds_to_end=2.5)
    cluster.drain()
    assert (cluster.now, GONE_SECONDS) == (3, 1)


def test_a_pod_that_is_gone_already_is_not_waited_for() -> None:
    cluster = Cluster({"a": [False]}, seconds_to_end=99)
    cluster.drain(timeout=0)
    assert cluster.steps == [(0, "gone", "a")]


def test_an_eviction_that_is_refused_for_good_does_not_keep_the_others() -> None:
    several = error(500, "InternalError", "This pod has more than one PodDisruptionBudget")
    cluster = Cluster({"a": [several], "b": [error(403, "Forbidden", "not you")], "c": [True]})
    with pytest.raises(DrainError, match=r"d/a \(This pod has more than one .*\), d/b \(not you\)") as caught:
        cluster.drain()
    assert not isinstance(caught.value, DrainTimeout)
    assert [step for _, step, name in cluster.steps if name == "c"] == ["evicted", "gone"]


def test_in_a_namespace_that_goes_away_a_pod_is_waited_for() -> None:
    terminating = error(403, "Forbidden", causes=[{"reason": "NamespaceTerminating"}])
    cluster = Cluster({"a": [terminating, False]})
    cluster.drain()
    assert cluster.steps == [(0, "blocked", "a"), (POLL_SECONDS, "gone", "a")]


# -- the errors


def test_a_long_list_is_cut_in_the_message_and_whole_in_the_error() -> None:
    pods = [InTheWay("d", f"p{number}", "has no controller", "force") for number in range(12)]
    refused = refusal("n", pods)
    assert str(refused).endswith("d/p8, d/p9 and 2 more")
    assert len(refused.pods) == 12


def test_the_errors_are_those_of_the_tree_and_can_be_pickled() -> None:
    refused = refusal("n", [InTheWay("d", "p", "has no controller", "force")])
    assert isinstance(refused, KubernetesError)
    copy = pickle.loads(pickle.dumps(refused))  # our own
    assert (str(copy), copy.node, copy.pods) == (str(refused), "n", refused.pods)
