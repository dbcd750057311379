# SPDX-License-Identifier: Apache-2.0
"""``client.wait`` against the embedded server (protocol H19-H22)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, chunk, head, hold, raw, reply
from simulated_api import frame
from state_talk import item, thing_list
from waiting import eventually
from watch_consumer import Thing

from k8s_core import Client, Config
from k8s_core.behaviour import RolloutStatus
from k8s_core.errors import ApiError, Forbidden, InvalidName, NotFound, RequestError, RolloutError, WaitTimeout
from k8s_core.patches import MergePatch
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with ApiServer(resources=[Thing.api_resource], create_missing_namespaces=True) as server:
        yield server


@pytest.fixture
def client(server: ApiServer) -> Iterator[Client]:
    with server.client() as client:
        yield client
        client.delete_collection(Thing, namespace="default", everything=True)


def when_watching(server: ApiServer, action: Callable[[], object]) -> threading.Thread:
    """Do something as soon as a watch is open."""

    def run() -> None:
        eventually(lambda: server.watch_count)
        action()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def ready(client: Client, status: str = "True") -> None:
    client.patch(Thing, "a", MergePatch({"status": {"conditions": [{"type": "Ready", "status": status}]}}))


def test_what_holds_already_needs_no_watch(client: Client) -> None:
    client.create(Thing(metadata={"name": "a"}, spec={"phase": "Running"}))
    found = client.wait(Thing, "jsonpath={.spec.phase}=Running", name="a", timeout=20)
    assert found is not None
    assert found.metadata.name == "a"
    assert type(found) is Thing


def test_H22_a_condition_that_comes_true_later(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    thread = when_watching(server, lambda: ready(client))
    found = client.wait(made, "condition=Ready", timeout=20)
    thread.join()
    assert found is not None
    assert found.metadata.resourceVersion != made.metadata.resourceVersion
    watch = [request for request in server.requests if request.verb == "watch"][-1]
    assert dict(watch.query)["fieldSelector"] == "metadata.name=a"


def test_a_function_of_the_object(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}, spec={"n": 1}))
    thread = when_watching(server, lambda: client.patch(Thing, "a", MergePatch({"spec": {"n": 2}})))
    found = client.wait(made, lambda thing: thing.spec["n"] == 2, timeout=20)
    thread.join()
    assert found is not None


def test_H21_delete_holds_when_the_object_is_gone(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    thread = when_watching(server, lambda: client.delete(Thing, "a"))
    assert client.wait(made, "delete", timeout=20) is None
    thread.join()
    assert client.wait(Thing, "delete", name="a", timeout=0) is None
    assert client.wait(Thing, "delete", name="never-was", timeout=20) is None


def test_H21_delete_holds_when_another_object_has_the_name(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    client.delete(Thing, "a")
    client.create(Thing(metadata={"name": "a"}))
    assert client.wait(made, "delete", timeout=20) is None
    with pytest.raises(WaitTimeout):
        client.wait(Thing, "delete", name="a", timeout=0)


def test_H21_create_waits_for_existence(server: ApiServer, client: Client) -> None:
    thread = when_watching(server, lambda: client.create(Thing(metadata={"name": "a"})))
    found = client.wait(Thing, "create", name="a", timeout=20)
    thread.join()
    assert found is not None
    assert found.metadata.name == "a"


def test_H21_an_object_that_is_not_there_or_vanishes_is_not_found(server: ApiServer, client: Client) -> None:
    with pytest.raises(NotFound, match=r'things.test.dev "a" not found'):
        client.wait(Thing, "condition=Ready", name="a", timeout=20)
    made = client.create(Thing(metadata={"name": "a"}))
    thread = when_watching(server, lambda: client.delete(Thing, "a"))
    with pytest.raises(NotFound):
        client.wait(made, "condition=Ready", timeout=20)
    thread.join()


def test_H21_a_timeout_of_0_checks_once(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    before = len(server.requests)
    with pytest.raises(WaitTimeout, match="condition=Ready did not hold at once"):
        client.wait(made, "condition=Ready", timeout=0)
    assert len(server.requests) == before + 1
    ready(client)
    assert client.wait(made, "condition=Ready", timeout=0) is not None


def test_a_wait_ends_in_time_and_says_what_did_not_come(client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    with pytest.raises(
        WaitTimeout, match=r"Thing 'a' in namespace default: condition=Ready did not hold within 0.2 s"
    ) as caught:
        client.wait(made, "condition=Ready", timeout=0.2)
    assert isinstance(caught.value, TimeoutError)


def test_H22_a_wait_survives_an_expired_watch(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))

    def lose_history() -> None:
        server.faults.watches("drop", now=True)
        ready(client)
        server.compact()

    thread = when_watching(server, lose_history)
    assert client.wait(made, "condition=Ready", timeout=20) is not None
    thread.join()


STREAM = raw(head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}))


def test_H22_no_state_is_missed_when_the_watch_breaks_and_history_is_lost() -> None:
    gone = frame("ERROR", {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"})
    done = item("a", 9, status={"conditions": [{"type": "Ready", "status": "True"}]})
    script = [
        reply(200, thing_list(item("a", 3), version=5)),
        reply(200, gone),
        reply(200, thing_list(done, version=10)),
    ]
    with ScriptedServer(*script) as server, Client(Config(server=server.url)) as client:
        found = client.wait(Thing, "condition=Ready", name="a", namespace="ns", timeout=20)
        assert found is not None
        assert found.metadata.resourceVersion == "9"
        assert "resourceVersion" not in dict(server.requests[0].query), "a stale list could show an older state"


def test_H22_replacement_in_a_gap_is_no_disappearance() -> None:
    gone = frame("ERROR", {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"})
    successor = item("a", 9, uid="another")
    script = [
        reply(200, thing_list(item("a", 3), version=5)),
        reply(200, gone),
        reply(200, thing_list(successor, version=10)),
        [
            STREAM,
            chunk(
                frame(
                    "MODIFIED", {**successor, "metadata": {**successor["metadata"], "resourceVersion": "11"}, "ok": 1}
                )
            ),
            hold(),
        ],
    ]
    with ScriptedServer(*script) as server, Client(Config(server=server.url)) as client:
        found = client.wait(Thing, "jsonpath={.ok}", name="a", namespace="ns", timeout=20)
        assert found is not None
        assert found.metadata.uid == "another"


def test_a_server_that_never_answers_does_not_make_it_hang() -> None:
    with ScriptedServer(default=hold()) as server, Client(Config(server=server.url, timeout=10_000)) as client:
        with pytest.raises(WaitTimeout):
            client.wait(Thing, "condition=Ready", name="a", namespace="ns", timeout=0.3)


def test_what_waiting_can_not_mend_is_raised_at_once() -> None:
    with ScriptedServer(default=reply(403, b"{}")) as server, Client(Config(server=server.url)) as client:
        with pytest.raises(Forbidden):
            client.wait(Thing, "condition=Ready", name="a", namespace="ns", timeout=20)
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", [403, 405])
def test_a_watch_that_is_refused_ends_a_wait_at_once_though_the_list_was_allowed(code: int) -> None:
    found = reply(200, thing_list(item("a", 3), version=5))
    with ScriptedServer(found, default=reply(code, b"")) as server, Client(Config(server=server.url)) as client:
        with pytest.raises(ApiError, match=rf"GET .*/things \(watch\): .*{code}"):
            client.wait(Thing, "condition=Ready", name="a", namespace="ns", timeout=20)
        assert len(server.requests) == 2


def test_a_kind_that_cannot_be_watched_cannot_be_waited_for() -> None:
    class Unwatched(Thing, group="test.dev", version="v1", plural="unwatched", verbs=("get", "list")):
        pass

    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        with pytest.raises(RequestError, match="Unwatched cannot be watched: its verbs are get, list"):
            client.wait(Unwatched, "condition=Ready", name="a")
        assert server.requests == []


def test_mistakes_are_refused_before_anything_is_sent() -> None:
    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        made = Thing(metadata={"name": "a", "namespace": "ns"})
        with pytest.raises(RequestError, match="name="):
            client.wait(Thing, "condition=Ready")
        with pytest.raises(RequestError, match="name= goes with a kind"):
            client.wait(made, "condition=Ready", name="b")
        with pytest.raises(InvalidName):
            client.wait(Thing, "condition=Ready", name="../b")
        with pytest.raises(RequestError):
            client.wait(made, "jsonpath={.a[")
        assert server.requests == []


class Oven(Thing, group="test.dev", version="v1", plural="ovens"):
    """A kind of a package that says when it is ready, and how far its rollout is."""

    def is_ready(self) -> bool:
        return bool(self.spec["hot"])

    def rollout_status(self) -> RolloutStatus:
        if self.spec.get("broken"):
            raise RolloutError("the oven is broken")
        return RolloutStatus(self.spec["loaves"] == 3, f"{self.spec['loaves']} of 3 loaves are baked")


@pytest.fixture
def bakery() -> Iterator[Client]:
    with ApiServer(resources=[Oven.api_resource]) as server, server.client() as client:
        yield client


@pytest.mark.parametrize(("condition", "change"), [("ready", {"hot": True}), ("rollout", {"loaves": 3})])
def test_a_kind_of_a_package_says_itself_when_it_is_ready_and_rolled_out(
    bakery: Client, condition: str, change: dict[str, object]
) -> None:
    oven = bakery.create(Oven(metadata={"name": "a"}, spec={"hot": False, "loaves": 1}))
    with pytest.raises(WaitTimeout, match=f"{condition} did not hold at once"):
        bakery.wait(oven, condition, timeout=0)
    bakery.patch(Oven, "a", MergePatch({"spec": change}))
    found = bakery.wait(Oven, condition, name="a", timeout=20)
    assert type(found) is Oven


def test_a_rollout_that_takes_too_long_says_where_it_stands_and_one_that_failed_why(bakery: Client) -> None:
    oven = bakery.create(Oven(metadata={"name": "a"}, spec={"loaves": 1}))
    with pytest.raises(WaitTimeout, match="rollout did not hold at once; 1 of 3 loaves are baked"):
        bakery.wait(oven, "rollout", timeout=0)
    bakery.patch(Oven, "a", MergePatch({"spec": {"broken": True}}))
    with pytest.raises(RolloutError, match="the oven is broken"):
        bakery.wait(oven, "rollout", timeout=20)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("rollout", r"test.dev/v1 Thing can't be asked for 'rollout': its class has no rollout_status\(\)"),
        ("Ready", r"asked for 'ready': its class has no is_ready\(\); 'condition=Ready' waits for the condition"),
    ],
)
def test_a_kind_that_says_neither_is_refused_before_anything_is_sent(condition: str, message: str) -> None:
    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        for kind in (Thing, Thing.api_resource):
            with pytest.raises(RequestError, match=message):
                client.wait(kind, condition, name="a", namespace="ns", timeout=20)
        assert server.requests == []


def test_a_timeout_says_what_was_seen_last_and_no_secret() -> None:
    with ApiServer() as server, server.client() as client:
        secret = client.create(Secret(metadata={"name": "s"}, stringData={"password": "hunter2"}))
        client.create(ConfigMap(metadata={"name": "c"}, data={"colour": "blue"}))
        with pytest.raises(WaitTimeout, match=r"did not hold at once; \{\.data\.colour\} is 'blue'"):
            client.wait(ConfigMap, "jsonpath={.data.colour}=red", name="c", timeout=0)
        with pytest.raises(WaitTimeout, match=r"\{\.data\.password\} is '\*\*\*'$"):
            client.wait(secret, "jsonpath={.data.password}=x", timeout=0)
