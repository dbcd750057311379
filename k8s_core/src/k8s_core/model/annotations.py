# SPDX-License-Identifier: Apache-2.0
"""From an annotation to a field type, resolved when a class is first used and not when it is created."""

from __future__ import annotations

import builtins
import datetime
import importlib
import sys
import types as python_types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ForwardRef, Literal, Self, Union, get_args, get_origin

from k8s_core.model import types
from k8s_core.model.scalars import Quantity, WireFormat
from k8s_core.model.types import FieldType, ListType, LiteralType, MapType, ModelType, ScalarType
from k8s_core.model.wire import copy_json
from k8s_core.seam import registry

if TYPE_CHECKING:
    from k8s_core.model.base import Model

__all__ = ["field_type", "register_type"]

_PLAIN: dict[Any, FieldType] = {
    str: types.STRING,
    int: types.INTEGER,
    float: types.FLOAT,
    bool: types.BOOLEAN,
    bytes: types.BYTES,
    Quantity: types.QUANTITY,
    datetime.datetime: types.TIME,
    datetime.timedelta: types.DURATION,
    Any: types.OPAQUE,
    object: types.OPAQUE,
    dict: MapType(types.OPAQUE),
    list: ListType(types.OPAQUE),
}
_FORMATS: dict[str, FieldType] = {"Time": types.TIME, "MicroTime": types.MICRO_TIME, "Duration": types.DURATION}

# Annotation types are a property of the Python process, as copyreg's table is: a class has one meaning whichever
# registry asks. Plugins fill it through registrar.add_type.
_REGISTERED: dict[Any, FieldType] = {}


def register_type(python_type: Any, marshmallow_field: Any) -> None:
    """Teach the models an annotation type: attributes of that type convert through the marshmallow field.

    Args:
        python_type: the class used in annotations.
        marshmallow_field: a marshmallow Field, instance or class.

    Not for types that the models know already; those are refused with TypeError. Thread-safe; idempotent.
    """
    if python_type in _PLAIN:
        raise TypeError(f"{python_type!r} is a built-in field type and can't be registered again")
    _REGISTERED[python_type] = _marshmallow_type(_type_name(python_type), marshmallow_field)


def _marshmallow_type(name: str, marshmallow_field: Any) -> ScalarType:
    instance = marshmallow_field() if isinstance(marshmallow_field, type) else marshmallow_field

    def to_wire(value: Any) -> Any:
        # The field is a plugin's: what it makes of the value has to be JSON.
        return copy_json(instance.serialize("value", {"value": value}, accessor=lambda obj, key, default: obj[key]))

    def from_wire(value: Any) -> Any:
        try:
            return instance.deserialize(value)
        except Exception as error:
            # marshmallow's ValidationError, without importing marshmallow here.
            if hasattr(error, "normalized_messages"):
                raise ValueError("; ".join(map(str, getattr(error, "messages", [error])))) from error
            raise

    return ScalarType(name, to_wire, from_wire, instance)


def field_type(annotation: Any, owner: type[Model], name: str) -> FieldType:
    """The field type of an annotation, which may be text.

    Raises:
        TypeError: not a type that a field can have, or a name that the module does not define.
    """
    try:
        return _resolve(annotation, owner)
    except (NameError, SyntaxError, _NotAFieldType) as error:
        raise TypeError(f"{owner.__module__}.{owner.__qualname__}.{name}: {_explain(error)}") from error


class _NotAFieldType(Exception):
    pass


def _explain(error: Exception) -> str:
    if isinstance(error, NameError):
        return f"{error}; import it in the module, or name its module in LAZY_IMPORTS"
    return str(error)


class _Namespace(Mapping[str, Any]):
    """Names as a module's annotations see them, lazy imports included (``eval`` looks them up one by one)."""

    def __init__(self, module: str) -> None:
        self._globals = vars(sys.modules[module])

    def __getitem__(self, name: str) -> Any:
        names = self._globals
        if name in names:
            return names[name]
        lazy = names.get("LAZY_IMPORTS", {})
        if name in lazy:
            return getattr(importlib.import_module(lazy[name]), name)
        return getattr(builtins, name) if hasattr(builtins, name) else _missing(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._globals)

    def __len__(self) -> int:
        return len(self._globals)


def _missing(name: str) -> Any:
    raise KeyError(name)


def _resolve(annotation: Any, owner: type[Model]) -> FieldType:
    # The whole annotation may be text, or a name within it: list["Port"].
    text = annotation.__forward_arg__ if isinstance(annotation, ForwardRef) else annotation
    if isinstance(text, str):
        # Not input: what the class's own module wrote as an annotation.
        annotation = eval(text, {}, _Namespace(owner.__module__))  # noqa: S307
    # `type X = …` (Python 3.12) hides its value.
    annotation = getattr(annotation, "__value__", annotation)
    known = _PLAIN.get(annotation) if _hashable(annotation) else None
    if known is not None:
        return known
    origin = get_origin(annotation)
    if origin is Union or origin is python_types.UnionType:
        return _union(get_args(annotation), owner)
    if origin is Annotated:
        return _annotated(annotation, owner)
    if origin is Literal:
        return LiteralType(get_args(annotation))
    if origin is list:
        return ListType(_resolve(get_args(annotation)[0], owner))
    if origin is dict:
        key, value = get_args(annotation)
        if key is not str:
            raise _NotAFieldType(f"the keys of {annotation} must be str, as in JSON")
        return MapType(_resolve(value, owner))
    if annotation is Self:
        return ModelType(owner)
    if isinstance(annotation, type) and hasattr(annotation, "_model_fields"):
        return ModelType(annotation)
    return _registered(annotation, owner)


def _hashable(annotation: Any) -> bool:
    try:
        hash(annotation)
    except TypeError:
        return False
    return True


def _union(members: tuple[Any, ...], owner: type[Model]) -> FieldType:
    members = tuple(member for member in members if member is not type(None))
    if len(members) == 1:
        return _resolve(members[0], owner)
    if set(members) == {int, str}:
        return types.INT_OR_STRING
    raise _NotAFieldType(f"a field can't be a union of {members}; only IntOrString and '| None' are unions")


def _annotated(annotation: Any, owner: type[Model]) -> FieldType:
    base, *extras = get_args(annotation)
    for extra in extras:
        if isinstance(extra, WireFormat):
            return _FORMATS[extra.name]
        if hasattr(extra, "deserialize") and hasattr(extra, "serialize"):
            return _marshmallow_type(_type_name(base), extra)
    return _resolve(base, owner)


def _registered(annotation: Any, owner: type[Model]) -> FieldType:
    if _hashable(annotation):
        if annotation not in _REGISTERED:
            # A class may be imported directly, before any registry was asked: let its package's hook run now.
            registry.load_types_for(owner)
        if annotation in _REGISTERED:
            return _REGISTERED[annotation]
    raise _NotAFieldType(
        f"{annotation!r} is no field type; register it with registrar.add_type({_type_name(annotation)}, field) "
        "or write Annotated[type, marshmallow_field]"
    )


def _type_name(annotation: Any) -> str:
    return str(getattr(annotation, "__name__", annotation))
