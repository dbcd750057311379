# SPDX-License-Identifier: Apache-2.0
"""Subresources and eviction: protocol C36, C38, H16-H18."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply, status_body

from k8s_core.client.eviction import POLL_SECONDS, EvictionPlan, evict
from k8s_core.errors import (
    ApiError,
    Conflict,
    Forbidden,
    InternalError,
    InvalidName,
    NotFound,
    RequestError,
    TooManyRequests,
    WaitTimeout,
    api_error_from_status,
)
from k8s_core.meta import ObjectMeta, Status
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod, ServiceAccount

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import Client

BUDGET = "Cannot evict pod as it would violate the pod's disruption budget."


def pod(name: str = "p", **metadata: Any) -> Pod:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    return Pod.from_dict({"metadata": {"name": name, **metadata}, "spec": spec})


def web() -> Deployment:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    return Deployment.from_dict({"metadata": {"name": "web"}, "spec": spec})


def error(code: int, reason: str, **details: Any) -> ApiError:
    status = {"code": code, "reason": reason, "message": BUDGET, "details": details}
    return api_error_from_status(status)


# -- the others


def test_C36_scale(client: Client) -> None:
    created = client.create(web())
    scale = client.scale(created, replicas=5)
    assert (scale.kind, scale.apiVersion, scale.spec.replicas) == ("Scale", "autoscaling/v1", 5)
    assert client.scale("deploy", "web", replicas=0).spec.replicas == 0
    assert client.get(Deployment, "web").spec.replicas == 0
    scale.metadata.resourceVersion = None
    scale.spec.replicas = 7
    replaced = client.replace_subresource(Deployment, "web", subresource="scale", body=scale)
    assert replaced.spec.replicas == 7


def test_C36_a_kind_without_the_subresource(client: Client) -> None:
    client.create(ConfigMap(metadata=ObjectMeta(name="x")))
    with pytest.raises(NotFound):
        client.scale(ConfigMap, "x", replicas=1)


@pytest.mark.parametrize("replicas", [-1, "2", 1.5, True, None])
def test_scale_takes_whole_numbers(connect: Connect, replicas: Any) -> None:
    with ScriptedServer() as server, pytest.raises(RequestError, match="replicas"):
        connect(server).scale(Deployment, "web", replicas=replicas)
    assert server.requests == []


def test_C36_token(client: Client) -> None:
    client.create(ServiceAccount(metadata=ObjectMeta(name="robot")))
    issued = client.create_token(ServiceAccount, "robot", audiences=["vault"], expiration_seconds=600)
    assert issued.kind == "TokenRequest"
    assert issued.status.token
    assert issued.spec.audiences == ["vault"]
    assert str(issued.status.token) not in repr(issued)
    with pytest.raises(NotFound):
        client.create_token(ServiceAccount, "nobody")
    with pytest.raises(InvalidName):
        client.create_token(ServiceAccount, "")


def test_C36_binding(client: Client) -> None:
    created = client.create(pod())
    assert isinstance(client.bind(created, node="node-1"), Status)
    assert client.get(Pod, "p").spec.nodeName == "node-1"
    with pytest.raises(Conflict):
        client.bind(Pod, "p", node="node-2")


def test_the_bodies_of_binding_and_eviction(connect: Connect) -> None:
    success = reply(201, b'{"kind":"Status","apiVersion":"v1","status":"Success"}')
    with ScriptedServer(default=success) as server:
        client = connect(server)
        client.bind(pod(namespace="n", uid="u"), node="node-1")
        client.evict(pod(namespace="n", uid="u"), grace_period_seconds=0)
        client.evict(Pod, "p", dry_run=True)
    binding, eviction, plain = server.requests
    assert binding.path == "/api/v1/namespaces/n/pods/p/binding"
    assert json.loads(binding.body) == {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "p", "namespace": "n", "uid": "u"},
        "target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"},
    }
    assert eviction.path == "/api/v1/namespaces/n/pods/p/eviction"
    assert json.loads(eviction.body) == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "p", "namespace": "n"},
        "deleteOptions": {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": "u"},
        },
    }
    assert ("dryRun", "All") in plain.query


def test_ephemeral_containers_and_resize(connect: Connect) -> None:
    with ScriptedServer(default=reply(200, b'{"kind":"Pod","apiVersion":"v1"}')) as server:
        client = connect(server)
        assert isinstance(client.add_ephemeral_container(Pod, "p", container={"name": "dbg", "image": "i"}), Pod)
        assert isinstance(client.resize(Pod, "p", resources={"c": {"limits": {"cpu": "1"}}}), Pod)
        with pytest.raises(RequestError, match="no container"):
            client.resize(Pod, "p", resources={})
    debug, resize = server.requests
    assert debug.path.endswith("/pods/p/ephemeralcontainers")
    assert debug.header("Content-Type") == "application/strategic-merge-patch+json"
    assert json.loads(debug.body) == {"spec": {"ephemeralContainers": [{"name": "dbg", "image": "i"}]}}
    assert resize.path.endswith("/pods/p/resize")
    assert json.loads(resize.body) == {"spec": {"containers": [{"name": "c", "resources": {"limits": {"cpu": "1"}}}]}}


def test_any_subresource_by_name(connect: Connect) -> None:
    answer = {"kind": "Odd", "apiVersion": "x.example/v1", "spec": {"n": [1]}}
    with ScriptedServer(default=reply(200, json.dumps(answer).encode())) as server:
        client = connect(server)
        got = client.get(ConfigMap, "x", subresource="odd")
        posted = client.create_subresource(ConfigMap, "x", subresource="odd", body={"a": 1}, dry_run=True)
    assert (got.kind, got.spec.n) == ("Odd", [1])
    assert posted.spec.n == [1]
    assert [(request.method, request.path) for request in server.requests] == [
        ("GET", "/api/v1/namespaces/default/configmaps/x/odd"),
        ("POST", "/api/v1/namespaces/default/configmaps/x/odd"),
    ]


@pytest.mark.parametrize("subresource", ["../x", "", "a//b", "..", "a%2fb"])
def test_path_like_subresources(connect: Connect, subresource: str) -> None:
    with ScriptedServer() as server, pytest.raises(RequestError):
        connect(server).create_subresource(ConfigMap, "x", subresource=subresource, body={})
    assert server.requests == []


# -- eviction


def test_H16_success_is_a_status_and_the_pod_is_terminating(client: Client) -> None:
    created = client.create(pod())
    assert client.evict(created, until_gone=True, wait=30) is True
    assert client.evict(Pod, "p") is False


def test_H17_the_transport_never_repeats_an_eviction(connect: Connect) -> None:
    """It would wait for up to 100 seconds without anybody seeing it."""
    refusal = reply(429, status_body(429, "TooManyRequests", BUDGET, retryAfterSeconds=10), {"Retry-After": "10"})
    with ScriptedServer(default=refusal) as server, pytest.raises(TooManyRequests, match="disruption budget"):
        connect(server).evict(Pod, "p", wait=0)
    assert len(server.requests) == 1


class Cluster:
    """Answers of a server to evictions and reads, and a clock that moves when somebody sleeps."""

    def __init__(self, *posts: ApiError | None, uids: list[str | ApiError] | None = None) -> None:
        self.posts = list(posts)
        self.uids = uids or []
        self.posted = 0
        self.now = 0.0
        self.sleeps: list[float] = []

    def post(self) -> None:
        answer = self.posts[min(self.posted, len(self.posts) - 1)]
        self.posted += 1
        if answer is not None:
            raise answer

    def current_uid(self) -> str:
        answer = self.uids.pop(0)
        if isinstance(answer, ApiError):
            raise answer
        return answer

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds

    def evict(self, *, wait: float | None = 60.0, until_gone: bool = False) -> bool:
        plan = EvictionPlan(self.post, self.current_uid, "Pod 'p'", wait, until_gone)
        return evict(plan, monotonic=lambda: self.now, sleep=self.sleep)


def test_H17_the_loop_waits_as_kubectl_does_or_as_the_server_says() -> None:
    cluster = Cluster(error(429, "TooManyRequests"), error(429, "TooManyRequests", retryAfterSeconds=10), None)
    assert cluster.evict() is True
    assert cluster.sleeps == [POLL_SECONDS, 10]


def test_H17_it_gives_up_when_the_time_is_up() -> None:
    cluster = Cluster(error(429, "TooManyRequests"))
    with pytest.raises(TooManyRequests):
        cluster.evict(wait=12)
    assert cluster.sleeps == [5, 5, 2]
    assert cluster.posted == 4


def test_H17_or_never() -> None:
    cluster = Cluster(*[error(429, "TooManyRequests")] * 100, None)
    assert cluster.evict(wait=None) is True
    assert len(cluster.sleeps) == 100


def test_H18_a_pod_that_is_gone_is_no_error() -> None:
    assert Cluster(error(404, "NotFound")).evict() is False
    assert Cluster(None, uids=[error(404, "NotFound")]).evict(until_gone=True) is False


def test_H18_in_a_namespace_that_goes_away_it_waits_for_the_pod_to_go() -> None:
    terminating = error(403, "Forbidden", causes=[{"reason": "NamespaceTerminating"}])
    cluster = Cluster(terminating, terminating, error(404, "NotFound"))
    assert cluster.evict() is False
    assert cluster.sleeps == [POLL_SECONDS, POLL_SECONDS]
    with pytest.raises(Forbidden):
        Cluster(terminating).evict(wait=7)


def test_H18_any_other_refusal_is_raised() -> None:
    with pytest.raises(Forbidden):
        Cluster(error(403, "Forbidden")).evict()


def test_H18_done_is_not_found_or_another_uid() -> None:
    for last in (error(404, "NotFound"), "another"):
        cluster = Cluster(None, uids=["mine", "mine", "mine", last])
        assert cluster.evict(until_gone=True) is True
        assert cluster.sleeps == [POLL_SECONDS, POLL_SECONDS]


def test_H18_a_pod_that_stays() -> None:
    cluster = Cluster(None, uids=["mine"] * 50)
    with pytest.raises(WaitTimeout, match="Pod 'p' was evicted, but is not gone after 11 s"):
        cluster.evict(until_gone=True, wait=11)


def test_C38_several_budgets_fail_with_a_status_of_success(connect: Connect) -> None:
    with (
        ScriptedServer(reply(201, status_body(500, "InternalError", "more than one PodDisruptionBudget"))) as server,
        pytest.raises(InternalError, match="more than one"),
    ):
        connect(server).evict(Pod, "p")
    assert len(server.requests) == 1
