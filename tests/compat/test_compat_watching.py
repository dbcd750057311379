# SPDX-License-Identifier: Apache-2.0
"""``watch_list``, its events and its end, and ``k8s.watcher.Watcher``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually

from k8s import config
from k8s.base import APIServerError, SyntheticAddedWatchEvent, WatchBaseEvent, WatchBookmark, WatchEvent
from k8s.models.common import ObjectMeta
from k8s.models.configmap import ConfigMap
from k8s.watcher import DEFAULT_CAPACITY, Watcher

if TYPE_CHECKING:
    from k8s_devkit import ApiServer


def configmap(namespace: str, name: str) -> Any:
    made = ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace))
    made.save()
    return made


def test_watch_list_begins_with_what_is_there_and_goes_on(namespace: str) -> None:
    first = configmap(namespace, "a")
    events = ConfigMap.watch_list(namespace=namespace)
    event = next(events)
    assert (type(event), event.type, event.object, event.has_object()) == (WatchEvent, WatchEvent.ADDED, first, True)
    first.data = {"k": "v"}
    first.save()
    first.delete()
    found = [next(events), next(events)]
    assert [event.type for event in found] == [WatchEvent.MODIFIED, WatchEvent.DELETED]
    assert isinstance(found[0].object, ConfigMap)
    assert found[0].resource_version == first.metadata.resourceVersion
    events.close()


def test_watch_list_is_of_all_namespaces_unless_told(namespace: str) -> None:
    made = configmap(namespace, "everywhere")
    events = ConfigMap.watch_list(resource_version=str(int(made.metadata.resourceVersion) - 1))
    assert next(events).object.metadata.namespace == namespace
    events.close()


def test_watch_list_ends_when_the_server_ends_it(api: ApiServer, namespace: str) -> None:
    configmap(namespace, "a")
    events = ConfigMap.watch_list(namespace=namespace)
    next(events)
    api.end_watches()
    assert list(events) == []


def test_watch_list_ends_after_silence(namespace: str) -> None:
    config.stream_timeout = 0.2
    configmap(namespace, "a")
    assert [event.object.metadata.name for event in ConfigMap.watch_list(namespace=namespace)] == ["a"]


def test_bookmarks_come_if_they_are_asked_for(api: ApiServer, namespace: str) -> None:
    configmap(namespace, "a")
    events = ConfigMap.watch_list(namespace=namespace, allow_bookmarks=True)
    added = next(events)
    other = configmap(f"{namespace}", "b")
    next(events)
    api.bookmark()
    bookmark = next(events)
    assert isinstance(bookmark, WatchBookmark)
    assert (bookmark.has_object(), int(bookmark.resource_version) >= int(other.metadata.resourceVersion)) == (
        False,
        True,
    )
    assert isinstance(added, WatchBaseEvent)
    events.close()


def test_a_watch_from_too_long_ago_is_an_APIServerError(api: ApiServer, namespace: str) -> None:
    configmap(namespace, "a")
    api.compact()
    with pytest.raises(APIServerError, match="410") as caught:
        list(ConfigMap.watch_list(namespace=namespace, resource_version="1"))
    assert caught.value.api_error["code"] == 410


def test_events_are_made_of_documents_and_told_apart() -> None:
    document = {"type": "ADDED", "object": {"metadata": {"name": "a", "resourceVersion": "4", "newer": 1}}}
    event = WatchEvent(document, ConfigMap)
    assert (event.type, event.object.metadata.name, event.resource_version) == ("ADDED", "a", "4")
    assert event.object.to_dict()["metadata"]["newer"] == 1
    assert SyntheticAddedWatchEvent(event.object) == event
    assert WatchEvent(_type="DELETED", _object=event.object) != event
    assert WatchBookmark.match({"type": "BOOKMARK"})
    assert APIServerError.match({"type": "ERROR"})
    assert not APIServerError.match(document)
    assert "ADDED" in repr(event)
    assert json.loads(str(APIServerError({"code": 410, "reason": "Expired", "message": "m"})).partition(" ")[0]) == 410


def test_the_watcher_goes_on_after_the_server_ended_the_watch(api: ApiServer, namespace: str) -> None:
    first = configmap(namespace, "a")
    events = Watcher(ConfigMap, DEFAULT_CAPACITY).watch(namespace)
    event = next(events)
    assert isinstance(event, SyntheticAddedWatchEvent)
    assert event.object == first
    first.data = {"k": "v"}
    first.save()
    assert next(events).type == WatchEvent.MODIFIED
    eventually(lambda: api.watch_count > 0)
    api.end_watches()
    configmap(namespace, "b")
    assert [(event.type, event.object.metadata.name) for event in [next(events)]] == [("ADDED", "b")]
    events.close()


def test_the_watcher_reports_all_namespaces_unless_told(namespace: str) -> None:
    configmap(namespace, "everywhere")
    events = Watcher(ConfigMap).watch()
    found = set()
    while ("ADDED", namespace) not in found:
        event = next(events)
        found.add((event.type, event.object.metadata.namespace))
    events.close()
