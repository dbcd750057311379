# SPDX-License-Identifier: Apache-2.0
"""Subresources by name: protocol C36."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply

from k8s_core.errors import NotFound, RequestError
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import Client


def web() -> Deployment:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": {"a": "b"}}, "template": template}
    return Deployment.from_dict({"metadata": {"name": "web"}, "spec": spec})


def test_C36_scale(client: Client) -> None:
    created = client.create(web())
    scale = client.scale(created, replicas=5)
    assert (scale.kind, scale.apiVersion, scale.spec.replicas) == ("Scale", "autoscaling/v1", 5)
    assert client.scale("deploy", "web", replicas=0).spec.replicas == 0
    assert client.get(Deployment, "web").spec.replicas == 0
    scale.metadata.resourceVersion = None
    scale.spec.replicas = 7
    replaced = client.replace_subresource(Deployment, "web", subresource="scale", body=scale)
    assert replaced.spec.replicas == 7


def test_C36_a_kind_without_the_subresource(client: Client) -> None:
    client.create(ConfigMap(metadata=ObjectMeta(name="x")))
    with pytest.raises(NotFound):
        client.scale(ConfigMap, "x", replicas=1)


@pytest.mark.parametrize("replicas", [-1, "2", 1.5, True, None])
def test_scale_takes_whole_numbers(connect: Connect, replicas: Any) -> None:
    with ScriptedServer() as server, pytest.raises(RequestError, match="replicas"):
        connect(server).scale(Deployment, "web", replicas=replicas)
    assert server.requests == []


def test_any_subresource_by_name(connect: Connect) -> None:
    answer = {"kind": "Odd", "apiVersion": "x.example/v1", "spec": {"n": [1]}}
    with ScriptedServer(default=reply(200, json.dumps(answer).encode())) as server:
        client = connect(server)
        got = client.get(ConfigMap, "x", subresource="odd")
        posted = client.create_subresource(ConfigMap, "x", subresource="odd", body={"a": 1}, dry_run=True)
    assert (got.kind, got.spec.n) == ("Odd", [1])
    assert posted.spec.n == [1]
    assert [(request.method, request.path) for request in server.requests] == [
        ("GET", "/api/v1/namespaces/default/configmaps/x/odd"),
        ("POST", "/api/v1/namespaces/default/configmaps/x/odd"),
    ]


@pytest.mark.parametrize("subresource", ["../x", "", "a//b", "..", "a%2fb"])
def test_path_like_subresources(connect: Connect, subresource: str) -> None:
    with ScriptedServer() as server, pytest.raises(RequestError):
        connect(server).create_subresource(ConfigMap, "x", subresource=subresource, body={})
    assert server.requests == []
