# SPDX-License-Identifier: Apache-2.0
"""Fields as fiaas/k8s declares them, over the descriptors of k8s-core."""

from __future__ import annotations

import copy
import datetime
from typing import Any, Self

from k8s_core.errors import FieldTypeError
from k8s_core.model import ABSENT, FieldDescriptor, FieldSpec, Resource, fields_of, root_of
from k8s_core.model import Model as CoreModel

__all__ = [
    "Field",
    "JSONField",
    "ListField",
    "OnceField",
    "ReadOnlyField",
    "RequiredField",
    "SelfModel",
    "WriteOnlyField",
    "is_new",
]

_UNSET = "__unset__"


class SelfModel:
    """As the type of a field: the class that has the field."""


class Field(FieldDescriptor):
    """A field of a model.

    A value that is not of the type is written all the same, if JSON can hold it: the API server decides. Reading gives
    what the document has. Where it has nothing, that is the default, else None; for a model it is an empty one.

    Args:
        field_type: a Model class, SelfModel, ``datetime.datetime``, or a Python type of JSON.
        default_value: new objects get it, and it is sent.
        alt_type: another type that values may have.
        name: the JSON key; by default the attribute's name without underscores around it.
    """

    joined = False
    """Whether fiaas/k8s may not have the field: it comes from the class of k8s-core."""

    def __init__(
        self, field_type: Any, default_value: Any = None, alt_type: Any = None, name: str = _UNSET, **options: Any
    ) -> None:
        super().__init__(_annotation(field_type, alt_type), None if name == _UNSET else name, **options)
        self.type = field_type
        self.alt_type = alt_type
        self._default = default_value

    @property
    def wire_name(self) -> str:
        return self.declaration.wire_name or self.attribute.strip("_")

    @property
    def name(self) -> str:
        """The JSON key."""
        return self.wire_name

    @property
    def attr_name(self) -> str:
        """The name of the attribute."""
        return self.attribute

    @property
    def default_value(self) -> Any:
        """A copy of the default."""
        return copy.deepcopy(self._default)

    def __repr__(self) -> str:
        kind = getattr(self.type, "__name__", self.type)
        return f"{type(self).__name__}(name={self.wire_name}, type={kind}, default_value={self._default!r})"

    def get(self, obj: CoreModel) -> Any:
        fields = fields_of(obj)
        value = fields.get(self.wire_name)
        if value is None:
            return self._absent(obj)
        return value

    def _absent(self, obj: CoreModel) -> Any:
        if self._default is not None:
            return self.default_value
        return fields_of(obj).read(self.wire_name) if _is_model(self.type) else None

    def set(self, obj: CoreModel, value: Any) -> None:
        if value is None or value is ABSENT:
            self.delete(obj)
            return
        fields = fields_of(obj)
        try:
            fields[self.wire_name] = value
        except FieldTypeError:
            fields.set_json(self.wire_name, value)

    def default(self) -> Any:
        # A model's own defaults come with the model, when something is written into it.
        return ABSENT if self._default is None else self.default_value

    def before_sending(self, obj: CoreModel, root: CoreModel) -> None:
        if is_new(root):
            self.complete(obj)

    def complete(self, obj: CoreModel) -> None:
        """Write the default where the document has nothing."""
        default = self.default()
        if default is not ABSENT and self.wire_name not in fields_of(obj):
            # Not `self.set`: a field that users can't set has a default as well.
            Field.set(self, obj, default)

    def takes_over(self, obj: CoreModel) -> bool:
        """Whether ``merge`` may change the field of an object."""
        return True

    def dump(self, instance: CoreModel) -> Any:
        """The JSON value of the field of an object, None for none."""
        return instance.to_dict().get(self.wire_name)

    def is_valid(self, instance: CoreModel) -> bool:
        """Whether the field may be as it is in an object; RequiredField says no where it is absent."""
        return True

    def is_set(self, instance: CoreModel) -> bool:
        """Whether the document has something else than the default."""
        value = fields_of(instance).get(self.wire_name)
        return value is not None and value != self._default


class ReadOnlyField(Field):
    """A field that the API server sets: assigning it changes nothing."""

    def set(self, obj: CoreModel, value: Any) -> None:
        """Does nothing."""

    def delete(self, obj: CoreModel) -> None:
        """Does nothing."""

    def default(self) -> Any:
        return ABSENT

    def takes_over(self, obj: CoreModel) -> bool:
        return False


class WriteOnlyField(Field):
    """A field that is sent, and not taken over from what a server says."""


class OnceField(Field):
    """A field that can be set as long as the API server does not have the object; later, assigning changes nothing."""

    def set(self, obj: CoreModel, value: Any) -> None:
        if self.takes_over(obj):
            super().set(obj, value)

    def takes_over(self, obj: CoreModel) -> bool:
        return is_new(root_of(obj)) or self.wire_name not in fields_of(obj)


class RequiredField(Field):
    """A field that the constructor wants."""

    def is_valid(self, instance: CoreModel) -> bool:
        """Whether the object has it."""
        return fields_of(instance).get(self.wire_name) is not None


class ListField(Field):
    """A list, empty where the document has none. New objects send it, empty or not.

    Args:
        field_type: the type of the items.
        default_value: None for an empty list.
        name: the JSON key.
        empty_as_none: an empty list is not sent, and an absent one is None.
    """

    def __init__(
        self,
        field_type: Any,
        default_value: Any = None,
        name: str = _UNSET,
        empty_as_none: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(field_type, list(default_value or ()), None, name, **options)
        if not isinstance(field_type, FieldSpec):
            self.annotation = list[_item(field_type)]  # type: ignore[misc]  # made at run time
        self.empty_as_none = empty_as_none

    def _absent(self, obj: CoreModel) -> Any:
        if self._default:
            return self.default_value
        # An empty view: what is appended to it is in the object.
        return None if self.empty_as_none else fields_of(obj).read(self.wire_name)

    def default(self) -> Any:
        return ABSENT if self.empty_as_none and not self._default else self.default_value

    def before_sending(self, obj: CoreModel, root: CoreModel) -> None:
        super().before_sending(obj, root)
        if self.empty_as_none and fields_of(obj).get(self.wire_name) == []:
            del fields_of(obj)[self.wire_name]


class InheritedListField(ListField):
    """A list that fiaas/k8s does not have: it is sent when there is something in it."""

    def default(self) -> Any:
        return ABSENT


class JSONField(Field):
    """Any JSON value, kept as it is."""

    def __init__(self, default_value: Any = None, name: str = _UNSET) -> None:
        super().__init__(None, default_value, None, name)


def is_new(root: CoreModel) -> bool:
    """Whether the API server does not have an object yet; True as well for a model that is not a part of one."""
    if not isinstance(root, Resource):
        return True
    stated = getattr(root, "_new", None)
    if stated is not None:
        return bool(stated)
    metadata = fields_of(root.metadata)
    return not (metadata.get("uid") or metadata.get("resourceVersion"))


def merge_fields(mine: CoreModel, other: CoreModel) -> None:
    """Take over into a model what another one has, as its fields allow; see ``Model.merge``."""
    ours, theirs = fields_of(mine), fields_of(other)
    for field in type(mine)._meta.fields:  # type: ignore[attr-defined]  # a model of fiaas/k8s
        key = field.wire_name
        if not field.takes_over(mine):
            continue
        if hasattr(ours.get(key), "_meta") and hasattr(theirs.get(key), "_meta"):
            merge_fields(ours[key], theirs[key])
        elif key in theirs:
            ours[key] = theirs[key]
        elif not field.joined:
            ours.pop(key, None)


def inherited_field(spec: FieldSpec) -> Field:
    """The same field as that of a class of k8s-core."""
    make: type[Field] = InheritedListField if spec.type.name == "list" else Field
    made = make(spec, name=spec.wire_name)
    made.joined = True
    return made


def _is_model(field_type: Any) -> bool:
    if isinstance(field_type, FieldSpec):
        return field_type.type.name == "model"
    return field_type is SelfModel or (isinstance(field_type, type) and issubclass(field_type, CoreModel))


def _item(field_type: Any) -> Any:
    return Self if field_type is SelfModel else Any if field_type is None else field_type


def _annotation(field_type: Any, alt_type: Any) -> Any:
    if isinstance(field_type, FieldSpec):
        return field_type
    if _is_model(field_type) or field_type is datetime.datetime:
        return _item(field_type)
    if {field_type, alt_type} == {str, int}:
        return int | str
    # What a server takes may be wider than what is declared, such as the name of a port in place of its number.
    return {dict: dict[str, Any], list: list[Any], str: str, int: int, bool: bool, float: float}.get(field_type, Any)
