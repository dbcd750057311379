# SPDX-License-Identifier: Apache-2.0
"""Reads on the wire: routing, errors, selectors, paging, representations (protocol C7-C18, J1-J4, J9, J10, J26-J29)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from wire import MERGE_PATCH, Wire
from wire_documents import MAPS, PODS, Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance_differences import Answers

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"


def config_map(name: str, labels: Json | None = None, **more: Any) -> Json:
    return {"metadata": {"name": name, **({"labels": labels} if labels else {})}, **more}


def fill(wire: Wire, count: int) -> None:
    for number in range(count):
        wire.ok("POST", MAPS, config_map(f"c{number}", {"n": str(number)}))


def names(document: Json) -> list[str]:
    # A cluster with controllers puts a ConfigMap of its own into each namespace.
    return [item["metadata"]["name"] for item in document["items"] if item["metadata"]["name"] != "kube-root-ca.crt"]


@pytest.mark.parametrize("path", ["/nope", "/api/v9/pods", "/apis/no.such.group/v1/things", "/api/v1/nothings"])
def test_J2_unknown_paths(wire: Wire, path: str) -> None:
    reply = wire("GET", path)
    assert reply.status == 404


def test_J2_the_page_for_unknown_groups_is_text(wire: Wire) -> None:
    reply = wire("GET", "/apis/no.such.group/v1/nothings")
    assert (reply.status, reply.body) == (404, b"404 page not found\n")
    assert reply.headers["Content-Type"].startswith("text/plain")


def test_J2_unknown_resources_of_known_groups_are_statuses(wire: Wire) -> None:
    status = wire.fails(404, "GET", "/apis/apps/v1/nothings")
    assert status["message"] == "the server could not find the requested resource"


def test_J2_a_verb_that_the_resource_lacks(wire: Wire) -> None:
    assert wire.fails(405, "PUT", MAPS, config_map("a"))["reason"] == "MethodNotAllowed"


def test_J3_not_found(wire: Wire) -> None:
    assert wire.fails(404, "GET", f"{PODS}/x") == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'pods "x" not found',
        "reason": "NotFound",
        "details": {"name": "x", "kind": "pods"},
        "code": 404,
    }


def test_J1_empty_lists(wire: Wire) -> None:
    listed = wire.ok("GET", "/api/v1/namespaces/{ns}/secrets")
    assert (listed["kind"], listed["apiVersion"], listed["items"]) == ("SecretList", "v1", [])
    assert int(listed["metadata"]["resourceVersion"]) > 0


def test_J1_versions_grow(wire: Wire) -> None:
    first = wire.ok("POST", MAPS, config_map("a"))["metadata"]["resourceVersion"]
    second = wire.ok("POST", PODS, pod("b"))["metadata"]["resourceVersion"]
    assert int(second) > int(first)
    assert int(wire.ok("GET", MAPS)["metadata"]["resourceVersion"]) >= int(second)


def pod(name: str, **spec: Any) -> Json:
    return {"metadata": {"name": name}, "spec": {"containers": [{"name": "main", "image": "nginx"}], **spec}}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("n=1", ["c1"]),
        ("n!=1", ["c0", "c2"]),
        ("n in (0,2)", ["c0", "c2"]),
        ("n notin (0)", ["c1", "c2"]),
        ("n>0,n<2", ["c1"]),
        ("n", ["c0", "c1", "c2"]),
        ("!n", []),
        ("n = 1 ,  n in ( 1 , 2 )", ["c1"]),
    ],
)
def test_J9_label_selectors(wire: Wire, selector: str, expected: list[str]) -> None:
    fill(wire, 3)
    assert names(wire.ok("GET", f"{MAPS}?labelSelector={selector.replace('=', '%3D')}".replace("%3D", "="))) == expected


@pytest.mark.parametrize("selector", ["a in x", "a in (x", "=a", "a,,b", "-a=b", "a=-b", "a>x"])
def test_J9_label_selectors_that_do_not_parse(wire: Wire, selector: str) -> None:
    assert wire.fails(400, "GET", f"{MAPS}?labelSelector={selector}")["reason"] == "BadRequest"


def test_J9_field_selectors(wire: Wire) -> None:
    wire.ok("POST", PODS, pod("a", nodeName="n1"))
    wire.ok("POST", PODS, pod("b"))
    assert names(wire.ok("GET", f"{PODS}?fieldSelector=spec.nodeName=n1")) == ["a"]
    assert names(wire.ok("GET", f"{PODS}?fieldSelector=metadata.name!=a")) == ["b"]
    assert names(wire.ok("GET", f"{PODS}?fieldSelector=status.phase=Pending,metadata.name=b")) == ["b"]
    status = wire.fails(400, "GET", f"{PODS}?fieldSelector=spec.foo=1")
    assert "field label not supported: spec.foo" in status["message"]


def test_J10_pages(wire: Wire) -> None:
    fill(wire, 5)
    first = wire.ok("GET", f"{MAPS}?limit=2&labelSelector=n")
    assert names(first) == ["c0", "c1"]
    wire.ok("DELETE", f"{MAPS}/c3")
    second = wire.ok("GET", f"{MAPS}?limit=10&labelSelector=n&continue={first['metadata']['continue']}")
    assert names(second) == ["c2", "c3", "c4"]  # the state of the first page
    assert "continue" not in second["metadata"]
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


def test_J10_remaining_item_count(wire: Wire) -> None:
    for name in "abc":
        wire.ok("POST", "/api/v1/namespaces/{ns}/secrets", config_map(name))
    assert wire.ok("GET", "/api/v1/namespaces/{ns}/secrets?limit=1")["metadata"]["remainingItemCount"] == 2
    selected = wire.ok("GET", "/api/v1/namespaces/{ns}/secrets?limit=1&labelSelector=!x")["metadata"]
    assert "remainingItemCount" not in selected


def test_J10_the_token(wire: Wire, answers: Answers) -> None:
    fill(wire, 2)
    metadata = wire.ok("GET", f"{MAPS}?limit=1&labelSelector=n")["metadata"]
    token = metadata["continue"]
    decoded = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    assert decoded["rv"] == int(metadata["resourceVersion"])
    assert decoded["start"] in answers("start of a continue token")
    assert decoded["v"].startswith("meta.k8s.io/v1")
    assert wire.fails(400, "GET", f"{MAPS}?continue=nonsense")["reason"] == "BadRequest"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("resourceVersionMatch=Exact", 422),
        ("resourceVersionMatch=Exact&resourceVersion=0", 422),
        ("watch=1&resourceVersionMatch=NotOlderThan", 422),
    ],
)
def test_C11_invalid_combinations(wire: Wire, query: str, status: int) -> None:
    wire.fails(status, "GET", f"{MAPS}?{query}")


def test_C10_a_malformed_version(wire: Wire, answers: Callable[[str], tuple[Any, ...]]) -> None:
    reply = wire("GET", f"{MAPS}?resourceVersion=x")
    assert reply.status in answers("status of a malformed resourceVersion")
    assert "invalid syntax" in reply.json["message"]


def test_C8_a_version_does_not_go_with_a_token(wire: Wire) -> None:
    fill(wire, 2)
    token = wire.ok("GET", f"{MAPS}?limit=1")["metadata"]["continue"]
    status = wire.fails(400, "GET", f"{MAPS}?limit=1&resourceVersion=5&continue={token}")
    assert status["message"] == "specifying resource version is not allowed when using continue"


def test_C10_versions_of_lists(wire: Wire) -> None:
    fill(wire, 3)
    version = wire.ok("GET", MAPS)["metadata"]["resourceVersion"]
    wire.ok("DELETE", f"{MAPS}/c0")
    exact = f"resourceVersion={version}&resourceVersionMatch=Exact"
    assert names(wire.ok("GET", f"{MAPS}?{exact}")) == ["c0", "c1", "c2"]
    newest = wire.ok("GET", f"{MAPS}?resourceVersion={version}&resourceVersionMatch=NotOlderThan")
    assert sorted(names(newest)) == ["c1", "c2"]  # the watch cache of older servers does not sort
    assert len(wire.ok("GET", f"{MAPS}?resourceVersion={version}&limit=2")["items"]) == 2


def test_C12_a_version_from_the_future(wire: Wire) -> None:
    ahead = int(wire.ok("GET", MAPS)["metadata"]["resourceVersion"]) + 100_000
    status = wire.fails(504, "GET", f"{MAPS}?resourceVersion={ahead}")
    assert status["reason"] == "Timeout"
    assert f"Too large resource version: {ahead}, current: " in status["message"]
    assert status["details"]["retryAfterSeconds"] == 1


def test_C13_items_of_typed_lists_have_no_kind(wire: Wire) -> None:
    fill(wire, 1)
    assert not {"kind", "apiVersion"} & set(wire.ok("GET", MAPS)["items"][0])


def test_J26_legacy_discovery(wire: Wire) -> None:
    assert "v1" in wire.ok("GET", "/api")["versions"]
    groups = {group["name"]: group for group in wire.ok("GET", "/apis")["groups"]}
    assert groups["apps"]["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
    assert wire.ok("GET", "/apis/apps")["kind"] == "APIGroup"
    resources = {item["name"]: item for item in wire.ok("GET", "/apis/apps/v1")["resources"]}
    deployments = resources["deployments"]
    expected = {"singularName", "namespaced", "kind", "verbs", "shortNames", "categories", "storageVersionHash", "name"}
    assert set(deployments) == expected
    assert (deployments["kind"], deployments["shortNames"], deployments["categories"]) == (
        "Deployment",
        ["deploy"],
        ["all"],
    )
    assert sorted(deployments["verbs"]) == [
        "create",
        "delete",
        "deletecollection",
        "get",
        "list",
        "patch",
        "update",
        "watch",
    ]
    scale = resources["deployments/scale"]
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")
    assert "group" not in resources["deployments/status"]


@pytest.mark.since("1.27")
def test_J26_aggregated_discovery(wire: Wire) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    reply = wire("GET", "/apis", accept=accept)
    assert "APIGroupDiscoveryList" in reply.headers["Content-Type"]
    assert reply.headers["ETag"]
    assert "apps" in [item["metadata"]["name"] for item in reply.json["items"]]


def test_J26_health_and_version(wire: Wire) -> None:
    for path in ("/healthz", "/livez", "/readyz"):
        assert wire("GET", path).body == b"ok"
    version = wire.ok("GET", "/version")
    assert isinstance(version["major"], str)
    assert version["gitVersion"].startswith("v1.")


def test_J27_tables(wire: Wire) -> None:
    wire.ok("POST", PODS, pod("a"))
    table = wire.ok("GET", PODS, accept=TABLE)
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    columns = [column["name"] for column in table["columnDefinitions"]]
    assert columns[:5] == ["Name", "Ready", "Status", "Restarts", "Age"]
    (row,) = table["rows"]
    assert row["cells"][:3] == ["a", "0/1", "Pending"]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert wire.ok("GET", f"{PODS}?includeObject=None", accept=TABLE)["rows"][0]["object"] is None
    assert wire.ok("GET", f"{PODS}?includeObject=Object", accept=TABLE)["rows"][0]["object"]["kind"] == "Pod"


def test_J27_columns_of_deployments(wire: Wire) -> None:
    table = wire.ok("GET", "/apis/apps/v1/namespaces/{ns}/deployments", accept=TABLE)
    columns = [(column["name"], column["priority"]) for column in table["columnDefinitions"]]
    assert columns == [
        ("Name", 0),
        ("Ready", 0),
        ("Up-to-date", 0),
        ("Available", 0),
        ("Age", 0),
        ("Containers", 1),
        ("Images", 1),
        ("Selector", 1),
    ]
    assert table["rows"] == []


def test_J27_partial_metadata(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a", data={"x": "1"}))
    accept = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    one = wire.ok("GET", f"{MAPS}/a", accept=accept)
    assert (one["kind"], one["apiVersion"], "data" in one) == ("PartialObjectMetadata", "meta.k8s.io/v1", False)
    listed = wire.ok("GET", MAPS, accept=accept.replace("Metadata;", "MetadataList;"))
    assert listed["kind"] == "PartialObjectMetadataList"


@pytest.mark.since("1.27")
def test_J28_openapi_v3(wire: Wire) -> None:
    index = wire.ok("GET", "/openapi/v3")["paths"]
    path, _, query = index["apis/apps/v1"]["serverRelativeURL"].partition("?")
    document = wire.ok("GET", f"{path}?{query}")
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "io.k8s.api.apps.v1.DeploymentSpec" in document["components"]["schemas"]
    assert operation["x-kubernetes-group-version-kind"]["kind"] == "Deployment"


def test_J29_negotiation(wire: Wire) -> None:
    wire.fails(406, "GET", MAPS, accept="text/html")
    assert wire("GET", MAPS, accept="*/*").headers["Content-Type"] == "application/json"
    reply = wire("GET", MAPS, accept="application/yaml")
    assert b"kind: ConfigMapList\n" in reply.body
    wire.fails(415, "POST", MAPS, b"x", content_type="text/plain")
    body = b"metadata: {name: a}\ndata: {x: '1'}\n"
    assert wire.ok("POST", MAPS, body, content_type="application/yaml")["data"] == {"x": "1"}


def test_C36_scale(wire: Wire) -> None:
    labels = {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    path = "/apis/apps/v1/namespaces/{ns}/deployments"
    wire.ok("POST", path, {"metadata": {"name": "a"}, "spec": spec})
    scale = wire.ok("GET", f"{path}/a/scale")
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert (scale["spec"], scale["status"]) == ({"replicas": 2}, {"replicas": 0, "selector": "app=a"})
    patched = wire.ok("PATCH", f"{path}/a/scale", {"spec": {"replicas": 5}}, content_type=MERGE_PATCH)
    assert patched["spec"] == {"replicas": 5}
    wire.fails(409, "PUT", f"{path}/a/scale", scale)
    assert wire("GET", f"{MAPS}/a/scale").status == 404


def test_J30_access_reviews(wire: Wire) -> None:
    spec = {"resourceAttributes": {"verb": "get", "resource": "pods", "namespace": "default"}}
    document = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
    answer = wire.ok("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", document)
    assert answer["status"]["allowed"] is True
    wire.fails(405, "GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")


def test_names_are_percent_encoded_once(wire: Wire) -> None:
    name = f"system:{wire.namespace}"
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
    wire.ok("POST", path, {"metadata": {"name": name}, "rules": []})
    assert wire.ok("GET", f"{path}/{quote(name)}")["metadata"]["name"] == name
    wire.ok("DELETE", f"{path}/{quote(name)}")
