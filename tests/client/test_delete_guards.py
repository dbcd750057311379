# SPDX-License-Identifier: Apache-2.0
"""Deleting many objects needs a selector that selects, or ``everything=True``; an object deletes itself."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer

from k8s_core import Client, Config
from k8s_core.errors import Conflict, KubernetesError, NotFound, RequestError
from k8s_core.meta import LabelSelector
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod, Service

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def client() -> Iterator[Client]:
    with ApiServer() as server, server.client() as client:
        yield client


def config_map(name: str, **labels: str) -> ConfigMap:
    return ConfigMap(metadata={"name": name, "namespace": "default", "labels": labels})


SELECT_NOTHING_IN_PARTICULAR = [
    pytest.param({}, id="none given"),
    pytest.param({"labels": None, "fields": None}, id="None"),
    pytest.param({"labels": {}}, id="an empty dict"),
    pytest.param({"labels": ""}, id="an empty string"),
    pytest.param({"fields": {}}, id="empty fields"),
    pytest.param({"labels": Service(metadata={"name": "a"}).spec.selector}, id="an absent view"),
    pytest.param({"labels": LabelSelector.from_dict({})}, id="an empty LabelSelector"),
    pytest.param({"labels": LabelSelector()}, id="a new LabelSelector"),
]


@pytest.mark.parametrize("selectors", SELECT_NOTHING_IN_PARTICULAR)
def test_a_collection_is_not_deleted_without_a_selector(selectors: dict[str, Any]) -> None:
    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        with pytest.raises(KubernetesError, match=r"would delete all pods|selects nothing"):
            client.delete_collection(Pod, **selectors)
        with pytest.raises(KubernetesError, match=r"would delete all pods|selects nothing"):
            client.kind(Pod).delete_collection(**selectors)
        if "fields" not in selectors:
            with pytest.raises(KubernetesError, match=r"would delete all pods|selects nothing"):
                Pod.delete_list(client=client, **selectors)
        assert server.requests == []


def test_the_message_names_the_two_ways_out() -> None:
    with (
        Client(Config(server="http://127.0.0.1:1")) as client,
        pytest.raises(RequestError, match="labels= or fields= that are not empty, or everything=True"),
    ):
        client.delete_collection(Pod)


def test_everything_deletes_the_namespace(client: Client) -> None:
    for name in ("a", "b"):
        client.create(config_map(name))
    client.delete_collection(ConfigMap, everything=True)
    assert client.list(ConfigMap) == []
    client.create(config_map("a"))
    ConfigMap.delete_list(everything=True, client=client)
    assert client.list(ConfigMap) == []


def test_a_selector_counts_beside_everything(client: Client) -> None:
    client.create(config_map("kept"))
    client.create(config_map("gone", app="x"))
    client.delete_collection(ConfigMap, labels={"app": "x"}, everything=True)
    assert [found.metadata.name for found in client.list(ConfigMap)] == ["kept"]


def test_an_object_deletes_itself(client: Client) -> None:
    kept, gone = client.create(config_map("kept")), client.create(config_map("gone"))
    gone.delete(client=client)
    assert [found.metadata.name for found in client.list(ConfigMap)] == ["kept"]
    with pytest.raises(NotFound):
        gone.delete(client=client)
    with client.active():
        kept.delete(body={"propagationPolicy": "Background"})
    assert client.list(ConfigMap) == []


def test_an_object_deletes_itself_and_not_its_successor(client: Client) -> None:
    old = client.create(config_map("a"))
    old.delete(client=client)
    client.create(config_map("a"))
    with pytest.raises(Conflict):
        old.delete(client=client)


def test_an_object_without_a_namespace_is_in_the_tutorials_default_one(client: Client) -> None:
    client.create(config_map("a"))
    ConfigMap(metadata={"name": "a"}).delete(client=client)
    assert client.list(ConfigMap) == []


def test_class_and_object_show_their_own_signatures() -> None:
    deployment = Deployment(metadata={"name": "a"})
    assert list(inspect.signature(Deployment.delete).parameters) == ["name", "namespace", "body", "client"]
    assert list(inspect.signature(deployment.delete).parameters) == ["body", "client"]
    assert "Delete one object" in (inspect.getdoc(Deployment.delete) or "")
    assert "this very object" in (inspect.getdoc(deployment.delete) or "")
    with pytest.raises(TypeError, match=r"^Resource\.delete\(\) missing 1 required positional argument: 'name'"):
        Deployment.delete()  # type: ignore[call-arg]  # wrong on purpose
