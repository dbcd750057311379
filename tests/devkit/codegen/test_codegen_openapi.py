# SPDX-License-Identifier: Apache-2.0
"""From OpenAPI v3 documents to classes: what becomes of each construct, and what stops the generator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from small_openapi import GROUP, META, PREFIX, definition, openapi, operation, paths_of, ref

from k8s_core.kinds import ALL_VERBS, GroupVersionKind, Scope
from k8s_devkit.codegen import Overlay
from k8s_devkit.codegen.emit import annotation, emit_module
from k8s_devkit.codegen.generate import check_names
from k8s_devkit.codegen.openapi import read_package

if TYPE_CHECKING:
    from k8s_devkit.codegen.ir import ClassDef, FieldDef, KindDef


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


def test_a_plain_structure_may_have_fields_that_a_kind_may_not() -> None:
    schemas = {
        "Order": definition({"thing": ref("Thing")}, kind="Order"),
        "Thing": definition({"save": {"type": "string"}}),
    }
    for module in read_package({"doc.json": openapi(schemas)}, "pkg").modules:
        check_names(module)


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
    assert made.lacks_metadata


def test_the_overlay_adds_what_documents_do_not_say() -> None:
    facts = {"short_names": ["o"], "categories": ["all"], "singular": "one", "sensitive": ["spec"]}
    facts |= {"apply_order": 600, "defines_kinds": True}
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
    assert (order.apply_order, order.defines_kinds) == (600, True)
    assert (made["OrderSpec"].fields[0].name, made["OrderSpec"].fields[0].options) == ("buyer", {"sensitive": True})
    assert made["Order"].doc == (f"Order of {GROUP}/v1.", "https://example.com/#order-v1-shop-example-com")


def test_the_media_types_of_patches_say_whether_strategic_merges_are_served() -> None:
    document = openapi()
    path = f"/apis/{GROUP}/v1/namespaces/{{namespace}}/orders/{{name}}"
    types = ["application/json-patch+json", "application/merge-patch+json"]
    document["paths"][path]["patch"]["requestBody"] = {"content": {name: {} for name in types}}
    assert not kind(document).strategic_merge
    document["paths"][path]["patch"]["requestBody"]["content"]["application/strategic-merge-patch+json"] = {}
    assert kind(document).strategic_merge


def test_shared_types_may_differ_in_the_kinds_that_they_list() -> None:
    one, two = openapi(), openapi()
    for document, group in ((one, "a"), (two, "b")):
        schema = document["components"]["schemas"][f"{META_V1}ObjectMeta"]
        document["components"]["schemas"][f"{META_V1}ObjectMeta"] = {
            **schema,
            "x-kubernetes-group-version-kind": [{"group": group, "version": "v1", "kind": "ObjectMeta"}],
        }
    assert read_package({"a.json": one, "b.json": two}, "pkg").modules


def test_metadata_is_written_where_it_is_not_what_every_kind_has() -> None:
    schemas = {
        "Order": definition({"metadata": META, "note": {"type": "string"}}, kind="Order"),
        "Sealed": definition({"metadata": META}, kind="Sealed", required=("metadata",)),
        "Loose": definition({"note": {"type": "string"}}, kind="Loose"),
        "Template": definition({"metadata": META}),
    }
    paths = paths_of("Order", "orders") | paths_of("Sealed", "sealeds") | paths_of("Loose", "looses")
    (module,) = read_package({"doc.json": openapi(schemas, paths)}, "pkg").modules
    source = emit_module(module)
    written = {
        part.partition("(")[0]: [line.strip() for line in part.splitlines() if line.startswith("    metadata")]
        for part in source.split("\nclass ")[1:]
    }
    assert written == {
        "Loose": ["metadata = ABSENT"],
        "Order": [],
        "Sealed": ["metadata: ObjectMeta"],
        "Template": ["metadata: ObjectMeta = ABSENT"],
    }
    assert "from k8s_core.meta import ObjectMeta\n" in source
    (module,) = read_package({"doc.json": openapi({"Order": schemas["Order"]})}, "pkg").modules
    assert "ObjectMeta" not in emit_module(module)
    assert "ABSENT" not in emit_module(module)


def test_inline_objects_of_a_named_list_are_made_where_the_list_belongs() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"x": {"type": "string"}}}}
    schemas = {"Order": definition({"a": ref("Rows"), "b": ref("Rows")}, kind="Order"), "Rows": rows}
    made = classes(openapi(schemas))
    assert set(made) == {"Order", "Rows"}
    assert [annotation(field.type) for field in made["Order"].fields] == ["list[Rows]", "list[Rows]"]
