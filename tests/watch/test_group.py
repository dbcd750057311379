# SPDX-License-Identifier: Apache-2.0
"""Several watches in one loop: ``Watcher.any``."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from live_api import LiveApi
from state_talk import api_failure
from watch_consumer import Thing

from k8s_core.errors import Forbidden, RequestError
from k8s_core.watch import Watcher, WatcherGroup

if TYPE_CHECKING:
    from simulated_api import SimulatedResponse

    from k8s_core.watch import WatchEvent


class Other(Thing, group="test.dev", version="v1", plural="others", scope="Cluster"):
    """A second kind, without namespaces."""


class Apis:
    """A client that passes requests on, by path, to one simulated API for each collection."""

    def __init__(self, **apis: LiveApi) -> None:
        self.apis = apis
        self.closed = False
        first = next(iter(apis.values()))
        self.config = first.config
        self.observers: Any = ()
        self.paths: list[str] = []

    def request(self, request: Any) -> SimulatedResponse:
        self.paths.append(request.path)
        return self.apis[request.path.rpartition("/")[2]].request(request)


def group(client: Any, *kinds: Any, **options: Any) -> WatcherGroup:
    return Watcher.any(*kinds, client=client, **options)


def text(event: WatchEvent[Any]) -> str:
    return f"{event.type} {event.object.kind} {event.object.metadata.name}"


def test_the_events_of_several_kinds_come_in_one_loop() -> None:
    things, others = LiveApi(), LiveApi(Other)
    things.create("ns/a")
    others.create("b")
    client = Apis(things=things, others=others)
    watchers = group(client, Thing, Other)
    seen: list[str] = []
    for event in watchers.watch():
        seen.append(f"{event.type} {type(event.object).__name__} {event.object.metadata.name}")
        if len(seen) == 2:
            assert watchers.synced or things.watching.wait(20)
            things.do(lambda: things.delete("ns/a"))
        if len(seen) == 3:
            others.do(lambda: others.update("b"))
        if len(seen) == 4:
            watchers.stop()
    assert sorted(seen[:2]) == ["ADDED Other b", "ADDED Thing a"]
    assert seen[2:] == ["DELETED Thing a", "MODIFIED Other b"]
    assert threading.active_count() < 20


def test_kinds_times_namespaces_and_kinds_without_namespaces_once() -> None:
    watchers = group(Apis(things=LiveApi()), Thing, Other, namespaces=["a", "b", "a"])
    assert len(watchers.watchers) == 3
    assert len(group(Apis(things=LiveApi()), Thing).watchers) == 1
    with pytest.raises(RequestError, match="at least one kind"):
        Watcher.any()


def test_the_failure_of_one_ends_the_loop_and_the_others() -> None:
    things = LiveApi()
    things.create("ns/a")

    class Refusing(LiveApi):
        def request(self, request: Any) -> SimulatedResponse:
            raise api_failure(403, "Forbidden", "others is forbidden")

    watchers = group(Apis(things=things, others=Refusing()), Thing, Other)
    with pytest.raises(Forbidden, match="others is forbidden"):
        list(watchers.watch())
    assert all(watcher.stopped for watcher in watchers.watchers)


def test_leaving_the_loop_stops_all() -> None:
    things, others = LiveApi(), LiveApi(Other)
    things.create("ns/a")
    with group(Apis(things=things, others=others), Thing, Other) as watchers:
        for _ in watchers.watch():
            break
        assert all(watcher.stopped for watcher in watchers.watchers)


def test_stop_from_another_thread_ends_a_loop_that_waits() -> None:
    things, others = LiveApi(), LiveApi(Other)
    watchers = group(Apis(things=things, others=others), Thing, Other)
    timer = threading.Timer(0.05, watchers.stop)
    timer.start()
    assert list(watchers.watch()) == []
    timer.join()
    with pytest.raises(RequestError):
        watchers.watch()


def test_a_slow_consumer_slows_the_watches_instead_of_filling_the_memory() -> None:
    things = LiveApi()
    for number in range(1000):
        things.create(f"ns/p{number:04}")
    watchers = group(Apis(things=things), Thing, page_size=50)
    events = watchers.watch()
    for _ in range(10):
        next(events)
    with watchers._condition:
        assert len(watchers._events) <= 100
    assert len(things.requests) < 10, "pages are fetched as they are consumed"
    events.close()  # type: ignore[attr-defined]  # it is a generator


def test_health_is_that_of_the_weakest() -> None:
    things, others = LiveApi(), LiveApi(Other)
    things.create("ns/a")
    others.create("b")
    watchers = group(Apis(things=things, others=others), Thing, Other)
    assert not watchers.healthy()
    assert watchers.last_contact is None
    events = watchers.watch()
    next(events)
    next(events)
    things.do(lambda: things.create("ns/c"))
    others.do(lambda: others.create("d"))
    next(events)
    next(events)
    assert watchers.synced
    assert watchers.healthy(60)
    assert watchers.last_contact is not None
    events.close()  # type: ignore[attr-defined]  # it is a generator
    assert not watchers.healthy(60)
