# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 schemas of the embedded server: those of built-in kinds are kube-apiserver's own (J28)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_documents import INPUT
from server_core import Api

Json = dict[str, Any]
EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
UNIONS = "comments of Go's types declare unions, which no client reads"
BARE = "a reference without description is written without allOf"
DIFFERENCES = {
    "io.k8s.api.core.v1.AppArmorProfile": UNIONS,
    "io.k8s.api.core.v1.PodSchedulingGroup": UNIONS,
    "io.k8s.api.core.v1.SeccompProfile": UNIONS,
    "io.k8s.api.flowcontrol.v1.LimitResponse": UNIONS,
    "io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec": UNIONS,
    "io.k8s.api.flowcontrol.v1.Subject": UNIONS,
    "io.k8s.api.networking.v1.IngressRule.http": BARE,
    **{
        f"{EXTENSIONS}.JSONSchemaProps.{name}": BARE
        for name in ("additionalItems", "additionalProperties", "example", "externalDocs", "items", "not")
    },
    "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions.propagationPolicy": "the client's class has an enum",
}


@pytest.fixture(scope="module")
def shared() -> Api:
    return Api()


def schemas(api: Api, document: str) -> Json:
    found: Json = api.ok("GET", f"/openapi/v3/{document}")["components"]["schemas"]
    return found


def without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_descriptions(item) for key, item in value.items() if key != "description"}
    return [without_descriptions(item) for item in value] if isinstance(value, list) else value


def parts(found: Json) -> Json:
    """Definitions and their properties by name."""
    named: Json = {}
    for name, schema in found.items():
        # A property, too, may be called description.
        properties = schema.get("properties") or {}
        named[name] = without_descriptions({key: value for key, value in schema.items() if key != "properties"})
        named.update((f"{name}.{key}", without_descriptions(value)) for key, value in properties.items())
    return named


@pytest.mark.skipif(not INPUT.is_dir(), reason="the OpenAPI documents are not here")
def test_J28_the_schemas_of_built_in_kinds_are_those_of_1_36_2(shared: Api) -> None:
    differing = set()
    for file in INPUT.glob("*.json"):
        expected = json.loads(file.read_bytes()).get("components", {}).get("schemas", {})
        served = parts(schemas(shared, file.name.removesuffix("_openapi.json").replace("__", "/")))
        wanted = parts(expected)
        differing |= {name for name in served.keys() | wanted.keys() if served.get(name) != wanted.get(name)}
    assert differing == DIFFERENCES.keys()


def test_J28_the_zero_is_the_default_of_what_go_always_writes(shared: Api) -> None:
    core = schemas(shared, "api/v1")
    scale = core["io.k8s.api.autoscaling.v1.ScaleSpec"]["properties"]["replicas"]
    assert scale["default"] == 0  # a comment says so
    token = core["io.k8s.api.authentication.v1.TokenRequestStatus"]["properties"]
    assert token["token"]["default"] == ""
    container = core["io.k8s.api.core.v1.Container"]["properties"]
    assert container["resources"]["default"] == {}
    assert "default" not in container["securityContext"]  # a pointer
    assert "default" not in container["image"]  # omitempty
    event = schemas(shared, "apis/events.k8s.io/v1")["io.k8s.api.events.v1.Event"]["properties"]
    assert "default" not in event["reportingInstance"]


def test_J28_required_fields_are_in_the_order_of_the_struct(shared: Api) -> None:
    status = schemas(shared, "api/v1")["io.k8s.api.core.v1.ContainerStatus"]
    assert status["required"] == ["name", "ready", "restartCount", "image", "imageID"]


def test_J28_nothing_is_made_up_for_a_kind_without_go_types(shared: Api) -> None:
    found = schemas(shared, "apis/stable.example.com/v1")
    spec = found["com.example.stable.v1.CronTab"]["properties"]["spec"]
    assert without_descriptions(spec["properties"]["replicas"]) == {"type": "integer"}
    assert "default" not in spec


def test_J28_an_older_version_is_described_by_its_own_name_and_the_types_of_the_present_one(shared: Api) -> None:
    found = schemas(shared, "apis/batch/v1beta1")
    spec = found["io.k8s.api.batch.v1beta1.CronJob"]["properties"]["spec"]
    assert spec["default"] == {}
    assert spec["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.batch.v1beta1.CronJobSpec"}]
    template = found["io.k8s.api.batch.v1beta1.JobTemplateSpec"]["properties"]["spec"]
    assert template["allOf"] == [{"$ref": "#/components/schemas/io.k8s.api.batch.v1.JobSpec"}]
