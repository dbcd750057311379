# SPDX-License-Identifier: Apache-2.0
"""The smaller parts of a CRD's version: subresources, columns and selectable fields. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.field_errors import FieldError, duplicate, invalid_value, required, too_many

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["check_columns", "check_scale", "check_selectable"]

_TYPES = ("boolean", "date", "integer", "number", "string")
_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_SIMPLE = "must be a simple json path starting with ."
_MOST_SELECTABLE = 8


def check_scale(version: Document, path: str) -> list[FieldError]:
    """Check the subresources of a version."""
    scale = (version.get("subresources") or {}).get("scale")
    if scale is None:
        return []
    path = f"{path}.scale"
    errors: list[FieldError] = []
    for key, root in (("specReplicasPath", ".spec"), ("statusReplicasPath", ".status")):
        value = scale.get(key) or ""
        if not value:
            errors.append(required(f"{path}.{key}"))
        elif not value.startswith("."):
            errors.append(invalid_value(f"{path}.{key}", value, _SIMPLE))
        elif not value.startswith(f"{root}."):
            errors.append(invalid_value(f"{path}.{key}", value, f"should be a json path under {root}"))
    selector = scale.get("labelSelectorPath") or ""
    if selector and not selector.startswith("."):
        errors.append(invalid_value(f"{path}.labelSelectorPath", selector, _SIMPLE))
    elif selector and not selector.startswith((".spec.", ".status.")):
        text = "should be a json path under either .spec or .status"
        errors.append(invalid_value(f"{path}.labelSelectorPath", selector, text))
    return errors


def check_columns(version: Document, path: str) -> list[FieldError]:
    """Check the printer columns of a version."""
    errors: list[FieldError] = []
    for index, column in enumerate(version.get("additionalPrinterColumns") or ()):
        where = f"{path}[{index}]"
        if not column.get("name"):
            errors.append(required(f"{where}.name"))
        type_, text = column.get("type") or "", f"must be one of {','.join(_TYPES)}"
        if not type_:
            errors.append(required(f"{where}.type", text))
        elif type_ not in _TYPES:
            errors.append(invalid_value(f"{where}.type", type_, text))
        format_ = column.get("format") or ""
        if format_ and format_ not in _FORMATS:
            errors.append(invalid_value(f"{where}.format", format_, f"must be one of {','.join(_FORMATS)}"))
        json_path = column.get("jsonPath") or ""
        if not json_path:
            errors.append(required(f"{where}.JSONPath"))
        elif not json_path.startswith("."):
            errors.append(invalid_value(f"{where}.JSONPath", json_path, _SIMPLE))
    return errors


def check_selectable(version: Document, path: str) -> list[FieldError]:
    """Check the selectable fields of a version."""
    fields = version.get("selectableFields") or []
    if len(fields) > _MOST_SELECTABLE:
        return [too_many(path, len(fields), _MOST_SELECTABLE)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, field in enumerate(fields):
        where, value = f"{path}[{index}].jsonPath", field.get("jsonPath") or ""
        if not value:
            errors.append(required(where))
            continue
        if value in seen:
            errors.append(duplicate(where, value))
        seen.add(value)
        if problem := _selectable_problem((version.get("schema") or {}).get("openAPIV3Schema") or {}, value):
            errors.append(invalid_value(where, value, problem))
    return errors


def _selectable_problem(schema: Document, path: str) -> str:
    if not path.startswith((".", "[")):
        return f"is an invalid path: expected [ or . but got: {re.split(r'[.[]', path)[0]}"
    if re.search(r"\[\d+\]", path):
        return "is an invalid path: array notation is not allowed"
    node: Any = schema
    names = path.removeprefix(".").split(".")
    for name in names:
        node = (node.get("properties") or {}).get(name) if names[0] != "metadata" else None
        if node is None:
            return "is an invalid path: does not refer to a valid field"
    if node.get("type") not in ("string", "boolean", "integer"):
        return (
            "must point to a field of type string, boolean or integer. "
            "Enum string fields and strings with formats are allowed."
        )
    return ""
