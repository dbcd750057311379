# SPDX-License-Identifier: Apache-2.0
"""Shapes: what the server knows about the structure of a kind, from a plugin's model or from a CRD's schema.

One small value for both sources, so that pruning, patches, apply and OpenAPI need to know neither. A shape is lazy:
the shapes of a model's fields are made when they are first looked at, since models refer to each other in circles.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_core.model import Model, Resource, types
from k8s_core.model.fields import map_type, model_fields
from k8s_devkit.api_server.kinds.go_types import go_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_devkit.api_server.kinds.go_types import GoField, GoType

__all__ = ["ANY", "ANY_OBJECT", "METADATA", "Shape", "shape_of_model", "view_of_model"]


class Shape:
    """The structure of one JSON value.

    Attributes:
        type: ``object`` (known fields), ``map`` (free keys), ``list``, ``any``, or a scalar: ``string``, ``integer``,
            ``number``, ``boolean``, ``quantity``, ``int-or-string``, ``bytes``, ``time``, ``micro-time``, ``duration``.
        list_type: ``atomic``, ``set`` or ``map``; empty where nothing is declared, which means atomic to apply.
        keys: the keys of a ``map`` list.
        merge_key, strategy: how a strategic merge patch merges (J17).
        atomic: an object or map that apply owns as a whole.
        preserve: unknown fields are kept.
        schema: the JSON schema node of a CRD, for validation.
        enum: the texts that are allowed, of a built-in enum.
        structs: fields that are never absent, because the server holds them as structs by value.
        wide: an integer has 64 bits, not 32.
    """

    __slots__ = (
        "_fields",
        "_item",
        "atomic",
        "enum",
        "keys",
        "list_type",
        "merge_key",
        "name",
        "nullable",
        "preserve",
        "required",
        "schema",
        "strategy",
        "structs",
        "type",
        "wide",
    )

    def __init__(
        self,
        type: str,
        *,
        fields: Callable[[], Mapping[str, Shape]] | None = None,
        item: Callable[[], Shape] | None = None,
        list_type: str = "",
        keys: tuple[str, ...] = (),
        merge_key: str = "",
        strategy: str = "",
        atomic: bool = False,
        preserve: bool = False,
        nullable: bool = False,
        required: tuple[str, ...] = (),
        schema: Mapping[str, Any] | None = None,
        enum: tuple[str, ...] = (),
        name: str = "",
        structs: tuple[str, ...] = (),
        wide: bool = True,
    ) -> None:
        self.type = type
        self._fields: Callable[[], Mapping[str, Shape]] | Mapping[str, Shape] | None = fields
        self._item: Callable[[], Shape] | Shape | None = item
        self.list_type = list_type
        self.keys = keys
        self.merge_key = merge_key
        self.strategy = strategy
        self.atomic = atomic
        self.preserve = preserve
        self.nullable = nullable
        self.required = required
        self.schema = schema
        self.enum = enum
        self.name = name
        self.structs = structs
        self.wide = wide

    @property
    def fields(self) -> Mapping[str, Shape]:
        """The known fields of an object, by wire name."""
        if callable(self._fields):
            self._fields = self._fields()
        return self._fields or {}

    @property
    def item(self) -> Shape:
        """The shape of a list's items or a map's values."""
        if callable(self._item):
            self._item = self._item()
        return self._item or ANY

    def field(self, name: str) -> Shape:
        """The shape of one field; ``ANY`` for one that is not known."""
        if self.type == "map":
            return self.item
        return self.fields.get(name, ANY)

    def declares(self, name: str) -> bool:
        """True for a field that the structure names, as opposed to a free key of a map."""
        return self.type == "object" and name in self.fields

    @property
    def granular_list(self) -> bool:
        """True if apply merges the list's items instead of replacing the list."""
        return self.list_type in ("map", "set")

    def key_default(self, key: str) -> Any:
        """What stands for ``key`` in an item of this list that lacks it; None for nothing."""
        item = self.item
        if item.schema is not None:
            return ((item.schema.get("properties") or {}).get(key) or {}).get("default")
        if key == "protocol":
            return "TCP"
        if key in item.required:
            return 0 if item.field(key).type == "integer" else ""
        return None


ANY = Shape("any", preserve=True)


def _scalars(**types: str) -> dict[str, Shape]:
    return {name: Shape(type_) for name, type_ in types.items()}


def _text_map() -> Shape:
    return Shape("map", item=lambda: Shape("string"))


@cache
def _owner_fields() -> Mapping[str, Shape]:
    return _scalars(
        apiVersion="string",
        kind="string",
        name="string",
        uid="string",
        controller="boolean",
        blockOwnerDeletion="boolean",
    )


@cache
def _managed_fields() -> Mapping[str, Shape]:
    entry = _scalars(
        manager="string",
        operation="string",
        apiVersion="string",
        time="time",
        fieldsType="string",
        subresource="string",
    )
    return {**entry, "fieldsV1": ANY}


@cache
def _metadata_fields() -> Mapping[str, Shape]:
    owner = Shape("object", fields=_owner_fields, atomic=True)
    return {
        **_scalars(
            name="string",
            generateName="string",
            namespace="string",
            selfLink="string",
            uid="string",
            resourceVersion="string",
            generation="integer",
            creationTimestamp="time",
            deletionTimestamp="time",
            deletionGracePeriodSeconds="integer",
        ),
        "labels": _text_map(),
        "annotations": _text_map(),
        "finalizers": Shape("list", item=lambda: Shape("string"), list_type="set", strategy="merge"),
        "ownerReferences": Shape(
            "list", item=lambda: owner, list_type="map", keys=("uid",), merge_key="uid", strategy="merge"
        ),
        "managedFields": Shape(
            "list", item=lambda: Shape("object", fields=_managed_fields, name="ManagedFieldsEntry"), list_type="atomic"
        ),
    }


METADATA = Shape("object", fields=_metadata_fields, name="ObjectMeta")
"""The shape of ``metadata``, which is the same for all kinds."""


def object_shape(fields: Callable[[], Mapping[str, Shape]], **more: Any) -> Shape:
    """The shape of a whole object: its own fields besides apiVersion, kind and metadata."""

    def complete() -> Mapping[str, Shape]:
        return {"apiVersion": Shape("string"), "kind": Shape("string"), **fields(), "metadata": METADATA}

    return Shape("object", fields=complete, **more)


ANY_OBJECT = object_shape(dict, preserve=True)
"""A kind of which nothing but the metadata is known."""

_SCALARS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "bytes": "bytes",
    "Quantity": "quantity",
    "IntOrString": "int-or-string",
    "Time": "time",
    "MicroTime": "micro-time",
    "Duration": "duration",
}


# What Go holds by value in most kinds: it stands for those of which no file has the types.
_WHOLE_OBJECT = ("metadata", "spec", "status")


def shape_of_model(model: type[Resource]) -> Shape:
    """The shape of a kind's class, with the server's own rules for metadata."""
    resource = model.api_resource
    return _shape(model, go_types().find(resource.group, resource.version, resource.kind))


def view_of_model(model: type[Any]) -> Shape:
    """The shape of a class that stands for a CRD which this server does not have: what it does not name is kept."""
    return object_shape(lambda: shape_of_model(model).fields, name=model.__name__, preserve=True)


@cache
def _shape(model: type[Model], struct: GoType | None) -> Shape:
    """The shape of a class that Go holds in ``struct``, made once."""
    go = {} if struct is None else struct.by_name
    by_value = tuple(name for name, field in go.items() if field.by_value and field.form == "struct")

    def fields() -> Mapping[str, Shape]:
        return {name: _shape_of_field(spec, go.get(name)) for name, spec in model_fields(model).items()}

    if issubclass(model, Resource):
        structs = by_value if struct is not None else _WHOLE_OBJECT
        return object_shape(fields, name=model.__name__, structs=structs)
    required = tuple(name for name, spec in model_fields(model).items() if spec.required)
    atomic = map_type(model) == "atomic"
    return Shape("object", fields=fields, name=model.__name__, required=required, atomic=atomic, structs=by_value)


def _shape_of_field(spec: Any, go: GoField | None) -> Shape:
    shape = _shape_of_type(spec.type, go)
    if shape.type in ("list", "object", "map") and (
        spec.list_type or spec.patch_merge_key or spec.patch_strategy or spec.options.get("map_type")
    ):
        return Shape(
            shape.type,
            fields=lambda: shape.fields,
            item=lambda: shape.item,
            list_type=spec.list_type or "",
            keys=tuple(spec.list_map_keys),
            merge_key=spec.patch_merge_key or "",
            strategy=spec.patch_strategy or "",
            atomic=spec.options.get("map_type") == "atomic" or shape.atomic,
            required=shape.required,
            name=shape.name,
            structs=shape.structs,
        )
    return shape


def _shape_of_type(type_: Any, go: GoField | None) -> Shape:
    if isinstance(type_, types.ModelType):
        return _shape(type_.model, go.type if go is not None and go.form == "struct" else None)
    if isinstance(type_, types.ListType):
        return Shape("list", item=lambda: _shape_of_type(type_.item, go))
    if isinstance(type_, types.MapType):
        return Shape("map", item=lambda: _shape_of_type(type_.value, go))
    if isinstance(type_, types.LiteralType):
        return Shape("string", enum=tuple(str(value) for value in type_.values))
    if isinstance(type_, types.ScalarType):
        return Shape(_SCALARS.get(type_.name, "string"), wide=go is None or go.form != "int32")
    return ANY
