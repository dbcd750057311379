# SPDX-License-Identifier: Apache-2.0
"""Watches on the wire (protocol D1-D9, C18, J12-J15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wire import Wire

Json = dict[str, Any]
MAPS = "/api/v1/namespaces/{ns}/configmaps"


def config_map(name: str, **labels: str) -> Json:
    return {"metadata": {"name": name, "labels": labels}}


def brief(events: Any) -> list[tuple[str, str]]:
    shown = [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]
    return [item for item in shown if item[1] != "kube-root-ca.crt"]


def version(wire: Wire) -> str:
    return str(wire.ok("GET", MAPS)["metadata"]["resourceVersion"])


def test_D1_history_then_live(wire: Wire) -> None:
    start = version(wire)
    wire.ok("POST", MAPS, config_map("a"))
    wire.ok("PUT", f"{MAPS}/a", config_map("a", x="1"))
    wire.ok("DELETE", f"{MAPS}/a")
    assert brief(wire.watch(f"{MAPS}?resourceVersion={start}", seconds=1)) == [
        ("ADDED", "a"),
        ("MODIFIED", "a"),
        ("DELETED", "a"),
    ]


def test_C18_selector_transitions(wire: Wire) -> None:
    start = version(wire)
    wire.ok("POST", MAPS, config_map("a", x="0"))
    wire.ok("PUT", f"{MAPS}/a", config_map("a", x="1", step="in"))
    wire.ok("PUT", f"{MAPS}/a", config_map("a", x="1", step="stay"))
    left = wire.ok("PUT", f"{MAPS}/a", config_map("a", x="2", step="out"))
    events = list(wire.watch(f"{MAPS}?resourceVersion={start}&labelSelector=x=1", seconds=1))
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    gone = events[-1]["object"]["metadata"]
    assert (gone["labels"]["step"], gone["resourceVersion"]) == ("stay", left["metadata"]["resourceVersion"])


def test_D6_deletions_carry_their_own_version(wire: Wire) -> None:
    created = wire.ok("POST", MAPS, config_map("a"))["metadata"]["resourceVersion"]
    wire.ok("DELETE", f"{MAPS}/a")
    (event,) = wire.watch(f"{MAPS}?resourceVersion={created}&fieldSelector=metadata.name=a", seconds=1)
    assert event["type"] == "DELETED"
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(created)


def test_D9_without_a_version_come_synthetic_events(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    wire.ok("POST", MAPS, config_map("b"))
    assert sorted(brief(wire.watch(MAPS, seconds=1))) == [("ADDED", "a"), ("ADDED", "b")]


def test_D8_timeout_seconds_ends_in_order(wire: Wire) -> None:
    assert brief(wire.watch(f"{MAPS}?resourceVersion={version(wire)}", seconds=1)) == []


def test_D7_bookmarks_carry_a_version_only(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    path = f"{MAPS}?resourceVersion={version(wire)}&allowWatchBookmarks=true"
    events = list(wire.watch(path, seconds=4))
    assert {event["type"] for event in events} <= {"BOOKMARK"}
    for event in events:
        assert event["object"]["kind"] == "ConfigMap"
        assert int(event["object"]["metadata"]["resourceVersion"]) > 0
        assert "data" not in event["object"]


@pytest.mark.since("1.27")
def test_D20_streaming_list(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    events = list(wire.watch(f"{MAPS}?{query}", seconds=2))
    ends = [event for event in events if event["object"]["metadata"].get("annotations")]
    assert ends[0]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_D5_an_old_version_is_an_error_event_or_a_410(wire: Wire) -> None:
    # Version 1 is older than anything that a running server keeps.
    events = list(wire.watch(f"{MAPS}?resourceVersion=1", seconds=2))
    if events and events[0]["type"] == "ERROR":
        assert (events[0]["object"]["code"], events[0]["object"]["reason"]) == (410, "Expired")
