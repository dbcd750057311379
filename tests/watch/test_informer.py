# SPDX-License-Identifier: Apache-2.0
"""The Informer: cache, indexes, life (protocol D22-D30). Threads, but no sockets and no real time."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from live_api import LiveApi
from simulated_api import Faults
from state_talk import api_failure
from watch_consumer import Thing

from k8s_core.errors import ConnectionFailed, RequestError, SelectorError, WaitTimeout
from k8s_core.watch import Informer, InformerStopped
from k8s_core.watch.store import drop_managed_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20.0


@pytest.fixture
def api() -> LiveApi:
    return LiveApi()


@pytest.fixture
def informers(api: LiveApi) -> Iterator[Any]:
    made: list[Informer[Thing]] = []

    def make(**options: Any) -> Informer[Thing]:
        informer = Informer(Thing, client=api, clock=api.clock, **options)  # type: ignore[arg-type]  # stands in for a Client
        made.append(informer)
        informer.start()
        informer.wait_synced(SECONDS)
        return informer

    yield make
    for informer in made:
        informer.stop()


class Recorder:
    """A handler that writes down what it is told, and can be waited for."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.changed = threading.Condition()

    def write(self, text: str) -> None:
        with self.changed:
            self.told.append(text)
            self.changed.notify_all()

    def add(self, thing: Thing) -> None:
        self.write(f"add {thing.metadata.name}")

    def update(self, old: Thing, new: Thing) -> None:
        self.write(f"update {new.metadata.name} {old.metadata.resourceVersion}->{new.metadata.resourceVersion}")

    def delete(self, thing: Thing) -> None:
        self.write(f"delete {thing.metadata.name}")

    @property
    def handlers(self) -> dict[str, Any]:
        return {"add": self.add, "update": self.update, "delete": self.delete}

    def wait_for(self, *told: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.told == list(told), SECONDS), self.told


def gap(api: LiveApi, *actions: Any) -> None:
    """Changes that no watch reports: the stream ends, they happen, and the history is lost."""

    def happen() -> bool:
        for action in actions:
            action()
        api.compact()
        return False

    api.do(happen)


def test_the_cache_follows_the_server(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")
    api.create("other/b")
    informer = informers()
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)
    assert informer.keys() == ["ns/a", "other/b"]
    assert informer.get("a", "ns").spec["n"] == 101
    assert informer.get_by_key("other/b").metadata.namespace == "other"
    assert informer.get("nobody", "ns") is None
    assert [thing.metadata.name for thing in informer.list(namespace="other")] == ["b"]
    api.do(lambda: api.update("ns/a"))
    api.do(lambda: api.delete("other/b"))
    api.do(lambda: api.create("ns/c"))
    recorder.wait_for("add a", "add b", "update a 101->103", "delete b", "add c")
    assert informer.keys() == ["ns/a", "ns/c"]
    assert len(informer) == 2
    assert sorted(thing.metadata.name for thing in informer) == ["a", "c"]
    assert informer.list("other") == []


def test_what_a_reader_does_to_an_object_reaches_nobody_else(api: LiveApi, informers: Any) -> None:
    api.create("ns/a", {"app": "web"})
    informer = informers()
    mine = informer.get("a", "ns")
    mine.metadata.labels["app"] = "changed"
    mine.spec = None
    assert informer.get("a", "ns").metadata.labels == {"app": "web"}
    assert informer.get("a", "ns").spec is not None
    assert informer.get("a", "ns").apiVersion == "test.dev/v1"


def test_label_selectors_are_evaluated_locally(api: LiveApi, informers: Any) -> None:
    api.create("ns/web", {"app": "web", "tier": "front"})
    api.create("ns/db", {"app": "db"})
    api.create("other/plain")
    informer = informers()
    assert api.watching.wait(SECONDS)
    requests = len(api.requests)

    def names(labels: Any, namespace: str | None = None) -> list[str]:
        return [thing.metadata.name for thing in informer.list(namespace, labels=labels)]

    assert names("app=web") == ["web"]
    assert names({"app": ["web", "db"]}) == ["db", "web"]
    assert names("app!=web") == ["db", "plain"], "C15: objects without the label match, too"
    assert names("!app") == ["plain"]
    assert names("!app", "ns") == []
    assert names("") == ["db", "web", "plain"]
    with pytest.raises(SelectorError):
        names("app in (")
    assert len(api.requests) == requests


def test_indexes_find_objects_by_value(api: LiveApi, informers: Any) -> None:
    api.create("ns/a", {"app": "web"})
    api.create("ns/b", {"app": "web"})
    api.create("ns/c", {"app": "db"})
    informer = informers(indexers={"app": lambda thing: thing.metadata.labels.values()})
    recorder = Recorder()
    informer.add_handler(update=recorder.update, delete=recorder.delete)

    def names(value: str) -> list[str]:
        return [thing.metadata.name for thing in informer.by_index("app", value)]

    assert names("web") == ["a", "b"]
    assert sorted(informer.index_values("app")) == ["db", "web"]
    api.do(lambda: api.update("ns/a", {"app": "db"}))
    api.do(lambda: api.delete("ns/b"))
    recorder.wait_for("update a 101->104", "delete b")
    assert names("web") == []
    assert sorted(names("db")) == ["a", "c"]
    assert informer.index_values("app") == ["db"]
    informer.add_index("size", lambda thing: [len(thing.metadata.name)])
    assert len(informer.by_index("size", 1)) == 2
    with pytest.raises(RequestError, match="no index 'nope'; there is app, size"):
        informer.by_index("nope", 1)


def test_an_index_function_that_raises_is_reported_and_the_object_stays(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")
    errors: list[Exception] = []
    informer = informers(indexers={"bad": lambda thing: thing.metadata.labels["app"]}, on_error=errors.append)
    assert informer.keys() == ["ns/a"]
    assert informer.index_values("bad") == []
    assert [type(error) for error in errors] == [KeyError]


def managed(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


def test_D29_managed_fields_are_dropped_before_caching_unless_kept(api: LiveApi, informers: Any) -> None:
    document = api.create("ns/a")
    document["metadata"]["managedFields"] = [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}]
    slim = informers()
    assert "managedFields" not in slim.get("a", "ns").metadata.to_dict()
    slim.stop()
    assert informers(keep_managed_fields=True).get("a", "ns").metadata.managedFields[0].manager == "kubectl"


def test_dropping_managed_fields_leaves_everything_else_as_it_was() -> None:
    document = {
        "apiVersion": "v1",
        "metadata": {"managedFields": [1], "name": "ä\u2028", "annotations": {"managedFields": "x"}, "big": 2**70},
        "spec": {"metadata": {"managedFields": [2]}, "float": 1e400 if False else 1.50},
    }
    raw = managed(document)
    expected = json.loads(raw)
    del expected["metadata"]["managedFields"]
    assert json.loads(drop_managed_fields(raw)) == expected
    for odd in (
        b"5",
        b'{"a":"managedFields"}',
        b'{"metadata":5,"x":"managedFields"}',
        b'{"metadata":{"b":"managedFields"}}',
    ):
        assert drop_managed_fields(odd) == odd


def test_D29_a_transform_runs_before_storing(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")
    errors: list[Exception] = []

    def transform(thing: Thing) -> Thing:
        if thing.metadata.name == "bad":
            raise ValueError("can not transform")
        thing.spec = {"kept": thing.spec["n"]}
        return thing

    informer = informers(transform=transform, on_error=errors.append)
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)
    api.do(lambda: api.create("ns/bad"))
    api.do(lambda: api.create("ns/b"))
    recorder.wait_for("add a", "add b")
    assert informer.get("a", "ns").spec == {"kept": 101}
    assert [str(error) for error in errors] == ["can not transform"]


def test_D22_after_a_gap_the_cache_is_what_the_server_has_and_handlers_hear_the_difference(
    api: LiveApi, informers: Any
) -> None:
    for name in ("same", "changed", "gone"):
        api.create(f"ns/{name}")
    informer = informers()
    told: list[tuple[str, str, bool, Any]] = []
    recorder = Recorder()
    informer.add_handler(
        event=lambda n: told.append((n.type, n.key, n.final_state_unknown, n.object.spec["n"])), **recorder.handlers
    )
    recorder.wait_for("add changed", "add gone", "add same")
    told.clear()
    gap(api, lambda: api.update("ns/changed"), lambda: api.delete("ns/gone"), lambda: api.create("ns/new"))
    recorder.wait_for("add changed", "add gone", "add same", "update changed 102->104", "add new", "delete gone")
    assert ("DELETED", "ns/gone", True, 103) in told, "the last known state, marked as such"
    assert sorted(informer.keys()) == ["ns/changed", "ns/new", "ns/same"]


def test_D23_delete_and_recreate_in_a_gap_is_one_update_with_another_uid(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")
    informer = informers()
    uids: list[tuple[str, str]] = []
    recorder = Recorder()

    def update(old: Thing, new: Thing) -> None:
        uids.append((old.metadata.uid, new.metadata.uid))
        recorder.update(old, new)

    informer.add_handler(**recorder.handlers | {"update": update})
    gap(api, lambda: api.delete("ns/a"), lambda: api.create("ns/a"))
    recorder.wait_for("add a", "update a 101->103")
    assert uids == [("uid-1", "uid-2")]


def test_D29_keys_of_objects_without_namespace(api: LiveApi, informers: Any) -> None:
    api.create("cluster-wide")
    informer = informers()
    assert informer.keys() == ["cluster-wide"]
    assert informer.get_by_key("cluster-wide").metadata.name == "cluster-wide"
    with pytest.raises(RequestError, match="give namespace="):
        informer.get("cluster-wide")


def test_the_informers_own_namespace_is_the_default_of_get(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")
    assert informers(namespace="ns").get("a").metadata.name == "a"


def test_D18_a_failing_watch_is_reported_and_tried_again(api: LiveApi, informers: Any) -> None:
    errors: list[Exception] = []
    answers = [api_failure(403, "Forbidden"), ConnectionFailed("x"), api_failure(401, "Unauthorized")]
    original = api.request

    def request(request: Any) -> Any:
        if answers:
            raise answers.pop(0)
        return original(request)

    api.request = request  # type: ignore[method-assign]  # a server that fails for a while
    api.create("ns/a")
    informer = informers(on_error=errors.append)
    assert [type(error).__name__ for error in errors] == ["Forbidden", "ConnectionFailed", "Unauthorized"]
    assert informer.last_error is errors[-1]
    assert informer.keys() == ["ns/a"]


def test_wait_synced_says_why_there_is_no_list() -> None:
    api = LiveApi(faults=Faults(refuse=1.0))
    failed = threading.Event()
    with_events = Informer(Thing, client=api, on_error=lambda _: failed.set())  # type: ignore[arg-type]  # stands in
    try:
        with pytest.raises(InformerStopped, match="never started"):
            with_events.wait_synced(0)
        with_events.start()
        assert failed.wait(SECONDS)
        with pytest.raises(WaitTimeout, match="connection refused") as caught:
            with_events.wait_synced(0.01)
        assert isinstance(caught.value.__cause__, ConnectionFailed)
        assert not with_events.synced
        assert not with_events.healthy()
        assert with_events.last_contact is None
    finally:
        with_events.stop()


def test_an_on_error_that_raises_is_logged_and_the_informer_goes_on(
    api: LiveApi, informers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    api.create("ns/a")

    def fail(error: Exception) -> None:
        raise ValueError("my own mistake")

    informer = informers(on_error=fail)
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)
    api.do(lambda: False)  # the stream ends at once, which is a failure
    api.do(lambda: api.create("ns/b"))
    recorder.wait_for("add a", "add b")
    assert "my own mistake" in caplog.text
    assert informer.healthy()


@pytest.mark.parametrize(
    "end", [SystemExit(3), KeyboardInterrupt(), asyncio.CancelledError(), pytest.fail.Exception("no")], ids=repr
)
def test_a_handler_that_ends_with_its_thread_ends_the_informer_and_says_so(
    api: LiveApi, informers: Any, end: BaseException
) -> None:
    api.create("ns/a")
    informer = informers()
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)

    def die(thing: Thing) -> None:
        raise end

    handler = informer.add_handler(add=die)
    with pytest.raises(InformerStopped, match="the handler has died") as caught:
        handler.wait_synced(SECONDS)
    assert caught.value.__cause__ is end
    informer._thread.join(SECONDS)
    assert not informer.healthy()
    assert informer.last_error is end
    with pytest.raises(InformerStopped, match="has died") as caught:
        informer.list()
    assert caught.value.__cause__ is end


def test_an_informer_that_is_dropped_warns_and_ends_its_threads(api: LiveApi) -> None:
    api.create("ns/a")
    informer = Informer(Thing, client=api, clock=api.clock)  # type: ignore[arg-type]  # stands in for a Client
    informer.start()
    informer.wait_synced(SECONDS)
    recorder = Recorder()
    handler = informer.add_handler(**recorder.handlers)
    recorder.wait_for("add a")
    threads = [informer._thread, handler._thread]
    assert api.watching.wait(SECONDS)
    held = [informer]
    del informer
    with pytest.warns(ResourceWarning, match=r"the informer of things\.test\.dev was dropped without stop"):
        held.clear()  # the last reference
    for thread in threads:
        assert thread is not None
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_an_informer_that_was_stopped_is_dropped_in_silence(api: LiveApi) -> None:
    with Informer(Thing, client=api, clock=api.clock) as informer:  # type: ignore[arg-type]  # stands in for a Client
        assert len(informer) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del informer
        gc.collect()


def test_a_dead_thread_raises_in_whoever_asks(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")

    def give_up(error: Exception) -> None:
        raise SystemExit from error

    informer = informers(on_error=give_up)
    api.do(lambda: False)
    informer._thread.join(SECONDS)
    for question in (
        informer.list,
        informer.keys,
        lambda: informer.get("a", "ns"),
        informer.wait_synced,
        informer.start,
    ):
        with pytest.raises(InformerStopped, match="has died") as caught:
            question()
        assert isinstance(caught.value.__cause__, SystemExit)
    assert not informer.healthy()
    with pytest.raises(InformerStopped):
        informer.add_handler()


def test_D30_a_stopped_informer_can_be_read_but_never_starts_again(api: LiveApi, informers: Any) -> None:
    api.create("ns/a")
    informer = informers()
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)
    recorder.wait_for("add a")
    informer.stop()
    assert not informer._thread.is_alive()
    assert informer.keys() == ["ns/a"]
    for refused in (informer.start, informer.add_handler, informer.wait_synced):
        with pytest.raises(InformerStopped, match="never starts again"):
            refused()
    informer.stop()
    assert recorder.told == ["add a"]
    assert not informer.healthy()


def test_health(api: LiveApi, informers: Any) -> None:
    informer = informers()
    assert informer.synced
    assert informer.healthy(60)
    assert informer.last_contact is not None
    api.clock.time += 61
    assert not informer.healthy(60)


def test_an_informer_whose_watch_is_refused_keeps_trying_and_is_not_healthy_meanwhile(
    api: LiveApi, informers: Any
) -> None:
    refused, allowed = threading.Event(), threading.Event()
    original = api.request

    def request(request: Any) -> Any:
        if "watch" in dict(request.query) and not allowed.is_set():
            raise api_failure(403, "Forbidden", "cannot watch things")
        return original(request)

    api.request = request  # type: ignore[method-assign]  # a role with list and without watch
    api.create("ns/a")
    informer = informers(on_error=lambda _: refused.set())
    assert refused.wait(SECONDS)
    assert not informer.healthy()
    assert "cannot watch things" in str(informer.last_error)
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)
    allowed.set()
    api.do(lambda: api.create("ns/b"))
    recorder.wait_for("add a", "add b")
    assert informer.healthy()


def test_the_context_manager_starts_waits_and_stops(api: LiveApi) -> None:
    api.create("ns/a")
    with Informer(Thing, client=api) as things:  # type: ignore[arg-type]  # stands in for a Client
        assert [thing.metadata.name for thing in things] == ["a"]
    with pytest.raises(InformerStopped):
        things.start()


def test_objects_that_can_not_be_decoded_are_reported(api: LiveApi, informers: Any) -> None:
    errors: list[Exception] = []
    informer = informers(on_error=errors.append)
    recorder = Recorder()
    informer.add_handler(**recorder.handlers)

    def corrupt() -> None:
        api.version += 1
        api.history.append((api.version, "ADDED", {"metadata": {"name": 5}}, None))

    api.do(corrupt)
    api.do(lambda: api.create("ns/b"))
    recorder.wait_for("add b")
    assert len(errors) == 1


def test_mistakes_are_refused_at_once(api: LiveApi) -> None:
    with pytest.raises(SelectorError):
        Informer(Thing, client=api, labels={"bad key!": "x"})  # type: ignore[arg-type]  # stands in for a Client
    with pytest.raises(RequestError):
        Informer(Thing, client=api, namespace="a/b")  # type: ignore[arg-type]  # stands in for a Client
