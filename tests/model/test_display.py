# SPDX-License-Identifier: Apache-2.0
"""What ``repr`` shows of objects with secrets, and of their parts (house rule 5)."""

from __future__ import annotations

from typing import Any

import pytest

from k8s_core.kinds import APIResource
from k8s_core.meta import ObjectMeta, generic_resource
from k8s_core.model import ABSENT, Model, Resource, field
from k8s_core.model.codec import encode_json, load_resource

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class Login(Model):
    user: str | None = None
    password: str | None = field(default=None, sensitive=True)
    tokens: list[str] = field(default=ABSENT, sensitive=True)
    extra: dict[str, str] = field(default=ABSENT, sensitive=True)


class Vault(Resource, group="example.com", version="v1", plural="vaults", sensitive=("data", "login")):
    metadata: ObjectMeta = ABSENT
    data: dict[str, bytes] = ABSENT
    login: Login = ABSENT
    logins: list[Login] = ABSENT


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
def test_a_secret_without_its_class_is_redacted_as_well(from_bytes: bool) -> None:
    cls = generic_resource(APIResource(group="", version="v1", kind="Secret", plural="secrets"))
    secret = cls(
        data={"key": "hunter2"}, stringData={"key": "hunter2"}, metadata={"annotations": {LAST_APPLIED: "hunter2"}}
    )
    if from_bytes:
        secret = load_resource(cls, encode_json(secret))
    for part in (secret, secret.data, secret["stringData"], secret.metadata, secret.metadata.annotations):
        assert "hunter2" not in repr(part)
    assert secret.data.key == "hunter2"
