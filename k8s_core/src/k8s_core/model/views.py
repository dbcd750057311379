# SPDX-License-Identifier: Apache-2.0
"""List and map views: they behave as ``list`` and ``dict`` and write through to the wire document."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any, ClassVar, Self, SupportsIndex, TypeVar, overload

from k8s_core.model.attributes import Attribute, LazyAttribute
from k8s_core.model.base import Model, View
from k8s_core.model.fields import ABSENT
from k8s_core.model.types import JSON, FieldType, JsonType, ListType, MapType
from k8s_core.model.wire import Wire, copy_json, resolve, same

__all__ = ["JsonObject", "ListView", "MapView"]

T = TypeVar("T")

_NO_ITEMS: list[Any] = []
_DESCRIPTORS = (Attribute, LazyAttribute)


class ListView(View, MutableSequence[T]):
    """A list of a wire document; items convert on the way in and out.

    An absent list is empty, and attaches itself to its object on the first write. Truth and length are a list's.
    """

    __slots__ = ("_item",)

    _item: FieldType
    _container: ClassVar[type] = list
    _nothing: ClassVar[Any] = _NO_ITEMS
    _wire_list: ClassVar[bool] = True

    __hash__ = None  # type: ignore[assignment]  # mutable, as list is

    @classmethod
    def _make(cls, wire: list[Any] | None, parent: View, key: str | int, item: FieldType) -> Self:
        view = cls.__new__(cls)
        view._wire = wire
        view._parent = parent
        view._key = key
        view._item = item
        return view

    def _items(self) -> list[Any]:
        return self._wire if self._wire is not None else self._bind()  # type: ignore[no-any-return]  # a list view's container

    def _incoming(self, value: Any, index: int) -> Any:
        return self._item.to_wire(value, self._child_path(index), self)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: Any) -> Any:
        items = self._items()
        if isinstance(index, slice):
            return [self._item.read(items[number], self, number) for number in range(*index.indices(len(items)))]
        value = items[index]
        return self._item.read(value, self, index if index >= 0 else index + len(items))

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, slice):
            converted = [self._incoming(item, number) for number, item in enumerate(value)]
            self._write()[index] = converted
        else:
            self._items()[index]
            place = index if index >= 0 else index + len(self)
            self._write()[place] = self._incoming(value, place)

    def __delitem__(self, index: Any) -> None:
        self._items()[index]
        del self._write()[index]

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[T]:
        read = self._item.read
        for index, value in enumerate(self._items()):
            yield read(value, self, index)

    def insert(self, index: SupportsIndex, value: T) -> None:
        """Insert before an index, converting and checking the value."""
        place = slice(index, None).indices(len(self))[0]
        converted = self._incoming(value, place)
        self._write().insert(place, converted)

    def extend(self, values: Iterable[T]) -> None:
        """Append all values, or none if one of them is of the wrong type."""
        converted = [self._incoming(value, len(self) + offset) for offset, value in enumerate(list(values))]
        if converted:
            self._write().extend(converted)

    def copy(self) -> list[T]:
        """A new list of the items."""
        return list(self)

    def sort(self, *, key: Callable[[T], Any] | None = None, reverse: bool = False) -> None:
        """Sort in place by the items' Python values."""
        read = self._item.read
        items = self._items()

        def sort_key(pair: tuple[int, Any]) -> Any:
            value = read(pair[1], self, pair[0])
            return key(value) if key is not None else value

        if items:
            items[:] = [value for _, value in sorted(enumerate(items), key=sort_key, reverse=reverse)]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ListView):
            return same(self._items(), other._items())
        if isinstance(other, (list, tuple)):
            return list(self) == list(other)
        return NotImplemented

    def __add__(self, other: Iterable[T]) -> list[T]:
        return [*self, *other]

    def __radd__(self, other: Iterable[T]) -> list[T]:
        return [*other, *self]

    def __repr__(self) -> str:
        from k8s_core.model.display import represent_items  # noqa: PLC0415  # only a repr needs it (15 modules)

        return represent_items(self, list(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)

    def __copy__(self) -> list[T]:
        return list(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> list[T]:
        return [copy.deepcopy(item, memo) for item in self]


class MapView(View, MutableMapping[str, T]):
    """An object with free keys of a wire document, such as labels; values convert on the way in and out.

    An absent map is empty, and attaches itself to its object on the first write. Truth and length are a dict's.
    """

    __slots__ = ("_value",)

    _value: FieldType

    @classmethod
    def _make(cls, wire: Wire | None, parent: View, key: str | int, value: FieldType) -> Self:
        view = cls.__new__(cls)
        view._wire = wire
        view._parent = parent
        view._key = key
        view._value = value
        return view

    def _items(self) -> Wire:
        return self._wire if self._wire is not None else self._bind()  # type: ignore[no-any-return]  # a map view's container

    def _child_path(self, key: str | int) -> str:
        return f"{self._path()}[{key!r}]"

    def __getitem__(self, key: str) -> T:
        return self._value.read(self._items()[key], self, key)  # type: ignore[no-any-return]  # of the declared type

    def __setitem__(self, key: str, value: T) -> None:
        if not isinstance(key, str):
            raise TypeError(f"{self._path()}: JSON object keys must be strings, got {type(key).__name__}: {key!r}")
        converted: Any = value
        if value is not None and type(value) is not self._value.exact:
            converted = self._value.to_wire(value, self._child_path(key), self)
        self._write()[key] = converted

    def __delitem__(self, key: str) -> None:
        self._items()[key]
        del self._write()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    def __contains__(self, key: object) -> bool:
        return key in self._items()

    def copy(self) -> dict[str, T]:
        """A new dict of the items."""
        return dict(self)

    def __or__(self, other: Mapping[str, T]) -> dict[str, T]:
        return {**self, **other}

    def __ror__(self, other: Mapping[str, T]) -> dict[str, T]:
        return {**other, **self}

    def __ior__(self, other: Mapping[str, T]) -> Self:
        self.update(other)
        return self

    def __repr__(self) -> str:
        from k8s_core.model.display import represent_items  # noqa: PLC0415  # only a repr needs it (15 modules)

        return represent_items(self, dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def __copy__(self) -> dict[str, T]:
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, T]:
        return {key: copy.deepcopy(value, memo) for key, value in self.items()}


class JsonObject(Model):
    """A JSON object of a kind without a class: fields are attributes and items alike.

    ``obj.spec.replicas`` and ``obj.spec["replicas"]`` read the same; an absent attribute is None, an absent item a
    KeyError. Names that methods have (``items``) are reached as items only. Attributes drop one trailing underscore
    (``from_``), as those of models do, unless the document has the longer name; items never do.
    """

    _is_json_view: ClassVar[bool] = True

    def __init__(self, *args: Any, **fields: Any) -> None:
        super().__init__(*args)
        for name, value in fields.items():
            if value is None or value is ABSENT:
                continue
            if isinstance(getattr(type(self), name, None), _DESCRIPTORS):
                setattr(self, name, value)
            else:
                self[_json_name(name, self._wire)] = value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        wire = self._wire if self._wire is not None else self._bind()
        name = _json_name(name, wire)
        if name not in wire:
            return None
        return JSON.read(resolve(wire, name), self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or isinstance(getattr(type(self), name, None), (property, *_DESCRIPTORS)):
            object.__setattr__(self, name, value)
        elif value is None or value is ABSENT:
            delattr(self, name)
        else:
            wire = self._wire if self._wire is not None else self._bind()
            self[_json_name(name, wire)] = value

    def __delattr__(self, name: str) -> None:
        if isinstance(getattr(type(self), name, None), _DESCRIPTORS):
            object.__delattr__(self, name)
        else:
            wire = self._wire if self._wire is not None else self._bind()
            wire.pop(_json_name(name, wire), None)

    def __getitem__(self, key: str) -> Any:
        wire = self._wire if self._wire is not None else self._bind()
        return JSON.read(resolve(wire, key), self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._write()[key] = copy_json(value, self._child_path(key), self._room())

    def __delitem__(self, key: str) -> None:
        del (self._wire if self._wire is not None else self._bind())[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._wire if self._wire is not None else self._bind())

    def __len__(self) -> int:
        return len(self._wire if self._wire is not None else self._bind())

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        try:
            return self[key]
        except KeyError:
            return default

    def keys(self) -> list[str]:
        """The keys, in the document's order."""
        return list(self)

    def values(self) -> list[Any]:
        """The values, in the document's order."""
        return [self[key] for key in self]

    def items(self) -> list[tuple[str, Any]]:
        """Keys with their values, in the document's order."""
        return [(key, self[key]) for key in self]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            return bool(self.to_dict() == copy_json(other))
        return super().__eq__(other)

    __hash__ = None


def _json_name(attribute: str, wire: Wire) -> str:
    return attribute if attribute in wire or len(attribute) == 1 else attribute.removesuffix("_")


ListType.views, MapType.views, JsonType.views = ListView, MapView, JsonObject
