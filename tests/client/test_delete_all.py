# SPDX-License-Identifier: Apache-2.0
"""Undoing ``apply_all``: the order, what is not there, waiting, and the report."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reset

from k8s_core.client import DeleteReport
from k8s_core.errors import Conflict, DecodeError, DeleteFailed, NotFound, RequestError, UnknownKindError, WaitTimeout
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from conftest import Connect
    from k8s_core.client import Client
    from k8s_devkit import ApiServer

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: parts.shop.example}
spec:
  group: shop.example
  scope: Namespaced
  names: {plural: parts, kind: Part}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop-d}
---
apiVersion: shop.example/v1
kind: Part
metadata: {name: wheel, namespace: shop-d}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop-d}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop-d}
"""


def config_map(name: str, *finalizers: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, finalizers=list(finalizers)))


def actions(report: Iterable[Any]) -> list[tuple[str, str]]:
    return [(result.name, result.action) for result in report]


def deletions(api: ApiServer, since: int) -> list[str]:
    return [request.path.rpartition("/")[2] for request in list(api.requests)[since:] if request.method == "DELETE"]


def test_it_is_the_opposite_order_and_idempotent(client: Client, api: ApiServer) -> None:
    documents = f"{CRD}---{OBJECTS}"
    applied = client.apply_all(documents, field_manager="m")
    before = len(api.requests)
    report = client.delete_all(documents, wait=30)
    assert isinstance(report, DeleteReport)
    names = ["wheel", "settings", "key", "parts.shop.example", "shop-d"]
    assert actions(report) == [(name, "deleted") for name in names]
    assert names == [result.name for result in reversed(applied.results)]
    assert deletions(api, before) == names
    assert report.changed
    for kind, name in (("crd", "parts.shop.example"), ("ns", "shop-d")):
        with pytest.raises(NotFound):
            client.get(kind, name)
    again = client.delete_all(documents, wait=30)
    assert actions(again) == [(name, "absent") for name in names]
    assert not again.changed
    assert repr(again) == "<DeleteReport: 5 absent>"


def test_an_object_whose_crd_is_gone_is_not_there(client: Client) -> None:
    report = client.delete_all(OBJECTS)
    assert actions(report) == [("wheel", "absent"), ("settings", "absent"), ("key", "absent"), ("shop-d", "absent")]
    assert str(report).splitlines()[0] == "part.shop.example/wheel in shop-d absent"


def test_a_misspelt_kind_is_not_taken_for_one_that_is_gone(client: Client) -> None:
    with pytest.raises(UnknownKindError, match=r"document 1, line 1: .* did you mean 'ConfigMap'"):
        client.delete_all("apiVersion: v1\nkind: ConfigMop\nmetadata: {name: x}\n")


def test_sources_are_those_of_apply_all(client: Client, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name, folder in (("a", tmp_path), ("b", tmp_path / "more")):
        (folder / f"{name}.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
    client.apply_all(tmp_path, field_manager="m", recursive=True)
    assert actions(client.delete_all(tmp_path)) == [("a", "deleted")]
    with (tmp_path / "more" / "b.yaml").open() as file:
        assert actions(client.delete_all(file)) == [("b", "deleted")]
    assert actions(client.delete_all(tmp_path, recursive=True)) == [("b", "absent"), ("a", "absent")]
    with pytest.raises(DecodeError, match="document 1: malformed YAML: line 1, column 1: a tab"):
        client.delete_all("\ta")


def test_what_apply_all_answered_can_be_deleted_and_nothing_that_came_since(client: Client) -> None:
    first = client.apply_all([config_map("a")], field_manager="m").objects
    assert actions(client.delete_all(first)) == [("a", "deleted")]
    client.create(config_map("a"))
    with pytest.raises(DeleteFailed, match="1 of 1 objects could not be deleted") as caught:
        client.delete_all(first)
    assert isinstance(caught.value.__cause__, Conflict)
    assert client.get(ConfigMap, "a")


def test_a_dry_run_deletes_nothing_and_waits_for_nothing(client: Client) -> None:
    client.create(config_map("a"))
    assert actions(client.delete_all([config_map("a"), config_map("b")], dry_run=True, wait=30)) == [
        ("b", "absent"),
        ("a", "deleted"),
    ]
    assert client.get(ConfigMap, "a")


def test_how_dependents_go_is_said_to_the_server(client: Client) -> None:
    client.create(config_map("a"))
    report = client.delete_all([config_map("a")], propagation_policy="Foreground", grace_period_seconds=0)
    assert report.results[0].obj.metadata.finalizers == ["foregroundDeletion"]


def test_it_waits_until_what_depends_on_others_is_gone(client: Client) -> None:
    held = client.create(config_map("held", "shop.example/clean-up"))
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop-w"}}
    client.create(namespace)
    seen: list[bool] = []

    def clean_up() -> None:
        client.wait(held, lambda obj: obj.metadata.deletionTimestamp, timeout=30)
        seen.append(bool(client.get(Namespace, "shop-w").metadata.deletionTimestamp))
        client.remove_finalizer(held, "shop.example/clean-up")

    controller = threading.Thread(target=clean_up)
    controller.start()
    report = client.delete_all([namespace, held], wait=30)
    controller.join()
    assert actions(report) == [("held", "deleted"), ("shop-w", "deleted")]
    assert seen == [False]
    assert report.results[0].obj.metadata.finalizers == ["shop.example/clean-up"]


def test_what_does_not_go_in_time_keeps_what_it_depends_on(client: Client) -> None:
    client.create(config_map("held", "shop.example/clean-up"))
    client.create(config_map("free"))
    namespace = Namespace(metadata=ObjectMeta(name="shop-t"))
    client.create(namespace)
    with pytest.raises(DeleteFailed) as caught:
        client.delete_all([namespace, config_map("held"), config_map("free")], wait=0)
    report = caught.value.report
    assert actions(report) == [("free", "deleted"), ("held", "failed"), ("shop-t", "skipped")]
    error = report.results[1].error
    assert isinstance(error, WaitTimeout)
    assert str(error) == "it is still there after 0 s, held by its finalizers: shop.example/clean-up"
    assert "(document 2): it is still there" in str(caught.value)
    assert not client.get(Namespace, "shop-t").metadata.deletionTimestamp
    client.remove_finalizer(config_map("held"), "shop.example/clean-up")
    client.delete(namespace)


def test_a_server_that_is_gone_is_not_asked_for_each_object(connect: Connect) -> None:
    with ScriptedServer(*[reset()] * 20) as server:
        with pytest.raises(DeleteFailed) as caught:
            connect(server, timeout=3).delete_all([config_map("a"), config_map("b"), config_map("c")])
        paths = {request.path.rpartition("/")[2] for request in server.requests}
    assert [result.action for result in caught.value.report] == ["failed", "skipped", "skipped"]
    assert paths == {"c"}


@pytest.mark.parametrize(
    ("documents", "options", "words"),
    [
        ([config_map("a"), ConfigMap(metadata=ObjectMeta(generateName="x-"))], {}, "document 2: .*name"),
        ([config_map("a"), config_map("a")], {}, "document 2: .* twice"),
        ([config_map("a")], {"wait": True}, "wait= is a number of seconds"),
        ([config_map("a")], {"propagation_policy": "Sometimes"}, "Sometimes"),
        ("a.yaml", {}, "Path"),
    ],
)
def test_nothing_is_deleted_if_anything_is_wrong(
    connect: Connect, documents: Any, options: dict[str, Any], words: str
) -> None:
    with ScriptedServer() as server:
        with pytest.raises(RequestError, match=words):
            connect(server).delete_all(documents, **options)
        assert server.requests == []
