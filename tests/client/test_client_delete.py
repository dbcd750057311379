# SPDX-License-Identifier: Apache-2.0
"""Deleting: protocol C3, C5, C32-C35, J11."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, reply

from k8s_core.client import ALL_NAMESPACES, Client, ResourceList
from k8s_core.errors import Conflict, InvalidName, NotFound, RequestError, SelectorError
from k8s_core.meta import DeleteOptions, LabelSelector, ObjectMeta, Status
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod

if TYPE_CHECKING:
    from conftest import Connect


def config_map(name: str = "x", **labels: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, labels=labels))


def test_C32_some_kinds_answer_with_a_status(client: Client) -> None:
    created = client.create(config_map())
    answer = client.delete(ConfigMap, "x")
    assert isinstance(answer, Status)
    assert (answer.status, answer.details.name, answer.details.uid) == ("Success", "x", created.metadata.uid)
    with pytest.raises(NotFound):
        client.delete(ConfigMap, "x")


def test_C32_others_with_the_object(client: Client) -> None:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    client.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    answer = client.delete("pods", "p", grace_period_seconds=0)
    assert isinstance(answer, Pod)
    assert answer.metadata.name == "p"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"kind":"Status","apiVersion":"v1","status":"Success"}', Status),
        (b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"}}', ConfigMap),
        (b'{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":[]}', ResourceList),
        (b"", Status),
    ],
)
def test_C32_the_answer_is_decoded_by_its_kind(connect: Connect, body: bytes, expected: type) -> None:
    for code in (200, 202):
        with ScriptedServer(reply(code, body)) as server:
            assert type(connect(server).delete(ConfigMap, "x")) is expected


def test_C32_a_collection(client: Client) -> None:
    for name, app in (("a", "x"), ("b", "x"), ("c", "y")):
        client.create(config_map(name, app=app))
    answer = client.delete_collection(ConfigMap, labels={"app": "x"}, dry_run=True)
    assert isinstance(answer, ResourceList)
    assert {obj.metadata.name for obj in answer} == {"a", "b"}
    assert len(client.list(ConfigMap)) == 3
    client.delete_collection(ConfigMap, labels={"app": "x"})
    assert [obj.metadata.name for obj in client.list(ConfigMap)] == ["c"]


def test_C33_C35_C5_options_are_in_the_body(connect: Connect) -> None:
    with ScriptedServer() as server:
        client = connect(server)
        client.delete(ConfigMap, "x")
        client.delete(ConfigMap, "x", grace_period_seconds=0, propagation_policy="Orphan")
        client.delete(ConfigMap, "x", body=DeleteOptions(propagationPolicy="Foreground"))
        client.delete(ConfigMap, "x", body={"propagationPolicy": "Background"}, dry_run=True)
    plain, zero, model, wire = server.requests
    assert plain.body == b""
    assert plain.header("Content-Type") is None
    assert json.loads(zero.body)["gracePeriodSeconds"] == 0
    assert json.loads(model.body) == {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
    assert json.loads(wire.body)["dryRun"] == ["All"]
    assert all([key for key, _ in request.query if key != "timeout"] == [] for request in server.requests)


def test_C34_preconditions(client: Client) -> None:
    created = client.create(config_map())
    with pytest.raises(Conflict, match="UID in the precondition"):
        client.delete(ConfigMap, "x", uid="other")
    with pytest.raises(Conflict):
        client.delete(ConfigMap, "x", resource_version="1")
    client.delete(ConfigMap, "x", uid=created.metadata.uid, resource_version=created.metadata.resourceVersion)


def test_C34_an_object_is_deleted_and_not_its_successor(client: Client) -> None:
    first = client.create(config_map())
    client.delete(first)
    client.create(config_map())
    with pytest.raises(Conflict, match="UID"):
        client.delete(first)
    assert client.get(ConfigMap, "x")


def test_C3_an_empty_name_never_deletes_a_collection(connect: Connect) -> None:
    with ScriptedServer() as server:
        client = connect(server)
        with pytest.raises(InvalidName, match="may not be empty"):
            client.delete(ConfigMap, "")
        with pytest.raises(RequestError, match="delete_collection"):
            client.delete(ConfigMap)
        with pytest.raises(InvalidName):
            client.delete(ConfigMap(metadata=ObjectMeta(generateName="x-")))
        with pytest.raises(RequestError, match="an object has its own"):
            client.delete(config_map(), "y")
    assert server.requests == []


def test_C16_an_absent_selector_never_deletes_everything(connect: Connect) -> None:
    with ScriptedServer() as server:
        client = connect(server)
        with pytest.raises(SelectorError, match="selects nothing"):
            client.delete_collection(ConfigMap, labels=Deployment(metadata=ObjectMeta(name="x")).spec.selector)
        assert server.requests == []
        client.delete_collection(ConfigMap, labels=LabelSelector(matchLabels={"a": "b"}), namespace=ALL_NAMESPACES)
    [request] = server.requests
    assert (request.method, request.path) == ("DELETE", "/api/v1/configmaps")
    assert dict(request.query)["labelSelector"] == "a=b"


def test_an_object_knows_where_it_is(client: Client) -> None:
    created = client.create(config_map())
    elsewhere = Client(client.config.replace(namespace="elsewhere"))
    with elsewhere:
        elsewhere.delete(created)
    assert client.list(ConfigMap) == []
