# SPDX-License-Identifier: Apache-2.0
"""Validation of custom resources by their OpenAPI schema, with the API server's paths and texts (protocol J24). Pure.

What an object broke before and an update leaves unchanged is tolerated, as since Kubernetes 1.30. Rules are in `cel`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from k8s_core.testing.api_server.custom.formats import fits_format
from k8s_core.testing.api_server.custom.patterns import compile_pattern
from k8s_core.testing.api_server.field_errors import FieldError, duplicate, invalid_value, not_supported, required

__all__ = ["BLOCKING", "validate_custom", "validate_schema"]

Schema = Mapping[str, Any]
_UNKNOWN = object()
BLOCKING = frozenset(
    {
        "FieldValueNotSupported",
        "FieldValueRequired",
        "FieldValueTooLong",
        "FieldValueTooMany",
        "FieldValueTypeInvalid",
    }
)
"""Reasons of errors after which rules are not evaluated: the object has not the types that they expect."""


def validate_custom(document: dict[str, Any], schema: Schema, old: dict[str, Any] | None = None) -> list[FieldError]:
    """Check a whole custom resource: values, then what lists of sets and maps promise. Metadata is checked apart."""
    own = {key: value for key, value in document.items() if key != "metadata"}
    if "metadata" in (schema.get("required") or ()):
        schema = {**schema, "required": [name for name in schema["required"] if name != "metadata"]}
    errors = validate_schema(own, schema, "", _UNKNOWN if old is None else old)
    if old is None or not check_lists(old, schema, ""):
        errors += check_lists(own, schema, "")
    return errors


def validate_schema(value: Any, schema: Schema, path: str = "", old: Any = _UNKNOWN) -> list[FieldError]:
    """Check a value against a schema node. Returns every error, in the order of the document's fields.

    Args:
        old: the value before an update; a value that is still the same is not checked again.
    """
    if (value is None and schema.get("nullable")) or (old is not _UNKNOWN and value == old):
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
        errors.extend(_array(value, schema, path, old))
    elif isinstance(value, dict):
        errors.extend(_object(value, schema, path, old))
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


def _text(value: str, schema: Schema, path: str) -> list[FieldError]:
    errors = []
    if (least := schema.get("minLength")) is not None and len(value) < least:
        errors.append(invalid_value(path, value, f"{path} in body should be at least {least} chars long"))
    if (most := schema.get("maxLength")) is not None and len(value) > most:
        errors.append(FieldError(path, "FieldValueTooLong", f"Too long: may not be more than {most} bytes"))
    if schema.get("pattern"):
        pattern = compile_pattern(schema["pattern"])
        if pattern is not None and not pattern.search(value):
            errors.append(invalid_value(path, value, f"{path} in body should match '{schema['pattern']}'"))
    if (format_ := schema.get("format")) and not fits_format(value, format_):
        text = f'{path} in body must be of type {format_}: "{value}"'
        errors.append(invalid_value(path, value, text, reason="FieldValueTypeInvalid"))
    return errors


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


def _array(value: list[Any], schema: Schema, path: str, old: Any) -> list[FieldError]:
    errors = []
    if (least := schema.get("minItems")) is not None and len(value) < least:
        errors.append(invalid_value(path, len(value), f"{path} in body should have at least {least} items"))
    if (most := schema.get("maxItems")) is not None and len(value) > most:
        text = f"Too many: {len(value)}: must have at most {most} items"
        errors.append(FieldError(path, "FieldValueTooMany", text))
    items = schema.get("items")
    if isinstance(items, Mapping):
        known = _by_keys(old, schema)
        for index, item in enumerate(value):
            before = known.get(_identity(item, schema), _UNKNOWN) if known else _UNKNOWN
            errors.extend(validate_schema(item, items, f"{path}[{index}]", before))
    return errors


def _identity(item: Any, schema: Schema) -> str:
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    return json.dumps([item.get(key) for key in keys] if isinstance(item, dict) else None)


def _by_keys(old: Any, schema: Schema) -> dict[str, Any]:
    """The items of the previous list by their keys; those of other lists than maps cannot be found again."""
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(old, list):
        return {}
    return {_identity(item, schema): item for item in old}


def check_lists(value: Any, schema: Schema, path: str) -> list[FieldError]:
    """Check that items of sets, and keys of maps, occur once, in all lists at and below a value."""
    errors: list[FieldError] = []
    if isinstance(value, list):
        errors.extend(_unique(value, schema, path))
        items = schema.get("items")
        if isinstance(items, Mapping):
            for index, item in enumerate(value):
                if isinstance(item, (dict, list)):
                    errors.extend(check_lists(item, items, f"{path}[{index}]"))
    elif isinstance(value, dict):
        properties, additional = schema.get("properties") or {}, schema.get("additionalProperties")
        for name, child in value.items():
            if not isinstance(child, (dict, list)):
                continue
            if name in properties:
                errors.extend(check_lists(child, properties[name], f"{path}.{name}" if path else name))
            elif isinstance(additional, Mapping):
                errors.extend(check_lists(child, additional, f"{path}[{name}]"))
    return errors


def _unique(value: list[Any], schema: Schema, path: str) -> list[FieldError]:
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("set", "map"):
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


def _object(value: dict[str, Any], schema: Schema, path: str, old: Any) -> list[FieldError]:
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
    correlated = isinstance(old, dict) and schema.get("x-kubernetes-map-type") != "atomic"
    for name, child in value.items():
        node = properties.get(name)
        if node is None and isinstance(additional, Mapping):
            node = additional
        if node is not None:
            before = old.get(name, _UNKNOWN) if correlated else _UNKNOWN
            errors.extend(validate_schema(child, node, where(name), before))
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
