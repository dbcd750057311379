# SPDX-License-Identifier: Apache-2.0
"""Level 2 of protocol section J on the core: what watches show, and one writer at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from server_core import CONFIG_MAPS, PODS, Api, config_map, pod

from k8s_devkit.api_server.network.messages import Answer
from k8s_devkit.api_server.reads import watching

if TYPE_CHECKING:
    from collections.abc import Callable


def _labelled(name: str, **labels: str) -> dict[str, Any]:
    document = config_map(name)
    document["metadata"]["labels"] = labels
    return document


def test_J12_history_then_live_in_order(api: Api) -> None:
    version = api.ok("POST", CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"]
    api.ok("PUT", f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1"}))
    api.ok("POST", CONFIG_MAPS, config_map("b"))
    watch = api.watch(CONFIG_MAPS, resourceVersion=version)
    api.ok("DELETE", f"{CONFIG_MAPS}/a")
    assert watch.brief() == [("MODIFIED", "a"), ("ADDED", "b"), ("DELETED", "a")]
    api.ok("POST", CONFIG_MAPS, config_map("c"))
    assert watch.brief() == [("ADDED", "c")]


def test_J12_only_the_namespace_and_the_kind(api: Api) -> None:
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "other"}})
    watch = api.watch(CONFIG_MAPS, resourceVersion=api.core.store.version)
    everywhere = api.watch("/api/v1/configmaps", resourceVersion=api.core.store.version)
    api.ok("POST", "/api/v1/namespaces/other/configmaps", config_map("x"))
    api.ok("POST", PODS, pod("p"))
    api.ok("POST", CONFIG_MAPS, config_map("y"))
    assert watch.brief() == [("ADDED", "y")]
    assert everywhere.brief() == [("ADDED", "x"), ("ADDED", "y")]


def test_J12_selector_transitions(api: Api) -> None:
    watch = api.watch(CONFIG_MAPS, resourceVersion=api.core.store.version, labelSelector="x=1")
    api.ok("POST", CONFIG_MAPS, _labelled("a", x="0"))
    api.ok("PUT", f"{CONFIG_MAPS}/a", _labelled("a", x="1", step="in"))
    api.ok("PUT", f"{CONFIG_MAPS}/a", _labelled("a", x="1", step="stay"))
    left = api.ok("PUT", f"{CONFIG_MAPS}/a", _labelled("a", x="2", step="out"))
    api.ok("DELETE", f"{CONFIG_MAPS}/a")
    events = watch.events()
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    gone = events[-1]["object"]["metadata"]
    assert gone["labels"]["step"] == "stay"  # the prior content
    assert gone["resourceVersion"] == left["metadata"]["resourceVersion"]  # with the new version


def test_J12_field_selector_of_one_object(api: Api) -> None:
    watch = api.watch(PODS, fieldSelector="metadata.name=b", resourceVersion=api.core.store.version)
    api.ok("POST", PODS, pod("a"))
    api.ok("POST", PODS, pod("b"))
    assert watch.brief() == [("ADDED", "b")]


def test_J12_deletion_carries_its_own_version(api: Api) -> None:
    created = api.ok("POST", CONFIG_MAPS, config_map("a", data={"k": "v"}))
    watch = api.watch(CONFIG_MAPS, resourceVersion=created["metadata"]["resourceVersion"])
    api.ok("DELETE", f"{CONFIG_MAPS}/a")
    (event,) = watch.events()
    assert event["object"]["data"] == {"k": "v"}
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])


def test_J13_an_expired_version_is_an_error_event(api: Api) -> None:
    version = api.ok("POST", CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"]
    api.ok("POST", CONFIG_MAPS, config_map("b"))
    api.core.store.compact()
    watch = api.watch(CONFIG_MAPS, resourceVersion=version)
    (event,) = watch.events()
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"] == f"too old resource version: {version} ({api.core.store.compacted})"
    assert watch.session.ended


def test_J13_history_is_bounded_and_at_least_as_long_as_asked(make_api: Callable[..., Api]) -> None:
    api = make_api(history=100)
    start = int(api.ok("POST", CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"])
    for number in range(400):
        api.core.seed(config_map("a", data={"n": str(number)}))
    assert len(api.core.store._history) <= 200
    newest = api.core.store.version
    assert len(api.watch(CONFIG_MAPS, resourceVersion=newest - 100).events()) == 100
    assert api.watch(CONFIG_MAPS, resourceVersion=start).events()[0]["object"]["code"] == 410


def test_J13_a_watch_ahead_of_the_server_waits(api: Api) -> None:
    ahead = api.core.store.version + 2
    watch = api.watch(CONFIG_MAPS, resourceVersion=ahead)
    for name in "abc":
        api.ok("POST", CONFIG_MAPS, config_map(name))
    assert watch.brief() == [("ADDED", "c")]


def test_J13_get_ahead_of_the_server_is_a_504(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    assert api.fails(504, "GET", f"{CONFIG_MAPS}/a?resourceVersion=9999")["reason"] == "Timeout"


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}])
def test_J14_without_a_version_come_synthetic_added_events(api: Api, query: dict[str, str]) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.ok("PUT", f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1"}))
    watch = api.watch(CONFIG_MAPS, **query)
    api.ok("DELETE", f"{CONFIG_MAPS}/a")
    assert watch.brief() == [("ADDED", "a"), ("DELETED", "a")]


@pytest.mark.parametrize("count", [0, 2])
def test_J14_streaming_list_ends_with_the_annotated_bookmark(api: Api, count: int) -> None:
    for number in range(count):
        api.ok("POST", CONFIG_MAPS, config_map(f"c{number}"))
    watch = api.watch(
        CONFIG_MAPS,
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
        resourceVersion=api.core.store.version,
    )
    *added, end = watch.events()
    assert [event["type"] for event in added] == ["ADDED"] * count
    assert end["type"] == "BOOKMARK"
    assert end["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert end["object"]["metadata"]["resourceVersion"] == str(api.core.store.version)
    assert (end["object"]["kind"], end["object"]["apiVersion"]) == ("ConfigMap", "v1")


def test_J14_bookmarks_only_when_asked(api: Api) -> None:
    asked = api.watch(CONFIG_MAPS, resourceVersion=1, allowWatchBookmarks="true")
    silent = api.watch(CONFIG_MAPS, resourceVersion=1)
    for watch in (asked, silent):
        watch.session.bookmark()
    assert [event["type"] for event in asked.events()][-1:] == ["BOOKMARK"]
    assert "BOOKMARK" not in [event["type"] for event in silent.events()]


def test_J15_a_consumer_that_does_not_read_is_dropped(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BUFFER_LIMIT", 2000)
    watch = api.watch(CONFIG_MAPS, resourceVersion=api.core.store.version)
    for number in range(20):
        api.ok("POST", CONFIG_MAPS, config_map(f"c{number}"))
    assert watch.session.overflowed
    assert watch.session.ended
    assert watch.events() == []


def test_J16_two_puts_with_one_version_exactly_one_wins(api: Api) -> None:
    live = api.ok("POST", CONFIG_MAPS, config_map("a"))
    for round_ in range(50):
        codes: list[int] = []
        barrier = threading.Barrier(2)

        def put(value: str, live: Any = live, codes: list[int] = codes, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            answer = api.send("PUT", f"{CONFIG_MAPS}/a", {**live, "data": {"v": value}})
            assert isinstance(answer, Answer)
            codes.append(answer.status)

        threads = [threading.Thread(target=put, args=(f"{round_}-{number}",)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == [200, 409]
        live = api.ok("GET", f"{CONFIG_MAPS}/a")


def test_J16_a_no_op_write_changes_nothing(api: Api) -> None:
    live = api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}))
    watch = api.watch(CONFIG_MAPS, resourceVersion=api.core.store.version)
    api.clock.advance(60)
    assert api.ok("PUT", f"{CONFIG_MAPS}/a", live) == live
    merge = "application/merge-patch+json"
    assert api.ok("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": "1"}}, content_type=merge) == live
    assert watch.events() == []
