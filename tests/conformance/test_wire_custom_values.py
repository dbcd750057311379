# SPDX-License-Identifier: Apache-2.0
"""Values of custom resources on the wire: what is completed, and what is refused with which words (protocol J24)."""

from __future__ import annotations

from typing import Any

import pytest
from waiting import eventually
from wire import MERGE_PATCH, Wire
from wire_crds import Kind, causes, definition, establish
from wire_documents import Json, quiet

pytestmark = [pytest.mark.custom_resources, pytest.mark.since("1.33")]
INTEGER: Json = {"type": "integer"}
TEXT: Json = {"type": "string"}


def established(wire: Wire, properties: Json, **spec: Any) -> Kind:
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": properties, **spec}}}
    return establish(wire, definition(wire, schema))


def check(kind: Kind, table: list[tuple[Json, list[tuple[str, str]]]]) -> None:
    """Each spec is refused with these causes: field and the message's end."""
    for spec, expected in table:
        reply = kind.wire("POST", kind.path(), kind.document(spec))
        assert reply.status == 422, (spec, reply.body)
        found = [(field, message) for field, _, message in causes(reply.json)]
        assert len(found) == len(expected), (spec, found)
        for (field, message), (wanted, text) in zip(found, expected, strict=True):
            assert (field, message.endswith(text)) == (wanted, True), (spec, found)


def test_J24_types(wire: Wire) -> None:
    kind = established(
        wire,
        {
            "i": INTEGER,
            "s": TEXT,
            "n": {"type": "number"},
            "ios": {"x-kubernetes-int-or-string": True},
            "i32": {**INTEGER, "format": "int32"},
        },
    )
    whole = "Checked value must be of type integer "
    check(
        kind,
        [
            ({"i": "x"}, [("spec.i", 'spec.i in body must be of type integer: "string"')]),
            (
                {"i": 1.5},
                [
                    ("spec.i", 'Invalid value: "number": spec.i in body must be of type integer: "number"'),
                    ("<nil>", f'Invalid value: "": {whole}(default format) in spec.i'),
                ],
            ),
            ({"i32": 3_000_000_000}, [("<nil>", f"{whole}with format int32 in spec.i32")]),
            ({"ios": 1.5}, [("spec.ios", 'must be of type integer,string: "number"')]),
            ({"ios": True}, [("spec.ios", 'must be of type integer,string: "boolean"')]),
            ({"s": 1}, [("spec.s", 'must be of type string: "integer"')]),
        ],
    )
    assert kind.create({"i": 1.0, "n": 2.0, "ios": 1})["spec"] == {"i": 1, "n": 2, "ios": 1}
    assert b'"n":2,' in wire("GET", kind.path("a")).body.replace(b"}", b",")


def test_J24_nulls(wire: Wire) -> None:
    kind = established(
        wire,
        {
            "s": TEXT,
            "m": {"type": "object", "additionalProperties": INTEGER},
            "d": {**TEXT, "default": "x"},
            "n": {**TEXT, "nullable": True, "default": "x"},
            "any": {"x-kubernetes-preserve-unknown-fields": True},
            "l": {"type": "array", "items": TEXT},
        },
    )
    made = kind.create({"s": None, "m": {"a": None}, "d": None, "n": None, "any": None})
    assert made["spec"] == {"m": {}, "d": "x", "n": None}
    check(kind, [({"l": [None]}, [("spec.l[0]", 'must be of type string: "null"')])])


def test_J24_bounds(wire: Wire) -> None:
    kind = established(
        wire,
        {
            "i": {**INTEGER, "minimum": 2, "maximum": 8, "multipleOf": 2},
            "x": {**INTEGER, "minimum": 2, "exclusiveMinimum": True},
            "s": {**TEXT, "minLength": 2, "maxLength": 4},
            "p": {**TEXT, "pattern": "^[a-z]+$"},
            "l": {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 2},
            "m": {"type": "object", "additionalProperties": TEXT, "minProperties": 1, "maxProperties": 1},
            "e": {**TEXT, "enum": ["a", "b"]},
            "ei": {**INTEGER, "enum": [1, 2]},
        },
    )
    kind.create({"i": 4, "s": "éééé", "p": "a", "l": ["a"], "m": {"a": "b"}, "e": "a", "ei": 1}, "good")
    check(
        kind,
        [
            ({"i": 9}, [("spec.i", "should be a multiple of 2"), ("spec.i", "should be less than or equal to 8")]),
            ({"x": 2}, [("spec.x", "should be greater than 2")]),
            ({"s": "a"}, [("spec.s", "spec.s in body should be at least 2 chars long")]),
            ({"s": "aaaaa"}, [("spec.s", "Too long: may not be more than 4 bytes")]),
            ({"p": "a\n"}, [("spec.p", "spec.p in body should match '^[a-z]+$'")]),
            ({"l": []}, [("spec.l", "should have at least 1 items")]),
            ({"l": ["a", "b", "c"]}, [("spec.l", "Too many: 3: must have at most 2 items")]),
            ({"m": {}}, [("spec.m", "should have at least 1 properties")]),
            ({"e": "c"}, [("spec.e", 'Unsupported value: "c": supported values: "a", "b"')]),
            ({"ei": 3}, [("spec.ei", 'Unsupported value: 3: supported values: "1", "2"')]),
        ],
    )


GOOD = {
    "date-time": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+01:00"],
    "date": ["2020-01-01"],
    "byte": ["YWI="],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567E89B12D3A456426614174000"],
    "ipv4": ["1.2.3.4"],
    "ipv6": ["::1"],
    "cidr": ["10.0.0.1/8"],
    "mac": ["aa:bb:cc:dd:ee:ff"],
    "email": ["a@b.c"],
    "hostname": ["a.example"],
    "uri": ["http://a", "/a"],
    "duration": ["1h", "3 days"],
    "lottery": ["anything"],
}
BAD = {
    "date-time": ["2020-01-01", "2020-01-01 00:00:00Z", "2020-13-01T00:00:00Z"],
    "date": ["2020-1-1", ""],
    "byte": ["YWI", ""],
    "uuid": ["x"],
    "ipv4": ["1.2.3", "::1"],
    "ipv6": ["1.2.3.4"],
    "cidr": ["10.0.0.0"],
    "mac": ["x"],
    "email": ["a"],
    "hostname": ["a_b", "a.b", ""],
    "uri": ["a", ""],
    "duration": ["x", ""],
}


@quiet
def test_J24_formats(wire: Wire) -> None:
    kind = established(wire, {name: {**TEXT, "format": name} for name in GOOD})
    for name, values in GOOD.items():
        for value in values:
            wire.ok("POST", f"{kind.path()}?dryRun=All", kind.document({name: value}))
    for name, values in BAD.items():
        for value in values:
            check(kind, [({name: value}, [(f"spec.{name}", f'must be of type {name}: "{value}"')])])


def test_J24_junctors(wire: Wire) -> None:
    kind = established(
        wire,
        {
            "all": {**INTEGER, "allOf": [{"minimum": 3}, {"maximum": 5}]},
            "any": {**INTEGER, "anyOf": [{"minimum": 10}, {"maximum": 5}]},
            "one": {
                "type": "object",
                "properties": {"x": INTEGER, "y": INTEGER},
                "oneOf": [{"required": ["x"]}, {"required": ["y"]}],
            },
            "not": {**INTEGER, "not": {"minimum": 3}},
        },
    )
    composite = 'Invalid value: "": "spec.'
    check(
        kind,
        [
            (
                {"all": 1},
                [("spec.all", "equal to 3"), ("<nil>", f'{composite}all" must validate all the schemas (allOf)')],
            ),
            (
                {"any": 7},
                [("<nil>", f'{composite}any" must validate at least one schema (anyOf)'), ("spec.any", "equal to 10")],
            ),
            (
                {"one": {}},
                [
                    ("<nil>", f'{composite}one" must validate one and only one schema (oneOf). Found none valid'),
                    ("spec.one.x", "Required value"),
                ],
            ),
            ({"one": {"x": 1, "y": 1}}, [("<nil>", "(oneOf). Found 2 valid alternatives")]),
            ({"not": 5}, [("<nil>", f'{composite}not" must not validate the schema (not)')]),
        ],
    )


def test_J24_sets_and_maps(wire: Wire) -> None:
    items = {"type": "object", "required": ["k"], "properties": {"k": TEXT, "p": {**TEXT, "default": "TCP"}}}
    by_keys = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k", "p"]}
    kind = established(
        wire,
        {
            "s": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
            "m": {"type": "array", "items": items, **by_keys},
        },
    )
    check(
        kind,
        [
            ({"s": ["a", "a", "a"]}, [("spec.s[1]", 'Duplicate value: "a"')]),
            ({"m": [{"k": "a"}, {"k": "a"}]}, [("spec.m[1]", 'Duplicate value: {"k":"a","p":"TCP"}')]),
        ],
    )


@quiet
def test_J24_free_maps_have_no_objects(wire: Wire) -> None:
    kind = established(wire, {"free": {"type": "object", "additionalProperties": True}})
    assert kind.create({"free": {"a": {"b": 1}, "c": 1}})["spec"] == {"free": {"a": {}, "c": 1}}


def test_J24_embedded_resources(wire: Wire) -> None:
    whole = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
    kind = established(wire, {"e": whole})
    made = kind.create({"e": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"a": 1}}})
    assert made["spec"]["e"]["spec"] == {"a": 1}
    check(
        kind,
        [
            ({"e": {}}, [("spec.e.apiVersion", "Required value"), ("spec.e.kind", "Required value")]),
            (
                {"e": {"apiVersion": "a/b/c", "kind": "Pod"}},
                [("spec.e.apiVersion", 'Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c')],
            ),
        ],
    )


@quiet
def test_J24_what_was_wrong_before_may_stay(wire: Wire) -> None:
    """A schema that became stricter does not keep old objects from changing elsewhere."""
    crd = definition(
        wire, {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": TEXT, "b": TEXT}}}}
    )
    kind = establish(wire, crd)
    kind.create({"a": "old"})
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{crd['metadata']['name']}"
    version = crd["spec"]["versions"][0]
    version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["a"] = {**TEXT, "maxLength": 1}
    wire.ok("PATCH", path, {"spec": {"versions": [version]}}, content_type=MERGE_PATCH)
    probe = kind.document({"a": "old"}, "probe")
    eventually(lambda: wire("POST", f"{kind.path()}?dryRun=All", probe).status == 422)
    wire.ok("PATCH", kind.path("a"), {"spec": {"b": "new"}}, content_type=MERGE_PATCH)
    status = wire.fails(422, "PATCH", kind.path("a"), {"spec": {"a": "more"}}, content_type=MERGE_PATCH)
    assert causes(status) == [("spec.a", "FieldValueTooLong", "Too long: may not be more than 1 byte")]
