# SPDX-License-Identifier: Apache-2.0
"""Creating and replacing: protocol C19-C25, C30, C31, E1, E2, E4, E14, H8-H10, B14."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, no_reply, reply

from k8s_core.errors import (
    AlreadyExists,
    BadRequest,
    Conflict,
    Invalid,
    KubernetesWarning,
    NotFound,
    OutcomeUnknown,
    RequestError,
    ValidationError,
)
from k8s_core.meta import ObjectMeta, OwnerReference
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.coordination.v1 import Lease
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace, Pod, Service, ServiceSpec

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import Client


def config_map(name: str = "x", **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name), data=data)


def pod_document(name: str = "p") -> dict[str, Any]:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def test_C19_create(client: Client) -> None:
    obj = config_map(a="1")
    obj.metadata.uid = None
    created = client.create(obj)
    assert isinstance(created, ConfigMap)
    assert created.metadata.uid
    assert created.metadata.resourceVersion
    assert created.metadata.namespace == client.namespace
    assert obj == config_map(a="1")


def test_C19_an_object_that_was_read_is_not_created(client: Client) -> None:
    created = client.create(config_map())
    with pytest.raises(RequestError, match=r"use replace, or clear metadata\.resourceVersion"):
        client.create(created)


def test_C20_generate_name(client: Client) -> None:
    created = client.create(ConfigMap(metadata=ObjectMeta(generateName="x-")))
    name = created.metadata.name or ""
    assert name.startswith("x-")
    assert len(name) == 7


def test_a_name_that_is_taken(client: Client) -> None:
    client.create(config_map())
    with pytest.raises(AlreadyExists) as caught:
        client.create(config_map())
    assert not isinstance(caught.value, Conflict)
    assert caught.value.details["kind"] == "configmaps"


def test_C21_a_stale_version_conflicts(client: Client) -> None:
    first = client.create(config_map(a="1"))
    second = first.copy()
    second.data["a"] = "2"
    client.replace(second)
    first.data["a"] = "3"
    with pytest.raises(Conflict, match="the object has been modified"):
        client.replace(first)


def test_C22_replacing_without_a_version(client: Client) -> None:
    client.create(config_map(a="1"))
    assert client.replace(config_map(b="2")).data == {"b": "2"}
    client.create(Lease(metadata=ObjectMeta(name="x")))
    with pytest.raises(Invalid, match="must be specified for an update"):
        client.replace(Lease(metadata=ObjectMeta(name="x")))


def test_C23_replacing_what_is_not_there(client: Client) -> None:
    with pytest.raises(NotFound):
        client.replace(config_map())
    other = client.create(config_map()).copy()
    other.metadata.uid = "00000000-0000-0000-0000-000000000000"
    with pytest.raises(Conflict, match="UID"):
        client.replace(other)


def test_C24_the_object_and_the_address_agree(client: Client) -> None:
    obj = ConfigMap(metadata=ObjectMeta(name="x", namespace="elsewhere"))
    with pytest.raises(RequestError, match=r"namespace='n' does not match metadata.namespace 'elsewhere'"):
        client.create(obj, namespace="n")
    with pytest.raises(RequestError, match="does not match"):
        client.replace(obj, namespace="n")


def test_C25_replacing_with_the_same_changes_nothing(client: Client) -> None:
    created = client.create(config_map(a="1"))
    assert client.replace(created).metadata.resourceVersion == created.metadata.resourceVersion


def test_C30_field_validation(client: Client) -> None:
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dta": {"a": "b"}}
    with pytest.raises(BadRequest, match='unknown field "dta"'):
        client.create(document, field_validation="Strict")
    with pytest.warns(KubernetesWarning, match='unknown field "dta"'):
        client.create(document, field_validation="Warn")
    client.create({**document, "metadata": {"name": "y"}}, field_validation="Ignore")


def test_C31_dry_run_stores_nothing(client: Client) -> None:
    tried = client.create(config_map(), dry_run=True)
    assert tried.metadata.uid
    assert not tried.metadata.resourceVersion
    with pytest.raises(NotFound):
        client.get(ConfigMap, "x")
    stored = client.create(config_map(a="1"))
    changed = stored.copy()
    changed.data["a"] = "2"
    assert client.replace(changed, dry_run="All").data == {"a": "2"}
    assert client.get(ConfigMap, "x").data == {"a": "1"}


def test_field_managers(client: Client) -> None:
    created = client.create(config_map(a="1"), field_manager="me")
    assert created.owners["data.a"][0].manager == "me"


def test_wire_dicts_are_taken_too(client: Client) -> None:
    created = client.create(pod_document())
    assert isinstance(created, Pod)
    document = created.to_dict()
    document["metadata"]["labels"] = {"a": "b"}
    assert client.replace(document).metadata.labels == {"a": "b"}


def test_E1_unknown_fields_reach_the_server(connect: Connect) -> None:
    stored = {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "x", "resourceVersion": "1", "futureMeta": {"n": None}},
        "spec": {
            "replicas": 1,
            "future": {"list": [1, 1.0, 9223372036854775807, None, "1Gi"], "empty": {}},
            "template": {"spec": {"containers": [{"name": "c", "image": "i", "future": [{}]}]}},
        },
        "future": [],
    }
    with ScriptedServer(default=reply(200, json.dumps(stored).encode())) as server:
        client = connect(server)
        obj = client.get(Deployment, "x")
        obj.spec.replicas = 2
        obj.spec.template.spec.containers[0].image = "j"
        client.replace(obj)
    sent = json.loads(server.requests[1].body)
    expected = json.loads(json.dumps(stored))
    expected["spec"]["replicas"] = 2
    expected["spec"]["template"]["spec"]["containers"][0]["image"] = "j"
    assert json.dumps(sent) == json.dumps(expected)


def test_E1_an_untouched_object_is_sent_as_it_came(connect: Connect) -> None:
    stored = (
        b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x" ,"resourceVersion":"1"},"data":{"\\u0061":"b"}}'
    )
    with ScriptedServer(default=reply(200, stored)) as server:
        client = connect(server)
        client.replace(client.get(ConfigMap, "x"))
    assert json.loads(server.requests[1].body) == json.loads(stored)
    assert b'"\\u0061":"b"' in server.requests[1].body


def test_E2_falsy_values_are_sent(connect: Connect) -> None:
    deployment = Deployment(
        metadata=ObjectMeta(name="x", labels={}),
        spec=DeploymentSpec(replicas=0, paused=False, selector={}, template={"spec": {"containers": []}}),  # type: ignore[arg-type]  # wire dicts are taken too
    )
    with ScriptedServer(default=reply(201, b'{"kind":"Deployment","apiVersion":"apps/v1"}')) as server:
        connect(server).create(deployment)
    sent = json.loads(server.requests[0].body)
    assert sent["spec"] == {
        "replicas": 0,
        "paused": False,
        "selector": {},
        "template": {"spec": {"containers": []}},
    }
    assert sent["metadata"] == {"name": "x", "labels": {}}


def test_E14_managed_fields_are_sent_back_as_they_came(client: Client) -> None:
    created = client.create(config_map(a="1"), field_manager="first")
    created.data["b"] = "2"
    replaced = client.replace(created, field_manager="second")
    assert replaced.owners.managers() == ["first", "second"]
    assert replaced.owners["data.a"][0].manager == "first"


def test_E17_names_that_the_server_takes_are_not_refused(client: Client) -> None:
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:test:x"},
        "rules": [],
    }
    created = client.create(role)
    assert client.get("clusterroles", "system:test:x").metadata.uid == created.metadata.uid
    client.delete(created)


def test_missing_required_fields_are_found_before_anything_is_sent(connect: Connect) -> None:
    with ScriptedServer() as server, pytest.raises(ValidationError) as caught:
        connect(server).create(Deployment(metadata=ObjectMeta(name="x"), spec=DeploymentSpec(replicas=1)))  # type: ignore[call-arg]  # missing on purpose
    assert set(caught.value.messages) == {"spec.selector", "spec.template"}
    assert server.requests == []


def test_server_data_is_never_refused_on_replace(connect: Connect) -> None:
    with ScriptedServer(
        default=reply(200, b'{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"x"}}')
    ) as s:
        client = connect(s)
        client.replace(client.get(Deployment, "x"))
    assert len(s.requests) == 2


def test_B14_a_create_that_was_not_answered_has_an_unknown_outcome(connect: Connect) -> None:
    with ScriptedServer(no_reply(), no_reply()) as server, pytest.raises(OutcomeUnknown):
        connect(server).create(config_map())
    assert len(server.requests) == 1


def test_H8_an_object_with_finalizers_stays_until_the_last_is_gone(client: Client) -> None:
    obj = config_map()
    obj.metadata.finalizers = ["example.com/f"]
    created = client.create(obj)
    deleting = client.delete(created)
    assert isinstance(deleting, ConfigMap)
    assert deleting.metadata.deletionTimestamp is not None
    del deleting.metadata.finalizers
    assert isinstance(client.replace(deleting), ConfigMap)
    with pytest.raises(NotFound):
        client.get(ConfigMap, "x")


def test_H9_no_new_finalizers_while_deleting(client: Client) -> None:
    obj = config_map()
    obj.metadata.finalizers = ["example.com/f"]
    client.create(obj)
    deleting = client.delete(ConfigMap, "x")
    deleting.metadata.finalizers.append("example.com/g")
    with pytest.raises(Invalid, match="no new finalizers can be added"):
        client.replace(deleting)


def test_H10_owner_references_need_their_fields(client: Client) -> None:
    obj = config_map()
    obj.metadata.ownerReferences = [OwnerReference(apiVersion="v1", kind="Pod", name="p")]  # type: ignore[call-arg]  # missing on purpose
    with pytest.raises(ValidationError, match=r"metadata\.ownerReferences\[0\]\.uid"):
        client.create(obj)


def test_the_status_subresource(client: Client) -> None:
    created = client.create(pod_document())
    created.status.phase = "Running"
    created.spec.activeDeadlineSeconds = 5
    updated = client.replace(created, subresource="status")
    assert updated.status.phase == "Running"
    assert "activeDeadlineSeconds" not in updated.spec
    updated.status.phase = "Failed"
    assert client.replace(updated).status.phase == "Running"
    with pytest.raises(RequestError, match="did you mean 'status'"):
        client.get(Pod, "p", subresource="statuss")


def test_cluster_scoped_kinds_take_no_namespace(client: Client) -> None:
    obj = Namespace(metadata=ObjectMeta(name="other"))
    with pytest.raises(RequestError, match="Namespace is cluster-scoped: namespace='n' does not apply"):
        client.create(obj, namespace="n")
    created = client.create(obj)
    assert created.metadata.name == "other"
    client.delete(created)


def test_a_service_keeps_what_the_server_allocated(client: Client) -> None:
    created = client.create(
        Service(metadata=ObjectMeta(name="s"), spec=ServiceSpec(ports=[{"port": 80}]))  # type: ignore[list-item]  # wire dicts are taken too
    )
    created.spec.ports[0].port = 81
    assert client.replace(created).spec.clusterIP == created.spec.clusterIP
