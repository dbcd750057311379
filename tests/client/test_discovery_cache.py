# SPDX-License-Identifier: Apache-2.0
"""What is remembered of discovery, OpenAPI and the version: protocol G8-G11."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from discovery_documents import APPS, CORE, ODD, Cluster, aggregated
from scripted_server import ScriptedServer, reply

from k8s_core.client.discovery import Discovery
from k8s_core.client.discovery.cache import MISS_SECONDS
from k8s_core.errors import (
    DecodeError,
    NotFound,
    RequestError,
    ServiceUnavailable,
    UnknownKindError,
)
from k8s_core.kinds import GroupVersionKind
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from scripted_server import RecordedRequest

    from conftest import Connect
    from k8s_core.client import Client


def test_G8_the_server_is_asked_once(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS)) as server:
        client = connect(server)
        for _ in range(5):
            client.resource("deploy")
            client.resource("pods")
        assert len(server.requests) == 2


def test_G8_a_miss_asks_once_more_and_then_believes(connect: Connect) -> None:
    cluster = Cluster(APPS)
    now = 100.0
    with ScriptedServer(handler=cluster) as server:
        discovery = Discovery(connect(server).request, monotonic=lambda: now)
        discovery.match("pods")
        assert len(server.requests) == 2
        for _ in range(3):
            with pytest.raises(UnknownKindError):
                discovery.match("gadgets")
        assert len(server.requests) == 4
        cluster.groups.append(ODD)
        now += MISS_SECONDS
        assert discovery.match("gadgets")[0].kind == "Gadget"
        assert len(server.requests) == 6


def test_G8_the_first_question_is_not_asked_twice(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS)) as server:
        discovery = Discovery(connect(server).request)
        assert discovery.find(GroupVersionKind("no.example", "v1", "Nothing")) is None
        assert len(server.requests) == 2


def test_G8_a_crd_that_was_just_created_is_found(connect: Connect) -> None:
    cluster = Cluster(APPS)
    with ScriptedServer(handler=cluster) as server:
        client = connect(server)
        client.resource("pods")
        cluster.groups.append(ODD)
        kind = client.resource("gadgets")
        assert kind.api_resource.path("n", "x") == "/apis/odd.example/v2/namespaces/n/gadgets/x"


def test_G8_a_crd_that_this_client_creates_ends_the_belief_at_once(client: Client) -> None:
    for _ in range(3):
        with pytest.raises(UnknownKindError):
            client.resource("sprockets")
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    names = {"plural": "sprockets", "kind": "Sprocket"}
    client.create(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "sprockets.test.example"},
            "spec": {"group": "test.example", "scope": "Namespaced", "names": names, "versions": [version]},
        }
    )
    assert client.list("sprockets") == []
    client.delete("crd", "sprockets.test.example")
    with pytest.raises(UnknownKindError):
        client.resource("sprockets")


def test_G8_a_kind_that_the_server_serves_no_longer_is_forgotten(connect: Connect) -> None:
    cluster = Cluster(APPS, ODD)

    def handler(request: RecordedRequest) -> Any:
        return reply(404, b"404 page not found\n") if "gadgets" in request.path else cluster(request)

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        client.resource("gadgets")
        cluster.groups.remove(ODD)  # somebody deletes the CRD
        with pytest.raises(NotFound) as caught:
            client.get("gadgets", "x")
        assert "the server does not serve Gadget of API group odd.example" in caught.value.__notes__[0]
        with pytest.raises(UnknownKindError):
            client.resource("gadgets")


def test_G8_invalidate(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS)) as server:
        client = connect(server)
        client.resource("pods")
        client.discovery.invalidate()
        client.resource("pods")
        assert len(server.requests) == 4


def test_G8_a_failure_is_not_remembered(connect: Connect) -> None:
    cluster = Cluster(APPS)
    answers = [reply(503, b"")]

    def handler(request: RecordedRequest) -> Any:
        return answers.pop() if answers else cluster(request)

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        with pytest.raises(ServiceUnavailable):
            client.resource("pods")
        assert client.resource("pods") is Pod


def test_G8_a_group_that_vanishes_while_it_is_read(connect: Connect) -> None:
    def handler(request: RecordedRequest) -> Any:
        count = sum(each.path == "/apis" for each in server.requests)
        groups = [{"name": "gone.example", "versions": [{"version": "v1"}]}] if count < 2 else []
        bodies: dict[str, Any] = {
            "/api": {"versions": ["v1"]},
            "/apis": {"groups": groups},
            "/api/v1": {"resources": [{"name": "pods", "kind": "Pod", "namespaced": True}]},
        }
        if request.path not in bodies:
            return reply(404, b"404 page not found\n", content_type="text/plain")
        return reply(200, json.dumps(bodies[request.path]).encode())

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        assert client.resource("pods") is Pod
        assert client.discovery.failed == {}
        assert sum(request.path == "/apis" for request in server.requests) == 3


def test_G9_documents_that_have_not_changed_are_not_sent_again(connect: Connect) -> None:
    cluster = Cluster(APPS)

    def handler(request: RecordedRequest) -> Any:
        if request.header("If-None-Match") == '"e1"':
            return reply(304, b"", {"ETag": '"e1"'})
        body = aggregated(CORE if request.path == "/api" else APPS)
        return reply(200, body, {"ETag": '"e1"'}, content_type=cluster.content_type)

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        client.resource("pods")
        client.discovery.invalidate()
        assert client.resource("deploy") is Deployment
        assert [request.header("If-None-Match") for request in server.requests] == [None, None, '"e1"', '"e1"']


def test_G10_openapi(connect: Connect) -> None:
    def handler(request: RecordedRequest) -> Any:
        if request.target.startswith("/openapi/v3?") or request.path == "/openapi/v3":
            paths = {
                "apis/apps/v1": {"serverRelativeURL": "/openapi/v3/apis/apps/v1?hash=AB%2BC"},
                "evil": {"serverRelativeURL": "https://evil.example/openapi"},
                "evil2": {"serverRelativeURL": "//evil.example/openapi"},
                "evil3": {"serverRelativeURL": "/openapi/v3/../../secrets"},
                "odd": {},
            }
            return reply(200, json.dumps({"paths": paths}).encode())
        return reply(200, json.dumps({"openapi": "3.0.0", "hash": dict(request.query).get("hash")}).encode())

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        assert sorted(client.openapi_paths()) == ["apis/apps/v1", "evil", "evil2", "evil3"]
        assert client.openapi("apis/apps/v1")["hash"] == "AB+C"
        assert server.requests[-1].path == "/openapi/v3/apis/apps/v1"
        before = len(server.requests)
        for evil in ("evil", "evil2", "evil3"):
            with pytest.raises(DecodeError, match="not its own"):
                client.openapi(evil)
        assert {request.path for request in server.requests[before:]} == {"/openapi/v3"}
        with pytest.raises(RequestError, match="it has apis/apps/v1"):
            client.openapi("apis/apps/v2")


def test_G10_addresses_outside_of_openapi_are_relative_to_the_host(connect: Connect) -> None:
    paths = {"x": {"serverRelativeURL": "/gw/other/x"}, "y": {"serverRelativeURL": "/elsewhere"}}

    def handler(request: RecordedRequest) -> Any:
        body = {"paths": paths} if request.path.endswith("/openapi/v3") else {"path": request.path}
        return reply(200, json.dumps(body).encode())

    with ScriptedServer(handler=handler) as server:
        client = connect(f"{server.url}/gw")
        assert client.openapi("x") == {"path": "/gw/other/x"}
        with pytest.raises(DecodeError, match="not below /gw"):
            client.openapi("y")


def test_G11_versions_are_texts(connect: Connect) -> None:
    body = b'{"major":"1","minor":"27+","gitVersion":"v1.27.2-gke.1"}'
    with ScriptedServer(reply(200, body)) as server:
        version = connect(server).server_version()
    assert (version.minor, version.gitVersion) == ("27+", "v1.27.2-gke.1")
