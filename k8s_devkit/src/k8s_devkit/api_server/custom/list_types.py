# SPDX-License-Identifier: Apache-2.0
"""The rules for ``x-kubernetes-list-type``, its keys and ``x-kubernetes-map-type`` in the schema of a CRD. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8s_devkit.strategy.field_errors import (
    FieldError,
    forbidden_field,
    invalid_value,
    not_supported,
    required,
)

__all__ = ["check_list_types"]

Schema = Mapping[str, Any]
_LIST, _KEYS, _MAP = "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"


def check_list_types(schema: Schema, path: str) -> list[FieldError]:
    """The errors of one node."""
    errors: list[FieldError] = []
    kind, keys, type_ = schema.get(_LIST), schema.get(_KEYS) or [], schema.get("type") or ""
    if kind is not None and type_ != "array":
        maker = invalid_value if type_ else None
        text = f"must be array if {_LIST} is specified"
        errors.append(maker(f"{path}.type", type_, text) if maker else required(f"{path}.type", text))
    if kind not in (None, "atomic", "set", "map"):
        errors.append(not_supported(f"{path}.{_LIST}", kind, ("atomic", "set", "map")))
    if kind != "map" and keys:
        errors.append(required(f"{path}.{_LIST}", f"must be map if {_KEYS} is non-empty"))
    map_type = schema.get(_MAP)
    if map_type is not None and type_ != "object":
        errors.append(invalid_value(f"{path}.type", type_, f"must be object if {_MAP} is specified"))
    if map_type not in (None, "atomic", "granular"):
        errors.append(not_supported(f"{path}.{_MAP}", map_type, ("atomic", "granular")))
    items = schema.get("items")
    if kind in ("set", "map") and isinstance(items, Mapping):
        if items.get("nullable"):
            errors.append(forbidden_field(f"{path}.items.nullable", f"cannot be nullable when {_LIST} is {kind}"))
        errors += _map_errors(items, keys, path) if kind == "map" else _set_errors(items, f"{path}.items")
    return errors


def _set_errors(items: Schema, path: str) -> list[FieldError]:
    for type_, keyword in (("object", _MAP), ("array", _LIST)):
        declared = items.get(keyword)
        if items.get("type") == type_ and declared != "atomic" and not (type_ == "array" and declared is None):
            text = f"must be atomic as item of a list with {_LIST}=set"
            return [invalid_value(f"{path}.{keyword}", declared, text)]
    return []


def _map_errors(items: Schema, keys: list[str], path: str) -> list[FieldError]:
    if not keys:
        return [required(f"{path}.{_KEYS}", f"must not be empty if {_LIST} is map")]
    if items.get("type") != "object":
        text = f"must be object if parent array's {_LIST} is map"
        return [invalid_value(f"{path}.items.type", items.get("type") or "", text)]
    errors: list[FieldError] = []
    properties = items.get("properties") or {}
    if any(key not in properties for key in keys):
        errors.append(invalid_value(f"{path}.{_KEYS}", keys, "entries must all be names of item properties"))
    if len(set(keys)) < len(keys):
        errors.append(invalid_value(f"{path}.{_KEYS}", keys, "must not contain duplicate entries"))
    for key in dict.fromkeys(key for key in keys if key in properties):
        node, where = properties[key], f"{path}.items.properties[{key}]"
        if node.get("type") in ("object", "array"):
            text = f"must be a scalar type if parent array's {_LIST} is map"
            errors.append(invalid_value(f"{where}.type", node["type"], text))
        if key not in (items.get("required") or ()) and "default" not in node:
            text = f"this property is in {_KEYS}, so it must have a default or be a required property"
            errors.append(required(f"{where}.default", text))
        if node.get("nullable"):
            errors.append(
                forbidden_field(f"{where}.nullable", f"this property is in {_KEYS}, so it cannot be nullable")
            )
    return errors
