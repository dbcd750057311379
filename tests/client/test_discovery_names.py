# SPDX-License-Identifier: Apache-2.0
"""Kinds by name: protocol G7; and a kind without a package under every verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from discovery_documents import APPS, EVENTS, ODD, Cluster, group, resource
from scripted_server import ScriptedServer

from k8s_core.errors import (
    InvalidName,
    KubernetesWarning,
    NotFound,
    UnknownKindError,
)
from k8s_core.meta import GenericResource, ObjectMeta
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Event, Pod

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import Client


@pytest.mark.parametrize(
    "name",
    [
        "deployments",
        "deployment",
        "Deployment",
        "DEPLOYMENTS",
        "deploy",
        "deployments.apps",
        "deploy.apps",
        "deployments.v1.apps",
        "Deployment.v1.apps",
        "deploy.app",
        "deployment.v1.apps",
    ],
)
def test_G7_names(connect: Connect, name: str) -> None:
    with ScriptedServer(handler=Cluster(APPS, EVENTS, ODD)) as server:
        assert connect(server).resource(name) is Deployment


def test_G7_versions_and_groups(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS, EVENTS, ODD)) as server:
        client = connect(server)
        old = client.resource("deployments.v1beta1.apps")
        assert (old.api_resource.version, issubclass(old, GenericResource)) == ("v1beta1", True)
        assert client.resource("events") is Event
        assert client.resource("events.events.k8s.io").api_resource.group == "events.k8s.io"
        assert client.resource("ev.events").api_resource.group == "events.k8s.io"
        for name in ("pods.v1.", "Pod.v1", "pods.v1"):
            assert client.resource(name) is Pod
        assert client.resource("oldthings").api_resource.version == "v1beta1"


def test_G7_a_full_name_wins_over_a_short_one(connect: Connect) -> None:
    clash = group("a.example", ("v1", [resource("pods2", "Pod2", "gadgets", "pod")]))
    with ScriptedServer(handler=Cluster(clash, ODD)) as server:
        client = connect(server)
        assert client.resource("gadgets").api_resource.kind == "Gadget"
        assert client.resource("pod") is Pod


def test_G7_a_short_name_of_two_kinds_warns(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS, ODD)) as server:
        client = connect(server)
        with pytest.warns(KubernetesWarning, match="'po' could also match lower priority resource pos.odd.example"):
            assert client.resource("po") is Pod
        with pytest.warns(KubernetesWarning, match=r"gadgets\.odd\.example"):
            assert client.resource("gd").api_resource.kind == "Pos"


def test_G7_categories(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS, ODD)) as server:
        client = connect(server)
        assert client.resources("all") == [Deployment]
        assert client.resources("none") == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("deploymnts", "did you mean 'deployments'"),
        ("deployments.v2.apps", r"did you mean 'deployments\.v1\.apps' or 'deployments\.v1beta1\.apps'"),
        ("deployments.extensions", r"did you mean 'deployments\.v1\.apps'"),
        ("xyzzy", "serves no kind 'xyzzy'"),
    ],
)
def test_unknown_names_have_what_comes_near(connect: Connect, name: str, message: str) -> None:
    with ScriptedServer(handler=Cluster(APPS)) as server, pytest.raises(UnknownKindError, match=message):
        connect(server).resource(name)


@pytest.mark.parametrize("name", ["", " ", "pods/log", "../x", "a b", "pods\n", "po%64s"])
def test_what_cannot_be_a_name_is_not_asked_for(connect: Connect, name: str) -> None:
    with ScriptedServer(handler=Cluster(APPS)) as server:
        with pytest.raises(InvalidName):
            connect(server).list(name)
        assert server.requests == []


def test_a_class_of_a_served_version_is_better_than_none(connect: Connect) -> None:
    newer = group(
        "apps", ("v2", [resource("deployments", "Deployment")]), ("v1", [resource("deployments", "Deployment")])
    )
    with ScriptedServer(handler=Cluster(newer)) as server:
        client = connect(server)
        assert client.resource("deployments") is Deployment
        assert client.resource("deployments.v2.apps").api_resource.version == "v2"


def test_against_the_embedded_server(client: Client) -> None:
    assert client.resource("deploy") is Deployment
    assert client.resource("Pod.v1.") is Pod
    assert Deployment in client.resources("all")
    with pytest.raises(UnknownKindError, match="widgets"):
        client.list("widgets")
    assert client.discovery.failed == {}
    assert "apis/apps/v1" in client.openapi_paths()


def test_a_kind_without_a_package_works_with_every_verb(client: Client) -> None:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}},
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    names = {"plural": "gizmos", "singular": "gizmo", "kind": "Gizmo", "shortNames": ["gz"]}
    client.create(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "gizmos.test.example"},
            "spec": {"group": "test.example", "scope": "Namespaced", "names": names, "versions": [version]},
        }
    )
    gizmo = client.resource("gz")
    assert gizmo is client.resource("Gizmo.v1.test.example")
    assert issubclass(gizmo, GenericResource)
    created = client.create(gizmo(metadata=ObjectMeta(name="g"), spec={"n": 1, "deep": {"x": [None]}}))
    created.spec.n = 2
    assert client.replace(created).spec.n == 2
    document = {"apiVersion": "test.example/v1", "kind": "Gizmo", "metadata": {"name": "h"}, "spec": {"n": 5}}
    assert isinstance(client.create(document), GenericResource)
    assert [obj.spec.n for obj in client.list("gizmos")] == [2, 5]
    assert client.scale(gizmo, "g", replicas=7).spec.replicas == 7
    with client.active():
        saved = gizmo.get("g", namespace=client.namespace)
        saved.spec.n = 8
        saved.save()
    assert client.get("gz", "g").spec.n == 8
    client.delete(gizmo, "g")
    with pytest.raises(NotFound):
        client.get(gizmo, "g")
    client.delete_collection("gizmos", everything=True)
    assert client.list(gizmo) == []
