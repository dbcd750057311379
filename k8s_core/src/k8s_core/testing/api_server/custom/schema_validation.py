# SPDX-License-Identifier: Apache-2.0
"""Validation of custom resources by their OpenAPI schema, with the API server's paths and texts (protocol J24). Pure.

CEL rules (``x-kubernetes-validations``) are not evaluated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from k8s_core.testing.api_server.field_errors import FieldError, duplicate, invalid_value, not_supported, required

__all__ = ["validate_schema"]

Schema = Mapping[str, Any]


def validate_schema(value: Any, schema: Schema, path: str = "") -> list[FieldError]:
    """Check a value against a schema node. Returns every error, in the order of the document's fields."""
    if value is None and schema.get("nullable"):
        return []
    wrong = _check_type(value, schema, path)
    if wrong is not None:
        return [wrong]
    errors: list[FieldError] = []
    if "enum" in schema and not any(_same(value, choice) for choice in schema["enum"]):
        errors.append(not_supported(path, value, schema["enum"]))
    if isinstance(value, str):
        errors.extend(_text(value, schema, path))
    elif isinstance(value, bool):
        pass
    elif isinstance(value, (int, float)):
        errors.extend(_number(value, schema, path))
    elif isinstance(value, list):
        errors.extend(_array(value, schema, path))
    elif isinstance(value, dict):
        errors.extend(_object(value, schema, path))
    errors.extend(_junctors(value, schema, path))
    return errors


def _same(left: Any, right: Any) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)


_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def _type_name(value: Any) -> str:
    return next((name for type_, name in _NAMES if isinstance(value, type_)), "null")


def _check_type(value: Any, schema: Schema, path: str) -> FieldError | None:
    found = _type_name(value)
    if schema.get("x-kubernetes-int-or-string"):
        expected, fits = "integer,string", found in ("integer", "string")
    else:
        expected = schema.get("type") or ""
        fits = not expected or found == expected or (expected == "number" and found == "integer")
        fits = fits or (expected == "integer" and isinstance(value, float) and value.is_integer())
    if fits:
        return None
    text = f'{path or "."} in body must be of type {expected}: "{found}"'
    return invalid_value(path or "<nil>", found, text, reason="FieldValueTypeInvalid")


@lru_cache(maxsize=512)
def _pattern(text: str) -> re.Pattern[str] | None:
    try:
        return re.compile(text)
    except re.error:
        return None  # Go's syntax and Python's differ in corners; what cannot be compiled here is not checked


def _text(value: str, schema: Schema, path: str) -> list[FieldError]:
    errors = []
    if (least := schema.get("minLength")) is not None and len(value) < least:
        errors.append(invalid_value(path, value, f"{path} in body should be at least {least} chars long"))
    if (most := schema.get("maxLength")) is not None and len(value) > most:
        errors.append(FieldError(path, "FieldValueTooLong", f"Too long: may not be more than {most} bytes"))
    if schema.get("pattern"):
        pattern = _pattern(schema["pattern"])
        if pattern is not None and not pattern.search(value):
            errors.append(invalid_value(path, value, f"{path} in body should match '{schema['pattern']}'"))
    if schema.get("format") in ("date-time", "datetime") and not _DATE_TIME.fullmatch(value):
        errors.append(invalid_value(path, value, f'{path} in body must be of type datetime: "{value}"'))
    return errors


_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _number(value: float, schema: Schema, path: str) -> list[FieldError]:
    errors = []
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None:
        if schema.get("exclusiveMinimum") and value <= least:
            errors.append(invalid_value(path, value, f"{path} in body should be greater than {least}"))
        elif value < least:
            errors.append(invalid_value(path, value, f"{path} in body should be greater than or equal to {least}"))
    if most is not None:
        if schema.get("exclusiveMaximum") and value >= most:
            errors.append(invalid_value(path, value, f"{path} in body should be less than {most}"))
        elif value > most:
            errors.append(invalid_value(path, value, f"{path} in body should be less than or equal to {most}"))
    factor = schema.get("multipleOf")
    if factor and value % factor:
        errors.append(invalid_value(path, value, f"{path} in body should be a multiple of {factor}"))
    return errors


def _array(value: list[Any], schema: Schema, path: str) -> list[FieldError]:
    errors = []
    if (least := schema.get("minItems")) is not None and len(value) < least:
        errors.append(invalid_value(path, len(value), f"{path} in body should have at least {least} items"))
    if (most := schema.get("maxItems")) is not None and len(value) > most:
        text = f"Too many: {len(value)}: must have at most {most} items"
        errors.append(FieldError(path, "FieldValueTooMany", text))
    items = schema.get("items")
    if isinstance(items, Mapping):
        for index, item in enumerate(value):
            errors.extend(validate_schema(item, items, f"{path}[{index}]"))
    errors.extend(_unique(value, schema, path))
    return errors


def _unique(value: list[Any], schema: Schema, path: str) -> list[FieldError]:
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("set", "map") and not schema.get("uniqueItems"):
        return []
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    seen: set[str] = set()
    errors = []
    for index, item in enumerate(value):
        shown = {key: item.get(key) for key in keys} if kind == "map" and isinstance(item, dict) else item
        text = json.dumps(shown, sort_keys=True)
        if text in seen:
            errors.append(duplicate(f"{path}[{index}]", shown))
        seen.add(text)
    return errors


def _object(value: dict[str, Any], schema: Schema, path: str) -> list[FieldError]:
    def where(name: str) -> str:
        return f"{path}.{name}" if path else name

    errors = [required(where(name)) for name in schema.get("required") or () if name not in value]
    if (least := schema.get("minProperties")) is not None and len(value) < least:
        errors.append(invalid_value(path, len(value), f"{path} in body should have at least {least} properties"))
    if (most := schema.get("maxProperties")) is not None and len(value) > most:
        text = f"Too many: {len(value)}: must have at most {most} items"
        errors.append(FieldError(path, "FieldValueTooMany", text))
    properties = schema.get("properties") or {}
    additional = schema.get("additionalProperties")
    for name, child in value.items():
        node = properties.get(name)
        if node is None and isinstance(additional, Mapping):
            node = additional
        if node is not None:
            errors.extend(validate_schema(child, node, where(name)))
    return errors


def _junctors(value: Any, schema: Schema, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    shown = path or "<nil>"
    for node in schema.get("allOf") or ():
        errors.extend(validate_schema(value, node, path))
    if (choices := schema.get("anyOf")) and not any(not validate_schema(value, node, path) for node in choices):
        errors.append(_composite(shown, value, "must validate at least one schema (anyOf)"))
    if choices := schema.get("oneOf"):
        matching = sum(not validate_schema(value, node, path) for node in choices)
        if matching != 1:
            found = "Found none valid" if not matching else f"Found {matching} valid alternatives"
            errors.append(_composite(shown, value, f"must validate one and only one schema (oneOf). {found}"))
    if "not" in schema and not validate_schema(value, schema["not"], path):
        errors.append(_composite(shown, value, "must not validate the schema (not)"))
    return errors


def _composite(path: str, value: Any, text: str) -> FieldError:
    return invalid_value(path, value if not isinstance(value, (dict, list)) else "", f'"{path}" {text}')
