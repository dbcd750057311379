# SPDX-License-Identifier: Apache-2.0
"""The Watcher over a simulated API: delivery, resumption, errors, options. One thread, injected clock, no sockets."""

from __future__ import annotations

from typing import Any

import pytest
from simulated_api import Faults
from watch_consumer import Thing
from watcher_script import make, new_api, texts

from k8s_core.errors import (
    Expired,
    RequestError,
)
from k8s_core.requests.options import ALL_NAMESPACES
from k8s_core.selectors import Equality


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


def test_selectors_given_as_an_iterable_of_pairs_hold_for_every_request() -> None:
    api = new_api()
    list(make(api, lambda: False).watch(labels=(pair for pair in [("app", "web")])))
    assert len(api.requests) > 2
    assert all(query["labelSelector"] == "app=web" for query in api.requests)


def test_leaving_the_loop_early_is_no_failure_of_the_server() -> None:
    api = new_api()
    broken = {"metadata": {"name": 5}}
    watcher = make(api, lambda: api.history.append((api.version + 1, "ADDED", broken, None)))
    for _ in watcher.watch():
        break
    api.version += 1
    assert list(watcher.watch()) == []
    assert api.clock.sleeps == []


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


def test_a_watcher_without_a_namespace_watches_every_one() -> None:
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


def test_C8_later_pages_keep_selectors_and_limit_and_drop_the_version() -> None:
    api = new_api()
    for number in range(3):
        api.create(f"ns/p{number}", {"app": "web"})
    list(make(api, page_size=1).watch(labels="app=web"))
    first, second, third, _ = api.requests
    assert first == {"labelSelector": "app=web", "limit": "1", "resourceVersion": "0"}
    for page in (second, third):
        assert page == {"labelSelector": "app=web", "limit": "1", "continue": page["continue"]}


def test_C10_and_C11_no_combination_is_sent_that_a_server_would_refuse_or_misread() -> None:
    # The simulated API refuses such requests: see check_query.
    for streaming in (False, True):
        for faults in (Faults(), Faults(refuse=0.3, status=0.3, cut=0.3, error_event=0.2)):
            api = new_api(seed=7, faults=faults)
            for number in range(5):
                api.create(f"ns/p{number}")
            steps = [api.compact, lambda api=api: api.create(f"ns/q{api.version}"), lambda: False] * 8
            list(make(api, *steps, page_size=2, streaming_list=streaming, on_error=lambda _: None).watch())
            assert len(api.requests) > 3


def test_the_capacity_of_the_clients_configuration_is_the_default() -> None:
    def relisted(watcher_cache_size: int | None, **options: Any) -> list[str]:
        api = new_api()
        api.config.watcher_cache_size = watcher_cache_size
        for number in range(4):
            api.create(f"ns/p{number}")

        def gap() -> bool:
            api.compact()
            api.create("ns/new")
            api.compact()
            return False

        return texts(list(make(api, gap, **options).watch()))[4:]

    assert relisted(None) == ["ADDED new"]
    assert "ADDED p0" in relisted(2)
    assert relisted(2, capacity=100) == ["ADDED new"]
