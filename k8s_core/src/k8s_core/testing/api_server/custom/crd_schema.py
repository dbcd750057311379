# SPDX-License-Identifier: Apache-2.0
"""Structural schemas of CRDs: shapes for pruning, and what makes them structural (protocol J24). Pure.

See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8s_core.testing.api_server.field_errors import FieldError, forbidden_field, required
from k8s_core.testing.api_server.kinds.shapes import METADATA, Shape

__all__ = ["check_structural", "shape_of_schema"]

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


def check_structural(schema: Schema, path: str) -> list[FieldError]:
    """What makes a schema not structural: nodes without a type, and keywords that the API server forbids."""
    errors = _node_errors(schema, path, root=True)
    if schema.get("type") not in ("object", None):
        errors.append(
            FieldError(
                f"{path}.type", "FieldValueInvalid", f'Invalid value: "{schema["type"]}": must be object at the root'
            )
        )
    return errors


def _node_errors(schema: Schema, path: str, *, root: bool = False) -> list[FieldError]:
    errors: list[FieldError] = []
    untyped = not schema.get("type") and not schema.get("x-kubernetes-int-or-string") and not schema.get(_PRESERVE)
    if untyped:
        where = "at the root" if root else "for specified object fields"
        errors.append(required(f"{path}.type", f"must not be empty {where}"))
    errors.extend(
        forbidden_field(f"{path}.{keyword}", f"{keyword} is not supported")
        for keyword in ("$ref", "definitions", "dependencies", "id", "patternProperties", "additionalItems")
        if keyword in schema
    )
    if schema.get("properties") and schema.get("additionalProperties"):
        errors.append(
            forbidden_field(f"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive")
        )
    if schema.get("type") == "array" and not schema.get("items"):
        errors.append(required(f"{path}.items", "must be specified"))
    errors.extend(_list_errors(schema, path))
    for name, child in (schema.get("properties") or {}).items():
        if not (root and name in ("apiVersion", "kind", "metadata")):
            errors.extend(_node_errors(child, f"{path}.properties[{name}]"))
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            errors.extend(_node_errors(schema[keyword], f"{path}.{keyword}"))
    return errors


def _list_errors(schema: Schema, path: str) -> list[FieldError]:
    kind = schema.get("x-kubernetes-list-type")
    keys = schema.get("x-kubernetes-list-map-keys") or []
    if kind == "map" and not keys:
        text = "must not be empty if x-kubernetes-list-type is map"
        return [required(f"{path}.x-kubernetes-list-map-keys", text)]
    items = schema.get("items") or {}
    missing = [
        required(
            f"{path}.items.properties[{key}].default",
            "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
        )
        for key in keys
        if key not in (items.get("required") or ()) and "default" not in (items.get("properties") or {}).get(key, {})
    ]
    return missing if kind == "map" else []
