# SPDX-License-Identifier: Apache-2.0
"""The Watcher over a simulated API: failures, undecodable objects, observers. One thread, no real time, no sockets."""

from __future__ import annotations

import itertools
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from simulated_api import STREAM_TIMEOUT, Faults, frame, status
from state_talk import api_failure
from watch_consumer import Thing
from watcher_script import make, new_api, texts

from k8s_core.errors import (
    ApiError,
    ConnectionFailed,
    DecodeError,
    RequestError,
    RequestTimeout,
    TLSError,
)
from k8s_core.transport import Observers, RelistObservation, WatchObservation
from k8s_core.watch import UNDECODABLE, UndecodableEvent, Watcher

if TYPE_CHECKING:
    from simulated_api import SimulatedApi


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


def refuse_watches(api: SimulatedApi, error: Exception, *, first: int = 0, last: int = 10**6) -> None:
    """Watches number ``first`` to ``last`` fail, as if the permission to watch had been withdrawn for a while."""
    original, watches = api.request, itertools.count()

    def request(request: Any) -> Any:
        if "watch" in dict(request.query) and first <= next(watches) <= last:
            raise error
        return original(request)

    api.request = request  # type: ignore[method-assign]  # the same server, with other permissions


@pytest.mark.parametrize("code", [403, 405])
@pytest.mark.parametrize("resource_version", [None, "1"])
def test_a_watch_that_is_refused_is_raised_though_the_list_was_allowed(code: int, resource_version: str | None) -> None:
    api = new_api()
    api.create("ns/a")
    refuse_watches(api, api_failure(code, "Refused"))
    seen = []
    with pytest.raises(ApiError, match="Refused"):
        seen.extend(make(api).watch(resource_version=resource_version))
    assert api.clock.sleeps == []


def test_a_watcher_whose_watch_is_refused_is_not_healthy_until_one_is_opened() -> None:
    api = new_api()
    api.create("ns/a")
    refuse_watches(api, api_failure(403, "Forbidden"), last=1)
    healthy: list[bool] = []
    watcher = make(api, lambda: healthy.append(watcher.healthy()), on_error=lambda _: healthy.append(watcher.healthy()))
    assert texts(list(watcher.watch())) == ["ADDED a"]
    assert healthy == [False, False, True]


def test_D18_after_the_first_watch_a_403_is_logged_and_retried(caplog: pytest.LogCaptureFixture) -> None:
    api = new_api()
    api.create("ns/a")
    refuse_watches(api, api_failure(403, "Forbidden", "things is forbidden"), first=1, last=1)
    with caplog.at_level(logging.WARNING, "k8s_core.watch"):
        assert texts(list(make(api, lambda: False, lambda: api.create("ns/b")).watch())) == ["ADDED a", "ADDED b"]
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


def test_an_object_with_a_lone_surrogate_is_an_event_and_no_end_of_the_watch() -> None:
    api = new_api()

    def corrupt() -> None:
        api.version += 1
        metadata = {"name": "odd", "namespace": "ns", "resourceVersion": str(api.version)}
        api.history.append((api.version, "ADDED", {"metadata": metadata, "text": "\ud800"}, None))

    first, second = make(api, corrupt, lambda: api.create("ns/b")).watch()
    assert isinstance(first, UndecodableEvent)
    assert json.loads(first.raw)["text"] == "\ud800"
    assert second.object.metadata.name == "b"
    assert len([query for query in api.requests if "watch" in query]) == 1, "the stream went on"


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


def test_mistakes_are_refused_before_anything_is_sent() -> None:
    api = new_api()
    with pytest.raises(RequestError, match="capacity"):
        Watcher(Thing, client=api, capacity=0)  # type: ignore[arg-type]  # stands in for a Client
    with pytest.raises(ValueError, match="label"):
        make(api).watch(labels={"bad key!": "x"})
    with pytest.raises(ValueError, match="namespace"):
        make(api).watch(namespace="a/b")

    class Cluster(Thing, group="test.dev", version="v1", plural="clusters", scope="Cluster"):
        pass

    with pytest.raises(RequestError, match="cluster-scoped"):
        Watcher(Cluster, client=api).watch(namespace="ns")  # type: ignore[arg-type]  # stands in for a Client

    class Unwatched(Thing, group="test.dev", version="v1", plural="unwatched", verbs=("get", "list")):
        pass

    with pytest.raises(RequestError, match=r"test\.dev/v1 Unwatched cannot be watched: its verbs are get, list"):
        Watcher(Unwatched, client=api).watch()  # type: ignore[arg-type]  # stands in for a Client
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
        assert observer.told[:6] == [
            "watch started None events=0",
            "list initial objects=2",
            "watch ended 103 events=3",
            "watch failed 103 events=0 ConnectionFailed",
            "watch started 103 events=0",
            "watch ended 103 events=0",
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
