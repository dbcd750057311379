# SPDX-License-Identifier: Apache-2.0
"""Discovery: protocol G1-G11, I4."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import ScriptedServer, reply, status_body

from k8s_core.client.discovery import Discovery
from k8s_core.client.discovery.cache import MISS_SECONDS
from k8s_core.client.discovery.documents import is_aggregated, read_aggregated, read_legacy_groups, read_resources
from k8s_core.errors import (
    DecodeError,
    InvalidName,
    KubernetesWarning,
    NotFound,
    RequestError,
    ServiceUnavailable,
    UnknownKindError,
)
from k8s_core.kinds import GroupVersionKind, Scope
from k8s_core.meta import GenericResource, ObjectMeta
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Event, Pod

if TYPE_CHECKING:
    from scripted_server import RecordedRequest

    from conftest import Connect
    from k8s_core.client import Client

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def resource(plural: str, kind: str, *short: str, scope: str = "Namespaced", **more: Any) -> dict[str, Any]:
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": scope,
        "singularResource": kind.lower(),
        "verbs": ["get", "list"],
        "shortNames": list(short),
        **more,
    }


def group(name: str, *versions: tuple[str, list[dict[str, Any]]], stale: str = "") -> dict[str, Any]:
    entries = [
        {"version": version, "resources": resources, "freshness": "Stale" if version == stale else "Current"}
        for version, resources in versions
    ]
    return {"metadata": {"name": name}, "versions": entries}


def aggregated(*groups: dict[str, Any]) -> bytes:
    return json.dumps(
        {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": list(groups)}
    ).encode()


CORE = group(
    "",
    (
        "v1",
        [resource("pods", "Pod", "po"), resource("events", "Event", "ev"), resource("nodes", "Node", scope="Cluster")],
    ),
)
SCALE = {"subresource": "scale", "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}
STATUS = {"subresource": "status", "responseKind": {"group": "apps", "version": "v1", "kind": "Deployment"}}
APPS = group(
    "apps",
    ("v1", [resource("deployments", "Deployment", "deploy", subresources=[SCALE, STATUS], categories=["all"])]),
    ("v1beta1", [resource("deployments", "Deployment", "deploy"), resource("oldthings", "OldThing")]),
)
EVENTS = group("events.k8s.io", ("v1", [resource("events", "Event", "ev")]))
ODD = group("odd.example", ("v2", [resource("pos", "Pos", "po", "gd"), resource("gadgets", "Gadget", "gd")]))


class Cluster:
    """A handler for a scripted server; ``documents`` may change while it runs."""

    def __init__(self, *groups: dict[str, Any], core: dict[str, Any] | None = CORE) -> None:
        self.groups = list(groups)
        self.core = core
        self.content_type = AGGREGATED

    def __call__(self, request: RecordedRequest) -> Any:
        if request.path == "/api":
            if self.core is None:
                return reply(404, b"404 page not found\n", content_type="text/plain")
            return reply(200, aggregated(self.core), content_type=self.content_type)
        if request.path == "/apis":
            return reply(200, aggregated(*self.groups), content_type=self.content_type)
        return reply(404, status_body(404, "NotFound"))


# -- documents


def test_G1_the_order_of_parameters_matters_in_the_request_only(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(APPS)) as server:
        assert connect(server).resource("deploy") is Deployment
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    assert [(request.path, request.header("Accept")) for request in server.requests] == [
        ("/api", accept),
        ("/apis", accept),
    ]
    assert is_aggregated(AGGREGATED)
    assert is_aggregated("application/json; as=APIGroupDiscoveryList; v=v2 ;g=apidiscovery.k8s.io; charset=utf-8")
    for other in ("application/json", None, "", AGGREGATED.replace("v2", "v2beta1"), "text/html;" + AGGREGATED[17:]):
        assert not is_aggregated(other)


def test_G2_the_content_type_decides(connect: Connect) -> None:
    """An older server ignores what was asked for and answers 200 with the legacy documents."""
    documents = {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {
            "kind": "APIGroupList",
            "groups": [
                {
                    "name": "apps",
                    "versions": [{"version": "v1beta1"}, {"version": "v1"}],
                    "preferredVersion": {"version": "v1"},
                }
            ],
        },
        "/api/v1": {"resources": [{"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod"}]},
        "/apis/apps/v1": {
            "resources": [
                {
                    "name": "deployments",
                    "singularName": "deployment",
                    "namespaced": True,
                    "kind": "Deployment",
                    "shortNames": ["deploy"],
                    "verbs": ["get"],
                },
                {
                    "name": "deployments/scale",
                    "group": "autoscaling",
                    "version": "v1",
                    "kind": "Scale",
                    "namespaced": True,
                },
                {"name": "deployments/status", "kind": "Deployment", "namespaced": True},
            ]
        },
        "/apis/apps/v1beta1": {"resources": []},
    }

    def handler(request: RecordedRequest) -> Any:
        return reply(200, json.dumps(documents[request.path]).encode())

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        assert client.resource("deploy") is Deployment
        assert client.resource("pod") is Pod
        found = client.discovery.find(GroupVersionKind("apps", "v1", "Deployment"))
    assert found is not None
    assert found.subresources == {"scale": "autoscaling/v1 Scale", "status": ""}
    assert found.verbs == ("get",)
    assert {request.path for request in server.requests} == set(documents)
    assert len(server.requests) == 5


def test_G3_a_server_without_the_legacy_group(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(ODD, core=None)) as server:
        assert issubclass(connect(server).resource("gadgets"), GenericResource)


def test_G3_both_have_to_be_aggregated(connect: Connect) -> None:
    def handler(request: RecordedRequest) -> Any:
        if request.path == "/apis":
            return reply(200, aggregated(APPS), content_type=AGGREGATED)
        bodies = {
            "/api": {"versions": ["v1"]},
            "/api/v1": {"resources": [{"name": "pods", "kind": "Pod", "namespaced": True}]},
            "/apis/apps/v1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
            "/apis/apps/v1beta1": {"resources": []},
        }
        return reply(200, json.dumps(bodies[request.path]).encode())

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        assert [resource.plural for resource in client.discovery.resources()] == ["pods", "deployments"]


def test_G4_the_first_version_that_is_not_stale_is_preferred() -> None:
    thing = [resource("things", "Thing")]
    document = json.loads(aggregated(group("g", ("v2", thing), ("v1", thing), stale="v2")))
    [found] = read_aggregated(document)
    assert [version.version for version in found.versions] == ["v1", "v2"]
    legacy = {"groups": [{"name": "g", "versions": [{"version": "v1"}, {"version": "v2"}],
                          "preferredVersion": {"version": "v2"}}]}  # fmt: skip
    assert list(read_legacy_groups(legacy)) == [("g", ["v2", "v1"])]


def test_G5_a_stale_group_does_not_harm_the_others(connect: Connect) -> None:
    broken = group("metrics.k8s.io", ("v1beta1", [resource("nodes", "NodeMetrics")]), stale="v1beta1")
    with ScriptedServer(handler=Cluster(APPS, broken)) as server:
        client = connect(server)
        assert client.resource("deploy") is Deployment
        assert list(client.discovery.failed) == ["metrics.k8s.io/v1beta1"]
        with pytest.raises(UnknownKindError, match=r"do not answer: metrics\.k8s\.io/v1beta1"):
            client.resource("nodemetrics")


def test_G5_an_unavailable_group_of_a_legacy_server(connect: Connect) -> None:
    def handler(request: RecordedRequest) -> Any:
        bodies = {
            "/api": {"versions": ["v1"]},
            "/apis": {"groups": [{"name": "metrics.k8s.io", "versions": [{"version": "v1beta1"}]}]},
            "/api/v1": {"resources": [{"name": "pods", "kind": "Pod", "namespaced": True}]},
        }
        if request.path not in bodies:
            return reply(503, b"service unavailable\n", content_type="text/plain")
        return reply(200, json.dumps(bodies[request.path]).encode())

    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        assert client.resource("pods") is Pod
        assert isinstance(client.discovery.failed["metrics.k8s.io/v1beta1"], ServiceUnavailable)


def test_G6_fields() -> None:
    [found] = read_aggregated(json.loads(aggregated(APPS)))
    [deployments] = found.versions[0].resources
    assert (deployments.plural, deployments.singular, deployments.kind) == ("deployments", "deployment", "Deployment")
    assert (deployments.scope, deployments.short_names, deployments.categories) == (
        Scope.NAMESPACED, ("deploy",), ("all",),
    )  # fmt: skip
    assert deployments.verbs == ("get", "list")
    assert deployments.subresources == {"scale": "autoscaling/v1 Scale", "status": ""}
    [core] = read_aggregated(json.loads(aggregated(CORE)))
    assert core.versions[0].resources[2].scope is Scope.CLUSTER


def test_G6_entries_without_a_kind_are_left_out() -> None:
    nameless = {"resource": "things", "subresources": [SCALE]}
    [found] = read_aggregated(json.loads(aggregated(group("g", ("v1", [nameless, resource("a", "A")])))))
    assert [entry.plural for entry in found.versions[0].resources] == ["a"]


@pytest.mark.parametrize("bad", ["../secrets", "a/b", "", "..", "A", "a%2fb", "a b", "a\n"])
def test_I4_what_becomes_part_of_an_address_is_checked(bad: str) -> None:
    things = [resource("things", "Thing")]
    documents = [
        group("g", ("v1", [resource(bad, "Thing")])),
        group("g", (bad, things)),
        *([group(bad, ("v1", things))] if bad else []),
        group("g", ("v1", [resource("things", bad if bad != "A" else "1A")])),
    ]
    for document in documents:
        found = list(read_aggregated(json.loads(aggregated(document))))
        assert [entry for each in found for version in each.versions for entry in version.resources] == []
    assert read_resources({"resources": [{"name": bad, "kind": "Thing"}]}, "g", "v1") == ()


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=3) | st.just("Thing") | st.just("things"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["items", "metadata", "name", "versions", "version", "resources", "resource", "responseKind",
                     "kind", "subresources", "subresource", "groups", "shortNames", "verbs", "preferredVersion"]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=15,
    )
)  # fmt: skip
def test_odd_documents_never_raise(document: Any) -> None:
    list(read_aggregated(document))
    list(read_legacy_groups(document))
    read_resources(document, "g", "v1")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"null"])
def test_an_answer_that_is_no_document(connect: Connect, body: bytes) -> None:
    with ScriptedServer(default=reply(200, body)) as server, pytest.raises(DecodeError):
        connect(server).resource("pods")


# -- names


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
        ("deploymnts", "did you mean deployments"),
        ("deployments.v2.apps", r"did you mean deployments\.v1\.apps or deployments\.v1beta1\.apps"),
        ("deployments.extensions", r"did you mean deployments\.v1\.apps"),
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


# -- the cache


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


# -- the rest


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
    client.delete_collection("gizmos")
    assert client.list(gizmo) == []
