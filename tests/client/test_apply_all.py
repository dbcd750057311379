# SPDX-License-Identifier: Apache-2.0
"""Applying many objects: order, report, pruning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reset

from k8s_core.client.applying.documents import apply_order, read_documents
from k8s_core.errors import ApplyConflict, ApplyFailed, DecodeError, Invalid, NotFound, RequestError, UnknownKindError
from k8s_core.kinds import APIResource, Scope
from k8s_core.meta import ObjectMeta, OwnerReference, generic_resource
from k8s_core.model import Resource
from k8s_core.selectors import Exists
from k8s_plugins_builtin.admissionregistration.v1 import ValidatingWebhookConfiguration
from k8s_plugins_builtin.apiextensions.v1 import CustomResourceDefinition
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace, Secret, Service, ServiceAccount

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import ApplyReport, Client
    from k8s_devkit import ApiServer

SET = {"set": "shop"}


def config_map(name: str, value: str = "1", *, namespace: str | None = None) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace, labels=SET), data={"k": value})


def crd(plural: str = "parts") -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.shop.example", "labels": SET},
        "spec": {
            "group": "shop.example",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": plural[:-1].title()},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


def flatten(documents: Any) -> list[Any]:
    def refused(url: str) -> bytes:
        raise AssertionError(url)

    return [document.obj for document in read_documents(documents, recursive=False, download=refused)]


def actions(report: ApplyReport) -> list[tuple[str, str, str]]:
    return [(result.resource.kind, result.name, result.action) for result in report]


YAML = """
apiVersion: shop.example/v1
kind: Part
metadata: {name: wheel, namespace: shop-a, labels: {set: shop}}
spec: {size: 28}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop-a, labels: {set: shop}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i}]}
---
---
kind: List
apiVersion: v1
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop-a, labels: {set: shop}}}
- {apiVersion: v1, kind: Namespace, metadata: {name: shop-a, labels: {set: shop}}}
"""


def test_what_others_depend_on_comes_first(client: Client) -> None:
    documents = [*flatten(YAML), crd()]
    report = client.apply_all(documents, field_manager="shop")
    assert actions(report) == [
        ("Namespace", "shop-a", "created"),
        ("CustomResourceDefinition", "parts.shop.example", "created"),
        ("ConfigMap", "settings", "created"),
        ("Deployment", "web", "created"),
        ("Part", "wheel", "created"),
    ]
    assert client.get("parts", "wheel", namespace="shop-a").spec.size == 28
    assert report.changed
    assert str(report).splitlines()[3:] == [
        "deployment.apps/web in shop-a created",
        "part.shop.example/wheel in shop-a created",
    ]
    again = client.apply_all(documents, field_manager="shop")
    assert {result.action for result in again} == {"unchanged"}
    assert not again.changed
    assert repr(again) == "<ApplyReport: 5 unchanged>"
    changed = client.apply_all(YAML.replace("28", "29"), field_manager="shop")
    assert [result.name for result in changed.by("configured")] == ["wheel"]
    assert changed.objects[-1].spec.size == 29
    client.delete("crd", "parts.shop.example")
    client.delete("ns", "shop-a")


def test_the_order_is_that_of_the_class_lines() -> None:
    class Part(Resource, group="shop.example", version="v1", plural="parts"):
        pass

    class Shelf(Resource, group="shop.example", version="v1", plural="shelves", scope="Cluster"):
        pass

    class Opening(Resource, group="shop.example", version="v1", plural="openings", apply_order=1000):
        pass

    kinds = [Namespace, CustomResourceDefinition, ServiceAccount, ConfigMap, Service, Deployment, Shelf, Part]
    ranks = [apply_order(cls) for cls in (*kinds, ValidatingWebhookConfiguration, Opening)]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_without_classes_crds_come_first_and_then_what_has_no_namespace() -> None:
    def unknown(group: str, kind: str, scope: Scope) -> int:
        return apply_order(generic_resource(APIResource(group, "v1", kind, kind.lower(), scope=scope)))

    crd_order = unknown("apiextensions.k8s.io", "CustomResourceDefinition", Scope.CLUSTER)
    shelf_order = unknown("shop.example", "Shelf", Scope.CLUSTER)
    assert crd_order < shelf_order < unknown("shop.example", "Part", Scope.NAMESPACED)


def test_lists_are_taken_apart() -> None:
    typed = {"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"metadata": {"name": "a"}}]}
    nested = {"apiVersion": "v1", "kind": "List", "items": [typed, config_map("b")]}
    first, second = flatten([nested, None])
    assert first == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    assert second == config_map("b")
    assert flatten("") == flatten([]) == []
    assert flatten(config_map("c")) == [config_map("c")]


@pytest.mark.parametrize(
    ("documents", "error", "message"),
    [
        ("a: [", DecodeError, "YAML"),
        ("just text", RequestError, "document 1, line 1: a string, not an object"),
        ([{"kind": "ConfigMap"}], RequestError, "document 1: it has no apiVersion"),
        (
            [{"apiVersion": "v1", "kind": "List", "items": [{}]}],
            RequestError,
            "document 1, item 1: it has no api",
        ),
        (
            [config_map("a"), config_map("a")],
            RequestError,
            "document 2: ConfigMap 'a' in default .* at document 1$",
        ),
        ([ConfigMap(data={"a": "b"})], RequestError, r"metadata\.name"),
        ([ConfigMap(metadata=ObjectMeta(generateName="x-"))], RequestError, "generateName"),
        ([config_map("good"), config_map("../x")], RequestError, "may not contain '/'"),
        ([config_map("a", namespace="x/y")], RequestError, "may not contain '/'"),
        ([{**crd(), "spec": {"group": "x"}}], RequestError, "parts.shop.example"),
    ],
)
def test_nothing_is_sent_if_anything_is_wrong(
    connect: Connect, documents: Any, error: type[Exception], message: str
) -> None:
    with ScriptedServer() as server:
        with pytest.raises(error, match=message):
            connect(server).apply_all(documents, field_manager="m")
        assert server.requests == []


@pytest.mark.parametrize(("field", "value"), [("group", "../x"), ("group", 5), ("plural", "a/b"), ("version", "..")])
def test_I4_a_crd_cannot_lead_elsewhere(connect: Connect, field: str, value: Any) -> None:
    document = crd()
    place = {"group": document["spec"], "plural": document["spec"]["names"], "version": document["spec"]["versions"][0]}
    place[field]["name" if field == "version" else field] = value
    with ScriptedServer() as server:
        with pytest.raises(RequestError, match=r"CustomResourceDefinition .parts\.shop\.example. needs"):
            connect(server).apply_all([document], field_manager="m")
        assert server.requests == []


def test_options_are_checked_first(connect: Connect) -> None:
    with ScriptedServer() as server:
        client = connect(server)
        unlabelled = ConfigMap(metadata=ObjectMeta(name="x"))
        with pytest.raises(RequestError, match="field_manager"):
            client.apply_all([config_map("a")], field_manager="")
        with pytest.raises(RequestError, match="ConfigMap 'x' does not carry the labels set=shop"):
            client.apply_all([config_map("a"), unlabelled], field_manager="m", prune=SET)
        for nothing in ({}, ""):
            with pytest.raises(RequestError, match="prune= must be labels"):
                client.apply_all([config_map("a")], field_manager="m", prune=nothing)
        with pytest.raises(RequestError, match="dry_run"):
            client.apply_all([config_map("a")], field_manager="m", dry_run="None")  # type: ignore[arg-type]  # wrong on purpose
        assert server.requests == []


def test_an_unknown_kind_is_found_before_anything_is_written(client: Client, api: ApiServer) -> None:
    unknown = {"apiVersion": "nobody.example/v1", "kind": "Nothing", "metadata": {"name": "x"}}
    before = len(api.requests)
    with pytest.raises(UnknownKindError, match="Nothing"):
        client.apply_all([config_map("a"), unknown], field_manager="m")
    assert {request.method for request in list(api.requests)[before:]} == {"GET"}


def test_objects_that_fail_do_not_stop_the_others(client: Client) -> None:
    client.apply(config_map("taken", "theirs"), field_manager="other")
    bad = ConfigMap.from_dict({"metadata": {"name": "Not_A_Name", "labels": SET}})
    with pytest.raises(ApplyFailed) as caught:
        client.apply_all([config_map("a"), config_map("taken"), bad, config_map("z")], field_manager="m", prune=SET)
    report = caught.value.report
    assert [result.action for result in report] == ["created", "failed", "failed", "created"]
    assert [type(result.error) for result in report.by("failed")] == [ApplyConflict, Invalid]
    assert isinstance(caught.value.__cause__, ApplyConflict)
    assert "2 of 4 objects failed" in str(caught.value)
    assert "configmap/taken" in str(caught.value)
    assert client.get(ConfigMap, "z")


def test_force_takes_fields_over(client: Client) -> None:
    client.apply(config_map("taken", "theirs"), field_manager="other")
    report = client.apply_all([config_map("taken")], field_manager="m", force=True)
    assert report.objects[0].data == {"k": "1"}


def test_prune_deletes_what_an_earlier_run_applied_and_nothing_else(client: Client) -> None:
    secret = Secret(metadata=ObjectMeta(name="s", labels=SET))
    client.apply_all([config_map("a"), config_map("b"), secret], field_manager="shop", prune=SET)
    client.create(config_map("not-applied"))
    client.apply(config_map("by-another"), field_manager="another")
    client.apply(ConfigMap(metadata=ObjectMeta(name="unlabelled")), field_manager="shop")
    dependent = config_map("dependent")
    dependent.metadata.ownerReferences = [
        OwnerReference(apiVersion="v1", kind="ConfigMap", name="a", uid=client.get(ConfigMap, "a").metadata.uid or "",
                       controller=True)
    ]  # fmt: skip
    client.apply(dependent, field_manager="shop")
    tried = client.apply_all([config_map("a")], field_manager="shop", prune=SET, prune_kinds=["secrets"], dry_run=True)
    assert actions(tried)[1:] == [("ConfigMap", "b", "pruned"), ("Secret", "s", "pruned")]
    assert client.get(ConfigMap, "b")
    report = client.apply_all([config_map("a")], field_manager="shop", prune=SET)
    assert actions(report) == [("ConfigMap", "a", "unchanged"), ("ConfigMap", "b", "pruned")]
    assert {obj.metadata.name for obj in client.list(ConfigMap)} == {
        "a", "not-applied", "by-another", "unlabelled", "dependent",
    }  # fmt: skip
    assert client.get(Secret, "s")
    rest = client.apply_all([config_map("a")], field_manager="shop", prune={"set": Exists()}, prune_kinds=[Secret])
    assert actions(rest)[-1] == ("Secret", "s", "pruned")


def test_prune_in_other_namespaces(client: Client) -> None:
    client.create(Namespace(metadata=ObjectMeta(name="elsewhere")))
    client.apply_all([config_map("old", namespace="elsewhere")], field_manager="shop", prune=SET)
    assert not client.apply_all([config_map("a")], field_manager="shop", prune=SET).by("pruned")
    report = client.apply_all([config_map("a")], field_manager="shop", prune=SET, prune_namespaces=["elsewhere"])
    assert [(result.name, result.namespace) for result in report.by("pruned")] == [("old", "elsewhere")]
    client.delete(Namespace, "elsewhere")


def test_a_server_that_is_gone_is_not_asked_for_each_object(connect: Connect) -> None:
    with ScriptedServer(*[reset()] * 20) as server:
        with pytest.raises(ApplyFailed) as caught:
            connect(server, timeout=3).apply_all([config_map("a"), config_map("b"), config_map("c")], field_manager="m")
        paths = {request.path.rpartition("/")[2] for request in server.requests}
    assert [result.action for result in caught.value.report] == ["failed", "skipped", "skipped"]
    assert paths == {"a"}


def test_dry_run_of_what_depends_on_something_new(client: Client) -> None:
    documents = [*flatten(YAML), crd("wheels"), Namespace(metadata=ObjectMeta(name="shop-b", labels=SET))]
    documents.append({"apiVersion": "shop.example/v1", "kind": "Wheel", "metadata": {"name": "w", "labels": SET}})
    documents.append(config_map("c", namespace="shop-b"))
    del documents[0]
    report = client.apply_all(documents, field_manager="shop", dry_run=True, prune=SET)
    by_name = {result.name: result.action for result in report}
    assert by_name["wheels.shop.example"] == by_name["shop-b"] == "created"
    assert by_name["w"] == by_name["c"] == by_name["web"] == "skipped"
    with pytest.raises(NotFound):
        client.get(Namespace, "shop-b")


def test_objects_without_a_namespace(client: Client) -> None:
    client.create(Namespace(metadata=ObjectMeta(name="given")))
    report = client.apply_all([config_map("a")], field_manager="m", namespace="given")
    assert report.results[0].namespace == "given"
    assert client.apply_all([config_map("a")], field_manager="m").results[0].namespace == client.namespace
    client.delete(Namespace, "given")
