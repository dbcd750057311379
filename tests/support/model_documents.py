# SPDX-License-Identifier: Apache-2.0
"""Random documents that a model class accepts: for when there is no OpenAPI schema to make them from."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from k8s_core.model import Model, Resource, model_fields
from k8s_core.model.types import FieldType, ListType, LiteralType, MapType, ModelType, ScalarType

if TYPE_CHECKING:
    import random

__all__ = ["document_of", "value_of"]

SCALARS: dict[str, tuple[Any, ...]] = {
    "str": ("", "nginx", "äöü", "yes"),
    "int": (0, 1, -1, 2**31 - 1),
    "float": (0.5, 3),
    "bool": (True, False),
    "bytes": (base64.b64encode(b"secret").decode(), ""),
    "Quantity": ("100m", "1Gi", "0"),
    "IntOrString": (80, "http", "25%"),
    "Time": ("2026-01-02T03:04:05Z",),
    "MicroTime": ("2026-01-02T03:04:05.000000Z",),
    "Duration": ("1h30m0s",),
}
MAX_DEPTH = 6


def document_of(cls: type[Model], rng: random.Random, depth: int = 0) -> dict[str, Any]:
    """A wire document with all required fields and, above ``MAX_DEPTH``, some of the others."""
    document: dict[str, Any] = {}
    if issubclass(cls, Resource):
        document = {"apiVersion": cls.api_resource.api_version, "kind": cls.api_resource.kind}
    chance = 0.8 if depth < 2 else 0.15
    for wire_name, spec in model_fields(cls).items():
        if spec.required or (depth < MAX_DEPTH and rng.random() < chance):
            document[wire_name] = value_of(spec.type, rng, depth + 1)
    return document


def value_of(field_type: FieldType, rng: random.Random, depth: int) -> Any:
    """A wire value of one type."""
    match field_type:
        case ModelType():
            return document_of(field_type.model, rng, depth)
        case ListType():
            return [value_of(field_type.item, rng, depth) for _ in range(rng.randrange(3) if depth < MAX_DEPTH else 0)]
        case MapType():
            return {key: value_of(field_type.value, rng, depth) for key in rng.sample(["a", "b.c/d"], rng.randrange(3))}
        case LiteralType():
            return rng.choice(field_type.values)
        case ScalarType():
            return rng.choice(SCALARS[field_type.name])
    return rng.choice((None, {"any": ["thing", 1]}, "text", 7))
