# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 schemas of kinds: CRDs have theirs, models get one from their fields (protocol J28). Pure."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_core import meta
from k8s_core.model import Resource, types
from k8s_core.model.fields import map_type, model_fields
from k8s_devkit.api_server.kinds.go_types import SCALARS, go_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.kinds import APIResource
    from k8s_core.model import Model
    from k8s_devkit.api_server.kinds.go_types import GoField, GoType
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["META", "REFERENCE", "SchemaBuilder", "group_version_kind"]

REFERENCE = "#/components/schemas/"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
GVK = "x-kubernetes-group-version-kind"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_FIRST: Document = {
    "apiVersion": {"type": "string", "description": "Group and version of this form of the object, such as apps/v1."},
    "kind": {"type": "string", "description": "The kind of the object, in CamelCase."},
}
_METADATA = {
    "description": "What all objects have in common: name, namespace, labels, annotations, owners.",
    "allOf": [{"$ref": f"{REFERENCE}{META}.ObjectMeta"}],
}
_EVENT: Document = {
    "type": "object",
    "description": "One line of a watch.",
    "required": ["type", "object"],
    "properties": {
        "object": {"allOf": [{"$ref": f"{REFERENCE}io.k8s.apimachinery.pkg.runtime.RawExtension"}]},
        "type": {"type": "string", "default": ""},
    },
}
_SCALARS: dict[str, Document] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number", "format": "double"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
}
_ZEROS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}
_MACHINERY = ("Duration", "IntOrString", "MicroTime", "Quantity", "Time")  # scalars of models, called as in Go
_FORMS: dict[str, Document] = {
    "any": {},
    "duration": {"type": "string"},
    "int-or-string": {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    "micro-time": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
    "quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "time": {"type": "string", "format": "date-time"},
}


def _go_name(path: str, name: str) -> str:
    """``k8s.io/api/apps/v1`` and ``Deployment`` -> ``io.k8s.api.apps.v1.Deployment``."""
    host, *folders = path.split("/")
    return ".".join([*reversed(host.split(".")), *folders, name])


def group_version_kind(group: str, version: str, kind: str) -> Document:
    """The value of ``x-kubernetes-group-version-kind`` on an operation."""
    return {"group": group, "version": version, "kind": kind}


class SchemaBuilder:
    """Collects the schemas of one document; ``schemas`` is by name, and every reference in it is resolved."""

    def __init__(self) -> None:
        self.schemas: dict[str, Document] = {}

    def add_kind(self, kind: Kind) -> str:
        """Add a kind with everything that it refers to. Returns its name."""
        name, schema = kind.add_schema(self)
        self.schemas[name] = {**schema, GVK: [_definition_gvk(kind.resource)]}
        return name

    def schema_of_model(self, model: type[Any], *, preserve: bool = False) -> tuple[str, Document]:
        """Name and schema of a kind with a class; ``preserve`` says that fields which the class lacks are kept."""
        name = self.add_model(model)
        schema = self.schemas[name]
        return name, {**schema, _PRESERVE: True} if preserve else schema

    def schema_of_crd(self, resource: APIResource, declared: Mapping[str, Any]) -> tuple[str, Document]:
        """Name and schema of a kind that has the schema of a CRD, or none at all."""
        name = _custom_name(resource.group, resource.version, resource.kind)
        return name, self._custom(declared)

    def add_list(self, kind: Kind, item: str) -> str:
        """Add the list of a kind, whose own definition is called ``item``. Returns its name."""
        resource = kind.resource
        list_kind = kind.list_kind
        name = f"{item.rpartition('.')[0]}.{list_kind}"
        properties = {
            **_FIRST,
            "items": {"type": "array", "items": {"$ref": REFERENCE + item}},
            "metadata": {"default": {}, "allOf": [{"$ref": REFERENCE + self.add_meta("ListMeta")}]},
        }
        self.schemas[name] = {
            "description": f"A list of objects of kind {resource.kind}.",
            "type": "object",
            "required": ["items"],
            "properties": dict(sorted(properties.items())),
            GVK: [{"group": resource.group, "kind": list_kind, "version": resource.version}],
        }
        return name

    def add_meta(self, name: str) -> str:
        """Add a definition of the API machinery: ``Status``, ``DeleteOptions``, ``WatchEvent``, ``Patch``, …"""
        if name == "WatchEvent":
            self._add_form(go_types().machinery("RawExtension"))
            self.schemas.setdefault(f"{META}.WatchEvent", _EVENT)
            return f"{META}.WatchEvent"
        type_ = go_types().machinery(name)
        if type_.form != "struct":
            return self._add_form(type_)

        return self.add_model(getattr(meta, name), type_)

    def _add_form(self, type_: GoType) -> str:
        name = _go_name(type_.package.path, type_.name)
        self.schemas.setdefault(name, _FORMS[type_.form])
        return name

    def add_model(self, model: type[Model], struct: GoType | None = None) -> str:
        """Add a class and all that it refers to. Returns its name.

        Args:
            struct: what Go calls it, if not as its module and its name say.
        """
        made = _definition(model, struct or _struct(model))
        if made.name not in self.schemas:
            self.schemas[made.name] = made.schema
            for type_ in made.forms:
                self._add_form(type_)
            for reference in made.models:
                self.add_model(*reference)
        return made.name

    def mark(self, name: str, versions: list[tuple[str, str]]) -> None:
        """Say of a shared definition (``DeleteOptions``) to which groups and versions it belongs."""
        short = name.rpartition(".")[2]
        gvks = [{"group": group, "kind": short, "version": version} for group, version in versions]
        self.schemas[name] = {**self.schemas[name], GVK: gvks}

    def _custom(self, declared: Mapping[str, Any]) -> Document:
        self.add_meta("ObjectMeta")
        if not declared:
            return {"type": "object", _PRESERVE: True}
        schema: Document = _embedded(dict(declared))
        schema["properties"] = {**(schema.get("properties") or {}), **_FIRST, "metadata": _METADATA}
        schema.setdefault("type", "object")
        return schema


def _embedded(schema: Document) -> Document:
    """A CRD's schema as it is published: with the three fields that every embedded object has."""
    copy = dict(schema)
    if properties := schema.get("properties"):
        copy["properties"] = {name: _embedded(child) for name, child in properties.items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            copy[keyword] = _embedded(schema[keyword])
    if schema.get("x-kubernetes-embedded-resource"):
        copy["properties"] = {**(copy.get("properties") or {}), **_FIRST, "metadata": _METADATA}
    return copy


def _definition_gvk(resource: APIResource) -> Document:
    return {"group": resource.group, "kind": resource.kind, "version": resource.version}


def _custom_name(group: str, version: str, kind: str) -> str:
    return ".".join([*reversed(group.split(".")), version, kind]).strip(".")


@cache
def _place(module: str) -> tuple[str, str] | None:
    """Group and version of the kinds in a module; None for a module without kinds."""
    for value in vars(sys.modules[module]).values():
        resource = getattr(value, "api_resource", None)
        if resource is not None and value.__module__ == module:
            return resource.group, resource.version
    return None


@cache
def _path(group: str, version: str) -> str:
    return go_types().path(group, version)


@cache
def _struct(model: type[Model]) -> GoType | None:
    """What a class is in Go, by its name and the kinds of its module; None for custom resources."""
    place = _place(model.__module__)
    return go_types().find(*place, model.__name__) if place is not None else None


@cache
def _name(model: type[Model], struct: GoType | None) -> str:
    place = _place(model.__module__)
    path = "" if struct is None else struct.package.path
    if place is not None and (struct is None or struct.package.group == place[0]):
        path = _path(*place)  # not the struct's: that may be the one of another version
    if path:
        return _go_name(path, model.__name__ if struct is None else struct.name)
    return _custom_name(*(place or ("", model.__module__)), model.__name__)


@dataclass
class _Definition:
    """The schema of a class, and its direct references."""

    name: str
    schema: Document
    models: dict[tuple[type[Model], GoType | None], None] = field(default_factory=dict)
    forms: dict[GoType, None] = field(default_factory=dict)


@cache
def _definition(model: type[Model], struct: GoType | None) -> _Definition:
    """The definition of a class, made once."""
    go = {} if struct is None else struct.by_name
    made = _Definition(_name(model, struct), {"description": " ".join((model.__doc__ or "").split()), "type": "object"})
    fields = model_fields(model)
    properties: Document = dict(_FIRST) if issubclass(model, Resource) else {}
    properties.update((name, _field(spec, go.get(name), made)) for name, spec in fields.items())
    required = {name for name, spec in fields.items() if spec.required}
    if required:
        made.schema["required"] = [*(name for name in go if name in required), *sorted(required - go.keys())]
    if properties:
        made.schema["properties"] = dict(sorted(properties.items()))
    if (kind_of_map := map_type(model)) is not None:
        made.schema["x-kubernetes-map-type"] = kind_of_map
    if issubclass(model, Resource):
        made.schema[GVK] = [_definition_gvk(model.api_resource)]
    return made


def _field(spec: Any, go: GoField | None, made: _Definition) -> Document:
    schema = _type(spec.type, go, made)
    if "$ref" in schema:
        schema = {"allOf": [schema]}  # a reference has no siblings in OpenAPI v3.0
    if (default := _default(spec, go, schema)) is not None:
        schema["default"] = default
    if description := spec.options.get("description"):
        schema["description"] = description
    for key, value in (
        ("x-kubernetes-list-type", spec.list_type),
        ("x-kubernetes-list-map-keys", list(spec.list_map_keys)),
        ("x-kubernetes-map-type", spec.options.get("map_type")),
        ("x-kubernetes-patch-merge-key", spec.patch_merge_key),
        ("x-kubernetes-patch-strategy", spec.patch_strategy),
    ):
        if value:
            schema[key] = value
    return schema


def _default(spec: Any, go: GoField | None, schema: Document) -> Any:
    """The default that is declared, else the zero of what is always there; None for none."""
    if go is None:
        zero = _ZEROS.get(schema.get("type", "")) if spec.required else None
        return spec.default if spec.default and isinstance(spec.default, str | int) else zero
    if go.default is None and (go.form == "struct" or (go.form in SCALARS and not go.omitempty)):
        return go.zero
    return go.default


def _type(type_: Any, go: GoField | None, made: _Definition) -> Document:
    if isinstance(type_, types.ModelType):
        struct = _struct(type_.model) if go is None else go.type
        made.models[type_.model, struct] = None
        return {"$ref": REFERENCE + _name(type_.model, struct)}
    if isinstance(type_, types.ListType):
        return {"type": "array", "items": _type(type_.item, go, made)}
    if isinstance(type_, types.MapType):
        return {"type": "object", "additionalProperties": _type(type_.value, go, made)}
    if isinstance(type_, types.LiteralType):
        return {"type": "string", "enum": list(type_.values)}
    if (form := _form(type_, go)) is not None:
        made.forms[form] = None
        return {"$ref": REFERENCE + _go_name(form.package.path, form.name)}
    if not isinstance(type_, types.ScalarType):
        return {_PRESERVE: True}
    if type_.name == "int" and go is not None:
        return {"type": "integer", "format": go.form}
    return dict(_SCALARS.get(type_.name, {"type": "string"}))


def _form(type_: Any, go: GoField | None) -> GoType | None:
    """The type of a value that is not a struct, yet has a definition of its own."""
    if go is not None:
        return go.type if go.form in _FORMS else None
    return go_types().machinery(type_.name) if getattr(type_, "name", "") in _MACHINERY else None
