# SPDX-License-Identifier: Apache-2.0
"""Fields that a class declares by descriptors of its own, and the document behind a model as a mapping.

With these two a package can offer a whole other way to declare models, over the same documents: its classes are
models, so they work with ``Client``, ``Watcher``, ``Informer``, ``apply`` and every hook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from k8s_core.model.attributes import Attribute, make_attribute
from k8s_core.model.fields import ABSENT, FieldDeclaration, FieldSpec, field
from k8s_core.model.types import JSON
from k8s_core.model.wire import copy_json

if TYPE_CHECKING:
    from k8s_core.model.base import Model

__all__ = ["FieldDescriptor", "Fields", "fields_of", "root_of"]


class FieldDescriptor:
    """A field whose class declares it by a value instead of an annotation: ``replicas = Bounded(int, 1)``.

    By itself it reads and writes as an annotated field does. A subclass overrides ``get``, ``set`` and ``delete``,
    which reach the document through :func:`fields_of`; ``default``, for a value that new objects have; and
    ``before_sending``. The annotation tells everything else what the field holds: the Schema, ``repr``, patches, CRD
    manifests.

    Args:
        annotation: what an annotated field would have there, such as ``int``, ``list[Port]`` or ``Any``; or the
            FieldSpec of a field of another class, to declare the same field again.
        wire_name: the JSON key; by default the attribute's name, less one trailing underscore.
        required: the API server refuses objects without it: checked when a new object is sent.
        options: as for ``field()``.
    """

    attribute: str
    """Its name in the class, once the class is made."""

    def __init__(
        self, annotation: Any = Any, wire_name: str | None = None, *, required: bool = False, **options: Any
    ) -> None:
        self.annotation = annotation
        if not required:
            options["default"] = ABSENT
        self.declaration: FieldDeclaration = field(wire_name, **options)

    def __set_name__(self, owner: type, name: str) -> None:
        self.attribute = name

    @property
    def wire_name(self) -> str:
        """The JSON key."""
        return self.declaration.wire_name or self.attribute.removesuffix("_")

    # -- for subclasses to override -----------------------------------------------------------------------------------

    def get(self, obj: Model) -> Any:
        """What reading the attribute gives; never raises for what a server sent."""
        return fields_of(obj).read(self.wire_name)

    def set(self, obj: Model, value: Any) -> None:
        """Assign the attribute. The constructor calls it as well, for each value that it is given."""
        if value is None or value is ABSENT:
            self.delete(obj)
        else:
            fields_of(obj)[self.wire_name] = value

    def delete(self, obj: Model) -> None:
        """Remove the field; nothing happens if it is absent."""
        fields_of(obj).pop(self.wire_name, None)

    def default(self) -> Any:
        """The value of the field in objects that the constructor makes without it; ABSENT for none.

        Documents that come from a server, from ``from_dict`` or from YAML get no default.
        """
        return ABSENT

    def before_sending(self, obj: Model, root: Model) -> None:
        """A step on what is about to be sent. A class whose fields have none is sent as it is, without a copy.

        Args:
            obj: the model that has the field. It belongs to a copy of the object; change it as you like.
            root: the whole object, the same copy.
        """

    # -- the descriptor -----------------------------------------------------------------------------------------------

    def __get__(self, obj: Model | None, owner: type[Model] | None = None) -> Any:
        return self if obj is None else self.get(obj)

    def __set__(self, obj: Model, value: Any) -> None:
        self.set(obj, value)

    def __delete__(self, obj: Model) -> None:
        self.delete(obj)


class Fields(MutableMapping[str, Any]):
    """The document of one model as a mapping by wire names. Get it by :func:`fields_of`.

    Values of fields that the class declares convert as its annotated fields do: models, lists and maps are views.
    Other objects and lists are views, too, and all other values are given as they are. Only what the document has is
    there; a null reads as an absent field does. Views write through; the document itself is never handed out.
    """

    __slots__ = ("_model",)

    def __init__(self, model: Model) -> None:
        self._model = model

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            raise KeyError(key)
        return self._attribute(key).__get__(self._model)

    def __setitem__(self, key: str, value: Any) -> None:
        """Convert and check as assigning an annotated field does; None and ABSENT remove the field.

        Raises:
            FieldTypeError: a value of the wrong type, or not a JSON value in a field that the class does not declare.
        """
        self._attribute(key).__set__(self._model, value)

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        del self._model._write()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._wire()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._wire()))

    def __len__(self) -> int:
        return len(self._wire())

    def __repr__(self) -> str:
        return f"<fields of {self._model!r}>"

    def read(self, key: str) -> Any:
        """As an annotated field reads: the value, or None or an empty view where the document has none."""
        return self._attribute(key).__get__(self._model)

    def set_json(self, key: str, value: Any) -> None:
        """Write a copy of any JSON value, whatever the class declares, as a server could have sent it.

        Raises:
            FieldTypeError: not a JSON value.
        """
        self._model._write()[key] = copy_json(value, self._model._child_path(key), self._model._room())

    def _wire(self) -> Any:
        wire = self._model._wire
        return self._model._bind() if wire is None else wire

    def _attribute(self, key: str) -> Attribute:
        spec = self._model._model_fields().get(key)
        return make_attribute(FieldSpec(name=key, wire_name=key, type=JSON) if spec is None else spec)


def fields_of(model: Model) -> Fields:
    """The document of a model as a mapping by wire names, for descriptors and for fields that no class declares."""
    return Fields(model)


def root_of(model: Model) -> Model:
    """The object that a model is a part of; the model itself if it is a whole one. A list or map is never a root."""
    root: Model = model._root()  # type: ignore[assignment]  # only models have no parent
    return root


def described(namespace: Mapping[str, Any]) -> dict[str, FieldDescriptor]:
    """The descriptors that a class declares itself, in order."""
    return {name: value for name, value in namespace.items() if isinstance(value, FieldDescriptor)}
