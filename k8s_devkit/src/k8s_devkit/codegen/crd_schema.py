# SPDX-License-Identifier: Apache-2.0
"""Structural schemas of CRDs to types and fields, without losing a keyword: the inverse of ``model.crd_schema``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.crd_schema import IMMUTABLE_RULE, MICRO_TIME_PATTERN, QUANTITY_PATTERN, SCHEMA_KEYWORDS
from k8s_devkit.codegen.crd_names import FIELD_LEVEL, ITEM, SchemaNode, is_class
from k8s_devkit.codegen.ir import ClassDef, FieldDef, ListOf, Literals, MapOf, Opaque, OptionValue, Ref, Scalar, TypeDef
from k8s_devkit.codegen.names import attribute_name

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from k8s_devkit.codegen.schema import Place

__all__ = ["CrdSchemaReader", "paragraphs"]

META = "k8s_core.meta"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_TYPED_FORMATS = {"byte": "bytes", "date-time": "Time", "duration": "Duration"}
_KEYWORDS = {wire: keyword for keyword, wire in SCHEMA_KEYWORDS.items()}
_STRUCTURE = frozenset({"properties", "required", "items", "additionalProperties", "default"})
_ANY_OF_INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]


class CrdSchemaReader:
    """Reads the schemas of one module.

    Args:
        names: the class name of every object (``crd_names.class_names``).
        shared: maps an object's schema to a class of ``k8s_core.meta`` that is the same, or None.
        amend: given a class name and a field, returns the field as it should be.
        taken: attribute names that a Model can't have, because methods have them; for kinds those of Resource.

    Attributes:
        classes: what the objects became, by name, in the order in which they were met.
    """

    def __init__(
        self,
        names: Mapping[SchemaNode, str],
        shared: Callable[[Mapping[str, Any]], str | None],
        amend: Callable[[str, FieldDef], FieldDef],
        taken: Container[str],
    ) -> None:
        self._names = names
        self._shared = shared
        self._amend = amend
        self._taken = taken
        self.classes: dict[str, ClassDef] = {}

    def fields_of(
        self, schema: Mapping[str, Any], owner: str, node: SchemaNode, place: Place, taken: Container[str]
    ) -> tuple[FieldDef, ...]:
        """The fields of an object in the document's order; at the root less ``apiVersion``, ``kind``, ``metadata``."""
        fields: dict[str, FieldDef] = {}
        required = schema.get("required") or ()
        for wire_name, child in (schema.get("properties") or {}).items():
            if not node.path and wire_name in ("apiVersion", "kind", "metadata"):
                continue
            here = place.at(f"properties.{wire_name}")
            item = self._field(
                child, owner, SchemaNode(node.kind, (*node.path, wire_name)), wire_name in required, here, taken
            )
            if item.name in fields:
                other = fields[item.name].wire_name
                fix = f'[fields."{owner}.{wire_name}"] name = "another_name"'
                raise here.error(f"attribute {item.name!r} would stand for {other!r} as well; in kinds.toml: {fix}")
            fields[item.name] = item
        for name in required:
            if name not in (schema.get("properties") or {}) and (node.path or name != "metadata"):
                raise place.at("required").error(f"requires {name!r}, which is no property")
        return tuple(fields.values())

    def _field(
        self,
        schema: Mapping[str, Any],
        owner: str,
        node: SchemaNode,
        required: bool,
        place: Place,
        taken: Container[str],
    ) -> FieldDef:
        type_ = self.type_of(schema, node, place)
        options = self.options_of(schema, type_, place)
        name = attribute_name(node.path[-1], taken)
        default = _plain(schema.get("default"))
        if "default" in schema and default is None:
            # A default of null can't be told from no default in Python; say it the long way.
            options = {"schema": _plain(schema)}
        if default is not None and required:
            # The server fills it in before it looks: users need not give it.
            options["required"] = True
            required = False
        return self._amend(owner, FieldDef(name, node.path[-1], type_, required, default, options))

    def type_of(self, schema: Mapping[str, Any], node: SchemaNode, place: Place) -> TypeDef:
        """The type of a schema; objects become classes on the way."""
        if schema.get(_INT_OR_STRING):
            return Scalar("Quantity" if schema.get("pattern") == QUANTITY_PATTERN else "IntOrString")
        if is_class(schema):
            return self._class(schema, node, place)
        match schema.get("type"):
            case "array":
                here = place.at("items")
                items = schema.get("items")
                if not isinstance(items, dict):
                    raise here.error("must be one schema: lists of a type per position have no structural schema")
                return ListOf(self.type_of(items, SchemaNode(node.kind, (*node.path, ITEM)), here))
            case "object":
                return self._map(schema, node, place)
            case "string" | "integer" | "number" | "boolean" as kind:
                return _scalar(schema, str(kind), place)
            case None:
                return Opaque()
        raise place.at("type").error(f"unknown type {schema['type']!r}")

    def _map(self, schema: Mapping[str, Any], node: SchemaNode, place: Place) -> TypeDef:
        values = schema.get("additionalProperties")
        if isinstance(values, dict):
            return MapOf(
                self.type_of(values, SchemaNode(node.kind, (*node.path, ITEM)), place.at("additionalProperties"))
            )
        return Opaque() if schema.get(_EMBEDDED) else MapOf(Opaque())

    def _class(self, schema: Mapping[str, Any], node: SchemaNode, place: Place) -> Ref:
        shared = self._shared(schema)
        if shared is not None:
            return Ref(shared, META)
        name = self._names[node]
        if name not in self.classes:
            # Taken before its fields are read, so that classes come in the order of the document.
            self.classes[name] = ClassDef(name)
            fields = self.fields_of(schema, name, node, place, self._taken)
            self.classes[name] = ClassDef(
                name,
                fields,
                doc=paragraphs(schema),
                map_type=schema.get("x-kubernetes-map-type", ""),
                options=self.object_options(schema, place),
            )
        return Ref(name)

    def object_options(self, schema: Mapping[str, Any], place: Place) -> dict[str, OptionValue]:
        """The ``options=`` of a class line: what is said about the object as a whole."""
        ignored = FIELD_LEVEL | _STRUCTURE | {"type", "x-kubernetes-map-type"}
        return _options({key: value for key, value in schema.items() if key not in ignored}, place)

    def options_of(self, schema: Mapping[str, Any], type_: TypeDef, place: Place) -> dict[str, OptionValue]:
        """The keywords of ``field()`` that say what the annotation does not."""
        implied = _implied(schema, type_)
        options = _options({key: value for key, value in schema.items() if key not in implied | _STRUCTURE}, place)
        match type_:
            case Ref(name=name):
                said = {key: value for key, value in options.items() if key in ("description", "nullable")}
                known = self.classes.get(name)
                if known is not None and known.doc == paragraphs(schema):
                    said.pop("description", None)
                return said
            case ListOf(item=inner):
                nested, keyword = schema.get("items"), "items"
            case MapOf(value=inner):
                nested, keyword = schema.get("additionalProperties"), "values"
            case _:
                return options
        if isinstance(nested, dict):
            inside = self.options_of(nested, inner, place.at(keyword))
            if inside:
                options[keyword] = inside
        return options


def paragraphs(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The description as the paragraphs of a docstring, blanks made single; empty if there is none."""
    text = str(schema.get("description") or "")
    # What cannot be printed has no place in source code, be it a NUL or a mark that turns the reading direction.
    text = "".join(char if char.isprintable() or char.isspace() else " " for char in text)
    parts = (" ".join(part.split()) for part in text.split("\n\n"))
    return tuple(part for part in parts if part)


def _scalar(schema: Mapping[str, Any], kind: str, place: Place) -> TypeDef:
    values = schema.get("enum")
    python = {"string": str, "integer": int, "boolean": bool}.get(kind)
    if values and python and all(type(value) is python for value in values):
        return Literals(tuple(values))
    if kind == "string":
        if schema.get("pattern") == MICRO_TIME_PATTERN:
            return Scalar("MicroTime")
        # Formats that nobody knows are legal and mean nothing.
        return Scalar(_TYPED_FORMATS.get(str(schema.get("format")), "str"))
    return Scalar({"integer": "int", "number": "float", "boolean": "bool"}[kind])


def _implied(schema: Mapping[str, Any], type_: TypeDef) -> frozenset[str]:
    """Keywords that ``model.crd_schema`` derives from the type alone."""
    match type_:
        case Scalar("bytes" | "Time" | "Duration"):
            return frozenset({"type", "format"})
        case Scalar("MicroTime"):
            return frozenset({"type", "format", "pattern"})
        case Scalar("Quantity" | "IntOrString" as name):
            implied = {"type", _INT_OR_STRING} | ({"pattern"} if name == "Quantity" else set())
            return frozenset(implied | ({"anyOf"} if schema.get("anyOf") == _ANY_OF_INT_OR_STRING else set()))
        case Literals():
            return frozenset({"type", "enum"})
        case Opaque():
            return frozenset({_PRESERVE, "type"} if schema.get(_EMBEDDED) else {_PRESERVE})
        case _:
            return frozenset({"type"})


def _options(schema: Mapping[str, Any], place: Place) -> dict[str, OptionValue]:
    options: dict[str, OptionValue] = {}
    for wire, value in schema.items():
        keyword = _KEYWORDS.get(wire)
        if keyword is None:
            if wire.startswith("x-") and not wire.startswith("x-kubernetes-"):
                continue
            raise place.at(wire).error("is no keyword of a structural schema")
        if keyword == "validations":
            rules = [dict(rule) for rule in value]
            if dict(IMMUTABLE_RULE) in rules[-1:]:
                options["immutable"] = True
                rules.pop()
            if not rules:
                continue
            value = rules
        plain = _plain(value)
        options[keyword] = tuple(plain) if isinstance(plain, list) else plain
    return options


def _plain(value: Any) -> Any:
    # YAML anchors make shared parts; what is written out may not depend on them.
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
