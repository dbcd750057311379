# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v2 of the embedded server: what old kubectl validates, explains and verifies by (J28)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from server_core import CRDS, Api, crd
from swagger_protobuf import decode_swagger

from k8s_devkit.api_server.network.messages import HttpRequest, Query

Json = dict[str, Any]
PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
PROTOBUF_OLD = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
OBJECT_META = {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}


@pytest.fixture(scope="module")
def shared() -> Api:
    return Api()


@pytest.fixture(scope="module")
def swagger(shared: Api) -> Json:
    document: Json = shared.ok("GET", "/openapi/v2")
    return document


def custom(api: Api, properties: Json) -> Json:
    """The v2 definition of the spec of a CRD with ``properties``."""
    api.ok("POST", CRDS, crd(properties))
    definition = api.ok("GET", "/openapi/v2")["definitions"]["org.example.batch.v1.CronTab"]
    spec: Json = definition["properties"]["spec"]
    return spec


def test_J28_it_is_built_when_it_is_first_asked_for_and_once() -> None:
    api = Api()
    api.ok("GET", "/version")
    assert api.core.openapi == {}
    first = api("GET", "/openapi/v2", accept=PROTOBUF)
    assert api("GET", "/openapi/v2", accept=PROTOBUF).body is first.body


def without_zero_bounds(value: Any) -> Any:
    if isinstance(value, list):
        return [without_zero_bounds(item) for item in value]
    if isinstance(value, dict):
        gone = [key for key in ("minimum", "maximum") if type(value.get(key)) is int and value[key] == 0]
        return {key: without_zero_bounds(item) for key, item in value.items() if key not in gone}
    return value


def test_J28_both_forms_say_the_same(shared: Api, swagger: Json) -> None:
    reply = shared("GET", "/openapi/v2", accept=PROTOBUF)
    assert reply.content_type == PROTOBUF
    # A bound of 0 is lost in the other form: its number has no presence, in a cluster's answers either.
    assert decode_swagger(reply.body) == without_zero_bounds(swagger)


def test_J28_every_v2_reference_is_resolved(swagger: Json) -> None:
    text = json.dumps(swagger)
    assert "#/components" not in text
    for reference in text.split('"#/definitions/')[1:]:
        assert reference.split('"', 1)[0] in swagger["definitions"]


def test_J28_operations_have_names_of_their_own(swagger: Json) -> None:
    names = [item[key]["operationId"] for item in swagger["paths"].values() for key in item if key != "parameters"]
    assert len(names) == len(set(names))


def test_J28_a_kind_as_kubectl_finds_it(swagger: Json) -> None:
    deployment = swagger["definitions"]["io.k8s.api.apps.v1.Deployment"]
    assert deployment["x-kubernetes-group-version-kind"] == [{"group": "apps", "kind": "Deployment", "version": "v1"}]
    metadata = deployment["properties"]["metadata"]
    assert {key: metadata[key] for key in metadata if key != "description"} == OBJECT_META
    spec = swagger["definitions"]["io.k8s.api.apps.v1.DeploymentSpec"]
    assert spec["required"] == ["selector", "template"]
    assert spec["properties"]["replicas"] == {"type": "integer", "format": "int32"}
    assert spec["properties"]["strategy"]["x-kubernetes-patch-strategy"] == "retainKeys"
    pod = swagger["definitions"]["io.k8s.api.core.v1.PodSpec"]["properties"]
    assert pod["containers"]["x-kubernetes-patch-merge-key"] == "name"
    assert pod["terminationGracePeriodSeconds"]["format"] == "int64"


@pytest.mark.parametrize(
    "path", ["/api/v1/namespaces/{name}", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]
)
def test_J28_the_parameters_that_kubectl_looks_for_in_patch(swagger: Json, path: str) -> None:
    patch = swagger["paths"][path]["patch"]
    assert patch["x-kubernetes-action"] == "patch"
    assert patch["x-kubernetes-group-version-kind"]["version"] == "v1"
    names = [item.get("name") or item["$ref"].removeprefix("#/parameters/") for item in patch["parameters"]]
    assert [name.partition("-")[0] for name in names] == ["body", "dryRun", "fieldManager", "fieldValidation", "force"]
    assert {"dryRun", "fieldValidation"} <= set(names)  # it does not follow references
    assert all(swagger["parameters"][name]["name"] == "force" for name in names if name.startswith("force-"))
    assert "application/strategic-merge-patch+json" in patch["consumes"]


def test_J28_v2_has_neither_defaults_nor_choices(swagger: Json) -> None:
    definitions = swagger["definitions"]
    assert definitions["io.k8s.apimachinery.pkg.api.resource.Quantity"] == {"type": "string"}
    assert definitions["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]["format"] == "int-or-string"
    protocol = definitions["io.k8s.api.core.v1.ServicePort"]["properties"]["protocol"]
    assert {key: protocol[key] for key in protocol if key != "description"} == {"type": "string"}


def test_J28_what_may_be_null_or_anything_has_no_type_in_v2(api: Api) -> None:
    inner = {"type": "object", "nullable": True, "properties": {"x": {"type": "string"}}}
    spec = custom(
        api,
        {
            "none": {"type": "string", "nullable": True, "description": "May be null."},
            "nothing": inner,
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"k": inner}},
            "size": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            "count": {"type": "integer", "default": 1, "minimum": 0, "allOf": [{"maximum": 3}]},
            "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": inner}},
        },
    )["properties"]
    assert spec["none"] == {"description": "May be null."}
    assert spec["nothing"] == {}
    assert spec["free"] == {"x-kubernetes-preserve-unknown-fields": True}
    assert spec["size"] == {"x-kubernetes-int-or-string": True}
    assert spec["count"] == {"type": "integer", "minimum": 0}
    assert spec["template"]["required"] == ["apiVersion", "kind"]
    assert OBJECT_META["$ref"] == spec["template"]["properties"]["metadata"]["$ref"]


def test_J28_a_kind_that_holds_anything_has_no_properties_in_v2(api: Api) -> None:
    definition = crd()
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["x-kubernetes-preserve-unknown-fields"] = True
    api.ok("POST", CRDS, definition)
    found = api.ok("GET", "/openapi/v2")["definitions"]["org.example.batch.v1.CronTab"]
    assert set(found) == {"type", "x-kubernetes-group-version-kind"}


def test_J28_v2_follows_the_crds(api: Api) -> None:
    before = api("GET", "/openapi/v2")
    api.ok("POST", CRDS, crd())
    after = api("GET", "/openapi/v2")
    assert before.headers["Etag"] != after.headers["Etag"]
    assert "/apis/batch.example.org/v1/crontabs" in after.json["paths"]
    api.ok("DELETE", f"{CRDS}/crontabs.batch.example.org")
    assert api("GET", "/openapi/v2").headers["Etag"] == before.headers["Etag"]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html, application/json;q=0.2", "application/json"),
        (PROTOBUF_OLD, PROTOBUF),
        (f"application/json;q=0.5, {PROTOBUF}", PROTOBUF),
    ],
)
def test_J29_v2_in_the_form_that_is_accepted(shared: Api, accept: str, content_type: str) -> None:
    reply = shared("GET", "/openapi/v2", accept=accept)
    assert (reply.status, reply.content_type, reply.headers["Vary"]) == (200, content_type, "Accept")


@pytest.mark.parametrize("accept", ["text/html", "application/yaml", "application/vnd.kubernetes.protobuf"])
def test_J29_v2_in_no_other_form(shared: Api, accept: str) -> None:
    reply = shared("GET", "/openapi/v2", accept=accept)
    assert (reply.status, reply.body) == (406, b"")


def test_J26_v2_that_is_known_is_not_sent_again(shared: Api) -> None:
    tag = shared("GET", "/openapi/v2").headers["Etag"]
    answer = shared.core.handle(HttpRequest("GET", "/openapi/v2", Query(""), {"if-none-match": tag}))
    assert (answer.status, answer.body) == (304, b"")  # type: ignore[union-attr]  # an Answer
