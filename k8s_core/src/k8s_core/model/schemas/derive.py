# SPDX-License-Identifier: Apache-2.0
"""From a model class to its Schema, built once: a real field for each field of the class."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import INCLUDE, Schema, fields, missing
from marshmallow import ValidationError as MarshmallowError

from k8s_core.model.base import Model
from k8s_core.model.hooked import is_hooked
from k8s_core.model.schemas import fields as ours
from k8s_core.model.schemas.base import ModelSchema
from k8s_core.model.schemas.fields import Container, Mode, mode
from k8s_core.model.types import ListType, LiteralType, MapType, ModelType, ScalarType, python_type_name
from k8s_core.model.wire import copy_json

if TYPE_CHECKING:
    from k8s_core.model.types import FieldType

__all__ = ["NestedField", "schema_for"]

_SCALARS: dict[str, type[fields.Field[Any]]] = {
    "str": ours.StringField,
    "int": ours.IntegerField,
    "float": ours.FloatField,
    "bool": ours.BooleanField,
    "bytes": ours.BytesField,
    "Quantity": ours.QuantityField,
    "IntOrString": ours.IntOrStringField,
    "Time": ours.TimeField,
    "MicroTime": ours.MicroTimeField,
    "Duration": ours.DurationField,
}


# Bounded, for classes of kinds without a package are made while the program runs and go away again.
@functools.lru_cache(maxsize=2048)
def schema_for(cls: type[Model]) -> Schema:
    """The Schema of a model class: derived from its fields, on top of its own ``schema=``. Built once and kept.

    Raises:
        TypeError: ``schema=`` is not a marshmallow Schema.
    """
    own = cls._own_schema
    if isinstance(own, str):
        module, _, name = own.partition(":")
        own = getattr(importlib.import_module(module), name)
    if own is None:
        own = ModelSchema
    elif not (isinstance(own, type) and issubclass(own, Schema)):
        raise TypeError(f"{cls.__qualname__}: schema= must be a marshmallow Schema class, not {own!r}")
    schema: Schema = _derived(cls, own)() if issubclass(own, ModelSchema) else own()
    return schema


def _derived(cls: type[Model], own: type[ModelSchema]) -> type[ModelSchema]:
    declared = own._declared_fields
    taken = {name if field.data_key is None else field.data_key for name, field in declared.items()}
    members: dict[str, Any] = {}
    if hasattr(cls, "api_resource"):
        # Objects within lists lack them, so they are not required.
        for name in ("apiVersion", "kind"):
            if name not in taken:
                members[name] = ours.StringField(data_key=name, allow_none=True)
    for wire_name, spec in cls._model_fields().items():
        if wire_name in taken:
            continue
        name = spec.name
        while name in declared:
            name += "_"
        # Null means absent on the wire, so it is as little an answer to `required` as absence is.
        members[name] = field_for(spec.type, data_key=wire_name, required=spec.required, allow_none=not spec.required)
    metaclass: Any = type(own)
    made: type[ModelSchema] = metaclass(f"{cls.__name__}Schema", (own,), {**members, "__module__": cls.__module__})
    # Not one of the members: a field may be called so.
    made.model = cls
    return made


def field_for(field_type: FieldType, **options: Any) -> fields.Field[Any]:
    """The marshmallow field for a field type."""
    if isinstance(field_type, ModelType):
        if field_type.model._is_json_view and not field_type.model._model_fields():
            return ours.DictField(values=ours.RawField(allow_none=True), **options)
        return NestedField(field_type.model, **options)
    if isinstance(field_type, ListType):
        return ours.ListField(field_for(field_type.item, allow_none=True), **options)
    if isinstance(field_type, MapType):
        return ours.DictField(values=field_for(field_type.value, allow_none=True), **options)
    if isinstance(field_type, LiteralType):
        return ours.literal_field(field_type, options)
    if isinstance(field_type, ScalarType):
        if field_type.marshmallow_field is not None:
            return ours.registered_field(field_type.marshmallow_field, options)
        return _SCALARS[field_type.name](**options)
    return ours.RawField(**options)


class NestedField(Container, fields.Nested):
    """An object of a model, with the Schema of its class; looked up when it is needed, so that types may be recursive.

    Args:
        model: the class.
        options: as for ``marshmallow.fields.Nested``.
    """

    python_type = dict

    def __init__(self, model: type[Model], **options: Any) -> None:
        super().__init__(Schema, **options)
        self.model = model

    @property
    def nested(self) -> Schema:
        """The Schema of the class, whole. An instance: tools that read the field know what to do with one."""
        return schema_for(self.model)

    @nested.setter
    def nested(self, _: object) -> None:
        """Nested sets it to what it is given."""

    @property
    def schema(self) -> Schema:
        """The Schema of the class: the same for all fields that do not select some of its fields."""
        return self.nested if self._whole else super().schema

    @property
    def _whole(self) -> bool:
        return self.only is None and not self.exclude and not self.many

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise MarshmallowError(f"expected an object, got {python_type_name(value)}")
        if mode.get() is Mode.READ and self._whole and not is_hooked(self.model):
            return self.model._view(copy_json(value), None, None)
        schema = self.schema
        if isinstance(schema, ModelSchema):
            # Not `load`: an object within another may leave out its type.
            return schema._do_load(value, unknown=self.unknown, partial=partial)
        return load_foreign(self.model, schema, value, partial)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # Nested calls it by another name than Field
        if isinstance(value, dict) and (self._whole and not is_hooked(self.model)):
            return copy_json(value)
        if isinstance(value, dict):
            value = self.model._view(value, None, None)
        if not isinstance(value, Model):
            return copy_json(value)
        schema = self.schema
        return schema.dump(value) if isinstance(schema, ModelSchema) else dump_foreign(schema, value)


def load_foreign(model: type[Model], schema: Schema, document: Mapping[str, Any], partial: Any = None) -> Any:
    """An object through a Schema that knows nothing of models; whatever its fields do not cover is kept.

    Raises:
        TypeError: it gives neither such an object nor a dict.
    """
    if mode.get() is Mode.READ:
        partial = [name for name, field in schema.load_fields.items() if field.required]
    loaded = schema.load(document, unknown=INCLUDE, partial=partial)
    if isinstance(loaded, model):
        return loaded
    if not isinstance(loaded, Mapping):
        raise TypeError(
            f"{type(schema).__name__}.load gave {type(loaded).__name__}: it must give a {model.__name__} or a dict"
        )
    names = {field.attribute or name: (field.data_key or name, field) for name, field in schema.load_fields.items()}
    found: dict[str, Any] = {}
    for name, value in loaded.items():
        key, field = names.get(name, (name, None))
        found[key] = value if field is None or value is None else field._serialize(value, key, loaded)
    return model._view(copy_json({key: found[key] for key in document if key in found} | found), None, None)


def dump_foreign(schema: Schema, obj: Model) -> dict[str, Any]:
    """The wire document of an object through a Schema that knows nothing of models."""
    document = obj.to_dict()
    covered = {field.data_key or name for name, field in schema.dump_fields.items()}
    # Reading something absent gives None or an empty view, which must not be written.
    dumped = {
        key: value for key, value in schema.dump(obj).items() if key in document or value not in (None, missing, {}, [])
    }
    kept = {key: value for key, value in document.items() if key in dumped or key not in covered}
    return {key: dumped.get(key, value) for key, value in kept.items()} | dumped
