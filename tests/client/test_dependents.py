# SPDX-License-Identifier: Apache-2.0
"""Finalizers and owner references: protocol H8-H11."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_core.client import add_owner, owner_reference, remove_owner
from k8s_core.errors import NotFound, RequestError
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace, Node

if TYPE_CHECKING:
    from k8s_core.client import Client

FINALIZER = "example.com/cleanup"


def config_map(name: str = "x", namespace: str | None = None, uid: str | None = None) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace, uid=uid))


def test_H8_H9_finalizers_are_added_and_removed(client: Client) -> None:
    created = client.create(config_map())
    kept = client.add_finalizer(created, FINALIZER)
    assert kept.metadata.finalizers == [FINALIZER]
    again = client.add_finalizer(created, FINALIZER)
    assert again.metadata.resourceVersion == kept.metadata.resourceVersion
    assert client.delete(created).metadata.deletionTimestamp is not None
    gone = client.remove_finalizer(created, FINALIZER)
    assert gone is not None
    assert not gone.metadata.finalizers
    with pytest.raises(NotFound):
        client.get(ConfigMap, "x")
    assert client.remove_finalizer(created, FINALIZER) is None


def test_H9_removing_what_is_not_there_writes_nothing(client: Client) -> None:
    created = client.create(config_map())
    same = client.remove_finalizer(created, FINALIZER)
    assert same is not None
    assert same.metadata.resourceVersion == created.metadata.resourceVersion


def test_H9_no_finalizer_is_added_to_what_is_being_deleted(client: Client) -> None:
    created = client.add_finalizer(client.create(config_map()), FINALIZER)
    client.delete(created)
    assert client.add_finalizer(created, FINALIZER).metadata.deletionTimestamp is not None
    with pytest.raises(RequestError, match="is being deleted"):
        client.add_finalizer(created, "example.com/other")


def test_H9_a_successor_of_the_same_name_is_left_alone(client: Client) -> None:
    first = client.create(config_map())
    client.delete(first)
    second = client.add_finalizer(client.create(config_map()), FINALIZER)
    assert client.remove_finalizer(first, FINALIZER) is None
    with pytest.raises(NotFound):
        client.add_finalizer(first, "example.com/other")
    assert client.get(ConfigMap, "x").metadata.finalizers == second.metadata.finalizers == [FINALIZER]


def test_H10_a_reference_has_all_four_fields(client: Client) -> None:
    owner = client.create(config_map("owner"))
    reference = owner_reference(owner, controller=True, block_owner_deletion=False)
    assert reference.to_dict() == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "owner",
        "uid": owner.metadata.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
    obj = config_map("dependent")
    assert add_owner(obj, owner) is True
    assert obj.metadata.namespace == client.namespace
    assert client.create(obj).metadata.ownerReferences[0].uid == owner.metadata.uid


def test_H10_owners_are_added_to_the_others() -> None:
    obj = config_map(namespace="n")
    first, second = config_map("a", "n", "u1"), config_map("b", "n", "u2")
    assert add_owner(obj, first, controller=True)
    assert add_owner(obj, second)
    assert not add_owner(obj, second)
    assert add_owner(obj, second, block_owner_deletion=True)
    assert [reference.uid for reference in obj.metadata.ownerReferences] == ["u1", "u2"]
    assert obj.metadata.ownerReferences[1].blockOwnerDeletion is True
    with pytest.raises(RequestError, match="has a controller already: ConfigMap 'a'"):
        add_owner(obj, second, controller=True)
    assert remove_owner(obj, first) is True
    assert remove_owner(obj, first) is False
    assert [reference.uid for reference in obj.metadata.ownerReferences] == ["u2"]


def test_H10_an_owner_that_was_not_read_has_no_uid() -> None:
    with pytest.raises(RequestError, match="has no uid: read it from the server first"):
        add_owner(config_map(), config_map("owner"))


def test_H11_owners_are_in_the_same_namespace_or_in_none() -> None:
    owner = config_map("owner", "n", "u")
    with pytest.raises(RequestError, match="'elsewhere', its owner in 'n'"):
        add_owner(config_map(namespace="elsewhere"), owner)
    with pytest.raises(RequestError, match="Namespace is cluster-scoped"):
        add_owner(Namespace(metadata=ObjectMeta(name="x")), owner)
    node = Node(metadata=ObjectMeta(name="node", uid="u3"))
    obj = config_map()
    assert add_owner(obj, node)
    assert obj.metadata.namespace is None
    assert add_owner(Namespace(metadata=ObjectMeta(name="x")), node)
