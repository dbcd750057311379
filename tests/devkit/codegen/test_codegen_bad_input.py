# SPDX-License-Identifier: Apache-2.0
"""What stops the generator: each with document, path and reason, and none with anything but a CodegenError."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_openapi import APIMACHINERY, GROUP, PREFIX, definition, openapi, operation, paths_of, ref

from k8s_devkit.codegen import CodegenError, Overlay
from k8s_devkit.codegen.emit import emit_module
from k8s_devkit.codegen.generate import check_names
from k8s_devkit.codegen.openapi import read_package

META_V1 = "io.k8s.apimachinery.pkg.apis.meta.v1."


def refused(*documents: dict[str, Any], overlay: Overlay | None = None) -> CodegenError:
    named = {f"doc{index}.json": document for index, document in enumerate(documents)}
    with pytest.raises(CodegenError) as caught:
        checked(named, overlay)
    return caught.value


def checked(documents: dict[str, dict[str, Any]], overlay: Overlay | None) -> None:
    for module in read_package(documents, "pkg", overlay).modules:
        check_names(module)


def order_with(schema: Any) -> dict[str, Any]:
    return openapi({"Order": definition({"bad": schema}, kind="Order")})


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (ref("Missing"), f"unresolvable $ref '#/components/schemas/{PREFIX}Missing'"),
        ({"$ref": "other.json#/x"}, "unresolvable $ref"),
        ({"type": "string", "format": "telegram"}, "unknown format 'telegram' of type string"),
        ({"type": "integer", "format": "byte"}, "unknown format 'byte' of type integer"),
        ({"format": "telegram"}, "unknown format 'telegram' without a type"),
        ({"type": "file"}, "unknown type 'file'"),
        ({"type": "array"}, "array without items"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "allOf of several schemas"),
        ("text", "expected a JSON object, found str"),
        ({"type": "string", "enum": ["a", 1]}, "expected a list of values of type string"),
        ({"type": "string", "x-kubernetes-list-type": 1}, "expected text, found int"),
        ({"type": "array", "items": {}, "x-kubernetes-list-map-keys": [1]}, "expected a list of texts"),
    ],
)
def test_a_schema_that_has_no_python(schema: Any, reason: str) -> None:
    error = refused(order_with(schema))
    assert error.source == "doc0.json"
    assert error.path.startswith(f"components.schemas.{PREFIX}Order.properties.bad")
    assert reason in error.reason
    assert str(error) == f"{error.source}: {error.path}: {error.reason}"


def test_two_definitions_with_one_name() -> None:
    other = openapi()
    other["components"]["schemas"][f"{PREFIX}OrderLine"] = definition({"other": {"type": "string"}})
    error = refused(openapi(), other)
    assert (error.source, error.path) == ("doc1.json", f"components.schemas.{PREFIX}OrderLine")
    assert "two definitions with one name: doc0.json has another" in error.reason


def test_two_definitions_that_would_be_one_class() -> None:
    document = openapi({"Order": definition({}, kind="Order"), "order": definition({"x": {"type": "string"}})})
    assert "would be the same class as" in refused(document).reason


def test_an_inline_object_that_needs_a_taken_name() -> None:
    inline = {"type": "object", "properties": {"x": {"type": "string"}}}
    schemas = {"Order": definition({"spec": inline}, kind="Order"), "OrderSpec": definition({"y": {"type": "string"}})}
    error = refused(openapi(schemas))
    assert (error.path, "needs the name of another class" in error.reason) == ("pkg.shop.v1.OrderSpec", True)


def test_a_field_that_collides_with_a_method() -> None:
    error = refused(
        order_with({"type": "string"})
        | {
            "components": {
                "schemas": {f"{PREFIX}Order": definition({"save": {"type": "string"}}, kind="Order"), **APIMACHINERY}
            }
        }
    )
    assert error.path == "pkg.shop.v1.Order.save"
    assert error.reason == "the field 'save' collides with the method save(): rename it in the overlay"


def test_two_fields_with_one_attribute() -> None:
    error = refused(
        openapi({"Order": definition({"a-b": {"type": "string"}, "a.b": {"type": "string"}}, kind="Order")})
    )
    assert "attribute 'a_b' would stand for 'a-b' as well" in error.reason


def test_a_definition_that_belongs_nowhere() -> None:
    document = openapi()
    document["components"]["schemas"]["org.lost.Thing"] = definition({"x": {"type": "string"}})
    error = refused(document)
    assert (error.path, "belongs to no group and version" in error.reason) == (
        "components.schemas.org.lost.Thing",
        True,
    )


def test_a_shared_type_that_the_core_does_not_have() -> None:
    document = openapi({"Order": definition({"x": ref(f"{META_V1}Novelty")}, kind="Order")})
    document["components"]["schemas"][f"{META_V1}Novelty"] = definition({"y": {"type": "string"}})
    assert refused(document).reason == "k8s_core.meta has no Novelty"


def test_a_reference_that_leads_back_to_itself() -> None:
    schemas = {"Order": definition({"x": ref("Loop")}, kind="Order"), "Loop": {"allOf": [ref("Loop")["allOf"][0]]}}
    assert "refers to nothing but itself" in refused(openapi(schemas)).reason


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("group", 'x"""; import os'),
        ("group", "../../etc"),
        ("version", "v1/../../x"),
        ("version", "v1; import os"),
        ("kind", "X(object): pass\nimport os"),
        ("kind", ""),
    ],
)
def test_names_that_would_become_code_or_paths(key: str, value: str) -> None:
    document = openapi()
    for holder in (
        document["components"]["schemas"][f"{PREFIX}Order"]["x-kubernetes-group-version-kind"][0],
        document["paths"][f"/apis/{GROUP}/v1/namespaces/{{namespace}}/orders"]["post"][
            "x-kubernetes-group-version-kind"
        ],
    ):
        before = holder[key]
        holder[key] = value
        assert "expected group, version and kind, found" in refused(document).reason
        holder[key] = before


def test_a_kind_without_a_schema() -> None:
    document = openapi(paths={**paths_of("Order", "orders"), **paths_of("Parcel", "parcels")})
    assert refused(document).reason == f"{GROUP}/v1 Parcel is served, but no document has a schema for it"


def test_documents_nested_too_deeply() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(5000):
        schema = {"type": "array", "items": schema}
    document = order_with({"type": "string"})
    document["components"]["schemas"][f"{PREFIX}Order"]["properties"]["bad"] = schema
    assert "nested too deeply" in refused(document).reason


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.text(max_size=3)
    | st.sampled_from(["string", "array", "object"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_any_damage_is_a_codegen_error_or_none(data: st.DataObject) -> None:
    document = openapi()
    holder: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 6)) == 0:
            holder[key] = data.draw(JSON)
            break
        holder = inner
    with contextlib.suppress(CodegenError):
        for module in read_package({"doc.json": document}, "pkg").modules:
            check_names(module)
            compile(emit_module(module), "module", "exec")


@pytest.mark.parametrize(
    ("path", "item", "reason"),
    [
        (f"/apis/{GROUP}/v1/parcels", {"get": operation("list", "Order")}, "is served as 'orders' and as 'parcels'"),
        (f"/apis/{GROUP}/v1/parcels/{{name}}/status", {"get": operation("get", "Parcel")}, "subresource of 'parcels'"),
        (f"/apis/{GROUP}/v2/parcels", {"get": operation("list", "Order")}, f"the path is of {GROUP}/v2"),
        (
            f"/apis/{GROUP}/v1/parcels",
            {"get": {"x-kubernetes-group-version-kind": {"kind": 1}}},
            "expected group, version and kind",
        ),
    ],
)
def test_paths_that_contradict(path: str, item: dict[str, Any], reason: str) -> None:
    error = refused(openapi(paths={**paths_of("Order", "orders"), path: item}))
    assert error.path.startswith(f"paths.{path}")
    assert reason in error.reason


def test_an_overlay_that_speaks_of_what_is_not_there() -> None:
    error = refused(openapi(), overlay=Overlay(kinds={f"{GROUP}/v1/Ordre": {}}))
    assert error.path == f'kinds."{GROUP}/v1/Ordre"'
    assert refused(openapi(), overlay=Overlay(fields={"Order.nope": {}})).path == 'fields."Order.nope"'
    # What a cluster's discovery says of other kinds is no mistake of anybody's.
    assert read_package({"doc.json": openapi()}, "pkg", Overlay(kinds={"v1/Pod": {}}, strict=False)).modules
