# SPDX-License-Identifier: Apache-2.0
"""What discovery documents say: protocol G1-G6, I4."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from discovery_documents import AGGREGATED, APPS, CORE, ODD, SCALE, Cluster, aggregated, group, resource
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import ScriptedServer, reply

from k8s_core.client.discovery.documents import is_aggregated, read_aggregated, read_legacy_groups, read_resources
from k8s_core.errors import (
    DecodeError,
    ServiceUnavailable,
    UnknownKindError,
)
from k8s_core.kinds import GroupVersionKind, Scope
from k8s_core.meta import GenericResource
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from scripted_server import RecordedRequest

    from conftest import Connect


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
