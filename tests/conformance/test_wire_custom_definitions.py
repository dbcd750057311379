# SPDX-License-Identifier: Apache-2.0
"""CustomResourceDefinitions on the wire: which are refused, and in which words (protocol J23)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire import MERGE_PATCH
from wire_crds import causes, definition, establish
from wire_documents import CRDS, Json, quiet

if TYPE_CHECKING:
    from wire import Wire

pytestmark = pytest.mark.since("1.33")
TEXT: Json = {"type": "string"}
OBJECT: Json = {"type": "object"}
KEYED: Json = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
ITEM: Json = {"type": "object", "required": ["k"], "properties": {"k": TEXT}}
SPEC = "spec.validation.openAPIV3Schema.properties[spec]"


def refused(wire: Wire, crd: Json) -> list[tuple[str, str]]:
    """Field and message of each cause; empty if the definition is accepted."""
    reply = wire("POST", f"{CRDS}?dryRun=All", crd)
    assert reply.status in (201, 422), reply.body
    return [] if reply.status == 201 else [(field, message) for field, _, message in causes(reply.json)]


def check(wire: Wire, crd: Json, *expected: tuple[str, str]) -> None:
    found = refused(wire, crd)
    fits = [
        field == wanted and text in message for (field, message), (wanted, text) in zip(found, expected, strict=False)
    ]
    assert len(found) == len(expected), found
    assert all(fits), found


@pytest.mark.parametrize(
    ("node", "field", "text"),
    [
        ({}, ".type", "Required value: must not be empty for specified object fields"),
        ({"type": "foo"}, ".type", 'supported values: "array", "boolean", "integer", "number", "object", "string"'),
        ({"type": "array", "items": {}}, ".items.type", "must not be empty for specified array items"),
        ({"type": "array", "items": TEXT, "uniqueItems": True}, ".uniqueItems", "becomes quadratic"),
        (
            {**OBJECT, "properties": {"a": TEXT}, "additionalProperties": TEXT},
            ".additionalProperties",
            "mutual exclusive",
        ),
        ({**TEXT, "anyOf": [TEXT]}, ".anyOf[0].type", "Forbidden: must be empty to be structural"),
        ({**TEXT, "not": {"default": "x"}}, ".not.default", "Forbidden: must be undefined to be structural"),
        ({**TEXT, "allOf": [{"nullable": True}]}, ".allOf[0].nullable", "Forbidden: must be false to be structural"),
        (
            {**OBJECT, "x-kubernetes-preserve-unknown-fields": False},
            ".x-kubernetes-preserve-unknown-fields",
            "Invalid value: false: must be true or undefined",
        ),
        (
            {**OBJECT, "x-kubernetes-embedded-resource": True},
            ".properties",
            "must not be empty if x-kubernetes-embedded",
        ),
        ({**TEXT, "pattern": "("}, ".pattern", "must be a valid regular expression, but isn't: error parsing regexp"),
        (
            {**KEYED, "items": {**ITEM, "required": []}},
            ".items.properties[k].default",
            "so it must have a default or be a",
        ),
        ({**KEYED, "items": TEXT}, ".items.type", "must be object if parent array's x-kubernetes-list-type is map"),
        (
            {**KEYED, "items": {**OBJECT, "properties": {"z": TEXT}}},
            ".x-kubernetes-list-map-keys",
            'Invalid value: ["k"]: entries must all be names of item properties',
        ),
        (
            {"type": "array", "x-kubernetes-list-type": "set", "items": OBJECT},
            ".items.x-kubernetes-map-type",
            "Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set",
        ),
        ({**OBJECT, "x-kubernetes-map-type": "x"}, ".x-kubernetes-map-type", 'supported values: "atomic", "granular"'),
        ({**TEXT, "default": 1}, ".default", 'Invalid value: "integer":  in body must be of type string: "integer"'),
        ({**TEXT, "enum": ["a"], "default": "b"}, ".default", 'Unsupported value: "b": supported values: "a"'),
        ({**OBJECT, "default": {"b": 1}}, ".default", 'Invalid value: {"b":1}: must not have unknown fields'),
        (
            {"type": "integer", "default": 1, "x-kubernetes-validations": [{"rule": "self > 5"}]},
            ".default",
            "Invalid value: 1: failed rule: self > 5",
        ),
    ],
)
def test_J23_schemas(wire: Wire, node: Json, field: str, text: str) -> None:
    check(wire, definition(wire, {**OBJECT, "properties": {"spec": node}}), (SPEC + field, text))


@pytest.mark.parametrize(
    "node",
    [
        {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, TEXT]},
        {"x-kubernetes-int-or-string": True, "allOf": [{"anyOf": [{"type": "integer"}, TEXT]}]},
        {"x-kubernetes-preserve-unknown-fields": True},
        {**KEYED, "items": ITEM},
        {**OBJECT, "properties": {"a": TEXT}, "anyOf": [{"required": ["a"]}, {"properties": {"a": {"minLength": 1}}}]},
        {**OBJECT, "default": {}, "properties": {"a": {**TEXT, "default": "x"}}},
    ],
)
def test_J23_schemas_that_are_fine(wire: Wire, node: Json) -> None:
    check(wire, definition(wire, {**OBJECT, "properties": {"spec": node}}))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"group": "nodots"}, [("metadata.name", "must be spec.names"), ("spec.group", "at least one dot")]),
        ({"scope": "X"}, [("spec.scope", 'Unsupported value: "X": supported values: "Cluster", "Namespaced"')]),
        ({"preserveUnknownFields": True}, [("spec.preserveUnknownFields", "cannot set to true")]),
        ({"conversion": {"strategy": "X"}}, [("spec.conversion.strategy", 'supported values: "None", "Webhook"')]),
        (
            {"conversion": {"strategy": "Webhook"}},
            [
                ("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook"),
                ("spec.conversion.conversionReviewVersions", "Required value"),
            ],
        ),
    ],
)
def test_J23_specs(wire: Wire, changes: Json, expected: list[tuple[str, str]]) -> None:
    check(wire, definition(wire, OBJECT, **changes), *expected)


@pytest.mark.parametrize(
    ("names", "field", "text"),
    [
        ({"kind": "Bad Kind"}, "kind", "may have mixed case, but should otherwise match: a DNS-1035 label"),
        ({"singular": "Gizmo"}, "singular", "a DNS-1035 label must consist of"),
        ({"listKind": "Gizmo"}, "listKind", "kind and listKind may not be the same"),
        ({"shortNames": ["G"]}, "shortNames[0]", "a DNS-1035 label must consist of"),
        ({"categories": ["A_"]}, "categories[0]", "a DNS-1035 label must consist of"),
    ],
)
def test_J23_names(wire: Wire, names: Json, field: str, text: str) -> None:
    crd = definition(wire, OBJECT)
    crd["spec"]["names"].update(names)
    check(wire, crd, (f"spec.names.{field}", text))


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (
            {"storage": False},
            [("spec.versions", "must have exactly one version marked"), ("status.storedVersions", "null")],
        ),
        ({"schema": None}, [("spec.versions[0].schema.openAPIV3Schema", "Required value")]),
        ({"deprecationWarning": "x"}, [("spec.versions[0].deprecationWarning", "only be set for deprecated versions")]),
        (
            {"subresources": {"scale": {"specReplicasPath": ".foo.a", "statusReplicasPath": "status.a"}}},
            [
                ("spec.subresources.scale.specReplicasPath", "should be a json path under .spec"),
                ("spec.subresources.scale.statusReplicasPath", "must be a simple json path starting with ."),
            ],
        ),
        (
            {"additionalPrinterColumns": [{"name": "A", "type": "foo", "jsonPath": "{.a}", "format": "x"}]},
            [
                ("spec.additionalPrinterColumns[0].type", "must be one of boolean,date,integer,number,string"),
                ("spec.additionalPrinterColumns[0].format", "must be one of byte,date,date-time,double"),
                ("spec.additionalPrinterColumns[0].JSONPath", "must be a simple json path starting with ."),
            ],
        ),
        (
            {"selectableFields": [{"jsonPath": ".spec.nope"}, {"jsonPath": ".spec"}]},
            [
                ("spec.selectableFields[0].jsonPath", "is an invalid path: does not refer to a valid field"),
                ("spec.selectableFields[1].jsonPath", "must point to a field of type string, boolean or integer"),
            ],
        ),
    ],
)
def test_J23_versions(wire: Wire, version: Json, expected: list[tuple[str, str]]) -> None:
    schema = {**OBJECT, "properties": {"spec": OBJECT}}
    check(wire, definition(wire, schema, version=version), *expected)


def test_J23_differing_versions_are_named_one_by_one(wire: Wire) -> None:
    def version(name: str, schema: Json, **more: Any) -> Json:
        return {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": schema}, **more}

    bad = {**OBJECT, "properties": {"a": {}}}
    crd = definition(wire, OBJECT, versions=[version("v1", OBJECT), version("v2", bad)])
    check(wire, crd, ("spec.versions[1].schema.openAPIV3Schema.properties[a].type", "must not be empty"))
    crd = definition(wire, OBJECT, versions=[version("v1", bad), version("v2", bad)])
    check(wire, crd, ("spec.validation.openAPIV3Schema.properties[a].type", "must not be empty"))


@quiet
def test_J23_unknown_formats_are_warned_of(wire: Wire) -> None:
    schema = {**OBJECT, "properties": {"a": {**TEXT, "format": "lottery-ticket"}, "b": {**TEXT, "format": "uri"}}}
    reply = wire("POST", f"{CRDS}?dryRun=All", definition(wire, schema))
    assert reply.status == 201, reply.body
    assert reply.headers["Warning"] == '299 - "unrecognized format \\"lottery-ticket\\""'


def test_J23_names_in_use(wire: Wire) -> None:
    first = definition(wire, OBJECT, "gizmos")
    wire.ok("POST", CRDS, first)
    eventually(lambda: "conditions" in (wire.ok("GET", f"{CRDS}/{first['metadata']['name']}").get("status") or {}))
    second = definition(wire, OBJECT, "widgets")
    second["spec"]["names"] |= {"kind": "Gizmo", "listKind": "GizmoList", "shortNames": ["gizmo"]}
    wire.ok("POST", CRDS, second)
    path = f"{CRDS}/{second['metadata']['name']}"
    eventually(lambda: (wire.ok("GET", path).get("status") or {}).get("conditions") is not None)
    status = wire.ok("GET", path)["status"]
    told = [(item["type"], item["status"], item["reason"], item["message"]) for item in status["conditions"]]
    assert told == [
        ("NamesAccepted", "False", "ListKindConflict", '"GizmoList" is already in use'),
        ("Established", "False", "NotAccepted", "not all names are accepted"),
    ]
    assert status["acceptedNames"] == {"plural": "widgets", "singular": "widget", "kind": ""}


def test_J24_replicas_below_zero(wire: Wire) -> None:
    spec = {**OBJECT, "properties": {"n": {"type": "integer"}}}
    scale = {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n"}
    crd = definition(wire, {**OBJECT, "properties": {"spec": spec}}, version={"subresources": {"scale": scale}})
    kind = establish(wire, crd)
    told = [(".spec.n", "FieldValueInvalid", "Invalid value: -1: should be a non-negative integer")]
    assert kind.refused({"n": -1}) == told
    kind.create({"n": 1})
    patch = {"spec": {"replicas": -1}}
    assert causes(wire.fails(422, "PATCH", f"{kind.path('a')}/scale", patch, content_type=MERGE_PATCH)) == told
