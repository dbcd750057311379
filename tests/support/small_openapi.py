# SPDX-License-Identifier: Apache-2.0
"""A small OpenAPI v3 document of one group and version, to be varied by tests of the generator."""

from __future__ import annotations

import copy
from typing import Any

__all__ = ["GROUP", "PREFIX", "definition", "openapi", "operation", "paths_of", "ref"]

GROUP = "shop.example.com"
PREFIX = "com.example.shop.v1."


def ref(name: str) -> dict[str, Any]:
    """A reference as documents of Kubernetes write it: wrapped, so that a description can stand beside it."""
    full = name if name.startswith("io.") else f"{PREFIX}{name}"
    return {"allOf": [{"$ref": f"#/components/schemas/{full}"}], "default": {}}


def definition(
    properties: dict[str, Any], *, kind: str = "", required: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """A named structure; with ``kind`` it is that kind's."""
    schema: dict[str, Any] = {"type": "object", "properties": properties, **more}
    if required:
        schema["required"] = list(required)
    if kind:
        schema["properties"] = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, **properties}
        schema["x-kubernetes-group-version-kind"] = [{"group": GROUP, "version": "v1", "kind": kind}]
    return schema


def operation(action: str, kind: str, group: str = GROUP, version: str = "v1") -> dict[str, Any]:
    """One operation of a path."""
    gvk = {"group": group, "version": version, "kind": kind}
    return {"x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk}


def paths_of(kind: str, plural: str, *, namespaced: bool = True, version: str = "v1") -> dict[str, Any]:
    """The paths of an ordinary kind with a status."""
    base = f"/apis/{GROUP}/{version}/" + ("namespaces/{namespace}/" if namespaced else "") + plural
    read = {"get": operation("get", kind), "put": operation("put", kind), "patch": operation("patch", kind)}
    return {
        base: {
            "get": operation("list", kind),
            "post": operation("post", kind),
            "delete": operation("deletecollection", kind),
        },
        f"{base}/{{name}}": {**read, "delete": operation("delete", kind)},
        f"{base}/{{name}}/status": dict(read),
    }


def openapi(schemas: dict[str, Any] | None = None, paths: dict[str, Any] | None = None) -> dict[str, Any]:
    """A document with the kind Order, unless other schemas (by short name) and paths are given."""
    if schemas is None:
        schemas = {
            "Order": definition(
                {"metadata": META, "spec": ref("OrderSpec"), "status": ref("OrderStatus")}, kind="Order"
            ),
            "OrderSpec": definition({"customer": {"type": "string"}, "lines": LINES}, required=("customer",)),
            "OrderLine": definition(
                {"sku": {"type": "string", "default": ""}, "count": {"type": "integer"}}, required=("sku",)
            ),
            "OrderStatus": definition({"shipped": {"type": "boolean"}}),
        }
    named = {name if name.startswith("io.") else f"{PREFIX}{name}": schema for name, schema in schemas.items()}
    document = {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.0"},
        "paths": paths_of("Order", "orders") if paths is None else paths,
        "components": {"schemas": {**named, **APIMACHINERY}},
    }
    # Tests change it; the parts that it shares with the next one must not change along.
    return copy.deepcopy(document)


META = {"allOf": [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]}
LINES = {
    "type": "array",
    "items": ref("OrderLine"),
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["sku"],
    "x-kubernetes-patch-merge-key": "sku",
    "x-kubernetes-patch-strategy": "merge",
}
APIMACHINERY = {
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {"type": "object", "properties": {"name": {"type": "string"}}},
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": {"type": "string", "format": "date-time"},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "io.k8s.apimachinery.pkg.runtime.RawExtension": {"type": "object"},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"format": "int-or-string"},
}
