# SPDX-License-Identifier: Apache-2.0
"""The Watcher over a simulated API: delivery, resumption, errors, options. One thread, injected clock, no sockets."""

from __future__ import annotations

import json
import logging
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from simulated_api import STREAM_TIMEOUT, FakeClock, Faults, SimulatedApi, frame, status
from state_talk import api_failure
from watch_consumer import Thing

from k8s_core.errors import (
    ConnectionFailed,
    DecodeError,
    Expired,
    RequestError,
    RequestTimeout,
    TLSError,
)
from k8s_core.requests.options import ALL_NAMESPACES
from k8s_core.selectors import Equality
from k8s_core.transport import Observers, RelistObservation, WatchObservation
from k8s_core.watch import UNDECODABLE, UndecodableEvent, Watcher, WatchEvent

if TYPE_CHECKING:
    from collections.abc import Callable


class Script:
    """Steps that happen one after the other whenever the watcher would block; then the watcher is stopped."""

    def __init__(self, api: SimulatedApi, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)
        self.watcher: Watcher[Thing] | None = None
        api.step = self.step

    def step(self) -> bool:
        if not self.steps:
            assert self.watcher is not None
            self.watcher.stop()
            return False
        return self.steps.pop(0)() is not False


def make(api: SimulatedApi, *steps: Callable[[], object], **options: Any) -> Watcher[Thing]:
    script = Script(api, *steps)
    options.setdefault("random", Random(5))
    script.watcher = Watcher(Thing, client=api, clock=api.clock, **options)  # type: ignore[arg-type]  # stands in for a Client
    return script.watcher


def new_api(**options: Any) -> SimulatedApi:
    return SimulatedApi(Thing.api_resource, clock=FakeClock(), **options)


def texts(events: list[WatchEvent[Thing]]) -> list[str]:
    return [f"{event.type} {event.object.metadata.name}" for event in events]


def test_the_tutorials_loop_yields_typed_objects() -> None:
    api = new_api()
    api.create("ns/a")
    watcher = make(
        api, lambda: api.create("ns/b"), lambda: api.update("ns/a", spec={"n": 7}), lambda: api.delete("ns/b")
    )
    events = list(watcher.watch())
    assert texts(events) == ["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]
    assert all(type(event.object) is Thing for event in events)
    assert events[2].object.spec == {"n": 7}
    assert [event.initial for event in events] == [True, False, False, False]
    assert events[0].object.apiVersion == "test.dev/v1", "list items have their type filled in (C13)"


def test_D10_and_D11_and_D19_the_requests_are_what_the_protocol_says() -> None:
    api = new_api()
    watcher = make(api)
    list(watcher.watch(namespace="ns", labels={"app": Equality("web")}, fields={"metadata.name": "x"}))
    first, second = api.requests
    assert first == {
        "labelSelector": "app=web",
        "fieldSelector": "metadata.name=x",
        "limit": "500",
        "resourceVersion": "0",
    }
    timeout = int(second.pop("timeoutSeconds"))
    assert 300 <= timeout < 600
    assert second == {
        "watch": "true",
        "labelSelector": "app=web",
        "fieldSelector": "metadata.name=x",
        "allowWatchBookmarks": "true",
        "resourceVersion": "100",
    }
    api = new_api()
    list(make(api, streaming_list=True).watch())
    streamed = api.requests[0]
    assert int(streamed.pop("timeoutSeconds")) >= 300
    assert streamed == {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
    }


def test_D13_a_relist_is_not_older_than_what_was_seen_and_keeps_its_pages() -> None:
    api = new_api()
    api.create("ns/a")
    watcher = make(
        api, lambda: api.create("ns/b"), api.compact, lambda: api.create("ns/c") and api.compact(), lambda: None
    )
    list(watcher.watch())
    relists = [query for query in api.requests[1:] if "watch" not in query]
    assert relists
    assert all(query["resourceVersionMatch"] == "NotOlderThan" and query["limit"] == "500" for query in relists)
    assert all(int(query["resourceVersion"]) >= 101 for query in relists)


def test_an_object_that_vanished_in_a_gap_is_reported_with_what_is_known() -> None:
    api = new_api()
    api.create("ns/a")

    def gap() -> bool:
        api.delete("ns/a")
        api.compact()
        return False

    events = list(make(api, gap).watch())
    assert texts(events) == ["ADDED a", "DELETED a"]
    last = events[-1]
    assert last.final_state_unknown
    assert last.object.to_dict() == {
        "apiVersion": "test.dev/v1",
        "kind": "Thing",
        "metadata": {"name": "a", "namespace": "ns", "uid": "uid-1", "resourceVersion": "101"},
    }
    api = new_api()
    api.create("ns/a")
    kept = list(make(api, gap, keep_objects=True).watch())[-1]
    assert kept.object.spec["n"] == 101


def test_C18_an_object_that_leaves_the_selection_is_deleted_and_added_when_it_comes_back() -> None:
    api = new_api()
    api.create("ns/a", {"app": "web"})
    watcher = make(api, lambda: api.update("ns/a", {"app": "db"}), lambda: api.update("ns/a", {"app": "web"}))
    assert texts(list(watcher.watch(labels="app=web"))) == ["ADDED a", "DELETED a", "ADDED a"]


def test_a_second_loop_goes_on_where_the_first_was_left() -> None:
    api = new_api()
    for name in ("ns/a", "ns/b", "ns/c"):
        api.create(name)
    watcher = make(api, lambda: api.create("ns/d"))
    seen = []
    for event in watcher.watch():
        seen.append(event)
        if len(seen) == 2:
            break
    assert texts(seen) == ["ADDED a", "ADDED b"]
    assert texts(list(watcher.watch())) == ["ADDED c", "ADDED d"]
    assert len([query for query in api.requests if "watch" not in query]) == 1


def test_a_loop_with_other_arguments_begins_anew() -> None:
    api = new_api()
    api.create("ns/a")
    watcher = make(api)
    assert texts([next(watcher.watch())]) == ["ADDED a"]
    assert texts([next(watcher.watch(namespace="ns"))]) == ["ADDED a"]


def test_two_loops_at_once_are_refused() -> None:
    api = new_api()
    api.create("ns/a")
    watcher = make(api)
    events = watcher.watch()
    next(events)
    with pytest.raises(RequestError, match="one watcher per loop"):
        watcher.watch()
    events.close()  # type: ignore[attr-defined]  # it is a generator
    assert texts(list(watcher.watch())) == []


def test_resuming_from_a_version_reports_only_what_came_after() -> None:
    api = new_api()
    api.create("ns/a")
    api.create("ns/z")
    watcher = make(api)
    next(watcher.watch())
    assert watcher.resource_version is None, "in the middle of a list there is no safe place"
    assert texts(list(watcher.watch())) == ["ADDED z"]
    position = watcher.resource_version
    assert position == "102"
    api.create("ns/b")
    api.delete("ns/a")
    later = make(api)
    assert texts(list(later.watch(resource_version=position))) == ["ADDED b", "DELETED a"]
    assert later.resource_version == "104"
    assert api.requests[-1]["resourceVersion"] == position


def test_a_version_that_has_expired_relists_or_raises_as_the_caller_chose() -> None:
    api = new_api()
    api.create("ns/a")
    api.compact()
    assert texts(list(make(api).watch(resource_version="50"))) == ["ADDED a"]
    with pytest.raises(Expired):
        list(make(api, on_expired="raise").watch(resource_version="50"))


def test_stop_before_the_loop_is_not_lost() -> None:
    api = new_api()
    watcher = make(api)
    events = watcher.watch()
    watcher.stop()
    assert list(events) == []
    assert list(watcher.watch()) == []
    assert watcher.stopped
    assert api.requests == []


def test_stop_in_the_body_of_the_loop_ends_it_at_once() -> None:
    api = new_api()
    api.create("ns/a")
    api.create("ns/b")
    watcher = make(api)
    seen = 0
    for _ in watcher.watch():
        seen += 1
        watcher.stop()
    assert seen == 1


def test_a_context_manager_stops() -> None:
    with make(new_api()) as watcher:
        assert not watcher.stopped
    assert watcher.stopped


def test_the_response_is_closed_when_the_loop_is_left() -> None:
    api = new_api()
    api.create("ns/a")
    responses = []
    original = api.request

    def request(request: Any) -> Any:
        response = original(request)
        responses.append(response)
        return response

    api.request = request  # type: ignore[method-assign]  # to see what it returns
    watcher = make(api, lambda: api.create("ns/b"))
    for event in watcher.watch():
        if event.object.metadata.name == "b":
            break
    assert [response.closed for response in responses] == [True, True]


def test_synced_health_and_last_contact() -> None:
    api = new_api()
    api.create("ns/a")
    api.create("ns/b")
    watcher = make(api, lambda: api.create("ns/c"))
    assert (watcher.synced, watcher.healthy(), watcher.last_contact, watcher.resource_version) == (
        False,
        False,
        None,
        None,
    )
    events = watcher.watch()
    next(events)
    assert not watcher.synced, "one of two initial objects was delivered"
    next(events)
    next(events)
    assert watcher.synced
    assert watcher.wait_synced(0)
    assert watcher.healthy(300)
    assert watcher.last_contact is not None
    assert watcher.last_contact.tzinfo is not None
    api.clock.time += 301
    assert not watcher.healthy(300)
    assert watcher.healthy(400)
    list(events)
    assert not watcher.healthy(400), "it does not run any more"


@pytest.mark.parametrize(
    "error",
    [api_failure(403, "Forbidden"), api_failure(404, "NotFound"), api_failure(401, "Unauthorized"), TLSError("x")],
)
def test_what_retrying_can_not_mend_is_raised_before_the_first_list(error: Exception) -> None:
    api = new_api()

    def request(_: Any) -> Any:
        raise error

    api.request = request  # type: ignore[method-assign]  # a server that always fails
    with pytest.raises(type(error)):
        next(make(api).watch())
    assert api.clock.sleeps == []


def test_a_server_that_is_down_is_tried_until_the_start_timeout() -> None:
    api = new_api(faults=Faults(refuse=1.0))
    with pytest.raises(ConnectionFailed):
        next(make(api, start_timeout=30).watch())
    assert 30 <= sum(api.clock.sleeps) < 100
    assert 3 <= len(api.requests) <= 8


def test_D18_with_an_error_callback_everything_is_retried() -> None:
    api = new_api()
    api.create("ns/a")
    errors: list[Exception] = []
    answers = [api_failure(403, "Forbidden"), api_failure(401, "Unauthorized"), ConnectionFailed("x")]
    original = api.request

    def request(request: Any) -> Any:
        if answers:
            raise answers.pop(0)
        return original(request)

    api.request = request  # type: ignore[method-assign]  # a server that fails for a while
    watcher = make(api, on_error=errors.append)
    assert texts(list(watcher.watch())) == ["ADDED a"]
    assert [type(error).__name__ for error in errors] == ["Forbidden", "Unauthorized", "ConnectionFailed"]
    assert watcher.last_error is errors[-1]


def test_an_error_callback_that_raises_ends_the_loop() -> None:
    def give_up(error: Exception) -> None:
        raise error

    api = new_api(faults=Faults(refuse=1.0))
    with pytest.raises(ConnectionFailed):
        list(make(api, on_error=give_up).watch())
    assert len(api.requests) == 1


def test_D18_after_the_first_list_a_403_is_logged_and_retried(caplog: pytest.LogCaptureFixture) -> None:
    api = new_api()
    api.create("ns/a")
    original = api.request
    failures = [api_failure(403, "Forbidden", "things is forbidden")]

    def request(request: Any) -> Any:
        if "watch" in dict(request.query) and failures:
            raise failures.pop()
        return original(request)

    api.request = request  # type: ignore[method-assign]  # permissions that were withdrawn for a while
    with caplog.at_level(logging.WARNING, "k8s_core.watch"):
        assert texts(list(make(api, lambda: api.create("ns/b")).watch())) == ["ADDED a", "ADDED b"]
    assert "watching things.test.dev failed" in caplog.text
    assert "things is forbidden" in caplog.text


def test_undecodable_objects_are_events_that_raise_when_they_are_used() -> None:
    api = new_api()
    broken = {"metadata": {"name": 5, "resourceVersion": "101"}}

    def corrupt() -> None:
        api.version += 1
        api.history.append((api.version, "ADDED", broken, None))

    events = list(make(api, corrupt, lambda: api.create("ns/b")).watch())
    first, second = events
    assert isinstance(first, UndecodableEvent)
    assert (first.type, first.original_type) == (UNDECODABLE, "ADDED")
    assert json.loads(first.raw) == broken
    assert isinstance(first.error, DecodeError)
    with pytest.raises(DecodeError):
        _ = first.object.metadata
    assert "undecodable" in repr(first.object)
    assert second.object.metadata.name == "b"


def test_undecodable_objects_raise_from_the_loop_if_asked_and_the_next_loop_goes_on_behind() -> None:
    api = new_api()

    def corrupt() -> None:
        api.version += 1
        api.history.append((api.version, "ADDED", {"metadata": {"resourceVersion": str(api.version)}}, None))

    watcher = make(api, corrupt, lambda: api.create("ns/b"), undecodable="raise")
    with pytest.raises(DecodeError):
        list(watcher.watch())
    assert texts(list(watcher.watch())) == ["ADDED b"]


def test_a_silent_connection_is_given_up_after_the_stream_timeout_and_resumed() -> None:
    api = new_api()
    api.create("ns/a")
    seen: list[float | None] = []
    original = api.request

    def request(request: Any) -> Any:
        if "watch" in dict(request.query):
            seen.append(request.inactivity_timeout)
            assert request.stream
            assert request.max_retries == 0
        return original(request)

    api.request = request  # type: ignore[method-assign]  # to see what is asked for

    def silence() -> bool:
        api.clock.time += STREAM_TIMEOUT
        raise RequestTimeout("no byte for 270 s")

    watcher = make(api, silence, lambda: api.create("ns/b"), stream_timeout=45.0)
    assert texts(list(watcher.watch())) == ["ADDED a", "ADDED b"]
    assert seen == [45.0, 45.0]
    assert api.clock.sleeps == [], "the watch goes on without waiting"


def test_all_namespaces_is_what_none_means() -> None:
    paths = []
    api = new_api()
    original = api.request

    def request(request: Any) -> Any:
        paths.append(request.path)
        return original(request)

    api.request = request  # type: ignore[method-assign]  # to see what is asked for
    list(make(api).watch())
    list(make(api).watch(namespace=ALL_NAMESPACES))
    list(make(api).watch(namespace="shop"))
    assert paths == ["/apis/test.dev/v1/things"] * 4 + ["/apis/test.dev/v1/namespaces/shop/things"] * 2


def test_mistakes_are_refused_before_anything_is_sent() -> None:
    api = new_api()
    with pytest.raises(RequestError, match="capacity"):
        Watcher(Thing, client=api, capacity=0)  # type: ignore[arg-type]  # stands in for a Client
    with pytest.raises(ValueError, match="label"):
        make(api).watch(labels={"bad key!": "x"})
    with pytest.raises(ValueError, match="namespace"):
        make(api).watch(namespace="a/b")
    assert api.requests == []


def test_a_bare_error_frame_of_code_403_after_the_first_list_does_not_end_it() -> None:
    api = new_api()
    api.create("ns/a")
    original = api._stream
    failures = [frame("ERROR", status(403, "Forbidden"))]

    def stream(*arguments: Any) -> Any:
        if failures:
            return iter([failures.pop()])
        return original(*arguments)

    api._stream = stream  # type: ignore[method-assign]  # one bad stream
    assert texts(list(make(api, lambda: api.create("ns/b")).watch())) == ["ADDED a", "ADDED b"]


class Observer:
    def __init__(self) -> None:
        self.told: list[str] = []

    def watch(self, event: WatchObservation) -> None:
        error = f" {type(event.error).__name__}" if event.error is not None else ""
        self.told.append(f"watch {event.phase} {event.resource_version} events={event.events}{error}")

    def relist(self, event: RelistObservation) -> None:
        assert event.resource is Thing.api_resource
        self.told.append(f"list {event.reason} objects={event.objects}")


@pytest.mark.parametrize("streaming", [False, True])
def test_observers_hear_of_lists_and_watches(streaming: bool) -> None:
    api = new_api()
    observer = Observer()
    api.observers = Observers([observer])
    api.create("ns/a")
    api.create("ns/b")
    original = api.request
    refused = []

    def request(request: Any) -> Any:
        query = dict(request.query)
        if not refused and query.get("watch") and query.get("resourceVersion") == "103":
            refused.append(query)
            raise ConnectionFailed("x")
        return original(request)

    api.request = request  # type: ignore[method-assign]  # one failure on the way

    def gap() -> bool:
        api.delete("ns/a")
        api.compact()
        return False

    list(make(api, lambda: api.create("ns/c"), lambda: False, gap, streaming_list=streaming, page_size=1).watch())
    if streaming:
        assert observer.told == [
            "watch started None events=0",
            "list initial objects=2",
            "watch ended 103 events=3",
            "watch failed 103 events=0 ConnectionFailed",
            "watch started 103 events=0",
            "watch ended 103 events=0",
            *observer.told[6:],
        ]
    else:
        assert observer.told[:6] == [
            "list initial objects=2",
            "watch started 102 events=0",
            "watch ended 103 events=1",
            "watch failed 103 events=0 ConnectionFailed",
            "watch started 103 events=0",
            "watch ended 103 events=0",
        ]
    assert "list expired objects=2" in observer.told[6:]
