# SPDX-License-Identifier: Apache-2.0
"""Level 4 of protocol section J: discovery, Tables, OpenAPI, negotiation, subresources and reviews."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from server_core import CONFIG_MAPS, CRDS, CRONTABS, DEPLOYMENTS, PODS, Api, config_map, crd, crontab, deployment, pod

from k8s_devkit.api_server.access.rules import Rule
from k8s_devkit.api_server.access.users import Authenticator
from k8s_devkit.api_server.clock import Identities
from k8s_devkit.api_server.network.messages import HttpRequest, Query

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"


def test_J26_legacy_discovery(api: Api) -> None:
    assert api.ok("GET", "/api")["versions"] == ["v1"]
    groups = {group["name"]: group for group in api.ok("GET", "/apis")["groups"]}
    assert groups["apps"]["preferredVersion"] == {"groupVersion": "apps/v1", "version": "v1"}
    assert [version["version"] for version in groups["autoscaling"]["versions"]] == ["v2", "v1"]
    resources = {item["name"]: item for item in api.ok("GET", "/apis/apps/v1")["resources"]}
    assert resources["deployments"]["shortNames"] == ["deploy"]
    scale = resources["deployments/scale"]
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")
    assert api.ok("GET", "/apis/apps")["kind"] == "APIGroup"
    assert api.ok("GET", "/api/v1")["groupVersion"] == "v1"


@pytest.mark.parametrize("path", ["/api", "/apis"])
def test_J26_aggregated_discovery(api: Api, path: str) -> None:
    reply = api("GET", path, accept=AGGREGATED)
    assert reply.content_type == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert reply.json["kind"] == "APIGroupDiscoveryList"
    resources = {item["resource"]: item for group in reply.json["items"] for item in group["versions"][0]["resources"]}
    name = "pods" if path == "/api" else "deployments"
    assert resources[name]["scope"] == "Namespaced"
    assert "list" in resources[name]["verbs"]


def test_J26_aggregated_discovery_as_kubectl_1_26_asks_for_it(api: Api) -> None:
    reply = api("GET", "/apis", accept=f"{AGGREGATED.replace('v=v2', 'v=v2beta1')}")
    assert reply.content_type == "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
    newer = api.ok("GET", "/apis", accept=AGGREGATED)
    assert reply.json == {**newer, "apiVersion": "apidiscovery.k8s.io/v2beta1"}
    assert api("GET", "/apis", accept=AGGREGATED.replace("v=v2", "v=v9")).json["kind"] == "APIGroupList"


def test_J26_etag(api: Api) -> None:
    tag = api("GET", "/apis", accept=AGGREGATED).headers["ETag"]
    request = HttpRequest("GET", "/apis", Query(""), {"accept": AGGREGATED, "if-none-match": tag})
    answer = api.core.handle(request)
    assert (answer.status, answer.body) == (304, b"")  # type: ignore[union-attr]  # an Answer
    api.ok("POST", CRDS, crd())
    assert api("GET", "/apis", accept=AGGREGATED).headers["ETag"] != tag


def test_J26_crds_come_and_go(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    assert "batch.example.org" in [group["name"] for group in api.ok("GET", "/apis")["groups"]]
    assert api.ok("GET", "/apis/batch.example.org/v1")["resources"][0]["name"] == "crontabs"
    api.ok("DELETE", f"{CRDS}/crontabs.batch.example.org")
    assert "batch.example.org" not in [group["name"] for group in api.ok("GET", "/apis")["groups"]]
    assert api("GET", "/apis/batch.example.org/v1").status == 404


def test_J26_version_and_health(api: Api) -> None:
    version = api.ok("GET", "/version")
    assert (version["major"], version["minor"], version["gitVersion"]) == ("1", "36", "v1.36.2")
    for path in ("/healthz", "/livez", "/readyz"):
        assert api("GET", path).body == b"ok"


def test_J27_tables(api: Api) -> None:
    api.ok("POST", PODS, pod("a"))
    api.clock.advance(90)
    table = api.ok("GET", PODS, accept=TABLE)
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    columns = [column["name"] for column in table["columnDefinitions"]]
    assert columns[:2] == ["Name", "Ready"]
    (row,) = table["rows"]
    assert len(row["cells"]) == len(columns)
    assert row["cells"][columns.index("Age")] == "90s"
    assert row["object"]["kind"] == "PartialObjectMetadata"
    one = api.ok("GET", f"{PODS}/a", accept=TABLE)
    assert [row["cells"][0] for row in one["rows"]] == ["a"]


def test_J27_what_rows_include(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}))
    assert api.ok("GET", f"{CONFIG_MAPS}?includeObject=None", accept=TABLE)["rows"][0]["object"] is None
    assert api.ok("GET", f"{CONFIG_MAPS}?includeObject=Object", accept=TABLE)["rows"][0]["object"]["data"] == {"x": "1"}
    assert api("GET", f"{CONFIG_MAPS}?includeObject=Half", accept=TABLE).status == 400


def test_J27_a_watch_sends_columns_once(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.ok("POST", CONFIG_MAPS, config_map("b"))
    stream = api.send("GET", f"{CONFIG_MAPS}?watch=1", accept=TABLE)
    frames = [json.loads(frame)["object"] for frame in stream.session.drain()]  # type: ignore[union-attr]  # a Stream
    assert [bool(frame["columnDefinitions"]) for frame in frames] == [True, False]
    assert [frame["rows"][0]["cells"][0] for frame in frames] == ["a", "b"]


def test_J27_partial_object_metadata(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}))
    one = api.ok("GET", f"{CONFIG_MAPS}/a", accept=PARTIAL)
    assert set(one) == {"kind", "apiVersion", "metadata"}
    listed = api.ok("GET", CONFIG_MAPS, accept=PARTIAL.replace("Metadata;", "MetadataList;"))
    assert listed["kind"] == "PartialObjectMetadataList"
    assert "data" not in listed["items"][0]


def test_J28_openapi_v3(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    index = api.ok("GET", "/openapi/v3")["paths"]
    assert {"api/v1", "apis/apps/v1", "apis/batch.example.org/v1"} <= set(index)
    url = index["apis/apps/v1"]["serverRelativeURL"]
    assert url.startswith("/openapi/v3/apis/apps/v1?hash=")
    document = api.ok("GET", url)
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert operation["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert "fieldValidation" in [parameter["name"] for parameter in operation["parameters"]]
    schemas = document["components"]["schemas"]
    spec = schemas["io.k8s.api.apps.v1.DeploymentSpec"]
    assert spec["properties"]["replicas"]["type"] == "integer"
    assert spec["required"] == ["selector", "template"]
    containers = schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"]
    assert containers["x-kubernetes-patch-merge-key"] == "name"


def test_J28_every_reference_is_resolved(api: Api) -> None:
    for entry in api.ok("GET", "/openapi/v3")["paths"].values():
        document = api.ok("GET", entry["serverRelativeURL"])
        names = set(document["components"]["schemas"])
        for reference in json.dumps(document).split('"#/components/schemas/')[1:]:
            assert reference.split('"', 1)[0] in names


def test_J28_a_stale_hash_is_redirected(api: Api) -> None:
    reply = api("GET", "/openapi/v3/api/v1?hash=OLD")
    assert reply.status == 301
    assert reply.headers["Location"].startswith("/openapi/v3/api/v1?hash=")
    assert api("GET", "/openapi/v3/no/such").status == 404


def test_J28_a_crd_has_its_own_schema(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    document = api.ok("GET", "/openapi/v3/apis/batch.example.org/v1")
    schema = document["components"]["schemas"]["org.example.batch.v1.CronTab"]
    assert schema["properties"]["spec"]["properties"]["replicas"] == {"type": "integer"}
    assert schema["x-kubernetes-group-version-kind"][0]["kind"] == "CronTab"


def test_J29_not_acceptable(api: Api) -> None:
    status = api.fails(406, "GET", CONFIG_MAPS, accept="text/html")
    assert status["message"].startswith("only the following media types are accepted: application/json")
    api.fails(406, "POST", CONFIG_MAPS, config_map(), accept="image/png")
    api.fails(404, "GET", f"{CONFIG_MAPS}/a")


@pytest.mark.parametrize(
    "accept", ["*/*", "application/vnd.kubernetes.protobuf,application/json", "application/json;q=0.9,*/*"]
)
def test_J29_json_is_what_most_get(api: Api, accept: str) -> None:
    assert api("GET", CONFIG_MAPS, accept=accept).content_type == "application/json"


def test_J29_yaml_both_ways(api: Api) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {x: '1'}\n"
    reply = api("POST", CONFIG_MAPS, body, content_type="application/yaml", accept="application/yaml")
    assert (reply.status, reply.content_type) == (201, "application/yaml")
    assert b'data:\n  x: "1"' in reply.body
    api.fails(400, "POST", CONFIG_MAPS, b"a: [", content_type="application/yaml")
    api.fails(415, "POST", CONFIG_MAPS, b"x", content_type="text/plain")


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
def test_J29_bodies_that_are_no_objects(api: Api, body: bytes) -> None:
    assert api.fails(400, "POST", CONFIG_MAPS, body)["reason"] == "BadRequest"


def test_J29_a_body_above_3_mib_is_a_413(api: Api) -> None:
    body = json.dumps(config_map("a", data={"x": "y" * (3 * 1024 * 1024)})).encode()
    assert "limit is 3145728" in api.fails(413, "POST", CONFIG_MAPS, body)["message"]


def test_J29_the_wrong_kind_is_a_400(api: Api) -> None:
    api.fails(400, "POST", CONFIG_MAPS, {**config_map(), "kind": "Secret"})
    status = api.fails(400, "POST", CONFIG_MAPS, {**config_map(), "apiVersion": "apps/v1"})
    assert status["message"] == ("the API version in the data (apps/v1) does not match the expected API version (v1)")
    status = api.fails(400, "POST", CONFIG_MAPS, {**config_map(), "apiVersion": "v2"})
    assert 'no kind "ConfigMap" is registered for version "v2" in scheme' in status["message"]


def test_J30_scale(api: Api) -> None:
    api.ok("POST", DEPLOYMENTS, deployment("a", replicas=2))
    scale = api.ok("GET", f"{DEPLOYMENTS}/a/scale")
    assert (scale["kind"], scale["apiVersion"], scale["spec"]) == ("Scale", "autoscaling/v1", {"replicas": 2})
    assert scale["status"]["selector"] == "app=a"
    scale["spec"]["replicas"] = 5
    assert api.ok("PUT", f"{DEPLOYMENTS}/a/scale", scale)["spec"] == {"replicas": 5}
    api.fails(409, "PUT", f"{DEPLOYMENTS}/a/scale", scale)
    patched = api.ok("PATCH", f"{DEPLOYMENTS}/a/scale", {"spec": {"replicas": 1}}, content_type=MERGE)
    assert patched["spec"] == {"replicas": 1}
    assert api.ok("GET", f"{DEPLOYMENTS}/a")["spec"]["replicas"] == 1
    patch = {"spec": {"replicas": -1}}
    assert api.fails(422, "PATCH", f"{DEPLOYMENTS}/a/scale", patch, content_type=MERGE)["reason"] == "Invalid"
    assert api("GET", f"{CONFIG_MAPS}/a/scale").status == 404


def test_J30_scale_of_a_custom_resource(api: Api) -> None:
    scale = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    }
    api.ok("POST", CRDS, crd(subresources={"status": {}, "scale": scale}))
    api.ok("POST", CRONTABS, crontab("a", replicas=2))
    api.ok("PATCH", f"{CRONTABS}/a/status", {"status": {"replicas": 1, "selector": "x=y"}}, content_type=MERGE)
    found = api.ok("GET", f"{CRONTABS}/a/scale")
    assert (found["spec"], found["status"]) == ({"replicas": 2}, {"replicas": 1, "selector": "x=y"})
    api.ok("PATCH", f"{CRONTABS}/a/scale", {"spec": {"replicas": 3}}, content_type=MERGE)
    assert api.ok("GET", f"{CRONTABS}/a")["spec"]["replicas"] == 3


def _evict(api: Api, name: str = "a", **more: Any) -> Any:
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}, **more}
    return api("POST", f"{PODS}/a/eviction", body)


def _budget(api: Api, name: str, **status: int) -> None:
    path = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}}
    api.ok("POST", path, {"metadata": {"name": name}, "spec": spec})
    if status:
        patch = {"status": {"observedGeneration": 1, **status}}
        api.ok("PATCH", f"{path}/{name}/status", patch, content_type=MERGE)


def test_J30_eviction_answers_with_a_status(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n"))
    reply = _evict(api)
    assert (reply.status, reply.json["kind"], reply.json["status"]) == (201, "Status", "Success")
    assert "deletionTimestamp" in api.ok("GET", f"{PODS}/a")["metadata"]
    assert _evict(api, "b").status == 400


def test_J30_eviction_waits_for_the_budget_to_be_processed(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n", labels={"app": "x"}))
    _budget(api, "pdb")
    reply = _evict(api)
    assert (reply.status, reply.headers["Retry-After"]) == (429, "10")
    assert reply.json["details"]["causes"][0]["reason"] == "DisruptionBudget"


def test_J30_eviction_without_budget_left_has_no_retry_hint(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n", labels={"app": "x"}))
    _budget(api, "pdb", disruptionsAllowed=0)
    reply = _evict(api)
    assert reply.status == 429
    assert reply.json["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    assert "Retry-After" not in reply.headers


def test_J30_eviction_spends_the_budget(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n", labels={"app": "x"}))
    _budget(api, "pdb", disruptionsAllowed=1)
    assert _evict(api).status == 201
    status = api.ok("GET", "/apis/policy/v1/namespaces/default/poddisruptionbudgets/pdb")["status"]
    assert status["disruptionsAllowed"] == 0
    assert set(status["disruptedPods"]) == {"a"}


def test_J30_two_budgets_are_a_failure_in_a_201(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n", labels={"app": "x"}))
    _budget(api, "one")
    _budget(api, "two")
    reply = _evict(api)
    assert (reply.status, reply.json["status"], reply.json["code"]) == (201, "Failure", 500)


def test_J30_binding(api: Api) -> None:
    api.ok("POST", PODS, pod("a"))
    body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "a"}, "target": {"kind": "Node", "name": "n"}}
    assert api.ok("POST", f"{PODS}/a/binding", body)["status"] == "Success"
    assert api.ok("GET", f"{PODS}/a")["spec"]["nodeName"] == "n"
    assert 'pod a is already assigned to node "n"' in api.fails(409, "POST", f"{PODS}/a/binding", body)["message"]


def test_J30_tokens(make_api: Callable[..., Api]) -> None:
    api = make_api(identities=Identities(seed=1))
    api.core.authenticator = Authenticator({"t": "alice"})
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    api.ok("POST", accounts, {"metadata": {"name": "robot"}})
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    issued = api.ok("POST", f"{accounts}/robot/token", body)["status"]
    assert issued["expirationTimestamp"] == "2026-01-01T00:10:00Z"
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": issued["token"]}}
    status = api.ok("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)["status"]
    assert (status["authenticated"], status["user"]["username"]) == (True, "system:serviceaccount:default:robot")
    review["spec"] = {"token": "wrong"}
    status = api.ok("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)["status"]
    assert status == {"user": {}, "error": "invalid bearer token"}


def test_J30_access_reviews_ask_the_rules(api: Api) -> None:
    api.core.authorization.rules.append(Rule(allow=False, verb="delete", resource="pods"))
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"

    def allowed(verb: str) -> bool:
        spec = {"resourceAttributes": {"verb": verb, "resource": "pods", "namespace": "default"}}
        document = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec}
        return bool(api.ok("POST", path, document)["status"]["allowed"])

    assert allowed("get")
    assert not allowed("delete")
    api.fails(405, "GET", path)
    spec = {"user": "u", "resourceAttributes": {"verb": "delete", "resource": "pods"}}
    other = api.ok("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {"spec": spec})
    assert not other["status"]["allowed"]
    me = api.ok("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert me["status"]["userInfo"]["username"] == "kubernetes-admin"


def test_J31_no_controllers_unless_switched_on(api: Api) -> None:
    api.ok("POST", DEPLOYMENTS, deployment("a"))
    assert api.ok("GET", PODS)["items"] == []
    assert api.ok("GET", f"{DEPLOYMENTS}/a")["status"] == {}


def test_J31_time_uids_and_suffixes_come_from_outside(make_api: Callable[..., Api]) -> None:
    def run() -> list[Json]:
        api = make_api(identities=Identities(seed=3))
        return [api.ok("POST", CONFIG_MAPS, {"metadata": {"generateName": "x-"}}) for _ in range(3)]

    assert run() == run()
    numbers = iter(range(100))
    api = make_api(identities=Identities(uid=lambda: f"uid-{next(numbers)}"))
    assert (
        api.ok("POST", CONFIG_MAPS, config_map())["metadata"]["uid"] == "uid-5"
    )  # four are the namespaces', one the Service's


def test_J30_streams_without_a_handler_name_the_method(api: Api) -> None:
    api.ok("POST", PODS, pod("a"))
    assert api.fails(400, "GET", f"{PODS}/a/exec?command=sh")["message"] == "pod a does not have a host assigned"
    api.ok("POST", PODS, pod("b", node="n"))
    assert api.fails(400, "GET", f"{PODS}/b/exec?command=sh&stdout=1")["message"] == "Upgrade request required"
    headers = {"connection": "keep-alive, Upgrade", "upgrade": "websocket"}
    request = HttpRequest("GET", "/api/v1/namespaces/default/pods/b/exec", Query("command=sh&stdout=1"), headers)
    answer = api.core.handle(request)
    assert answer.status == 501  # type: ignore[union-attr]  # an Answer
    text = b"nothing serves exec of container main in pod default/b: register a handler with ApiServer.exec()"
    assert text in answer.body  # type: ignore[union-attr]  # an Answer
    assert "pods/proxy is not served" in api.fails(501, "GET", f"{PODS}/b/proxy")["message"]
