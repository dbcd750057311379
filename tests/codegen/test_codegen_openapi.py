# SPDX-License-Identifier: Apache-2.0
"""From OpenAPI v3 documents to classes: what becomes of each construct, and what stops the generator."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_openapi import APIMACHINERY, GROUP, META, PREFIX, definition, openapi, operation, paths_of, ref

from k8s_core.codegen import CodegenError, Overlay
from k8s_core.codegen.emit import annotation, emit_module
from k8s_core.codegen.generate import check_names
from k8s_core.codegen.openapi import read_package
from k8s_core.kinds import ALL_VERBS, GroupVersionKind, Scope

if TYPE_CHECKING:
    from k8s_core.codegen.ir import ClassDef, FieldDef, KindDef


def classes(document: dict[str, Any], overlay: Overlay | None = None) -> dict[str, ClassDef]:
    package = read_package({"doc.json": document}, "pkg", overlay)
    return {item.name: item for module in package.modules for item in module.classes}


def fields(schema: dict[str, Any], **more: Any) -> dict[str, FieldDef]:
    """The fields of a structure Thing beside the kind Order."""
    schemas = {"Order": definition({"metadata": META}, kind="Order"), "Thing": definition({"f": schema, **more})}
    return {field.wire_name: field for field in classes(openapi(schemas))["Thing"].fields}


def kind(document: dict[str, Any], name: str = "Order") -> KindDef:
    found = classes(document)[name].kind
    assert found is not None
    return found


META_V1 = "io.k8s.apimachinery.pkg.apis.meta.v1."


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "str"),
        ({"type": "string", "format": "byte"}, "bytes"),
        ({"type": "string", "format": "date-time"}, "Time"),
        ({"type": "string", "format": "uri"}, "str"),
        ({"type": "string", "enum": ["A", "b\"c'"]}, "Literal[\"A\", 'b\"c\\'']"),
        ({"type": "integer", "format": "int64"}, "int"),
        ({"type": "integer", "enum": [1, 2]}, "Literal[1, 2]"),
        ({"type": "number", "format": "double"}, "float"),
        ({"type": "boolean"}, "bool"),
        ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, "list[list[str]]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "object", "additionalProperties": True}, "dict[str, Any]"),
        ({"type": "object"}, "Any"),
        ({}, "Any"),
        ({"x-kubernetes-int-or-string": True}, "IntOrString"),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, "Any"),
        ({"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"kind": {"type": "string"}}}, "Any"),
        (ref(f"{META_V1}Time"), "Time"),
        (ref("io.k8s.apimachinery.pkg.api.resource.Quantity"), "Quantity"),
        (ref("io.k8s.apimachinery.pkg.util.intstr.IntOrString"), "IntOrString"),
        (ref("io.k8s.apimachinery.pkg.runtime.RawExtension"), "Any"),
        (META, "ObjectMeta"),
        ({"$ref": f"#/components/schemas/{PREFIX}Order"}, "Order"),
    ],
)
def test_types(schema: dict[str, Any], text: str) -> None:
    assert annotation(fields(schema)["f"].type) == text


def test_options_defaults_and_required() -> None:
    spec = {field.wire_name: field for field in classes(openapi())["OrderSpec"].fields}
    assert spec["customer"].required
    assert spec["lines"].options == {
        "list_type": "map",
        "list_map_keys": ("sku",),
        "patch_merge_key": "sku",
        "patch_strategy": "merge",
    }
    # The zero values that Go implies are no defaults; a real one is.
    line = {field.wire_name: field for field in classes(openapi())["OrderLine"].fields}
    assert line["sku"].default is None
    assert fields({"type": "string", "default": "TCP"})["f"].default == "TCP"
    assert fields({"type": "object", "additionalProperties": {}, "x-kubernetes-map-type": "atomic"})["f"].options == {
        "map_type": "atomic"
    }


def test_named_types_that_are_no_structures_are_spelled_out() -> None:
    schemas = {
        "Order": definition({"labels": ref("Labels"), "any": ref("Anything"), "empty": ref("Empty")}, kind="Order"),
        "Labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "Anything": {"description": "any JSON"},
        "Empty": {"type": "object", "x-kubernetes-map-type": "atomic"},
    }
    made = classes(openapi(schemas))
    assert set(made) == {"Order", "Empty"}
    assert [annotation(field.type) for field in made["Order"].fields] == ["dict[str, str]", "Any", "Empty"]
    assert made["Empty"].map_type == "atomic"


def test_inline_objects_become_classes_named_after_their_place() -> None:
    inner = {"type": "array", "items": {"type": "object", "properties": {"deep-er": {"type": "string"}}}}
    schemas = {"Order": definition({"spec": {"type": "object", "properties": {"rows": inner}}}, kind="Order")}
    made = classes(openapi(schemas))
    assert set(made) == {"Order", "OrderSpec", "OrderSpecRows"}
    assert annotation(made["Order"].fields[0].type) == "OrderSpec"
    assert annotation(made["OrderSpec"].fields[0].type) == "list[OrderSpecRows]"
    assert made["OrderSpecRows"].fields[0].name == "deep_er"


def test_how_a_kind_is_served() -> None:
    paths = paths_of("Order", "orders") | {
        f"/apis/{GROUP}/v1/orders": {"get": operation("list", "Order")},
        f"/apis/{GROUP}/v1/namespaces/{{namespace}}/orders/{{name}}/scale": {
            "get": operation("get", "Scale", "autoscaling"),
        },
        f"/apis/{GROUP}/v1/namespaces/{{namespace}}/orders/{{name}}/proxy/{{path}}": {},
    }
    order = kind(openapi(paths=paths))
    assert order.gvk == GroupVersionKind(GROUP, "v1", "Order")
    assert (order.plural, order.singular, order.scope, order.verbs) == ("orders", "order", Scope.NAMESPACED, ALL_VERBS)
    assert order.subresources == {"scale": "autoscaling/v1 Scale", "status": ""}
    assert kind(openapi(paths=paths_of("Order", "orders", namespaced=False))).scope is Scope.CLUSTER


def test_only_the_verbs_that_paths_show() -> None:
    base = f"/apis/{GROUP}/v1/orders"
    assert kind(openapi(paths={base: {"post": operation("post", "Order")}})).verbs == ("create",)
    # Documents with /watch/ paths list what can be watched; in others all lists can be.
    listed = {base: {"get": operation("list", "Order")}}
    assert kind(openapi(paths=listed)).verbs == ("list", "watch")
    assert kind(openapi(paths=listed | {f"/apis/{GROUP}/v1/watch/others": {}})).verbs == ("list",)


def test_a_kind_that_is_only_query_parameters() -> None:
    connect = {
        "get": operation("connect", "OrderLogOptions"),
        "parameters": [
            {"name": "tail", "in": "query", "schema": {"type": "integer"}},
            {"name": "follow", "in": "query", "schema": {"type": "boolean"}},
            {"name": "line", "in": "query", "schema": {"type": "string"}},
            {"name": "name", "in": "path", "schema": {"type": "string"}},
        ],
    }
    path = f"/apis/{GROUP}/v1/namespaces/{{namespace}}/orders/{{name}}/log"
    overlay = Overlay(kinds={f"{GROUP}/v1/OrderLogOptions": {"list_parameters": ["line"]}})
    made = classes(openapi(paths={**paths_of("Order", "orders"), path: connect}), overlay)["OrderLogOptions"]
    assert made.kind is not None
    assert (made.kind.plural, made.kind.verbs) == ("", ())
    assert [(item.name, annotation(item.type)) for item in made.fields] == [
        ("follow", "bool"),
        ("line", "list[str]"),
        ("tail", "int"),
    ]


def test_the_overlay_adds_what_documents_do_not_say() -> None:
    facts = {"short_names": ["o"], "categories": ["all"], "singular": "one", "sensitive": ["spec"]}
    overlay = Overlay(
        kinds={f"{GROUP}/v1/Order": facts},
        fields={"OrderSpec.customer": {"name": "buyer", "sensitive": True}},
        reference="https://example.com/",
    )
    made = classes(openapi(), overlay)
    order = made["Order"].kind
    assert order is not None
    assert (order.short_names, order.categories, order.singular, order.sensitive) == (
        ("o",),
        ("all",),
        "one",
        ("spec",),
    )
    assert (made["OrderSpec"].fields[0].name, made["OrderSpec"].fields[0].options) == ("buyer", {"sensitive": True})
    assert made["Order"].doc == (f"Order of {GROUP}/v1.", "https://example.com/#order-v1-shop-example-com")


def test_shared_types_may_differ_in_the_kinds_that_they_list() -> None:
    one, two = openapi(), openapi()
    for document, group in ((one, "a"), (two, "b")):
        schema = document["components"]["schemas"][f"{META_V1}ObjectMeta"]
        document["components"]["schemas"][f"{META_V1}ObjectMeta"] = {
            **schema,
            "x-kubernetes-group-version-kind": [{"group": group, "version": "v1", "kind": "ObjectMeta"}],
        }
    assert read_package({"a.json": one, "b.json": two}, "pkg").modules


def test_inline_objects_of_a_named_list_are_made_where_the_list_belongs() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}}}
    schemas = {"Order": definition({"a": ref("Rows"), "b": ref("Rows")}, kind="Order"), "Rows": rows}
    made = classes(openapi(schemas))
    assert set(made) == {"Order", "Rows"}
    assert [annotation(field.type) for field in made["Order"].fields] == ["list[Rows]", "list[Rows]"]


# -- bad input --------------------------------------------------------------------------------------------------------


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
    # A plain structure has no save(), and an overlay helps the kind.
    assert fields({"type": "string"}, save={"type": "string"})["save"].name == "save"


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
    assert "nested too deeply" in refused(order_with(schema)).reason


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
    assert classes(openapi(), Overlay(kinds={"v1/Pod": {}}, strict=False))
