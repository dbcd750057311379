# SPDX-License-Identifier: Apache-2.0
"""The descriptors behind the fields of a model: each reads and writes one key of the wire document.

A class starts with one ``LazyAttribute`` per annotation. The first access resolves the class's annotations and
replaces them by the descriptors below; splitting reads by the shape of the field keeps each read short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.fields import ABSENT, FieldSpec
from k8s_core.model.types import ModelType
from k8s_core.model.wire import Raw, decode, resolve

if TYPE_CHECKING:
    from k8s_core.model.base import Model

__all__ = ["Attribute", "LazyAttribute", "make_attribute"]


class LazyAttribute:
    """Stands in for a field until its class is used for the first time."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def _resolved(self, owner: type[Model]) -> Attribute:
        owner._model_fields()
        for cls in owner.__mro__:
            found = cls.__dict__.get(self.name)
            if isinstance(found, Attribute):
                return found
        raise AttributeError(f"{owner.__qualname__} has no field {self.name}")

    def __get__(self, obj: Model | None, owner: type[Model]) -> Any:
        return self._resolved(owner).__get__(obj, owner)

    def __set__(self, obj: Model, value: Any) -> None:
        self._resolved(type(obj)).__set__(obj, value)

    def __delete__(self, obj: Model) -> None:
        self._resolved(type(obj)).__delete__(obj)


class Attribute:
    """A field whose wire value needs conversion."""

    __slots__ = ("_read", "exact", "field_type", "spec", "wire_name")

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec
        self.field_type = spec.type
        self.wire_name = spec.wire_name
        self.exact = spec.type.exact
        self._read = spec.type.read

    def __repr__(self) -> str:
        return f"<field {self.spec.name}: {self.field_type.name}>"

    def __get__(self, obj: Model | None, owner: type[Model] | None = None) -> Any:
        if obj is None:
            return self
        wire = obj._wire
        if wire is None:
            wire = obj._bind()
        value = wire.get(self.wire_name)
        if type(value) is Raw:
            value = resolve(wire, self.wire_name)
        if value is None:
            return self.field_type.absent(obj, self.wire_name)
        return self._read(value, obj, self.wire_name)

    def __set__(self, obj: Model, value: Any) -> None:
        if type(value) is self.exact:
            obj._write()[self.wire_name] = value
            return
        if value is None or value is ABSENT:
            self.__delete__(obj)
            return
        path = self.wire_name if obj._parent is None else obj._child_path(self.wire_name)
        wire_value = self.field_type.to_wire(value, path, obj)
        if type(wire_value) is dict or type(wire_value) is list:
            source = getattr(value, "_wire", value)
            if source is None:
                # A view of something absent: what is copied is its absence, for `{}` would mean something (E2).
                self.__delete__(obj)
                return
            if source is (obj._wire if obj._wire is not None else obj._bind()).get(self.wire_name):
                # Its own part, as after `obj.args += [...]`: a copy would cut off the views of it.
                return
        obj._write()[self.wire_name] = wire_value

    def __delete__(self, obj: Model) -> None:
        wire = obj._wire if obj._wire is not None else obj._bind()
        if self.wire_name in wire:
            del obj._write()[self.wire_name]


class PlainAttribute(Attribute):
    """A field whose wire value is its Python value."""

    __slots__ = ()

    def __get__(self, obj: Model | None, owner: type[Model] | None = None) -> Any:
        if obj is None:
            return self
        wire = obj._wire
        if wire is None:
            wire = obj._bind()
        value = wire.get(self.wire_name)
        if type(value) is Raw:
            return resolve(wire, self.wire_name)
        return value


class ModelAttribute(Attribute):
    """A field that holds a nested model."""

    __slots__ = ("_model", "_parse")

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(spec)
        assert isinstance(spec.type, ModelType)
        self._model = spec.type.model
        # Only `metadata` may stay half parsed: that is where `materialize` looks.
        self._parse = self._model._parse if spec.wire_name == "metadata" else decode

    def __get__(self, obj: Model | None, owner: type[Model] | None = None) -> Any:
        if obj is None:
            return self
        wire = obj._wire
        if wire is None:
            wire = obj._bind()
        value = wire.get(self.wire_name)
        if type(value) is Raw:
            value = wire[self.wire_name] = self._parse(value)
        if value is not None and type(value) is not dict:
            return value
        # The same as Model._view, written out: this is the hottest line of reading.
        view = self._model.__new__(self._model)
        view._wire = value
        view._parent = obj
        view._key = self.wire_name
        return view


def make_attribute(spec: FieldSpec) -> Attribute:
    """The descriptor for a field."""
    if isinstance(spec.type, ModelType):
        return ModelAttribute(spec)
    if spec.type.plain:
        return PlainAttribute(spec)
    return Attribute(spec)
