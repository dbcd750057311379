# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 schemas of kinds: CRDs have theirs, models get one from their fields (protocol J28). Pure."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.discovery.openapi_facts import (
    INT64,
    INT64_FIELDS,
    META,
    NAMED_TYPES,
    NO_ZERO,
    OPAQUE_FIELDS,
    OTHERWISE,
    PREFIXES,
    RENAMED,
    STRUCTS,
    ZERO,
)
from k8s_devkit.api_server.kinds.builtin_groups import BUILTIN_GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.kinds.kind import Kind

__all__ = ["REFERENCE", "SchemaBuilder", "group_version_kind"]

Json = dict[str, Any]
REFERENCE = "#/components/schemas/"
GVK = "x-kubernetes-group-version-kind"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_FIRST: Json = {
    "apiVersion": {"type": "string", "description": "Group and version of this form of the object, such as apps/v1."},
    "kind": {"type": "string", "description": "The kind of the object, in CamelCase."},
}
_METADATA = {
    "description": "What all objects have in common: name, namespace, labels, annotations, owners.",
    "allOf": [{"$ref": f"{REFERENCE}{META}.ObjectMeta"}],
}
_SCALARS: dict[str, Json] = {
    "str": {"type": "string"},
    "float": {"type": "number", "format": "double"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
}
_ZEROS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}
_EVENT: Json = {
    "type": "object",
    "description": "One line of a watch.",
    "required": ["type", "object"],
    "properties": {
        "object": {"allOf": [{"$ref": f"{REFERENCE}{NAMED_TYPES['RawExtension'][0]}"}]},
        "type": {"type": "string", "default": ""},
    },
}


def group_version_kind(group: str, version: str, kind: str) -> Json:
    """The value of ``x-kubernetes-group-version-kind`` on an operation."""
    return {"group": group, "version": version, "kind": kind}


class SchemaBuilder:
    """Collects the schemas of one document; ``schemas`` is by name, and every reference in it is resolved."""

    def __init__(self) -> None:
        self.schemas: dict[str, Json] = {}

    def add_kind(self, kind: Kind) -> str:
        """Add a kind with everything that it refers to. Returns its name."""
        name, schema = kind.add_schema(self)
        self.schemas[name] = {**schema, GVK: [_definition_gvk(kind.resource)]}
        return name

    def schema_of_model(self, model: type[Any], *, preserve: bool = False) -> tuple[str, Json]:
        """Name and schema of a kind with a class; ``preserve`` says that fields which the class lacks are kept."""
        name = self.add_model(model)
        schema = self.schemas[name]
        return name, {**schema, _PRESERVE: True} if preserve else schema

    def schema_of_crd(self, resource: APIResource, declared: Mapping[str, Any]) -> tuple[str, Json]:
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
        if name in NAMED_TYPES:
            full, schema = NAMED_TYPES[name]
            self.schemas.setdefault(full, schema)
            return full
        if name == "WatchEvent":
            self.add_meta("RawExtension")
            self.schemas.setdefault(f"{META}.WatchEvent", _EVENT)
            return f"{META}.WatchEvent"
        from k8s_core import meta

        return self.add_model(getattr(meta, name))

    def add_model(self, model: type[Any]) -> str:
        """Add a model class and what it refers to. Returns its name."""
        name, schema, references = _definition(model)
        if name not in self.schemas:
            self.schemas[name] = schema
            for reference in references:
                if isinstance(reference, str):
                    self.add_meta(reference)
                else:
                    self.add_model(reference)
        return name

    def mark(self, name: str, versions: list[tuple[str, str]]) -> None:
        """Say of a shared definition (``DeleteOptions``) to which groups and versions it belongs."""
        short = name.rpartition(".")[2]
        gvks = [{"group": group, "kind": short, "version": version} for group, version in versions]
        self.schemas[name] = {**self.schemas[name], GVK: gvks}

    def _custom(self, declared: Mapping[str, Any]) -> Json:
        self.add_meta("ObjectMeta")
        if not declared:
            return {"type": "object", _PRESERVE: True}
        schema: Json = _embedded(dict(declared))
        schema["properties"] = {**(schema.get("properties") or {}), **_FIRST, "metadata": _METADATA}
        schema.setdefault("type", "object")
        return schema


def _embedded(schema: Json) -> Json:
    """A CRD's schema as it is published: without what a structural schema does not carry (the real server forgets it,
    too), and with the three fields that every embedded object has."""
    copy = {key: value for key, value in schema.items() if key not in ("example", "externalDocs")}
    if properties := schema.get("properties"):
        copy["properties"] = {name: _embedded(child) for name, child in properties.items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            copy[keyword] = _embedded(schema[keyword])
    if schema.get("x-kubernetes-embedded-resource"):
        copy["properties"] = {**(copy.get("properties") or {}), **_FIRST, "metadata": _METADATA}
    return copy


def _definition_gvk(resource: APIResource) -> Json:
    return {"group": resource.group, "kind": resource.kind, "version": resource.version}


def _custom_name(group: str, version: str, kind: str) -> str:
    return ".".join([*reversed(group.split(".")), version, kind]).strip(".")


@cache
def _prefix(module: str) -> str:
    """Where the definitions of a module are: ``io.k8s.api.apps.v1``, or the reversed group of a plugin's kinds."""
    if module in PREFIXES:
        return PREFIXES[module]
    for value in vars(sys.modules[module]).values():
        resource = getattr(value, "api_resource", None)
        if resource is not None and value.__module__ == module and resource.group not in BUILTIN_GROUPS:
            return _custom_name(resource.group, resource.version, "")
    return f"io.k8s.api.{'.'.join(module.split('.')[1:])}"


def _name(model: type[Any]) -> str:
    name = f"{_prefix(model.__module__)}.{model.__name__}"
    return RENAMED.get(name, name)


_definitions: dict[type[Any], tuple[str, Json, tuple[Any, ...]]] = {}


def _definition(model: type[Any]) -> tuple[str, Json, tuple[Any, ...]]:
    """Name, schema and direct references of a model class: other classes, and names of ``NAMED_TYPES``. Made once."""
    found = _definitions.get(model)
    if found is None:
        found = _definitions[model] = _make_definition(model)
    return found


def _make_definition(model: type[Any]) -> tuple[str, Json, tuple[Any, ...]]:
    from k8s_core.model import Resource
    from k8s_core.model.fields import model_fields

    references: dict[Any, None] = {}
    properties: Json = dict(_FIRST) if issubclass(model, Resource) else {}
    required = []
    for wire_name, spec in model_fields(model).items():
        properties[wire_name] = _field(model, wire_name, spec, references)
        if spec.required:
            required.append(wire_name)
    schema: Json = {"description": " ".join((model.__doc__ or "").split()), "type": "object"}
    if required:
        schema["required"] = required
    if properties:
        schema["properties"] = dict(sorted(properties.items()))
    if model.__map_type__ is not None:
        schema["x-kubernetes-map-type"] = model.__map_type__
    if issubclass(model, Resource):
        schema[GVK] = [_definition_gvk(model.api_resource)]
    return _name(model), schema, tuple(references)


def _field(model: type[Any], wire_name: str, spec: Any, references: dict[Any, None]) -> Json:
    place = f"{model.__name__}.{wire_name}"
    schema = _type(spec.type, place, references)
    if "$ref" in schema:
        target = schema["$ref"].rpartition(".")[2]
        schema = {"allOf": [schema]}  # a reference has no siblings in OpenAPI v3.0
        if (target in STRUCTS or target.endswith(("Spec", "Status"))) is not (place in OTHERWISE):
            schema["default"] = {}
    elif schema.get("type") in _ZEROS:
        if spec.default and isinstance(spec.default, str | int):
            schema["default"] = spec.default
        elif place in ZERO or (spec.required and place not in NO_ZERO):
            schema["default"] = _ZEROS[schema["type"]]
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


def _type(type_: Any, place: str, references: dict[Any, None]) -> Json:
    from k8s_core.model import types

    if isinstance(type_, types.ModelType):
        references[type_.model] = None
        return {"$ref": REFERENCE + _name(type_.model)}
    if isinstance(type_, types.ListType):
        return {"type": "array", "items": _type(type_.item, place, references)}
    if isinstance(type_, types.MapType):
        return {"type": "object", "additionalProperties": _type(type_.value, place, references)}
    if isinstance(type_, types.LiteralType):
        return {"type": "string", "enum": list(type_.values)}
    name = type_.name if isinstance(type_, types.ScalarType) else OPAQUE_FIELDS.get(place, "")
    if name in NAMED_TYPES:
        references[name] = None
        return {"$ref": REFERENCE + NAMED_TYPES[name][0]}
    if name == "int":
        wide = INT64_FIELDS.get(place, place.rpartition(".")[2] in INT64)
        return {"type": "integer", "format": "int64" if wide else "int32"}
    if isinstance(type_, types.ScalarType):
        return dict(_SCALARS.get(name, {"type": "string"}))
    return {_PRESERVE: True}
