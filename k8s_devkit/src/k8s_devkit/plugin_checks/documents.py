# SPDX-License-Identifier: Apache-2.0
"""Documents to try models with: any JSON that could come from a server, and small valid objects. Pure."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_core.model import Model, model_fields
from k8s_core.model.types import ListType, LiteralType, MapType, ModelType, OpaqueType

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from k8s_core.model.types import FieldType

__all__ = ["any_document", "models_of", "smallest", "touch"]

_ODD: tuple[Any, ...] = (None, "", "text", 0, -1, 2**53, 1.5, True, False, [], {}, [None], {"a": {"b": None}})
_TEXTS = ("a", "abc", "example", "example.com", "10.0.0.1", "1", "https://example.com", "A", "a@b.c", "/", "1h", "1Gi")
_FORMATS = {
    "byte": "YQ==", "date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "duration": "1h0m0s", "ipv4": "10.0.0.1",
    "ipv6": "fd00::1", "cidr": "10.0.0.0/8", "uri": "https://example.com", "hostname": "example.com",
    "email": "a@example.com", "uuid": "123e4567-e89b-42d3-a456-426614174000",
}  # fmt: skip
_DEPTH = 5


def models_of(cls: type[Model], seen: set[type[Model]] | None = None) -> Iterator[type[Model]]:
    """A class and all classes that its fields reach, each once. Raises TypeError where an annotation is none."""
    seen = set() if seen is None else seen
    if cls in seen:
        return
    seen.add(cls)
    yield cls
    for spec in model_fields(cls).values():
        type_ = spec.type
        while isinstance(type_, (ListType, MapType)):
            type_ = type_.item if isinstance(type_, ListType) else type_.value
        if isinstance(type_, ModelType):
            yield from models_of(type_.model, seen)


def any_document(cls: type[Model], rng: random.Random, depth: int = _DEPTH) -> dict[str, Any]:
    """A document as servers may send it: some fields missing, some null or odd, some that nobody knows."""
    document: dict[str, Any] = {}
    for wire_name, spec in model_fields(cls).items():
        if rng.random() < 0.7:
            document[wire_name] = _any_value(spec.type, rng, depth)
    for _ in range(rng.randint(0, 2)):
        document[f"unknown{rng.randint(0, 99)}"] = copy.deepcopy(rng.choice(_ODD))
    return document


def _any_value(type_: FieldType, rng: random.Random, depth: int) -> Any:
    if depth <= 0 or rng.random() < 0.15:
        return copy.deepcopy(rng.choice(_ODD))
    match type_:
        case ModelType(model=model):
            return any_document(model, rng, depth - 1)
        case ListType(item=item):
            return [_any_value(item, rng, depth - 1) for _ in range(rng.randint(0, 3))]
        case MapType(value=value):
            return {f"key{number}": _any_value(value, rng, depth - 1) for number in range(rng.randint(0, 3))}
        case LiteralType(values=values):
            return rng.choice(values)
        case OpaqueType():
            return {"kept": ["as", None, {"it": "is"}]}
    return rng.choice((*_FORMATS.values(), "500m", 80, True))


def touch(obj: Model) -> None:
    """Read every attribute of an object, in depth, as programs do; conversions included."""
    for spec in model_fields(type(obj)).values():
        _touch_value(getattr(obj, spec.name))


def _touch_value(value: Any) -> None:
    if isinstance(value, Model):
        if value:
            touch(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            _touch_value(item)
    elif hasattr(value, "__iter__") and not isinstance(value, (str, bytes)):
        for item in value:
            _touch_value(item)


def smallest(schema: Mapping[str, Any]) -> Any:
    """A small value that fits a structural schema as far as one can tell: required fields only, bounds kept.

    Rules in CEL, and patterns that none of a few usual texts fits, are left to luck.
    """
    if "default" in schema and schema["default"] is not None:
        return copy.deepcopy(schema["default"])
    if schema.get("enum"):
        return copy.deepcopy(schema["enum"][0])
    if schema.get("x-kubernetes-int-or-string"):
        return 1
    match schema.get("type"):
        case "object":
            return _smallest_object(schema)
        case "array":
            return [_numbered(smallest(schema["items"]), number) for number in range(schema.get("minItems", 0))]
        case "string":
            return _smallest_text(schema)
        case "integer" | "number":
            return _smallest_number(schema)
        case "boolean":
            return True
    return {}


def _smallest_object(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    wanted = list(schema.get("required") or ())
    # Of alternatives the first: that is how unions are written down.
    for branch in (*(schema.get("oneOf") or ())[:1], *(schema.get("anyOf") or ())[:1], *(schema.get("allOf") or ())):
        wanted += branch.get("required") or ()
    for name in properties:
        if len(set(wanted)) >= schema.get("minProperties", 0):
            break
        wanted.append(name)
    result = {name: smallest(properties[name]) for name in dict.fromkeys(wanted) if name in properties}
    values = schema.get("additionalProperties")
    if isinstance(values, Mapping):
        for number in range(len(result), schema.get("minProperties", 0)):
            result[f"key{number}"] = smallest(values)
    if schema.get("x-kubernetes-embedded-resource"):
        head = {"apiVersion": "example.com/v1", "kind": "Example", "metadata": {"name": "embedded"}}
        return {**head, **result}
    return result


def _smallest_text(schema: Mapping[str, Any]) -> str:
    if schema.get("format") in _FORMATS:
        return _FORMATS[str(schema["format"])]
    low: int = schema.get("minLength", 0)
    high: int = schema.get("maxLength", 1 << 20)
    fitting: list[str] = [text for text in (*_TEXTS, *_FORMATS.values(), "a" * low) if low <= len(text) <= high]
    patterns: list[str] = [part["pattern"] for part in (schema, *(schema.get("allOf") or ())) if part.get("pattern")]
    for text in fitting:
        try:
            if all(re.search(pattern, text) for pattern in patterns):
                return text
        except re.error:
            # Go's expressions are not all Python's; the server will say whether the text fits.
            break
    return fitting[0] if fitting else "a" * low


def _smallest_number(schema: Mapping[str, Any]) -> int | float:
    step = schema.get("multipleOf") or 1
    low = schema.get("minimum")
    high = schema.get("maximum")
    if low is None:
        value = 1 if high is None or high >= 1 else high
    else:
        value = low + (step if schema.get("exclusiveMinimum") else 0)
    if schema.get("multipleOf"):
        value = -(-value // step) * step
    if high is not None and (value > high or (value == high and schema.get("exclusiveMaximum"))):
        value = high if low is None else (low + high) / 2
    return value if schema["type"] == "number" else int(value)


def _numbered(value: Any, number: int) -> Any:
    """The items of a list may have to differ from each other."""
    if number and isinstance(value, str):
        return f"{value}{number}"
    if number and isinstance(value, int):
        return value + number
    return value
