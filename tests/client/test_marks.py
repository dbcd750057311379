# SPDX-License-Identifier: Apache-2.0
"""Labels and annotations as kubectl sets them, and edits that are sent as patches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply, status_body

from k8s_core.errors import Forbidden, Invalid, NotFound, RequestError
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripted_server import RecordedRequest

    from conftest import Connect
    from k8s_core import Client
    from k8s_devkit import ApiServer


@pytest.fixture
def obj(client: Client) -> ConfigMap:
    metadata = ObjectMeta(name="x", labels={"app": "a", "old": "1"}, annotations={"note": "n"})
    return client.create(ConfigMap(metadata=metadata, data={"n": "0"}))


def methods(api: ApiServer, count: int) -> list[str]:
    return [request.method for request in list(api.requests)[count:]]


def test_label_sets_and_removes(client: Client, obj: ConfigMap) -> None:
    labelled = client.label(obj, {"tier": "web", "old": None, "never": None})
    assert labelled.metadata.labels == {"app": "a", "tier": "web"}
    assert client.get(ConfigMap, "x").metadata.labels == {"app": "a", "tier": "web"}
    assert obj.metadata.labels == {"app": "a", "old": "1"}


def test_annotate_sets_and_removes(client: Client, obj: ConfigMap) -> None:
    assert client.annotate(obj, {"why": "a test", "note": None}).metadata.annotations == {"why": "a test"}
    assert client.get(ConfigMap, "x").metadata.labels == obj.metadata.labels


def test_another_value_is_replaced_only_if_that_is_asked_for(client: Client, obj: ConfigMap) -> None:
    with pytest.raises(RequestError, match=r"configmaps 'x' has 'app' among its labels .* overwrite=True"):
        client.label(obj, {"tier": "web", "app": "b"})
    assert client.get(ConfigMap, "x").metadata.labels == {"app": "a", "old": "1"}
    assert client.label(obj, {"app": "b"}, overwrite=True).metadata.labels["app"] == "b"
    with pytest.raises(RequestError, match="'note' among its annotations"):
        client.annotate(obj, {"note": "m"})


def test_marks_that_are_there_already_write_nothing(client: Client, api: ApiServer, obj: ConfigMap) -> None:
    count = len(api.requests)
    assert client.label(obj, {"app": "a", "never": None}).metadata.resourceVersion == obj.metadata.resourceVersion
    assert methods(api, count) == ["GET"]


def test_labels_need_the_permissions_get_and_patch(client: Client, api: ApiServer, obj: ConfigMap) -> None:
    api.deny(verb="update", namespace=client.namespace)
    client.label(obj, {"tier": "web"})
    with pytest.raises(Forbidden):
        client.edit(obj, lambda fresh: fresh.data.update(n="1"))
    assert client.edit(obj, lambda fresh: fresh.data.update(n="1"), as_patch=True).data == {"n": "1"}


def test_labels_of_a_kind_by_name_without_a_namespace_and_of_a_document(client: Client, obj: ConfigMap) -> None:
    client.create(Namespace(metadata=ObjectMeta(name="n")))
    assert client.label("namespaces", {"team": "a"}, name="n").metadata.labels["team"] == "a"
    assert client.label(ConfigMap, {"team": "a"}, name="x").metadata.labels["team"] == "a"
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    assert client.label(document, {"team": None}).metadata.labels == {"app": "a", "old": "1"}
    assert client.label(obj, {"a": "b"}, dry_run=True).metadata.labels["a"] == "b"
    assert "a" not in client.get(ConfigMap, "x").metadata.labels


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({}, "at least one key"),
        (["a"], "must be a dict"),
        ("a=b", "must be a dict"),
        ({"old-": ""}, r"to remove 'old' give it the value None: \{'old': None\}"),
        ({"a": 1}, "must be strings"),
        ({1: "a"}, "must be strings"),
    ],
)
def test_what_cannot_be_labels_is_refused_before_anything_is_sent(
    client: Client, api: ApiServer, obj: ConfigMap, labels: Any, message: str
) -> None:
    count = len(api.requests)
    with pytest.raises(RequestError, match=message):
        client.label(obj, labels)
    assert methods(api, count) == []


def test_the_server_refuses_a_value_that_is_not_a_label(client: Client, obj: ConfigMap) -> None:
    with pytest.raises(Invalid, match=r"metadata\.labels"):
        client.label(obj, {"a": "not a label!"})


def test_marks_of_another_object_with_the_name_are_left_alone(client: Client, obj: ConfigMap) -> None:
    client.delete(obj)
    client.create(ConfigMap(metadata=ObjectMeta(name="x")))
    with pytest.raises(NotFound, match="another object of that name"):
        client.label(obj, {"a": "b"})


def test_an_edit_as_a_patch_overwrites_nothing_that_others_changed(client: Client, obj: ConfigMap) -> None:
    raced: list[Callable[[], object]] = [lambda: client.edit(obj, lambda other: other.data.update(m="1", n="9"))]

    def change(fresh: ConfigMap) -> None:
        if raced:
            raced.pop()()
        fresh.data["n"] = fresh.data["n"] + "!"

    assert client.edit(obj, change, as_patch=True).data == {"m": "1", "n": "9!"}


def test_a_controller_that_writes_all_the_time_does_not_keep_a_label_away(connect: Connect) -> None:
    stored = reply(200, b'{"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x", "resourceVersion": "7"}}')
    refusal = reply(409, status_body(409, "Conflict", "the object has been modified"))
    writes = iter([refusal] * 8)

    def answer(request: RecordedRequest) -> Any:
        return stored if request.method == "GET" else next(writes, stored)

    with ScriptedServer(handler=answer) as server:
        connect(server).label(ConfigMap, {"a": "b"}, name="x")
    assert [request.method for request in server.requests] == ["GET", "PATCH"] * 9


def test_an_edit_can_be_tried_without_storing_anything(client: Client, obj: ConfigMap) -> None:
    for as_patch in (False, True):
        tried = client.edit(obj, lambda fresh: fresh.data.update(n="1"), as_patch=as_patch, dry_run=True)
        assert tried.data == {"n": "1"}
        assert client.get(ConfigMap, "x").data == {"n": "0"}
