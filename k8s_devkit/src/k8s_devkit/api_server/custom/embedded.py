# SPDX-License-Identifier: Apache-2.0
"""Whole objects inside custom resources (``x-kubernetes-embedded-resource``), which have a kind and metadata. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k8s_devkit.strategy.field_errors import FieldError, invalid_value, required
from k8s_devkit.strategy.formats import dns_1035_label
from k8s_devkit.strategy.labels import check_label_map

__all__ = ["check_embedded", "has_embedded"]

Schema = Mapping[str, Any]
_MARK = "x-kubernetes-embedded-resource"


def has_embedded(schema: Schema) -> bool:
    """True if there are embedded resources at or below a schema node."""
    return bool(schema.get(_MARK)) or any(has_embedded(child) for child in _children(schema))


def _children(schema: Schema) -> Iterator[Schema]:
    yield from (schema.get("properties") or {}).values()
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            yield schema[keyword]


def check_embedded(value: Any, schema: Schema, path: str = "") -> list[FieldError]:
    """Check all embedded resources at and below a value."""
    errors: list[FieldError] = []
    if isinstance(value, dict):
        if schema.get(_MARK):
            errors += _resource(value, path)
        properties, additional = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, child in value.items():
            if name in properties:
                errors += check_embedded(child, properties[name], f"{path}.{name}" if path else name)
            elif isinstance(additional, Mapping):
                errors += check_embedded(child, additional, f"{path}[{name}]")
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            errors += check_embedded(item, schema["items"], f"{path}[{index}]")
    return errors


def _resource(value: dict[str, Any], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    api_version, kind = value.get("apiVersion") or "", value.get("kind") or ""
    if not api_version:
        errors.append(required(f"{path}.apiVersion"))
    elif str(api_version).count("/") > 1:
        text = f"unexpected GroupVersion string: {api_version}"
        errors.append(invalid_value(f"{path}.apiVersion", api_version, text))
    if not kind:
        errors.append(required(f"{path}.kind"))
    else:
        errors += [
            invalid_value(f"{path}.kind", kind, f"may have mixed case, but should otherwise match: {problem}")
            for problem in dns_1035_label(str(kind).lower())
        ]
    metadata = value.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return errors + (check_label_map(labels, f"{path}.metadata.labels") if isinstance(labels, dict) else [])
