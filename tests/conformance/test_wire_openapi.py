# SPDX-License-Identifier: Apache-2.0
"""OpenAPI on the wire (protocol G10, J28, J29)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from swagger_protobuf import decode_openapi, decode_swagger
from waiting import eventually
from wire_widgets import PROPERTIES, define_widgets

from k8s_devkit.api_server.discovery.openapi_protobuf import encode_swagger

if TYPE_CHECKING:
    from conformance_differences import Answers
    from wire import Wire

Json = dict[str, Any]
PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
# Parameters that 1.20 does not have yet.
NEWER = {
    "fieldValidation",
    "force",
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "sendInitialEvents",
    "shardSelector",
}
SWAGGER = {
    "none": {"description": "May be null."},
    "nothing": {},
    "free": {"x-kubernetes-preserve-unknown-fields": True},
    "size": {"x-kubernetes-int-or-string": True, "pattern": "^a"},
    "count": {"type": "integer", "format": "int32", "minimum": 1, "maximum": 9},
    "share": {"type": "number", "multipleOf": 0.5, "minimum": 0.25, "exclusiveMinimum": True},
    **{name: PROPERTIES[name] for name in ("mode", "parts", "labels")},
}


# OpenAPI v2


def test_J28_both_forms_of_v2_say_the_same(wire: Wire) -> None:
    document = wire.ok("GET", "/openapi/v2")
    # In protobuf a zero is not told from nothing, which concerns the limits in schemas of CRDs.
    decoded = decode_swagger(encode_swagger(document))
    assert decode_swagger(wire("GET", "/openapi/v2", accept=PROTOBUF).body) == decoded
    assert decoded["paths"] == document["paths"]


def test_J28_a_crd_in_v2(wire: Wire, answers: Answers) -> None:
    group = define_widgets(wire)
    name = ".".join([*reversed(group.split(".")), "v1", "Widget"])
    eventually(lambda: name in wire.ok("GET", "/openapi/v2")["definitions"], f"{name} is described")
    document = wire.ok("GET", "/openapi/v2")
    definition = document["definitions"][name]
    assert definition["x-kubernetes-group-version-kind"] == [{"group": group, "kind": "Widget", "version": "v1"}]
    assert definition["required"] == ["spec"]
    assert set(definition["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    spec = definition["properties"]["spec"]
    assert spec["required"] == ["mode"]
    template = spec["properties"].pop("template")
    assert spec["properties"].pop("page") in answers("a property with an example in OpenAPI v2")
    assert spec["properties"] == SWAGGER
    assert sorted(template["required"]) == ["apiVersion", "kind"]
    assert set(template["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    assert f"{name}Collection" in document["definitions"]
    patch = document["paths"][f"/apis/{group}/v1/namespaces/{{namespace}}/widgets/{{name}}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"] == {"group": group, "kind": "Widget", "version": "v1"}
    assert {"body", "dryRun", "fieldManager"} <= names_of(patch["parameters"], document)
    assert sorted(patch["consumes"]) == [
        "application/apply-patch+yaml",
        "application/json-patch+json",
        "application/merge-patch+json",
    ]


def names_of(parameters: list[Json], document: Json) -> set[str]:
    """The names of parameters; newer servers define most of them once, and refer to them."""
    found = [document["parameters"][item["$ref"].rpartition("/")[2]] if "$ref" in item else item for item in parameters]
    return {item["name"] for item in found}


def operations_of(item: Json, document: Json) -> Json:
    """Action, answers and parameters of each method; of the path itself its parameters."""
    shared = names_of(item.get("parameters", []), document)
    found: Json = {}
    for method, operation in item.items():
        if method != "parameters":
            names = names_of(operation.get("parameters", []), document) | shared
            codes = sorted(operation["responses"])
            found[method] = (operation["x-kubernetes-action"], operation["operationId"], codes, sorted(names - NEWER))
    return found


def test_J28_operations_of_a_crd(wire: Wire) -> None:
    group = define_widgets(wire)
    base = f"/apis/{group}/v1/namespaces/{{namespace}}/widgets"
    eventually(lambda: f"{base}/{{name}}/scale" in wire.ok("GET", "/openapi/v2")["paths"], "the paths are described")
    document = wire.ok("GET", "/openapi/v2")
    paths = document["paths"]
    label = "".join(part[:1].upper() + part[1:] for part in group.replace("-", ".").split(".")) + "V1"
    listed = ["allowWatchBookmarks", "continue", "fieldSelector", "labelSelector", "limit", "namespace", "pretty"]
    listed += ["resourceVersion", "resourceVersionMatch", "timeoutSeconds", "watch"]
    place = ["name", "namespace", "pretty"]
    write = ["body", "dryRun", "fieldManager", *place]
    assert operations_of(paths[base], document) == {
        "get": ("list", f"list{label}NamespacedWidget", ["200", "401"], listed),
        "post": ("post", f"create{label}NamespacedWidget", ["200", "201", "202", "401"], sorted({*write} - {"name"})),
        "delete": ("deletecollection", f"delete{label}CollectionNamespacedWidget", ["200", "401"], listed),
    }
    assert operations_of(paths[f"{base}/{{name}}"], document) == {
        "get": ("get", f"read{label}NamespacedWidget", ["200", "401"], [*place, "resourceVersion"]),
        "put": ("put", f"replace{label}NamespacedWidget", ["200", "201", "401"], write),
        "patch": ("patch", f"patch{label}NamespacedWidget", ["200", "401"], write),
        "delete": (
            "delete",
            f"delete{label}NamespacedWidget",
            ["200", "202", "401"],
            sorted(["body", "dryRun", "gracePeriodSeconds", *place, "orphanDependents", "propagationPolicy"]),
        ),
    }
    scale = operations_of(paths[f"{base}/{{name}}/scale"], document)
    assert scale["get"] == ("get", f"read{label}NamespacedWidgetScale", ["200", "401"], [*place, "resourceVersion"])
    assert set(scale) == set(operations_of(paths[f"{base}/{{name}}/status"], document)) == {"get", "put", "patch"}
    everywhere = operations_of(paths[f"/apis/{group}/v1/widgets"], document)
    assert everywhere["get"][:2] == ("list", f"list{label}WidgetForAllNamespaces")


def test_J26_v2_that_is_known_is_not_sent_again(wire: Wire) -> None:
    first = wire("GET", "/openapi/v2")
    again = wire("GET", "/openapi/v2", headers=(("If-None-Match", first.headers["ETag"]),))
    assert (again.status, again.body) == (304, b"")


def test_J29_v2_in_no_other_form(wire: Wire) -> None:
    reply = wire("GET", "/openapi/v2", accept="application/yaml")
    assert (reply.status, reply.body) == (406, b"")


# OpenAPI v3


@pytest.mark.since("1.27")
def test_G10_documents_with_a_hash_never_change(wire: Wire) -> None:
    url = wire.ok("GET", "/openapi/v3")["paths"]["apis/apps/v1"]["serverRelativeURL"]
    reply = wire("GET", url)
    assert reply.headers["Cache-Control"] == "public, immutable"
    assert reply.headers["Expires"]
    tag = reply.headers["ETag"].strip('"')
    assert url == f"/openapi/v3/apis/apps/v1?hash={tag}"
    assert wire("GET", "/openapi/v3/apis/apps/v1?hash=OLD").body == reply.body  # by way of a redirect
    assert json.loads(reply.body)["openapi"] == "3.0.0"


@pytest.mark.since("1.27")
@pytest.mark.parametrize("name", ["apis/apps/v1", "apis/apps", "version"])
def test_G10_both_forms_of_v3_say_the_same(wire: Wire, name: str) -> None:
    url = wire.ok("GET", "/openapi/v3")["paths"][name]["serverRelativeURL"]
    reply = wire(
        "GET", url, accept="application/com.github.proto-openapi.spec.v3@v1.0+protobuf, application/json;q=0.5"
    )
    assert reply.headers["Content-Type"] == "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"
    assert decode_openapi(reply.body) == wire.ok("GET", url)


@pytest.mark.since("1.27")
def test_J29_v3_in_no_other_form(wire: Wire) -> None:
    reply = wire("GET", "/openapi/v3/apis/apps/v1", accept="application/yaml")
    assert (reply.status, reply.body) == (406, b"")


@pytest.mark.parametrize("plural", ["storageclasses", "csidrivers"])
def test_C32_the_document_says_what_a_deletion_answers(wire: Wire, plural: str) -> None:
    path = f"/apis/storage.k8s.io/v1/{plural}"
    operation = wire.ok("GET", "/openapi/v2")["paths"][f"{path}/{{name}}"]["delete"]
    name = f"x-{wire.namespace}"
    body: Json = {"metadata": {"name": name}}
    body |= {"provisioner": "example.com/a"} if plural == "storageclasses" else {"spec": {}}
    wire.ok("POST", path, body)
    kind = wire.ok("DELETE", f"{path}/{name}")["kind"]
    assert operation["responses"]["200"]["schema"]["$ref"].rpartition(".")[2] == kind != "Status"
