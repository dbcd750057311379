# SPDX-License-Identifier: Apache-2.0
"""Mistakes are found before anything is sent, and the message has what comes near (issues 2 and 5, *Bad input*)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply

from k8s_core.client import ALL_NAMESPACES, Client
from k8s_core.errors import InvalidName, NotFound, RequestError, SelectorError, UnknownKindError
from k8s_core.kinds import APIResource, GroupVersionKind
from k8s_core.meta import GenericResource, ObjectMeta
from k8s_core.model import Resource
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace, Pod

if TYPE_CHECKING:
    from conftest import Connect

PATH_LIKE = ["", ".", "..", "a/b", "../secrets", "a%2fb", "%2e%2e", "a\x00", "a\r\nHost: x"]

Verb = Callable[[Client], Any]


@pytest.fixture
def nothing_sent(connect: Connect) -> Iterator[Client]:
    """A client of a server that fails the test if it is ever asked."""
    with ScriptedServer() as server:
        yield connect(server)
        assert server.requests == []
        assert server.connections == 0


def config_map(name: str = "x", **metadata: Any) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, **metadata))


@pytest.mark.parametrize("name", PATH_LIKE)
def test_path_like_names(nothing_sent: Client, name: str) -> None:
    verbs: list[Verb] = [
        lambda c: c.get(ConfigMap, name),
        lambda c: c.get_metadata(ConfigMap, name),
        lambda c: c.table(ConfigMap, name),
        lambda c: c.replace(config_map(name)),
        lambda c: c.patch(ConfigMap, name, MergePatch({})),
        lambda c: c.delete(ConfigMap, name),
        lambda c: c.delete(config_map(name)),
        lambda c: c.edit(config_map(name), lambda fresh: None),
        lambda c: c.scale(Deployment, name, replicas=1),
        lambda c: c.create_subresource(Pod, name, subresource="eviction", body={}),
        lambda c: Pod(metadata=ObjectMeta(name=name)).evict(client=c),
        lambda c: Pod(metadata=ObjectMeta(name=name)).bind("n", client=c),
        lambda c: ConfigMap.get(name, client=c),
        lambda c: ConfigMap.delete(name, client=c),
        lambda c: ConfigMap.get_or_create(name, client=c),
    ]
    if name:
        verbs += [
            lambda c: c.create(config_map(name)),
            lambda c: c.apply(config_map(name), field_manager="m"),
            lambda c: config_map(name).save(client=c),
        ]
    for verb in verbs:
        with pytest.raises(InvalidName):
            verb(nothing_sent)


@pytest.mark.parametrize("namespace", PATH_LIKE)
def test_path_like_namespaces(nothing_sent: Client, namespace: str) -> None:
    verbs: list[Verb] = [
        lambda c: c.get(ConfigMap, "x", namespace=namespace),
        lambda c: c.list(ConfigMap, namespace=namespace),
        lambda c: c.pages(ConfigMap, namespace=namespace),
        lambda c: c.list_metadata(ConfigMap, namespace=namespace),
        lambda c: c.create(config_map(), namespace=namespace),
        lambda c: c.replace(config_map(), namespace=namespace),
        lambda c: c.apply(config_map(), field_manager="m", namespace=namespace),
        lambda c: c.delete(ConfigMap, "x", namespace=namespace),
        lambda c: c.delete_collection(ConfigMap, namespace=namespace, everything=True),
        lambda c: c.create_subresource(Pod, "x", subresource="eviction", body={}, namespace=namespace),
        lambda c: ConfigMap.get("x", namespace, client=c),
        lambda c: ConfigMap.list(namespace, client=c),
        lambda c: ConfigMap.delete_list(namespace, everything=True, client=c),
        lambda c: next(iter(c.watch(ConfigMap, namespace=namespace))),
    ]
    for verb in verbs:
        with pytest.raises(InvalidName):
            verb(nothing_sent)


@pytest.mark.parametrize("labels", ["a=(", {"a": "no good"}, {"-a": "x"}, {"a": None}, {"a": 1}])
def test_selectors(nothing_sent: Client, labels: Any) -> None:
    verbs: list[Verb] = [
        lambda c: c.list(ConfigMap, labels=labels),
        lambda c: c.pages(ConfigMap, labels=labels),
        lambda c: c.list_metadata(ConfigMap, labels=labels),
        lambda c: c.table(ConfigMap, labels=labels),
        lambda c: c.delete_collection(ConfigMap, labels=labels),
        lambda c: ConfigMap.find(labels=labels, client=c),
        lambda c: ConfigMap.delete_list(labels=labels, client=c),
        lambda c: next(iter(c.watch(ConfigMap, labels=labels))),
    ]
    for verb in verbs:
        with pytest.raises(SelectorError):
            verb(nothing_sent)
    with pytest.raises(SelectorError):
        nothing_sent.list(ConfigMap, fields={"metadata.name": 1})


def test_namespaces_that_do_not_apply(nothing_sent: Client) -> None:
    with pytest.raises(RequestError, match="cluster-scoped"):
        nothing_sent.get(Namespace, "x", namespace="n")
    with pytest.raises(RequestError, match="cluster-scoped"):
        nothing_sent.list(Namespace, namespace="n")
    with pytest.raises(RequestError, match="not in ALL_NAMESPACES"):
        nothing_sent.get(ConfigMap, "x", namespace=ALL_NAMESPACES)  # type: ignore[call-overload]  # wrong on purpose


@pytest.mark.parametrize("kind", [None, 5, b"pods", dict, Resource, GenericResource, object()])
def test_what_is_no_kind(nothing_sent: Client, kind: Any) -> None:
    with pytest.raises(RequestError, match=r"expected a kind|is not a kind"):
        nothing_sent.list(kind)


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (None, "expected an object"),
        ("pod", "expected an object"),
        ({}, "no apiVersion and no kind"),
        ({"kind": "Pod"}, "no apiVersion"),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": "x"}, "metadata must be a mapping"),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 5}}, "metadata.name is the number 5: quote it"),
        ({"apiVersion": "a/b/c", "kind": "Pod", "metadata": {}}, "apiVersion 'a/b/c'"),
        (ObjectMeta(name="x"), "expected an object"),
    ],
)
def test_what_is_no_object(nothing_sent: Client, obj: Any, message: str) -> None:
    for verb in (nothing_sent.create, nothing_sent.replace):
        with pytest.raises(RequestError, match=message):
            verb(obj)


def test_options_that_contradict_each_other(nothing_sent: Client) -> None:
    verbs: list[tuple[str, Verb]] = [
        ("resource_version_match", lambda c: c.list(ConfigMap, resource_version_match="Exact")),
        ("orphanDependents", lambda c: c.delete(ConfigMap, "x", body={"orphanDependents": True},
                                                propagation_policy="Orphan")),
        ("give it once", lambda c: c.delete(ConfigMap, "x", body={"gracePeriodSeconds": 1}, grace_period_seconds=0)),
        ("uid='b'", lambda c: c.delete(config_map(uid="a"), body={"preconditions": {"uid": "b"}})),
        ("force", lambda c: c.patch(ConfigMap, "x", MergePatch({}), force=True)),
        ("did you mean 'Background'", lambda c: c.delete(ConfigMap, "x", propagation_policy="background")),
        ("did you mean 'Ignore'", lambda c: c.create(config_map(), field_validation="ignore")),
        ("printable", lambda c: c.create(config_map(), field_manager="a\nb")),
        ("0 or greater", lambda c: c.delete(ConfigMap, "x", grace_period_seconds=-1)),
        ("write '5'", lambda c: c.get(ConfigMap, "x", resource_version=5)),
        ("dry_run='yes'", lambda c: c.create(config_map(), dry_run="yes")),
    ]  # fmt: skip
    for message, verb in verbs:
        with pytest.raises(RequestError, match=message):
            verb(nothing_sent)


def test_kinds_that_nobody_knows(connect: Connect) -> None:
    """Asking what the server serves is all that is done."""
    empty = reply(
        200, b'{"items":[]}', content_type="application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    )
    with ScriptedServer(default=empty) as server:
        client = connect(server)
        with pytest.raises(UnknownKindError, match=r"Deploymnt.*did you mean 'Deployment'"):
            client.create({"apiVersion": "apps/v1", "kind": "Deploymnt", "metadata": {"name": "x"}})
        with pytest.raises(UnknownKindError, match=r"in version v1"):
            client.list(GroupVersionKind("apps", "v1beta9", "Deployment"))
        with pytest.raises(UnknownKindError):
            client.delete("nothings", "x")
        assert {request.method for request in server.requests} == {"GET"}
        assert {request.path for request in server.requests} == {"/api", "/apis"}


def test_a_kind_by_its_description(connect: Connect) -> None:
    description = APIResource("x.example", "v1", "Thing", "things")
    with ScriptedServer(reply(200, b'{"kind":"Thing","apiVersion":"x.example/v1","spec":{"n":1}}')) as server:
        thing = connect(server).get(description, "t")
        assert thing.spec.n == 1
        assert server.requests[0].path == "/apis/x.example/v1/namespaces/default/things/t"


def test_a_version_that_the_server_does_not_serve(client: Client) -> None:
    class OldDeployment(Deployment, group="apps", version="v1beta9", plural="deployments", kind="Deployment"):
        pass

    with pytest.raises(NotFound) as caught:
        client.get(OldDeployment, "x")
    assert "the server serves Deployment of API group apps in v1, not in v1beta9" in caught.value.__notes__[0]

    class Unserved(Resource, group="nobody.example", version="v1", plural="nothings"):
        pass

    with pytest.raises(NotFound) as caught:
        client.list(Unserved)
    assert "the server does not serve Unserved of API group nobody.example" in caught.value.__notes__[0]
