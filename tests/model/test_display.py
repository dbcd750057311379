# SPDX-License-Identifier: Apache-2.0
"""What ``repr`` shows of objects with secrets, and of their parts (house rule 5)."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_core.kinds import APIResource
from k8s_core.meta import GenericResource, ObjectMeta, PartialObjectMetadata, Table, generic_resource
from k8s_core.model import ABSENT, Model, Resource, field
from k8s_core.model.codec import encode_json, load_resource

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Login(Model):
    user: str | None = None
    password: str | None = field(default=None, sensitive=True)
    tokens: list[str] = field(default=ABSENT, sensitive=True)
    extra: dict[str, str] = field(default=ABSENT, sensitive=True)


class Vault(Resource, group="example.com", version="v1", plural="vaults", sensitive=("data", "login")):
    data: dict[str, bytes] = ABSENT
    login: Login = ABSENT
    logins: list[Login] = ABSENT


class Gadget(Resource, group="example.com", version="v1", plural="gadgets"):
    pass


class VaultList(Model):
    items: list[Vault] = ABSENT


def vault() -> Vault:
    login = Login(user="me", password="hunter2", tokens=["hunter2"], extra={"a": "hunter2"})
    return Vault(
        metadata=ObjectMeta(name="n", annotations={LAST_APPLIED: "hunter2", "other": "shown"}),
        data={"key": b"hunter2"},
        login=login.copy(),
        logins=[login],
    )


def parts(one: Vault) -> list[Any]:
    login = one.logins[0]
    return [
        one,
        one.metadata,
        one.metadata.annotations,
        one.data,
        one.login,
        one.logins,
        login,
        login.tokens,
        login.extra,
    ]


def test_no_part_of_an_object_shows_its_secrets() -> None:
    attached = vault()
    listed = VaultList(items=[vault()])
    for one in (attached, load_resource(Vault, encode_json(attached)), listed.items[0]):
        for part in parts(one):
            assert "hunter2" not in repr(part)
    assert "hunter2" not in repr(listed)
    assert "hunter2" not in f"{attached.data} {attached.login.tokens}"


def test_what_is_no_secret_stays_readable() -> None:
    one = vault()
    assert repr(one.data) == "{'key': '***'}"
    assert repr(one.metadata.annotations) == f"{ {LAST_APPLIED: '***', 'other': 'shown'} }"
    assert repr(one.logins[0]) == "Login(user='me', password='***', tokens=['***'], extra={'a': '***'})"
    assert one.data["key"] == b"hunter2"


@pytest.mark.parametrize("from_bytes", [True, False])
def test_an_object_without_a_class_shows_its_identity_and_no_other_strings(from_bytes: bool) -> None:
    cls = generic_resource(APIResource(group="", version="v1", kind="Secret", plural="secrets"))
    metadata = {"name": "n", "namespace": "ns", "annotations": {LAST_APPLIED: "hunter2", "other": "hunter2"}}
    secret = cls(data={"key": "hunter2", "size": 3}, stringData={"keys": ["hunter2"]}, metadata=metadata)
    if from_bytes:
        secret = load_resource(cls, encode_json(secret))
    strings = secret["stringData"]
    for part in (secret, secret.data, strings, strings["keys"], secret.metadata, secret.metadata.annotations):
        assert "hunter2" not in repr(part)
        assert "hunter2" not in f"{part}"
    assert repr(secret.metadata).startswith("ObjectMeta(name='n', namespace='ns', ")
    assert repr(secret.data) == "JsonObject(**{'key': '***', 'size': 3})"
    assert secret.data.key == "hunter2"


def test_a_class_of_ones_own_for_free_json_says_what_is_secret() -> None:
    class Loose(GenericResource, group="example.com", version="v1", plural="looses", sensitive=("spec",)):
        pass

    loose = Loose(metadata=ObjectMeta(name="n", labels={"a": "shown"}), spec={"key": "hunter2"}, other="hunter2")
    assert "hunter2" not in repr(loose)
    assert "shown" in repr(loose)


def test_an_object_within_free_json_is_one_without_a_class() -> None:
    row = {"cells": ["shown"], "object": {"apiVersion": "v1", "kind": "Secret", "data": {"key": "hunter2"}}}
    table = Table.from_dict({"rows": [row]})
    for part in (table, table.rows, table.rows[0].object, table.rows[0].object.data):
        assert "hunter2" not in repr(part)
    assert "shown" in repr(table)


def test_the_metadata_of_an_object_shows_no_copy_of_the_whole() -> None:
    metadata = {"annotations": {LAST_APPLIED: "hunter2", "other": "shown"}}
    partial = PartialObjectMetadata.from_dict({"metadata": metadata})
    for part in (partial, partial.metadata, partial.metadata.annotations):
        assert "hunter2" not in repr(part)
        assert "shown" in repr(part)


def test_what_the_class_does_not_know_is_shown_unless_it_may_be_secret() -> None:
    open_ = Gadget.from_dict({"new": "shown", "metadata": {"new": "shown"}})
    assert repr(open_) == "Gadget(metadata=ObjectMeta(**{'new': 'shown'}), **{'new': 'shown'})"
    closed = Vault.from_dict({"new": "hunter2", "metadata": {"new": "hunter2"}, "logins": [{"new": "hunter2"}]})
    for part in (closed, closed.metadata, closed.logins, closed.logins[0]):
        assert "hunter2" not in repr(part)


@pytest.mark.parametrize(
    "document",
    [{"logins": {"password": "hunter2"}}, {"logins": "hunter2"}, {"logins": ["hunter2"]}, {"metadata": "hunter2"}],
)
def test_a_value_that_is_not_what_the_class_declares_is_not_shown(document: dict[str, Any]) -> None:
    assert "hunter2" not in repr(Vault.from_dict(document))
