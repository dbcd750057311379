# SPDX-License-Identifier: Apache-2.0
"""Structural schemas of CRDs: shapes for pruning (protocol J24). Pure.

See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8s_devkit.api_server.kinds.shapes import METADATA, Shape

__all__ = ["shape_of_schema"]

Schema = Mapping[str, Any]
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_JUNCTORS = ("allOf", "anyOf", "oneOf")


_EMPTY = Shape("object")


def shape_of_schema(schema: Schema, *, root: bool = False) -> Shape:
    """The shape of a schema node; ``root`` for the whole object, whose metadata has a shape of its own."""
    if schema.get("x-kubernetes-int-or-string"):
        return Shape("int-or-string", schema=schema, nullable=bool(schema.get("nullable")))
    type_ = schema.get("type")
    if type_ == "object":
        return _object_shape(schema, root=root)
    if type_ == "array":
        items = schema.get("items") or {}
        return Shape(
            "list",
            item=lambda: shape_of_schema(items),
            list_type=schema.get("x-kubernetes-list-type") or "atomic",
            keys=tuple(schema.get("x-kubernetes-list-map-keys") or ()),
            nullable=bool(schema.get("nullable")),
            schema=schema,
        )
    if type_ in ("string", "integer", "number", "boolean"):
        return Shape(type_, schema=schema, nullable=bool(schema.get("nullable")))
    return Shape("any", preserve=True, schema=schema)


def _object_shape(schema: Schema, *, root: bool) -> Shape:
    properties = schema.get("properties") or {}
    preserve = bool(schema.get(_PRESERVE))
    atomic = schema.get("x-kubernetes-map-type") == "atomic"
    additional = schema.get("additionalProperties")
    common: dict[str, Any] = {"atomic": atomic, "nullable": bool(schema.get("nullable")), "schema": schema}
    if additional and not properties:
        free = additional if isinstance(additional, Mapping) else None
        # Any value is allowed, but an object in it has no fields that are known.
        return Shape("map", item=lambda: shape_of_schema(free) if free is not None else _EMPTY, **common)

    def fields() -> dict[str, Shape]:
        known = {name: shape_of_schema(child) for name, child in properties.items()}
        if root or schema.get("x-kubernetes-embedded-resource"):
            known.update(apiVersion=Shape("string"), kind=Shape("string"), metadata=METADATA)
        return known

    return Shape("object", fields=fields, preserve=preserve, required=tuple(schema.get("required") or ()), **common)
