# SPDX-License-Identifier: Apache-2.0
"""The events of an object, as ``kubectl describe`` lists them, by both API groups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import RequestError
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Event, Namespace, Node, Pod
from k8s_plugins_builtin.events.v1 import Event as NewEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client

BOTH = pytest.mark.parametrize("kind", [Event, NewEvent], ids=["core", "events.k8s.io"])


@pytest.fixture
def client() -> Iterator[Client]:
    with ApiServer() as server:
        yield server.client()


@pytest.fixture
def pod(client: Client) -> Pod:
    return client.create(
        Pod.from_dict({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}})
    )


def record(client: Client, obj: Any, name: str, minute: int = 0, *, namespace: str = "default", **fields: Any) -> None:
    involved = {
        "kind": obj.kind,
        "name": obj.metadata.name,
        "uid": obj.metadata.uid,
        "namespace": obj.metadata.namespace,
    }
    document = {
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {key: value for key, value in involved.items() if value},
        "lastTimestamp": f"2026-01-01T00:{minute:02}:00Z",
        "reason": name,
        **fields,
    }
    client.create(Event.from_dict(document))


def reasons(events: list[Any]) -> list[str]:
    return [event.reason for event in events]


@BOTH
def test_the_events_of_an_object_are_sorted_by_when_they_happened_last(client: Client, pod: Pod, kind: Any) -> None:
    record(client, pod, "a-third", 3)
    record(client, pod, "b-first", 1)
    series = {"count": 4, "lastObservedTime": "2026-01-01T00:02:00.000000Z"}
    reporter = {"reportingComponent": "c", "reportingInstance": "i", "action": "a", "type": "Normal"}
    record(client, pod, "c-second", 9, series=series, eventTime="2026-01-01T00:00:00.000000Z", **reporter)
    found = kind.about(pod, client=client)
    assert reasons(found) == ["b-first", "c-second", "a-third"]
    assert {type(event) for event in found} == {kind}
    assert found[1].last_seen() == datetime(2026, 1, 1, 0, 2, tzinfo=UTC)


@BOTH
def test_events_of_other_objects_are_left_out(client: Client, pod: Pod, kind: Any) -> None:
    client.create(Namespace(metadata=ObjectMeta(name="other")))
    twin = client.create(Pod.from_dict({"metadata": {"name": "p", "namespace": "other"}, "spec": pod.spec.to_dict()}))
    record(client, twin, "of-the-twin", namespace="other")
    record(client, Pod(metadata=ObjectMeta(name="q", namespace="default")), "of-another-name")
    record(client, Node(metadata=ObjectMeta(name="p", namespace="default")), "of-another-kind")
    record(client, Pod(metadata=ObjectMeta(name="p", uid="earlier", namespace="default")), "of-an-earlier-one")
    record(client, Pod(metadata=ObjectMeta(name="p", namespace="default")), "without-a-uid")
    assert reasons(kind.about(pod, client=client)) == ["without-a-uid"]
    unread = Pod(metadata=ObjectMeta(name="p"))
    assert reasons(kind.about(unread, client=client)) == ["of-an-earlier-one", "without-a-uid"]


@BOTH
def test_the_kubelet_gives_the_name_of_the_node_for_its_uid(client: Client, kind: Any) -> None:
    node = client.create(Node(metadata=ObjectMeta(name="n")))
    record(client, node, "by-the-controller")
    record(client, Node(metadata=ObjectMeta(name="n", uid="n")), "by-the-kubelet")
    assert reasons(kind.about(node, client=client)) == ["by-the-controller", "by-the-kubelet"]


def test_an_object_of_any_kind_has_events(client: Client) -> None:
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"plural": "widgets", "kind": "Widget"},
            "scope": "Namespaced",
            "versions": [
                {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
            ],
        },
    }
    client.wait(client.create(crd), "condition=Established")
    widget = client.create({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}})
    generic = client.get("widgets", "w")
    record(client, generic, "painted")
    assert reasons(Event.about(generic, client=client)) == ["painted"]
    assert widget is not None


def test_an_object_without_a_name_has_none(client: Client) -> None:
    with pytest.raises(RequestError, match="the Pod has no name"):
        Event.about(Pod(), client=client)
