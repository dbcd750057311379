# SPDX-License-Identifier: Apache-2.0
"""What makes the schema of a CRD structural, and what the API server refuses besides (protocol J23). Pure.

See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8s_devkit.api_server.custom.list_types import check_list_types
from k8s_devkit.api_server.custom.patterns import compile_pattern
from k8s_devkit.api_server.custom.schema_defaults import check_default
from k8s_devkit.strategy.field_errors import (
    FieldError,
    forbidden_field,
    invalid_value,
    not_supported,
    required,
)

__all__ = ["check_structural"]

Schema = Mapping[str, Any]
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_UNSUPPORTED = ("$ref", "definitions", "dependencies", "id", "patternProperties", "additionalItems")
_EITHER = [{"type": "integer"}, {"type": "string"}]
_EMPTY, _UNDEFINED, _FALSE = "must be empty", "must be undefined", "must be false"
_NOT_IN_JUNCTORS = {
    "type": _EMPTY,
    "title": _EMPTY,
    "description": _EMPTY,
    "default": _UNDEFINED,
    "additionalProperties": _UNDEFINED,
    "nullable": _FALSE,
    _PRESERVE: _FALSE,
    _EMBEDDED: _FALSE,
    _INT_OR_STRING: _FALSE,
    "x-kubernetes-list-map-keys": _EMPTY,
    "x-kubernetes-list-type": _UNDEFINED,
    "x-kubernetes-map-type": _UNDEFINED,
    "x-kubernetes-validations": _EMPTY,
}


def check_structural(schema: Schema, path: str) -> list[FieldError]:
    """The errors of the schema of a whole object."""
    errors: list[FieldError] = []
    type_ = schema.get("type")
    if type_ not in ("object", None):
        errors.append(invalid_value(f"{path}.type", type_, "must be object at the root"))
    if schema.get("nullable"):
        errors.append(forbidden_field(f"{path}.nullable", "nullable cannot be true at the root"))
    if isinstance(schema.get("additionalProperties"), Mapping):
        errors.append(forbidden_field(f"{path}.additionalProperties", "must not be used at the root"))
    return errors + _head_errors(schema, path, root=True) + _node_errors(schema, path, "at the root", root=True)


def _head_errors(schema: Schema, path: str, *, root: bool) -> list[FieldError]:
    """The errors of apiVersion, kind and metadata of an object that is a resource."""
    errors: list[FieldError] = []
    properties = schema.get("properties") or {}
    for name, type_ in (("apiVersion", "string"), ("kind", "string"), ("metadata", "object")):
        node = properties.get(name)
        if node is not None and node.get("type") != type_:
            errors.append(invalid_value(f"{path}.properties[{name}].type", node.get("type") or "", f"must be {type_}"))
    metadata = properties.get("metadata") or {}
    if not root or metadata.get("type") != "object":
        return errors
    where = f"{path}.properties[metadata]"
    known = {"type", "properties", "description"}
    if set(metadata) - known or set(metadata.get("properties") or {}) - {"name", "generateName"}:
        text = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        errors.append(forbidden_field(where, text))
    errors += [
        forbidden_field(f"{where}.properties[{name}].default", "must not be set in top-level metadata")
        for name, node in (metadata.get("properties") or {}).items()
        if "default" in node
    ]
    return errors


def _node_errors(schema: Schema, path: str, place: str, *, root: bool = False) -> list[FieldError]:
    errors = _type_errors(schema, path, place)
    errors += _keyword_errors(schema, path)
    errors += check_list_types(schema, path)
    if "default" in schema:
        errors += check_default(schema, path)
    errors += _junctor_errors(schema, path)
    for name, child in (schema.get("properties") or {}).items():
        if not (root and name in ("apiVersion", "kind", "metadata")):
            errors += _node_errors(child, f"{path}.properties[{name}]", "for specified object fields")
    items, additional = schema.get("items"), schema.get("additionalProperties")
    if isinstance(items, Mapping):
        errors += _node_errors(items, f"{path}.items", "for specified array items")
    if isinstance(additional, Mapping):
        errors += _node_errors(additional, f"{path}.additionalProperties", "for specified object fields")
    return errors


def _type_errors(schema: Schema, path: str, place: str) -> list[FieldError]:
    errors: list[FieldError] = []
    type_ = schema.get("type")
    if type_ and type_ not in _TYPES:
        errors.append(not_supported(f"{path}.type", type_, _TYPES))
    if not type_ and not schema.get(_INT_OR_STRING) and not schema.get(_PRESERVE):
        errors.append(required(f"{path}.type", f"must not be empty {place}"))
    if schema.get(_PRESERVE) is False:
        errors.append(invalid_value(f"{path}.{_PRESERVE}", False, "must be true or undefined"))
    if schema.get(_EMBEDDED):
        if not schema.get(_PRESERVE) and not schema.get("properties"):
            text = f"must not be empty if {_EMBEDDED} is true without {_PRESERVE}"
            errors.append(required(f"{path}.properties", text))
        if type_ != "object":
            errors.append(invalid_value(f"{path}.type", type_ or "", f"must be object if {_EMBEDDED} is true"))
        errors += _head_errors(schema, path, root=False)
    return errors


def _keyword_errors(schema: Schema, path: str) -> list[FieldError]:
    errors = [
        forbidden_field(f"{path}.{keyword}", f"{keyword} is not supported")
        for keyword in _UNSUPPORTED
        if keyword in schema
    ]
    if schema.get("uniqueItems"):
        text = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        errors.append(forbidden_field(f"{path}.uniqueItems", text))
    if schema.get("properties") and schema.get("additionalProperties"):
        text = "additionalProperties and properties are mutual exclusive"
        errors.append(forbidden_field(f"{path}.additionalProperties", text))
    if isinstance(schema.get("items"), list):
        errors.append(forbidden_field(f"{path}.items", "items must be a schema object and not an array"))
    elif schema.get("type") == "array" and schema.get("items") is None:
        errors.append(required(f"{path}.items", "must be specified"))
    pattern = schema.get("pattern")
    if pattern and pattern.count("(") != pattern.count(")") and compile_pattern(pattern) is None:
        text = f"must be a valid regular expression, but isn't: error parsing regexp: missing closing ): `{pattern}`"
        errors.append(invalid_value(f"{path}.pattern", pattern, text))
    return errors


def _junctor_errors(schema: Schema, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    either = bool(schema.get(_INT_OR_STRING))
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, child in enumerate(schema.get(keyword) or ()):
            if either and (schema.get(keyword) == _EITHER or (keyword == "allOf" and child.get("anyOf") == _EITHER)):
                continue  # the one form in which int-or-string may name its types
            errors += _value_errors(child, f"{path}.{keyword}[{index}]")
    if isinstance(schema.get("not"), Mapping):
        errors += _value_errors(schema["not"], f"{path}.not")
    return errors


def _value_errors(schema: Schema, path: str) -> list[FieldError]:
    """The errors of a schema inside a junctor, which may restrict values but describe nothing."""
    errors = [
        forbidden_field(f"{path}.{keyword}", f"{text} to be structural")
        for keyword, text in _NOT_IN_JUNCTORS.items()
        if schema.get(keyword) or (keyword == "default" and keyword in schema)
    ]
    for name, child in (schema.get("properties") or {}).items():
        errors += _value_errors(child, f"{path}.properties[{name}]")
    if isinstance(schema.get("items"), Mapping):
        errors += _value_errors(schema["items"], f"{path}.items")
    return errors + _junctor_errors(schema, path)
