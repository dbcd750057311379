# SPDX-License-Identifier: Apache-2.0
"""A CRD of many versions and with every kind of schema, for tests of discovery and OpenAPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waiting import eventually
from wire_documents import CRDS

if TYPE_CHECKING:
    from wire import Reply, Wire

VERSIONS = ["foo", "v1alpha1", "v1", "v2beta1", "v10", "v2"]
PROPERTIES = {
    "none": {"type": "string", "nullable": True, "description": "May be null."},
    "page": {"type": "string", "example": "one", "externalDocs": {"url": "https://x.example", "description": "More."}},
    "nothing": {"type": "object", "nullable": True, "properties": {"x": {"type": "string"}}},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"k": {"type": "string"}}},
    "size": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}], "pattern": "^a"},
    "count": {
        "type": "integer",
        "format": "int32",
        "default": 1,
        "minimum": 1,
        "maximum": 9,
        "allOf": [{"maximum": 3}],
    },
    "share": {"type": "number", "multipleOf": 0.5, "minimum": 0.25, "exclusiveMinimum": True},
    "mode": {"type": "string", "enum": ["a", "b"], "title": "A mode", "pattern": "^.$", "maxLength": 3},
    "parts": {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "minItems": 1,
        "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
    },
    "labels": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "boolean"}}},
    "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}},
}


def served(wire: Wire, path: str, **options: Any) -> Reply:
    """The answer once it is a 200: a real server takes its time with what follows a CRD."""
    eventually(lambda: wire("GET", path, **options).status == 200, f"{path} is served")
    return wire("GET", path, **options)


def define_widgets(wire: Wire) -> str:
    """A CRD with six versions; returns its group once it is served."""
    group = f"{wire.namespace}.example.com"
    schema = {
        "type": "object",
        "required": ["spec"],
        "properties": {"spec": {"type": "object", "required": ["none", "mode"], "properties": PROPERTIES}},
    }
    versions = [
        {
            "name": name,
            "served": True,
            "storage": name == "v1",
            "schema": {"openAPIV3Schema": schema},
            "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a"}},
        }
        for name in VERSIONS
    ]
    names = {
        "plural": "widgets",
        "singular": "widget",
        "kind": "Widget",
        "listKind": "WidgetCollection",
        "shortNames": ["wd", "wid"],
        "categories": ["all", "widgetry"],
    }
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": versions},
    }
    wire.ok("POST", CRDS, document)
    served(wire, f"/apis/{group}/v1/widgets")
    served(wire, f"/apis/{group}/v1")
    return group
