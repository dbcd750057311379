# SPDX-License-Identifier: Apache-2.0
"""From model classes to the structural schemas of CustomResourceDefinitions. Pure.

See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_core.model.fields import ABSENT, FieldSpec, model_fields
from k8s_core.model.types import JsonType, ListType, LiteralType, MapType, ModelType, OpaqueType, ScalarType

if TYPE_CHECKING:
    from k8s_core.model.base import Model
    from k8s_core.model.types import FieldType

__all__ = [
    "IMMUTABLE_RULE",
    "MICRO_TIME_PATTERN",
    "QUANTITY_PATTERN",
    "SCHEMA_KEYWORDS",
    "class_description",
    "object_schema",
]

Schema = dict[str, Any]

SCHEMA_KEYWORDS: Mapping[str, str] = {
    "description": "description",
    "title": "title",
    "type": "type",
    "format": "format",
    "enum": "enum",
    "nullable": "nullable",
    "pattern": "pattern",
    "min_length": "minLength",
    "max_length": "maxLength",
    "minimum": "minimum",
    "exclusive_minimum": "exclusiveMinimum",
    "maximum": "maximum",
    "exclusive_maximum": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique_items": "uniqueItems",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
    "all_of": "allOf",
    "any_of": "anyOf",
    "one_of": "oneOf",
    "not_": "not",
    "example": "example",
    "external_docs": "externalDocs",
    "list_type": "x-kubernetes-list-type",
    "list_map_keys": "x-kubernetes-list-map-keys",
    "map_type": "x-kubernetes-map-type",
    "preserve_unknown_fields": "x-kubernetes-preserve-unknown-fields",
    "embedded_resource": "x-kubernetes-embedded-resource",
    "int_or_string": "x-kubernetes-int-or-string",
    "validations": "x-kubernetes-validations",
}
"""Keywords of ``field()``, of ``options=`` and of the mappings ``items=`` and ``values=``, to those of a schema."""

OTHER_OPTIONS = frozenset({"immutable", "items", "values", "required", "schema"})
"""Keywords of ``field()`` that shape the schema in ways of their own."""

IMMUTABLE_RULE: Mapping[str, str] = {"rule": "self == oldSelf", "message": "field is immutable"}
"""The CEL rule that ``field(immutable=True)`` stands for."""

QUANTITY_PATTERN = (
    r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
)
"""How CRDs spell a Quantity (protocol E6); the reader of CRDs recognises it by this pattern."""

MICRO_TIME_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
"""The one layout that Go parses as a MicroTime (protocol E10)."""

_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_INT_OR_STRING = ({"type": "integer"}, {"type": "string"})
_SCALARS: Mapping[str, Mapping[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
    "Time": {"type": "string", "format": "date-time"},
    "MicroTime": {"type": "string", "format": "date-time", "pattern": MICRO_TIME_PATTERN},
    "Duration": {"type": "string", "format": "duration"},
    "IntOrString": {"anyOf": _INT_OR_STRING, "x-kubernetes-int-or-string": True},
    "Quantity": {"anyOf": _INT_OR_STRING, "pattern": QUANTITY_PATTERN, "x-kubernetes-int-or-string": True},
}
_JSON_TYPES: Mapping[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def class_description(cls: type[Model]) -> str:
    """The class's own docstring as the description of its schema: paragraphs apart, each on one line.

    Empty where there is none, or only the class's name (as generators write for want of better); and for the types of
    ``k8s_core.meta``, whose docstrings are not the words of the kind's authors.
    """
    if cls.__module__ == "k8s_core.meta":
        return ""
    text = inspect.cleandoc(cls.__dict__.get("__doc__") or "")
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
    description = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return "" if description == f"{cls.__name__}." else description


def object_schema(cls: type[Model], *, leave_out: frozenset[str] = frozenset()) -> Schema:
    """The schema of a model class, as a new dict of JSON values.

    Args:
        cls: its fields, their ``field()`` options, its ``options=`` and its docstring count.
        leave_out: wire names to leave out.

    Raises:
        TypeError: an option is unknown, or a type has no schema; names class and field.
    """
    return _object(cls, leave_out, ())


def _object(cls: type[Model], leave_out: frozenset[str], stack: tuple[type[Model], ...]) -> Schema:
    if cls in stack:
        # Structural schemas have no references: what repeats itself is left open.
        return {"type": "object", _PRESERVE: True}
    schema: Schema = {}
    description = class_description(cls)
    if description:
        schema["description"] = description
    schema["type"] = "object"
    fields = {name: spec for name, spec in model_fields(cls).items() if name not in leave_out}
    if fields:
        properties = {name: _field_schema(cls, spec, (*stack, cls)) for name, spec in fields.items()}
        schema["properties"] = properties
    required = [name for name, spec in fields.items() if spec.required or spec.options.get("required")]
    if required:
        schema["required"] = required
    if cls._map_type is not None:
        schema["x-kubernetes-map-type"] = cls._map_type
    return _apply(schema, cls._options, f"the options= of {cls.__qualname__}")


def _field_schema(cls: type[Model], spec: FieldSpec, stack: tuple[type[Model], ...]) -> Schema:
    where = f"{cls.__qualname__}.{spec.name}"
    if "schema" in spec.options:
        return _plain(spec.options["schema"])  # type: ignore[no-any-return]  # a mapping in, a dict out
    lists = {"list_type": spec.list_type, "list_map_keys": spec.list_map_keys}
    options = dict(spec.options) | {keyword: value for keyword, value in lists.items() if value}
    schema = _typed(spec.type, options, where, stack)
    if spec.default is not ABSENT:
        schema["default"] = _plain(spec.default)
    return schema


def _typed(type_: FieldType, options: Mapping[str, Any], where: str, stack: tuple[type[Model], ...]) -> Schema:
    match type_:
        case ModelType(model=model):
            base = _object(model, frozenset(), stack)
            if options.get("preserve_unknown_fields") and model in stack:
                base = {"type": "object"}
        case ListType(item=item):
            inner = _typed(item, _nested(options, "items", where), f"{where}[]", stack)
            base = {"type": "array", "items": inner}
        case MapType(value=value):
            base = {"type": "object"}
            values = _nested(options, "values", where)
            # An open object needs no schema for its values unless they are typed.
            if values or not (isinstance(value, OpaqueType) and options.get("preserve_unknown_fields")):
                base["additionalProperties"] = _typed(value, values, f"{where}[]", stack)
        case LiteralType(values=values):
            base = {"type": _JSON_TYPES[type(values[0])], "enum": list(values)}
        case OpaqueType() | JsonType():
            base = {_PRESERVE: True}
            if options.get("embedded_resource"):
                base["type"] = "object"
        case ScalarType():
            base = _scalar(type_, where)
        case _:
            raise TypeError(f"{where}: {type_.name} has no schema; give field(schema={{…}})")
    return _apply(base, options, where)


def _scalar(type_: ScalarType, where: str) -> Schema:
    if type_.marshmallow_field is not None:
        # What a plugin's own field writes is up to the plugin; text is by far the usual case.
        declared = getattr(type_.marshmallow_field, "metadata", {}).get("schema")
        return dict(declared) if declared else {"type": "string"}
    found = _SCALARS.get(type_.name)
    if found is None:
        raise TypeError(f"{where}: {type_.name} has no schema; give field(schema={{…}})")
    return _plain(found)  # type: ignore[no-any-return]  # a mapping in, a dict out


def _nested(options: Mapping[str, Any], keyword: str, where: str) -> Mapping[str, Any]:
    nested = options.get(keyword, {})
    if not isinstance(nested, Mapping):
        raise TypeError(f"{where}: {keyword}= must be a mapping of keywords, such as {{'pattern': '^a'}}")
    return nested


def _apply(schema: Schema, options: Mapping[str, Any], where: str) -> Schema:
    """Write options into a schema; description and type come first, as people expect them."""
    for keyword, value in options.items():
        if keyword in SCHEMA_KEYWORDS:
            schema[SCHEMA_KEYWORDS[keyword]] = _plain(value)
        elif keyword not in OTHER_OPTIONS:
            known = ", ".join(sorted(SCHEMA_KEYWORDS.keys() | OTHER_OPTIONS))
            raise TypeError(f"{where}: the option {keyword!r} means nothing in a CRD; known: {known}")
    if options.get("immutable"):
        schema.setdefault("x-kubernetes-validations", []).append(dict(IMMUTABLE_RULE))
    first = {key: schema[key] for key in ("description", "type") if key in schema}
    return first | schema


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
