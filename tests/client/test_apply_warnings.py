# SPDX-License-Identifier: Apache-2.0
"""Applying an object that was read makes the caller the owner of everything: a warning, once for each call."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer

from k8s_core.errors import ApplyWarning, KubernetesWarning
from k8s_core.meta import ObjectMeta
from k8s_core.patches import ApplyPatch
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Connect
    from k8s_core.client import Client


def config_map(name: str = "settings", **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name), data=data)


@pytest.fixture
def read(client: Client) -> ConfigMap:
    """An object as the server answered."""
    return client.create(config_map(a="1"))


def without_managed_fields(obj: ConfigMap) -> ConfigMap:
    """As a cache keeps it."""
    copy = obj.copy()
    del copy.metadata.managedFields
    return copy


WAYS: dict[str, Callable[[Client, ConfigMap], Any]] = {
    "apply": lambda client, obj: client.apply(obj, field_manager="m", force=True),
    "apply, from a cache": lambda client, obj: client.apply(
        without_managed_fields(obj), field_manager="m", force=True
    ),
    "apply, a dict": lambda client, obj: client.apply(obj.to_dict(), field_manager="m", force=True),
    "a handle": lambda client, obj: client.kind(ConfigMap).apply(obj, field_manager="m", force=True),
    "a patch": lambda client, obj: client.patch(
        ConfigMap, "settings", ApplyPatch(obj), field_manager="m", force=True
    ),
    "apply_all": lambda client, obj: client.apply_all([obj, config_map("b")], field_manager="m"),
    "apply_all, exported": lambda client, obj: client.apply_all(obj.to_yaml(), field_manager="m"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_an_object_that_was_read_gives_one_warning(client: Client, read: ConfigMap, way: str) -> None:
    with pytest.warns(ApplyWarning) as caught:
        WAYS[way](client, read)
    [warning] = caught
    assert warning.filename == __file__
    assert "read from a server: applying makes m the owner of every field in it" in str(warning.message)
    assert "apply a new object that has only the fields you want to own" in str(warning.message)
    named = "document 1" if "apply_all" in way else "ConfigMap 'settings'"
    assert str(warning.message).startswith(named)


def test_one_warning_for_all_documents_of_a_call(client: Client, read: ConfigMap) -> None:
    other = client.create(config_map("other"))
    with pytest.warns(ApplyWarning) as caught:
        client.apply_all([read, config_map("new"), other], field_manager="m")
    assert len(caught) == 1
    assert str(caught[0].message).startswith("document 1; document 3 were read from a server")


def test_what_an_apply_answered_was_read_as_well(client: Client) -> None:
    answered = client.apply(config_map(a="1"), field_manager="m")
    answered.data["b"] = "2"
    with pytest.warns(ApplyWarning):
        client.apply(answered, field_manager="m")


def test_as_an_error_it_is_raised_before_anything_is_sent(connect: Connect, read: ConfigMap) -> None:
    with ScriptedServer() as server, warnings.catch_warnings():
        warnings.simplefilter("error", KubernetesWarning)
        for way in WAYS.values():
            with pytest.raises(ApplyWarning):
                way(connect(server), read)
        assert server.requests == []


def test_objects_that_were_built_give_none(client: Client) -> None:
    """Warnings are errors here. A uid and a resourceVersion are preconditions, and a status may be what is applied."""
    wanted = config_map(a="1")
    first = client.apply(wanted, field_manager="m")
    wanted.data["b"] = "2"
    wanted.metadata.uid = first.metadata.uid
    wanted.metadata.resourceVersion = first.metadata.resourceVersion
    second = client.apply(wanted, field_manager="m")
    assert second.data == {"a": "1", "b": "2"}
    pod: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    client.create(pod | {"spec": {"containers": [{"name": "c", "image": "i"}]}})
    client.apply(pod | {"status": {"message": "x"}}, field_manager="m", subresource="status")


def test_files_as_tools_make_them_give_none(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "web.yaml"
    file.write_text(
        "apiVersion: v1\nkind: Service\nmetadata: {name: web, creationTimestamp: null}\n"
        "spec: {ports: [{port: 80}]}\nstatus: {loadBalancer: {}}\n"
    )
    assert client.apply_all(file, field_manager="m").changed


def test_keys_that_repeat_are_named_once_for_each_call(client: Client) -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data:\n"
    text += "    k: '1'\n    k: '2'\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: x\n    name: b\n"
    with pytest.warns(ApplyWarning) as caught:
        report = client.apply_all(text, field_manager="m")
    [warning] = caught
    assert str(warning.message).endswith("kubectl: document 1, line 9: 'k'; document 1, line 14: 'name'")
    assert [(obj.metadata.name, obj.data.get("k")) for obj in report.objects] == [("a", "2"), ("b", None)]
