# SPDX-License-Identifier: Apache-2.0
"""Marshmallow schemas derived from model classes: strict loading, validation and error paths.

The only module that imports marshmallow; nothing imports it before a schema is asked for.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import INCLUDE, Schema, fields, post_dump, post_load
from marshmallow import ValidationError as MarshmallowError

from k8s_core.errors import FieldTypeError
from k8s_core.model.base import Model
from k8s_core.model.types import FieldType, ListType, LiteralType, MapType, ModelType, ScalarType
from k8s_core.model.wire import copy_json, materialize

if TYPE_CHECKING:
    from k8s_core.model.fields import FieldSpec

__all__ = ["ModelSchema", "dump_with_hooks", "load_with_hooks", "schema_for", "validate_document"]


class ModelSchema(Schema):
    """Base of the derived schemas. Plugins subclass it for ``__schema__`` to add hooks, validators or fields.

    ``load`` takes a wire document and returns an object of the model; ``dump`` takes an object and returns the wire
    document; ``validate`` returns errors by field. Unknown fields pass through, in their place. All marshmallow hooks
    (``pre_load``, ``validates_schema``, ``post_dump``, …) are honoured.
    """

    class Meta:
        unknown = INCLUDE
        # Class names repeat across API groups; marshmallow's global registry is never used.
        register = False

    error_messages: dict[str, str] = {"type": "expected an object"}  # noqa: RUF012  # declared so by marshmallow

    model: type[Model] | None = None

    @post_load(pass_original=True)
    def make_object(self, data: dict[str, Any], original: Any, **kwargs: Any) -> Any:
        """Turn the checked document into an object, its keys in the order in which they came."""
        data = {self._wire_names.get(key, key): value for key, value in data.items()}
        keys = [key for key in original if key in data] if isinstance(original, Mapping) else []
        ordered = {key: data[key] for key in keys} | data
        return ordered if self.model is None else self.model.from_dict(ordered)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        return _wire_of(obj).get(self._wire_names.get(attr, attr), default)

    @functools.cached_property
    def _wire_names(self) -> dict[str, str]:
        """By the name under which marshmallow keeps a value: a plugin's fields may have a ``data_key`` only."""
        return {field.attribute or name: field.data_key or name for name, field in self.fields.items()}

    @post_dump(pass_original=True)
    def keep_unknown(self, data: dict[str, Any], original: Any, **kwargs: Any) -> dict[str, Any]:
        """Add what the fields do not cover, every key in its place."""
        wire = _wire_of(original)
        return {key: data.get(key, copy_json(value)) for key, value in wire.items()} | data


def _wire_of(obj: Any) -> dict[str, Any]:
    if isinstance(obj, Model):
        return materialize(obj._wire if obj._wire is not None else obj._bind())  # type: ignore[no-any-return]  # a dict
    return dict(obj) if isinstance(obj, Mapping) else {}


class WireField(fields.Field[Any]):
    """Checks that a wire value converts, and keeps the wire value: the object is a view over it."""

    default_error_messages: dict[str, Any] = {  # noqa: RUF012  # declared so by marshmallow
        "required": "required field is missing",
        "null": "required field is missing",
    }

    def __init__(self, type_: FieldType, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.type = type_

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        findings: dict[str, Any] = {}
        for path, message in check(self.type, value, ()):
            place = findings
            for step in path[:-1]:
                place = place.setdefault(step, {})
            place.setdefault(path[-1], []).append(message) if path else findings.setdefault("", []).append(message)
        if findings:
            raise MarshmallowError(findings[""] if set(findings) == {""} else findings)
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return copy_json(value)


def check(field_type: FieldType, value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """What is wrong with a wire value, as pairs of path and message."""
    if value is None:
        return
    if isinstance(field_type, ModelType):
        if not isinstance(value, dict):
            yield path, f"expected an object, got {type(value).__name__}"
        else:
            if hasattr(field_type.model, "api_resource"):
                yield from _check_identity(value, path)
            yield from _flatten(schema_for(field_type.model).validate(value), path)
    elif isinstance(field_type, ListType):
        if not isinstance(value, list):
            yield path, f"expected a list, got {type(value).__name__}"
        else:
            for index, item in enumerate(value):
                yield from check(field_type.item, item, (*path, index))
    elif isinstance(field_type, MapType):
        if not isinstance(value, dict):
            yield path, f"expected an object, got {type(value).__name__}"
        else:
            for key, item in value.items():
                yield from check(field_type.value, item, (*path, key))
    elif isinstance(field_type, (ScalarType, LiteralType)):
        yield from _check_scalar(field_type, value, path)


def _check_identity(value: dict[str, Any], path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """An object within another may leave out its type, which is no field of its class, but not give nonsense for it."""
    for key in ("apiVersion", "kind"):
        if value.get(key) is not None and not isinstance(value[key], str):
            yield (*path, key), f"expected str, got {type(value[key]).__name__}"


def _check_scalar(
    field_type: ScalarType | LiteralType, value: Any, path: tuple[Any, ...]
) -> Iterator[tuple[tuple[Any, ...], str]]:
    try:
        if isinstance(field_type, LiteralType):
            field_type.to_wire(value, "")
        else:
            field_type.from_wire(value)
    except MarshmallowError as error:
        yield path, "; ".join(map(str, error.messages)) if isinstance(error.messages, list) else str(error.messages)
    except FieldTypeError as error:
        yield path, " ".join(text for texts in error.messages.values() for text in texts)
    except (ValueError, TypeError, ArithmeticError) as error:
        yield path, str(error)


# Bounded, for classes of kinds without a package are made while the program runs and go away again.
@functools.lru_cache(maxsize=2048)
def schema_for(cls: type[Model]) -> Schema:
    """The Schema of a model class: derived from its fields, or its own ``__schema__``. Built once and kept.

    Raises:
        TypeError: ``__schema__`` is no marshmallow Schema.
    """
    own = cls.__schema__
    if isinstance(own, str):
        module, _, name = own.partition(":")
        own = getattr(importlib.import_module(module), name)
    if own is None:
        own = ModelSchema
    elif not (isinstance(own, type) and issubclass(own, Schema)):
        raise TypeError(f"{cls.__qualname__}.__schema__ must be a marshmallow Schema class, not {own!r}")
    if not issubclass(own, ModelSchema):
        # A whole Schema of the plugin's own: it is the plugin's to say what load returns.
        foreign: Schema = own()
        return foreign
    declared = {field.data_key or name for name, field in own._declared_fields.items()}
    derived: dict[str, Any] = {
        wire_name: _field(spec) for wire_name, spec in cls.__model_fields__().items() if wire_name not in declared
    }
    # A field named as a method of Schema (`fields`, `context`) must not replace it: fields go in by data key.
    members = {f"field_{index}": value for index, value in enumerate(derived.values())}
    derived_class = type(f"{cls.__name__}Schema", (own,), {**members, "model": cls, "__module__": cls.__module__})
    schema: Schema = derived_class()
    return schema


def _field(spec: FieldSpec) -> fields.Field[Any]:
    options: dict[str, Any] = {"data_key": spec.wire_name, "attribute": spec.wire_name, "required": spec.required}
    # Null means absent on the wire, so it is as little an answer to `required` as absence is.
    return WireField(spec.type, allow_none=not spec.required, **options)


def _flatten(errors: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(errors, Mapping):
        for key, inner in errors.items():
            yield from _flatten(inner, path if key == "_schema" else (*path, key))
    elif isinstance(errors, (list, tuple)):
        for message in errors:
            yield from _flatten(message, path)
    else:
        yield path, str(errors)


def path_text(path: tuple[Any, ...]) -> str:
    """``spec.containers[0].image``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif isinstance(step, str) and not step.replace("_", "a").replace("-", "a").replace("$", "a").isalnum():
            text += f"[{step!r}]"
        else:
            text += f".{step}" if text else str(step)
    return text


def validate_document(cls: type[Model], document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Findings of a class's Schema on a wire document, by path text."""
    findings: dict[str, list[str]] = {}
    resource = getattr(cls, "api_resource", None)
    if resource is not None:
        for key, expected in (("apiVersion", resource.api_version), ("kind", resource.kind)):
            if document.get(key, expected) != expected:
                findings[key] = [f"expected {expected!r}, got {document[key]!r:.80}"]
    for path, message in _flatten(schema_for(cls).validate(dict(document)), ()):
        findings.setdefault(path_text(path), []).append(message)
    return findings


def load_with_hooks(cls: type[Model], document: Any) -> Any:
    """An object of a class with its own Schema, through that Schema's hooks.

    The server's data is never refused: what the Schema does not take is given as it came.
    """
    try:
        loaded = schema_for(cls).load(document, unknown=INCLUDE)
    except MarshmallowError:
        return cls.from_dict(document)
    return loaded if isinstance(loaded, cls) else cls.from_dict(loaded)


def dump_with_hooks(obj: Model) -> dict[str, Any]:
    """The wire document of an object of a class with its own Schema, through that Schema's hooks."""
    schema = schema_for(type(obj))
    if isinstance(schema, ModelSchema):
        return dict(schema.dump(obj))
    # A foreign Schema covers its own fields; whatever else the object has is kept.
    document = obj.to_dict()
    return document | dict(schema.dump(document))
