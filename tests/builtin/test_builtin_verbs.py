# SPDX-License-Identifier: Apache-2.0
"""What can be done to a Pod and a ServiceAccount beside the verbs of every kind: protocol C36, C38, H16-H18."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply, status_body

from k8s_core import Client, Config
from k8s_core.errors import (
    ApiError,
    Conflict,
    FieldTypeError,
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
from k8s_devkit import ApiServer
from k8s_plugins_builtin.authentication.v1 import BoundObjectReference, TokenRequest
from k8s_plugins_builtin.core._eviction import POLL_SECONDS, EvictionPlan, evict
from k8s_plugins_builtin.core.v1 import Pod, ResourceRequirements, ServiceAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connect = Callable[[ScriptedServer], Client]

BUDGET = "Cannot evict pod as it would violate the pod's disruption budget."


def pod(name: str = "p", **metadata: Any) -> Pod:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    return Pod.from_dict({"metadata": {"name": name, **metadata}, "spec": spec})


def error(code: int, reason: str, **details: Any) -> ApiError:
    status = {"code": code, "reason": reason, "message": BUDGET, "details": details}
    return api_error_from_status(status)


@pytest.fixture
def client() -> Iterator[Client]:
    with ApiServer() as server, server.client() as client:
        yield client


@pytest.fixture
def connect() -> Iterator[Connect]:
    made: list[Client] = []

    def make(server: ScriptedServer) -> Client:
        made.append(Client(Config(server=server.url, trust_env=False)))
        return made[-1]

    yield make
    for client in made:
        client.close()


# -- tokens, binding, debugging, resizing


def test_C36_token(client: Client) -> None:
    robot = client.create(ServiceAccount(metadata=ObjectMeta(name="robot")))
    issued = robot.create_token(audiences=["vault"], expiration_seconds=600, client=client)
    assert type(issued) is TokenRequest
    assert issued.status.token
    assert issued.spec.audiences == ["vault"]
    assert str(issued.status.token) not in repr(issued)
    with pytest.raises(NotFound):
        ServiceAccount(metadata=ObjectMeta(name="nobody")).create_token(client=client)


def test_a_wrong_token_request_is_refused_before_anything_is_sent(connect: Connect) -> None:
    with ScriptedServer() as server:
        client = connect(server)
        with pytest.raises(InvalidName):
            ServiceAccount().create_token(client=client)
        with pytest.raises(FieldTypeError, match="expirationSeconds"):
            ServiceAccount(metadata=ObjectMeta(name="robot")).create_token(expiration_seconds="1h", client=client)  # type: ignore[arg-type]  # wrong on purpose
        assert server.requests == []


def test_a_token_can_be_bound_to_an_object(connect: Connect) -> None:
    answer = {"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "status": {"token": "t"}}
    bound = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}
    with ScriptedServer(default=reply(201, json.dumps(answer).encode())) as server:
        robot = ServiceAccount(metadata=ObjectMeta(name="robot", namespace="n"))
        for reference in (bound, BoundObjectReference.from_dict(bound)):
            robot.create_token(bound_object=reference, client=connect(server))
    for request in server.requests:
        assert request.path == "/api/v1/namespaces/n/serviceaccounts/robot/token"
        assert json.loads(request.body) == {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"audiences": [], "boundObjectRef": bound},
        }


def test_C36_binding(client: Client) -> None:
    created = client.create(pod())
    assert isinstance(created.bind("node-1", client=client), Status)
    assert client.get(Pod, "p").spec.nodeName == "node-1"
    with pytest.raises(Conflict):
        pod().bind("node-2", client=client)


def test_the_bodies_of_binding_and_eviction(connect: Connect) -> None:
    success = reply(201, b'{"kind":"Status","apiVersion":"v1","status":"Success"}')
    with ScriptedServer(default=success) as server:
        client = connect(server)
        pod(namespace="n", uid="u").bind("node-1", client=client)
        pod(namespace="n", uid="u").evict(grace_period_seconds=0, client=client)
        Pod(metadata=ObjectMeta(name="p")).evict(client=client)
        Pod(metadata=ObjectMeta(name="p")).evict(dry_run=True, client=client)
        with pytest.raises(RequestError, match="node="):
            pod().bind("", client=client)
    binding, eviction, plain, tried = server.requests
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
    # Without a namespace of its own, the pod is looked for in the client's.
    assert plain.path == "/api/v1/namespaces/default/pods/p/eviction"
    assert json.loads(plain.body) == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "p", "namespace": "default"},
    }
    assert ("dryRun", "All") in tried.query


def test_a_new_ephemeral_container_comes_behind_the_others(client: Client) -> None:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    made = client.create(Pod.from_dict({"metadata": {"name": "debugged"}, "spec": spec}))
    for name in ("first", "second", "third"):
        made = made.add_ephemeral_container({"name": name, "image": "i"}, client=client)
    assert [each.name for each in made.spec.ephemeralContainers] == ["first", "second", "third"]


def test_ephemeral_containers_and_resize(connect: Connect) -> None:
    limits = ResourceRequirements(limits={"cpu": "1"})
    with ScriptedServer(default=reply(200, b'{"kind":"Pod","apiVersion":"v1"}')) as server:
        client = connect(server)
        assert type(pod().add_ephemeral_container({"name": "dbg", "image": "i"}, client=client)) is Pod
        assert type(pod().resize({"c": limits, "d": {"limits": {"cpu": "2"}}}, client=client)) is Pod
        with pytest.raises(RequestError, match="no container"):
            pod().resize({}, client=client)
    debug, resize = server.requests
    assert debug.path.endswith("/pods/p/ephemeralcontainers")
    assert debug.header("Content-Type") == "application/strategic-merge-patch+json"
    assert json.loads(debug.body) == {
        "spec": {
            "ephemeralContainers": [{"name": "dbg", "image": "i"}],
            "$setElementOrder/ephemeralContainers": [{"name": "dbg"}],
        }
    }
    assert resize.path.endswith("/pods/p/resize")
    assert json.loads(resize.body) == {
        "spec": {
            "containers": [
                {"name": "c", "resources": {"limits": {"cpu": "1"}}},
                {"name": "d", "resources": {"limits": {"cpu": "2"}}},
            ]
        }
    }


# -- eviction


def test_H16_success_is_a_status_and_the_pod_is_terminating(client: Client) -> None:
    created = client.create(pod())
    assert created.evict(until_gone=True, wait=30, client=client) is True
    assert created.evict(client=client) is False


def test_H17_the_transport_never_repeats_an_eviction(connect: Connect) -> None:
    """It would wait for up to 100 seconds without anybody seeing it."""
    refusal = reply(429, status_body(429, "TooManyRequests", BUDGET, retryAfterSeconds=10), {"Retry-After": "10"})
    with ScriptedServer(default=refusal) as server, pytest.raises(TooManyRequests, match="disruption budget"):
        pod().evict(wait=0, client=connect(server))
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
        pod().evict(client=connect(server))
    assert len(server.requests) == 1
