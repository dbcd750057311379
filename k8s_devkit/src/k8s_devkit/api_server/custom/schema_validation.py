# SPDX-License-Identifier: Apache-2.0
"""Validation of custom resources by their OpenAPI schema, with the API server's paths and texts (protocol J24). Pure.

What an object broke before and an update leaves unchanged is tolerated, as since Kubernetes 1.30. Rules are in `cel`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from k8s_devkit.api_server.custom.embedded import check_embedded
from k8s_devkit.api_server.custom.formats import fits_format
from k8s_devkit.api_server.custom.junctors import check_junctors
from k8s_devkit.api_server.custom.patterns import compile_pattern
from k8s_devkit.strategy.field_errors import (
    FieldError,
    duplicate,
    invalid_value,
    not_supported,
    required,
    too_long,
    too_many,
)

__all__ = ["BLOCKING", "validate_custom", "validate_schema"]

Schema = Mapping[str, Any]
_UNKNOWN = object()
_JUNCTORS = frozenset({"allOf", "anyOf", "oneOf", "not"})
_PLAIN: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict}
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


def validate_custom(
    document: dict[str, Any], schema: Schema, old: dict[str, Any] | None = None, *, embedded: bool = False
) -> list[FieldError]:
    """Check a whole custom resource: values, embedded resources, then what lists of sets and maps promise.

    Args:
        document: the next state; its metadata is checked apart.
        schema: of the whole object.
        old: the state before an update.
        embedded: whether the schema has embedded resources.
    """
    own = {key: value for key, value in document.items() if key != "metadata"}
    if "metadata" in (schema.get("required") or ()):
        schema = {**schema, "required": [name for name in schema["required"] if name != "metadata"]}
    errors = validate_schema(own, schema, "", _UNKNOWN if old is None else old)
    if embedded:
        errors += check_embedded(own, schema)
    if old is None or not check_lists(old, schema, ""):
        errors += check_lists(own, schema, "")
    return errors


def validate_schema(value: Any, schema: Schema, path: str = "", old: Any = _UNKNOWN) -> list[FieldError]:
    """Check a value against a schema node. Returns every error, in the order of the document's fields.

    Args:
        old: the value before an update; a value that is still the same is not checked again.
    """
    if old is not _UNKNOWN and value == old:
        return []
    errors = _enum(value, schema, path) if "enum" in schema else []
    if value is None and schema.get("nullable"):
        return errors
    if isinstance(value, str):
        own = _text(value, schema, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        own = _number(value, schema, path)
    elif isinstance(value, list):
        own = _array(value, schema, path, old)
    else:
        own = _object(value, schema, path, old) if isinstance(value, dict) else []
    if own or errors:
        errors = own + errors
    if not _JUNCTORS.isdisjoint(schema):
        errors = check_junctors(value, schema, path, validate_schema) + errors
    # Most values are right; that is found out without a call.
    if type(value) is _PLAIN.get(schema.get("type") or ""):
        return errors
    return _check_type(value, schema, path) + errors


def _enum(value: Any, schema: Schema, path: str) -> list[FieldError]:
    if "enum" not in schema or (value is not None and any(_same(value, choice) for choice in schema["enum"])):
        return []
    choices = [choice if isinstance(choice, str) else _json(choice) for choice in schema["enum"]]
    return [not_supported(path, value, choices)]


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


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
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "number"
    return next((name for type_, name in _NAMES if isinstance(value, type_)), "null")


def _check_type(value: Any, schema: Schema, path: str) -> list[FieldError]:
    found = _type_name(value)
    if schema.get("x-kubernetes-int-or-string"):
        expected, fits = "integer,string", found in ("integer", "string")
    else:
        expected = schema.get("type") or ""
        fits = not expected or found == expected or (expected == "number" and found == "integer")
    if fits:
        return []
    text = f'{path or "."} in body must be of type {expected}: "{found}"'
    return [invalid_value(path or "<nil>", found, text, reason="FieldValueTypeInvalid")]


def _text(value: str, schema: Schema, path: str) -> list[FieldError]:
    errors = []
    if (least := schema.get("minLength")) is not None and len(value) < least:
        errors.append(invalid_value(path, value, f"{path} in body should be at least {least} chars long"))
    if (most := schema.get("maxLength")) is not None and len(value) > most:
        errors.append(too_long(path, most))
    if schema.get("pattern"):
        pattern = compile_pattern(schema["pattern"])
        if pattern is not None and not pattern.search(value):
            errors.append(invalid_value(path, value, f"{path} in body should match '{schema['pattern']}'"))
    if (format_ := schema.get("format")) and not fits_format(value, format_):
        text = f'{path} in body must be of type {format_}: "{value}"'
        errors.append(invalid_value(path, value, text, reason="FieldValueTypeInvalid"))
    return errors


_RANGES = {"int32": 2**31, "int64": 2**63, "float": 3.4028234663852886e38}


def _number(value: float, schema: Schema, path: str) -> list[FieldError]:
    errors = _range(value, schema, path)
    # The bounds of a whole number are whole numbers to the API server.
    bound: Any = int if isinstance(value, int) else _go_number
    factor, most, least = schema.get("multipleOf"), schema.get("maximum"), schema.get("minimum")
    if factor is not None:
        factor = bound(factor)
        if factor <= 0:
            text = f"factor MultipleOf declared for {path} must be positive: {factor}"
            errors.append(invalid_value(path, factor, text))
        elif _remains(value, factor):
            errors.append(invalid_value(path, value, f"{path} in body should be a multiple of {factor}"))
    if most is not None:
        most = bound(most)
        if schema.get("exclusiveMaximum") and value >= most:
            errors.append(invalid_value(path, value, f"{path} in body should be less than {most}"))
        elif value > most:
            errors.append(invalid_value(path, value, f"{path} in body should be less than or equal to {most}"))
    if least is not None:
        least = bound(least)
        if schema.get("exclusiveMinimum") and value <= least:
            errors.append(invalid_value(path, value, f"{path} in body should be greater than {least}"))
        elif value < least:
            errors.append(invalid_value(path, value, f"{path} in body should be greater than or equal to {least}"))
    return errors


def _go_number(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _remains(value: float, factor: float) -> bool:
    if isinstance(value, int) and isinstance(factor, int):
        return value % factor != 0
    quotient = value / factor
    return abs(quotient - round(quotient)) > 1e-9


def _range(value: float, schema: Schema, path: str) -> list[FieldError]:
    """A fraction where an integer is due, or a number that its format cannot hold."""
    format_ = schema.get("format") or ""
    type_ = schema.get("type")
    limit = _RANGES.get(format_)
    fraction = type_ == "integer" and _type_name(value) == "number"
    if type_ not in ("integer", "number") or not (fraction or (limit and not -limit <= value < limit)):
        return []
    shown = f"with format {format_}" if format_ else "(default format)"
    text = f"Checked value must be of type {type_} {shown} in {path}"
    return [FieldError("<nil>", "FieldValueInvalid", f'Invalid value: "": {text}')]


def _array(value: list[Any], schema: Schema, path: str, old: Any) -> list[FieldError]:
    errors = []
    if (least := schema.get("minItems")) is not None and len(value) < least:
        errors.append(invalid_value(path, len(value), f"{path} in body should have at least {least} items"))
    if (most := schema.get("maxItems")) is not None and len(value) > most:
        errors.append(too_many(path, len(value), most))
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
    seen: dict[str, int] = {}
    errors = []
    for index, item in enumerate(value):
        shown = item
        if kind == "map" and isinstance(item, dict):
            shown = {key: item[key] for key in keys if key in item}
        text = json.dumps(shown, sort_keys=True)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            errors.append(duplicate(f"{path}[{index}]", shown))
    return errors


def _object(value: dict[str, Any], schema: Schema, path: str, old: Any) -> list[FieldError]:
    def where(name: str) -> str:
        return f"{path}.{name}" if path else name

    errors = [required(where(name)) for name in schema.get("required") or () if name not in value]
    if (least := schema.get("minProperties")) is not None and len(value) < least:
        errors.append(invalid_value(path, len(value), f"{path} in body should have at least {least} properties"))
    if (most := schema.get("maxProperties")) is not None and len(value) > most:
        errors.append(too_many(path, len(value), most))
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
