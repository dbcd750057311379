# SPDX-License-Identifier: Apache-2.0
"""The marshmallow fields of derived Schemas, which Schemas of your own may use as well.

Each is a subclass of the field that tools know (``Integer``, ``List``, …). It takes JSON values only, as the API server
does, and says what is wrong in the words of the models. ``load`` gives hooks and validators the Python value; the
object keeps the string that was on the wire, so that ``1024Mi`` does not become ``1Gi``.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar

from marshmallow import ValidationError, fields, missing
from marshmallow.validate import OneOf

from k8s_core.errors import FieldTypeError
from k8s_core.model import types
from k8s_core.model.types import ScalarType, python_type_name
from k8s_core.model.wire import copy_json

if TYPE_CHECKING:
    from k8s_core.model.types import LiteralType

__all__ = [
    "BooleanField",
    "BytesField",
    "DictField",
    "DurationField",
    "FloatField",
    "IntOrStringField",
    "IntegerField",
    "ListField",
    "MicroTimeField",
    "QuantityField",
    "RawField",
    "StringField",
    "TimeField",
]


class Mode(enum.Enum):
    """What a document is loaded for."""

    LOAD = enum.auto()
    READ = enum.auto()
    """A server sent it: fields take what is there, and only what hooks raise is an error."""
    STRICT = enum.auto()
    """Unknown fields are errors."""


mode: ContextVar[Mode] = ContextVar("k8s_core_schema_mode", default=Mode.LOAD)


class WireField(fields.Field[Any]):
    """What our fields share: errors in the words of the models, and objects that keep what is on the wire."""

    keeps_wire = True
    default_error_messages: dict[str, Any] = {  # noqa: RUF012  # declared so by marshmallow
        "required": "required field is missing",
        "null": "required field is missing",
    }


class _Scalar(WireField):
    field_type: ClassVar[ScalarType]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return self.field_type.from_wire(value)
        except FieldTypeError as error:
            raise ValidationError([text for texts in error.messages.values() for text in texts]) from error
        except (ValueError, TypeError, ArithmeticError) as error:
            raise ValidationError(str(error)) from error

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        # What is JSON came from the wire, and goes back as it came.
        return copy_json(value) if _is_json(value) else self.field_type.to_wire(value, attr or "")


class _Alternatives(_Scalar):
    """A scalar for which JSON has two types."""

    json_types: ClassVar[tuple[str, ...]]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = (*self.json_types, "null") if self.allow_none else self.json_types
        # `type` is for tools that would take a raw field for a string.
        self.metadata = {"type": list(self.json_types), "oneOf": [{"type": name} for name in names], **self.metadata}


class StringField(_Scalar, fields.String):
    """A string."""

    field_type = types.STRING


class IntegerField(_Scalar, fields.Integer):
    """An integer; JSON's ``1.0``, ``true`` and ``"1"`` are not integers."""

    field_type = types.INTEGER


class FloatField(_Scalar, fields.Float):
    """A number."""

    field_type = types.FLOAT


class BooleanField(_Scalar, fields.Boolean):
    """``true`` or ``false``."""

    field_type = types.BOOLEAN


class QuantityField(_Alternatives, fields.Raw):
    """``"100m"``, ``"1Gi"`` or a number; a :class:`~k8s_core.model.scalars.Quantity` in Python."""

    field_type = types.QUANTITY
    json_types = ("string", "number")


class IntOrStringField(_Alternatives, fields.Raw):
    """``80`` or ``"http"``."""

    field_type = types.INT_OR_STRING
    json_types = ("integer", "string")


class TimeField(_Scalar, fields.DateTime):
    """RFC 3339 with seconds on the wire; an aware datetime in Python."""

    field_type = types.TIME


class MicroTimeField(TimeField):
    """RFC 3339 with microseconds on the wire; an aware datetime in Python."""

    field_type = types.MICRO_TIME


class DurationField(_Scalar, fields.String):
    """``"1h30m0s"`` on the wire; a timedelta in Python."""

    field_type = types.DURATION


class BytesField(_Scalar, fields.String):
    """Base64 on the wire; bytes in Python."""

    field_type = types.BYTES

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"format": "byte", **self.metadata}


class RawField(WireField, fields.Raw):
    """Any JSON value."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return copy_json(value)


class Container(WireField):
    """What holds other values. When a server's document is read, an odd value in its place is left alone."""

    python_type: ClassVar[type]

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        odd = not isinstance(value, self.python_type) and (value is not missing or self.required)
        return value if odd and mode.get() is Mode.READ else super().deserialize(value, attr, data, **kwargs)


class ListField(Container, fields.List[Any]):
    """A list of one kind of values."""

    python_type = list

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise ValidationError(f"expected a list, got {python_type_name(value)}")
        return list(_each(self.inner, dict(enumerate(value)), kwargs).values())

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            return copy_json(value)
        return list(_each_dumped(self.inner, dict(enumerate(value)), attr, obj).values())


class DictField(Container, fields.Dict):
    """A JSON object with free keys and one kind of values."""

    python_type = dict
    value_field: Any

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError(f"expected an object, got {python_type_name(value)}")
        return _each(self.value_field, value, kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            return copy_json(value)
        return _each_dumped(self.value_field, value, attr, obj)


def is_structural(field: Any) -> bool:
    """Whether a field holds objects with Schemas, be it in lists or maps."""
    while not isinstance(field, fields.Nested):
        if isinstance(field, fields.List):
            field = field.inner
        elif isinstance(field, fields.Mapping):
            field = field.value_field
        else:
            return False
    return True


def literal_field(literal: LiteralType, options: dict[str, Any]) -> fields.Field[Any]:
    """The field of a closed set of values."""
    listing = ", ".join(map(repr, literal.values)).replace("{", "{{").replace("}", "}}")
    options = {**options, "validate": OneOf(literal.values, error=f"{{input!r:.80}} is not one of {listing}")}
    kinds = {type(value) for value in literal.values}
    if kinds == {str}:
        return StringField(**options)
    return IntegerField(**options) if kinds == {int} else RawField(**options)


def registered_field(field: fields.Field[Any], options: dict[str, Any]) -> fields.Field[Any]:
    """A plugin's field for an annotation type, in the place of one field of a class."""
    made: Any = copy.copy(field)
    for name, value in options.items():
        setattr(made, name, value)
    made.keeps_wire = True
    made.error_messages = {**made.error_messages, **WireField.default_error_messages}
    return made  # type: ignore[no-any-return]  # a copy of a field


def keeps_wire(field: Any) -> bool:
    """Whether the object keeps what is on the wire for the field. A field of a plugin's own Schema may change it."""
    return getattr(field, "keeps_wire", False)


def _each(field: Any, values: Mapping[Any, Any], options: dict[str, Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    errors: dict[Any, Any] = {}
    lenient = mode.get() is Mode.READ and not is_structural(field)
    for key, value in values.items():
        try:
            loaded = field.deserialize(value, **options)
        except ValidationError as error:
            if not lenient:
                errors[key] = error.messages
            loaded = value
        found[key] = value if loaded is missing else loaded
    if errors:
        raise ValidationError(errors)
    return found


def _each_dumped(field: Any, values: Mapping[Any, Any], attr: str | None, obj: Any) -> dict[Any, Any]:
    found = {}
    for key, value in values.items():
        with located(key):
            found[key] = field._serialize(value, attr, obj)
    return found


@contextmanager
def located(step: str | int) -> Iterator[None]:
    """Refusals of hooks below a key or an index say so."""
    try:
        yield
    except ValidationError as error:
        raise ValidationError({step: normalized(error)}) from error


# A function without types, in marshmallow.
normalized: Callable[[ValidationError], dict[str, Any]] = ValidationError.normalized_messages

_JSON = (str, int, float, bool, dict, list, type(None))


def _is_json(value: Any) -> bool:
    return type(value) in _JSON
