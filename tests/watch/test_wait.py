# SPDX-License-Identifier: Apache-2.0
"""``client.wait`` against the embedded server (protocol H19-H22)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, chunk, head, hold, raw, reply
from simulated_api import frame
from state_talk import item, list_body
from waiting import eventually
from watch_consumer import Thing

from k8s_core import Client, Config
from k8s_core.errors import Forbidden, InvalidName, NotFound, RequestError, WaitTimeout
from k8s_core.patches import MergePatch
from k8s_core.testing import ApiServer
from k8s_core.watch import RolloutFailed

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
        client.delete_collection(Thing, namespace="default")


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
    found = client.wait(made, "Ready", timeout=20)
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
        client.wait(Thing, "Ready", name="a", timeout=20)
    made = client.create(Thing(metadata={"name": "a"}))
    thread = when_watching(server, lambda: client.delete(Thing, "a"))
    with pytest.raises(NotFound):
        client.wait(made, "Ready", timeout=20)
    thread.join()


def test_H21_a_timeout_of_0_checks_once(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    before = len(server.requests)
    with pytest.raises(WaitTimeout, match="Ready did not hold at once"):
        client.wait(made, "Ready", timeout=0)
    assert len(server.requests) == before + 1
    ready(client)
    assert client.wait(made, "Ready", timeout=0) is not None


def test_a_wait_ends_in_time_and_says_what_did_not_come(client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))
    with pytest.raises(WaitTimeout, match=r"Thing 'a' in namespace default: Ready did not hold within 0.2 s") as caught:
        client.wait(made, "Ready", timeout=0.2)
    assert isinstance(caught.value, TimeoutError)


def test_H22_a_wait_survives_an_expired_watch(server: ApiServer, client: Client) -> None:
    made = client.create(Thing(metadata={"name": "a"}))

    def lose_history() -> None:
        server.faults.watches("drop", now=True)
        ready(client)
        server.compact()

    thread = when_watching(server, lose_history)
    assert client.wait(made, "Ready", timeout=20) is not None
    thread.join()


STREAM = raw(head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}))


def test_H22_no_state_is_missed_when_the_watch_breaks_and_history_is_lost() -> None:
    gone = frame("ERROR", {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"})
    done = item("a", 9, status={"conditions": [{"type": "Ready", "status": "True"}]})
    script = [reply(200, list_body(item("a", 3), version=5)), reply(200, gone), reply(200, list_body(done, version=10))]
    with ScriptedServer(*script) as server, Client(Config(server=server.url)) as client:
        found = client.wait(Thing, "Ready", name="a", namespace="ns", timeout=20)
        assert found is not None
        assert found.metadata.resourceVersion == "9"
        assert "resourceVersion" not in dict(server.requests[0].query), "a stale list could show an older state"


def test_H22_replacement_in_a_gap_is_no_disappearance() -> None:
    gone = frame("ERROR", {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"})
    successor = item("a", 9, uid="another")
    script = [
        reply(200, list_body(item("a", 3), version=5)),
        reply(200, gone),
        reply(200, list_body(successor, version=10)),
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
            client.wait(Thing, "Ready", name="a", namespace="ns", timeout=0.3)


def test_what_waiting_can_not_mend_is_raised_at_once() -> None:
    with ScriptedServer(default=reply(403, b"{}")) as server, Client(Config(server=server.url)) as client:
        with pytest.raises(Forbidden):
            client.wait(Thing, "Ready", name="a", namespace="ns", timeout=20)
        assert len(server.requests) == 1


def test_mistakes_are_refused_before_anything_is_sent() -> None:
    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        made = Thing(metadata={"name": "a", "namespace": "ns"})
        with pytest.raises(RequestError, match="name="):
            client.wait(Thing, "Ready")
        with pytest.raises(RequestError, match="name= goes with a kind"):
            client.wait(made, "Ready", name="b")
        with pytest.raises(InvalidName):
            client.wait(Thing, "Ready", name="../b")
        with pytest.raises(RequestError):
            client.wait(made, "jsonpath={.a[")
        assert server.requests == []


def test_H23_rollout_of_what_has_none_and_of_what_fails() -> None:
    class Deployment(Thing, group="apps", version="v1", plural="deployments"):
        pass

    late = {"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "too slow"}
    failed = item("a", 3, status={"conditions": [late]})
    with (
        ScriptedServer(default=reply(200, list_body(failed, version=5))) as server,
        Client(Config(server=server.url)) as client,
    ):
        with pytest.raises(RolloutFailed, match="too slow"):
            client.wait(Deployment, "rollout", name="a", namespace="ns", timeout=20)
        with pytest.raises(RequestError, match="Thing has no rollout"):
            client.wait(Thing, "rollout", name="a", namespace="ns", timeout=20)
