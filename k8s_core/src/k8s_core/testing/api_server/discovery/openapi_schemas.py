# SPDX-License-Identifier: Apache-2.0
"""OpenAPI schemas of kinds: CRDs have theirs, models get one from their fields (protocol J28). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core.testing.api_server.kinds.catalog import Kind

__all__ = ["SchemaBuilder"]

Json = dict[str, Any]
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_SCALARS: dict[str, Json] = {
    "str": {"type": "string"},
    "int": {"type": "integer", "format": "int32"},
    "float": {"type": "number", "format": "double"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
    "Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
    "IntOrString": {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"},
    "Time": {"type": "string", "format": "date-time"},
    "MicroTime": {"type": "string", "format": "date-time"},
    "Duration": {"type": "string"},
}
_FIRST = {
    "apiVersion": {"type": "string", "description": "The version of this representation of an object."},
    "kind": {"type": "string", "description": "The kind of REST resource that this object represents."},
}


class SchemaBuilder:
    """Collects the schemas of one document; ``schemas`` is by name."""

    def __init__(self) -> None:
        self.schemas: dict[str, Json] = {}

    def add_kind(self, kind: Kind) -> str:
        """Add a kind with everything that it refers to. Returns its name."""
        if kind.custom is None and kind.model is not None:
            name = self._model(kind.model)
        else:
            resource = kind.resource
            name = ".".join([*reversed(resource.group.split(".")), resource.version, resource.kind]).strip(".")
            self.schemas[name] = self._custom(kind)
        resource = kind.resource
        gvk = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        self.schemas[name]["x-kubernetes-group-version-kind"] = [gvk]
        return name

    def _custom(self, kind: Kind) -> Json:
        declared: Json = dict(kind.custom.schema) if kind.custom is not None else {}
        metadata = self._reference(self._object_meta())
        properties = {**_FIRST, "metadata": metadata, **(declared.get("properties") or {})}
        properties["metadata"] = metadata
        schema: Json = {"type": "object", **declared, "properties": properties}
        return schema

    def _object_meta(self) -> str:
        from k8s_core.meta import ObjectMeta

        return self._model(ObjectMeta)

    def _reference(self, name: str) -> Json:
        return {"allOf": [{"$ref": f"#/components/schemas/{name}"}], "default": {}}

    def _model(self, model: type[Any]) -> str:
        from k8s_core.model import Resource
        from k8s_core.model.fields import model_fields

        name = _schema_name(model)
        if name in self.schemas:
            return name
        schema: Json = {"type": "object", "description": _description(model)}
        self.schemas[name] = schema  # before its fields: models refer to each other in circles
        properties: Json = dict(_FIRST) if issubclass(model, Resource) else {}
        required = []
        for wire_name, spec in model_fields(model).items():
            properties[wire_name] = self._field(spec)
            if spec.required:
                required.append(wire_name)
        schema["properties"] = properties
        if required:
            schema["required"] = required
        return name

    def _field(self, spec: Any) -> Json:
        schema = self._type(spec.type)
        if spec.options.get("description"):
            schema["description"] = spec.options["description"]
        for key, value in (
            ("x-kubernetes-list-type", spec.list_type),
            ("x-kubernetes-list-map-keys", list(spec.list_map_keys)),
            ("x-kubernetes-patch-merge-key", spec.patch_merge_key),
            ("x-kubernetes-patch-strategy", spec.patch_strategy),
        ):
            if value:
                schema[key] = value
        return schema

    def _type(self, type_: Any) -> Json:
        from k8s_core.model import types

        if isinstance(type_, types.ModelType):
            return self._reference(self._model(type_.model))
        if isinstance(type_, types.ListType):
            return {"type": "array", "items": self._type(type_.item)}
        if isinstance(type_, types.MapType):
            return {"type": "object", "additionalProperties": self._type(type_.value)}
        if isinstance(type_, types.LiteralType):
            return {"type": "string", "enum": list(type_.values)}
        if isinstance(type_, types.ScalarType):
            return dict(_SCALARS.get(type_.name, {"type": "string"}))
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _schema_name(model: type[Any]) -> str:
    module = model.__module__
    if module.startswith("k8s_core."):
        return f"{_META}.{model.__name__}"
    return f"io.k8s.api.{'.'.join(module.split('.')[1:])}.{model.__name__}"


def _description(model: type[Any]) -> str:
    return (model.__doc__ or "").strip()
