# SPDX-License-Identifier: Apache-2.0
"""JSON schemas, as OpenAPI v3 documents and CRDs hold them, to types and fields.

The one place that knows what ``type``, ``format``, ``allOf`` and the ``x-kubernetes-*`` extensions mean. A frontend
gives it a resolver for references and collects the classes that inline objects became.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.ir import (
    ClassDef,
    FieldDef,
    ListOf,
    Literals,
    MapOf,
    Opaque,
    OptionValue,
    Ref,
    Scalar,
    TypeDef,
)
from k8s_devkit.codegen.names import attribute_name, class_name

__all__ = ["Place", "SchemaReader", "as_mapping", "map_type_of"]

Schema = Mapping[str, Any]

# Formats say how a value is spelled; these change the Python type, the others in STRING_FORMATS leave it a str.
TYPED_FORMATS = {
    "byte": "bytes",
    "date-time": "Time",
    "datetime": "Time",
    "duration": "Duration",
    "int-or-string": "IntOrString",
}
STRING_FORMATS = frozenset(
    {"bsonobjectid", "cidr", "creditcard", "date", "email", "hexcolor", "hostname", "ipv4", "ipv6", "isbn", "isbn10"}
    | {"isbn13", "k8s-long-name", "k8s-short-name", "mac", "password", "rgbcolor", "ssn", "uri"}
    | {"uuid", "uuid3", "uuid4", "uuid5"}
)
NUMBER_FORMATS = frozenset({"double", "float", "int32", "int64", "uint32", "uint64"})
ENUM_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool}
FIELD_OPTIONS = {
    "x-kubernetes-list-type": "list_type",
    "x-kubernetes-list-map-keys": "list_map_keys",
    "x-kubernetes-map-type": "map_type",
    "x-kubernetes-patch-merge-key": "patch_merge_key",
    "x-kubernetes-patch-strategy": "patch_strategy",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a document, for messages."""

    source: str
    path: tuple[str, ...] = ()

    def at(self, *keys: str) -> Place:
        """A position further down."""
        return Place(self.source, (*self.path, *keys))

    def error(self, reason: str) -> CodegenError:
        """The exception that names this position."""
        return CodegenError(reason, source=self.source, path=".".join(self.path))


class SchemaReader:
    """Reads schemas of one module.

    Args:
        resolve: maps the text of a ``$ref`` to a type, or raises the CodegenError made by the place it is given.
        amend: given a class name and a field, returns the field as it should be: another name, more options.

    Attributes:
        classes: what inline objects became, in the order in which they were met. `owner` names are prefixes.
    """

    def __init__(
        self,
        resolve: Callable[[str, Place], TypeDef],
        amend: Callable[[str, FieldDef], FieldDef] = lambda owner, item: item,
    ) -> None:
        self._resolve = resolve
        self._amend = amend
        self.classes: list[ClassDef] = []

    def fields_of(self, schema: Schema, owner: str, place: Place, skip: tuple[str, ...] = ()) -> tuple[FieldDef, ...]:
        """The fields of an object schema, in the document's order, without the wire names in ``skip``."""
        properties = as_mapping(schema.get("properties", {}), place.at("properties"))
        required = _texts(schema.get("required", ()), place.at("required"))
        fields: list[FieldDef] = []
        attributes: dict[str, str] = {}
        for wire_name, value in properties.items():
            if wire_name in skip:
                continue
            here = place.at("properties", wire_name)
            item = self._field(as_mapping(value, here), owner, wire_name, wire_name in required, here)
            if item.name in attributes:
                raise here.error(
                    f"attribute {item.name!r} would stand for {attributes[item.name]!r} as well: rename one"
                )
            attributes[item.name] = wire_name
            fields.append(item)
        return tuple(fields)

    def _field(self, schema: Schema, owner: str, wire_name: str, required: bool, place: Place) -> FieldDef:
        type_ = self.type_of(schema, place, f"{owner}.{wire_name}")
        hidden = {part.name for part in _parts(type_) if isinstance(part, Ref)}
        name = attribute_name(wire_name, hidden)
        # The zero values that Go structs imply say nothing; the others complete the keys of list maps.
        value = schema.get("default")
        default = value if value and isinstance(value, str | int | float | bool) and not required else None
        return self._amend(owner, FieldDef(name, wire_name, type_, required, default, _options(schema, place)))

    def type_of(self, schema: Schema, place: Place, hint: str) -> TypeDef:
        """The type of one schema; ``hint`` (``Owner.field``) names the class if it is an inline object."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._resolve(reference, place)
        if schema.get("x-kubernetes-int-or-string"):
            return Scalar("IntOrString")
        kind = schema.get("type")
        parts = schema.get("allOf")
        if kind is None and isinstance(parts, list) and parts:
            if len(parts) > 1:
                raise place.error("allOf of several schemas without a type has no Python class")
            return self.type_of(as_mapping(parts[0], place.at("allOf", "0")), place.at("allOf", "0"), hint)
        if kind is None and "properties" in schema:
            kind = "object"
        match kind:
            case "array":
                return self._array(schema, place, hint)
            case "object":
                return self._object(schema, place, hint)
            case "string" | "integer" | "number" | "boolean":
                return _scalar(schema, str(kind), place)
            case None:
                return _untyped(schema, place)
        raise place.error(f"unknown type {kind!r}")

    def _array(self, schema: Schema, place: Place, hint: str) -> TypeDef:
        here = place.at("items")
        items = schema.get("items")
        if items is None:
            raise place.error("array without items")
        return ListOf(self.type_of(as_mapping(items, here), here, hint))

    def _object(self, schema: Schema, place: Place, hint: str) -> TypeDef:
        if schema.get("x-kubernetes-embedded-resource") or (
            schema.get("x-kubernetes-preserve-unknown-fields") and not schema.get("properties")
        ):
            return Opaque()
        if schema.get("properties"):
            return self.inline_class(schema, place, hint)
        extra = schema.get("additionalProperties")
        if extra is None or extra is False:
            return Opaque()
        if extra is True:
            return MapOf(Opaque())
        here = place.at("additionalProperties")
        return MapOf(self.type_of(as_mapping(extra, here), here, hint))

    def inline_class(self, schema: Schema, place: Place, hint: str) -> Ref:
        """Make a class of an inline object; a frontend may override it to name and share classes its own way."""
        name = class_name(*hint.split("."))
        self.classes.append(ClassDef(name, self.fields_of(schema, name, place), map_type=map_type_of(schema)))
        return Ref(name)


def _options(schema: Schema, place: Place) -> dict[str, OptionValue]:
    options: dict[str, OptionValue] = {}
    for extension, keyword in FIELD_OPTIONS.items():
        value = schema.get(extension)
        if isinstance(value, list):
            options[keyword] = _texts(value, place.at(extension))
        elif isinstance(value, str):
            options[keyword] = value
        elif value is not None:
            raise place.at(extension).error(f"expected text, found {type(value).__name__}")
    return options


def _texts(value: object, place: Place) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise place.error("expected a list of texts")
    return tuple(value)


def map_type_of(schema: Schema) -> str:
    """``"atomic"`` if server-side apply owns the structure as a whole, else ``""``: granular is the default."""
    value = schema.get("x-kubernetes-map-type", "")
    return value if value == "atomic" else ""


def _scalar(schema: Schema, kind: str, place: Place) -> TypeDef:
    values = schema.get("enum")
    if values and kind in ENUM_TYPES:
        if not isinstance(values, list) or not all(type(item) is ENUM_TYPES[kind] for item in values):
            raise place.at("enum").error(f"expected a list of values of type {kind}")
        return Literals(tuple(values))
    format_ = schema.get("format")
    match kind:
        case "string":
            if format_ in TYPED_FORMATS:
                return Scalar(TYPED_FORMATS[format_])
            if format_ is None or format_ in STRING_FORMATS:
                return Scalar("str")
        case "integer":
            if format_ is None or format_ in NUMBER_FORMATS:
                return Scalar("int")
        case "number":
            if format_ is None or format_ in NUMBER_FORMATS:
                return Scalar("int" if str(format_).startswith(("int", "uint")) else "float")
        case _:
            if format_ is None:
                return Scalar("bool")
    raise place.error(f"unknown format {format_!r} of type {kind}")


def _untyped(schema: Schema, place: Place) -> TypeDef:
    format_ = schema.get("format")
    if format_ == "int-or-string":
        return Scalar("IntOrString")
    if format_ is not None:
        raise place.error(f"unknown format {format_!r} without a type")
    return Opaque()


def as_mapping(value: object, place: Place) -> Schema:
    """The value if it is a JSON object; raises the place's CodegenError otherwise."""
    if not isinstance(value, Mapping):
        raise place.error(f"expected a JSON object, found {type(value).__name__}")
    return value


def _parts(type_: TypeDef) -> list[TypeDef]:
    match type_:
        case ListOf(item):
            return [type_, *_parts(item)]
        case MapOf(value):
            return [type_, *_parts(value)]
    return [type_]
