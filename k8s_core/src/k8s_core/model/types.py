# SPDX-License-Identifier: Apache-2.0
"""Field types: how a wire value becomes a Python value and back, one small class for each shape.

``read`` never raises: the server's data is shown as it is where it is not what the class declares. ``to_wire`` checks
what the user assigns and raises FieldTypeError naming the path.
"""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from k8s_core.errors import FieldTypeError
from k8s_core.model import scalars
from k8s_core.model.wire import copy_json

if TYPE_CHECKING:
    from k8s_core.model.base import Model, View

__all__ = [
    "FieldType",
    "JsonType",
    "ListType",
    "LiteralType",
    "MapType",
    "ModelType",
    "OpaqueType",
    "ScalarType",
    "python_type_name",
]


def python_type_name(value: Any) -> str:
    """The name of a value's type, for messages; the value itself may be a secret."""
    return type(value).__name__


def fail(path: str, message: str) -> FieldTypeError:
    """The error for one path."""
    return FieldTypeError({path: [message]})


def _copied(value: Any, path: str, into: View | None) -> Any:
    """A copy that fits into the place, nesting included."""
    return copy_json(value, path) if into is None else copy_json(value, path, into._room())


class FieldType:
    """Base of all field types; instances are immutable and shared."""

    __slots__ = ()

    name = "any"
    plain = False
    """True where the wire value is the Python value, so that reading needs no call."""
    exact: type | None = None
    """Values of just this type are their own wire values, so that writing needs no call."""

    def read(self, value: Any, parent: View, key: str | int) -> Any:
        """The Python value of a wire value; ``parent`` and ``key`` say where it lives."""
        return value

    def absent(self, parent: View, key: str | int) -> Any:
        """What reading gives where the wire has nothing, or null."""
        return None

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        """Check and convert a value that the user assigns.

        Args:
            value: what the user gave.
            path: where it goes, for the message.
            into: the view that it goes into, which a model without a parent gets as its parent; without it models
                are copied.
        """
        raise NotImplementedError


class ScalarType(FieldType):
    """A JSON string, number or boolean, converted or not.

    Attributes:
        name: ``str``, ``int``, ``float``, ``bool``, ``bytes``, ``Quantity``, ``IntOrString``, ``Time``, ``MicroTime``
            or ``Duration``; the class name for registered types.
        marshmallow_field: the plugin's own field, None for the built-in types.
    """

    __slots__ = ("_from_wire", "_to_wire", "exact", "marshmallow_field", "name", "plain")

    def __init__(
        self,
        name: str,
        to_wire: Callable[[Any], Any],
        from_wire: Callable[[Any], Any] | None = None,
        marshmallow_field: Any = None,
        exact: type | None = None,
    ) -> None:
        self.name = name
        self.exact = exact
        self.plain = from_wire is None
        self._from_wire = from_wire
        self._to_wire = to_wire
        self.marshmallow_field = marshmallow_field

    def read(self, value: Any, parent: View, key: str | int) -> Any:
        if self._from_wire is None or value is None:
            return value
        try:
            return self._from_wire(value)
        except (ValueError, TypeError, ArithmeticError):
            # Never refuse what the server sent: the caller sees the wire value.
            return value

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        try:
            return self._to_wire(value)
        except FieldTypeError as error:
            raise FieldTypeError({path: [text for texts in error.messages.values() for text in texts]}) from None
        except (ValueError, TypeError, ArithmeticError) as error:
            raise fail(path, str(error)) from error

    def from_wire(self, value: Any) -> Any:
        """Convert strictly, for schemas. Raises ValueError or TypeError."""
        if self._from_wire is not None:
            return self._from_wire(value)
        return self._to_wire(value)


class LiteralType(FieldType):
    """One of a fixed set of texts (an enum)."""

    __slots__ = ("values",)

    name = "Literal"
    plain = True

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        for allowed in self.values:
            if allowed == value and isinstance(value, type(allowed)):
                return allowed
        raise fail(path, f"{value!r:.80} is not one of {', '.join(map(repr, self.values))}")


class OpaqueType(FieldType):
    """Any JSON value, kept verbatim and given as it is (protocol E13)."""

    __slots__ = ()

    name = "Any"
    plain = True

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        return _copied(value, path, into)


class ModelType(FieldType):
    """A nested model."""

    __slots__ = ("model",)

    name = "model"

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    def read(self, value: Any, parent: View, key: str | int) -> Any:
        if type(value) is dict:
            return self.model._view(value, parent, key)
        return value

    def absent(self, parent: View, key: str | int) -> Any:
        return self.model._view(None, parent, key)

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        if isinstance(value, self.model):
            return value._take(path, into)
        if isinstance(value, Mapping) or getattr(value, "_is_json_view", False):
            return _copied(value, path, into)
        raise fail(path, f"expected {self.model.__name__}, got {python_type_name(value)}")


class ListType(FieldType):
    """A list whose items have one type."""

    __slots__ = ("item",)

    name = "list"
    views: ClassVar[type[Any]]
    """`ListView`, which says so itself: views are made of field types, and field types make views."""

    def __init__(self, item: FieldType) -> None:
        self.item = item

    def read(self, value: Any, parent: View, key: str | int) -> Any:
        if type(value) is list:
            return self.views._make(value, parent, key, self.item)
        return value

    def absent(self, parent: View, key: str | int) -> Any:
        return self.views._make(None, parent, key, self.item)

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        if isinstance(value, (str, bytes, Mapping)) or not hasattr(value, "__iter__"):
            hint = f"; write [{self.item.model.__name__}(…)]" if isinstance(self.item, ModelType) else ""
            raise fail(path, f"expected a list, got {python_type_name(value)}{hint}")
        item = self.item
        wire = [item.to_wire(element, f"{path}[{index}]", into) for index, element in enumerate(value)]
        # A view passed the check above; its own text is kept, since "1024Mi" must not become "1Gi" on the way.
        return copy_json(value) if hasattr(value, "_bind") else wire


class MapType(FieldType):
    """A JSON object with free keys whose values have one type."""

    __slots__ = ("value",)

    name = "map"
    views: ClassVar[type[Any]]
    """`MapView`, as with lists."""

    def __init__(self, value: FieldType) -> None:
        self.value = value

    def read(self, value: Any, parent: View, key: str | int) -> Any:
        if type(value) is dict:
            return self.views._make(value, parent, key, self.value)
        return value

    def absent(self, parent: View, key: str | int) -> Any:
        return self.views._make(None, parent, key, self.value)

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        if not (isinstance(value, Mapping) or getattr(value, "_is_json_view", False)):
            raise fail(path, f"expected a mapping, got {python_type_name(value)}")
        wire = {}
        for key, item in value.items():
            if not isinstance(key, str):
                raise fail(path, f"JSON object keys must be strings, got {python_type_name(key)}: {key!r}")
            # A null is legal where keys are free: in a merge patch it removes the key (protocol E2).
            wire[key] = None if item is None else self.value.to_wire(item, f"{path}[{key!r}]", into)
        return copy_json(value) if hasattr(value, "_bind") else wire


class JsonType(FieldType):
    """Any JSON value, with objects and lists as views that allow attribute access (``GenericResource``)."""

    __slots__ = ()

    name = "json"
    views: ClassVar[type[Any]]
    """`JsonObject`, as with lists."""

    def read(self, value: Any, parent: View, key: str | int) -> Any:
        if type(value) is dict:
            return self.views._view(value, parent, key)
        if type(value) is list:
            return ListType.views._make(value, parent, key, self)
        return value

    def to_wire(self, value: Any, path: str, into: View | None = None) -> Any:
        return _copied(value, path, into)


def _expect(kind: type, *, but_not: type | None = None) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, kind) and not (but_not is not None and isinstance(value, but_not)):
            return value if type(value) is kind else kind(value) if kind is not str else str.__str__(value)
        raise TypeError(f"expected {kind.__name__}, got {python_type_name(value)}")

    return check


def _float_to_wire(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"expected float, got {python_type_name(value)}")
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a JSON number")
    return float(value) if isinstance(value, float) else int(value)


def _bytes_to_wire(value: Any) -> str:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"expected bytes, got {python_type_name(value)}; text needs .encode(), base64 is added for you")
    return scalars.encode_base64(bytes(value))


_LONGEST_REMEMBERED = 32


@functools.lru_cache(maxsize=256)
def _check_quantity(text: str) -> None:
    # Programs write the same few quantities over and over, and parsing one costs as much as a small object.
    scalars.Quantity(text)


def _quantity_to_wire(value: Any) -> str:
    if isinstance(value, str):
        text = str.__str__(value)
        if len(text) > _LONGEST_REMEMBERED:
            scalars.Quantity(text)
        else:
            _check_quantity(text)
        return text
    return str(scalars.Quantity(value))


def _quantity_from_wire(value: Any) -> Any:
    # JSON numbers are legal input (E6); a float's shortest text is what the JSON said.
    return scalars.Quantity(repr(value) if isinstance(value, float) else value)


def _int_or_string_to_wire(value: Any) -> int | str:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(f"expected int or str, got {python_type_name(value)}")
    return str.__str__(value) if isinstance(value, str) else int(value)


def _moment_to_wire(format_moment: Callable[[datetime.datetime], str]) -> Callable[[Any], str]:
    def convert(value: Any) -> str:
        if isinstance(value, datetime.datetime):
            return format_moment(value)
        if isinstance(value, str):
            return format_moment(scalars.parse_time(value))
        raise TypeError(f"expected datetime, got {python_type_name(value)}")

    return convert


def _duration_to_wire(value: Any) -> str:
    if isinstance(value, datetime.timedelta):
        return scalars.format_duration(value)
    if isinstance(value, str):
        scalars.parse_duration(value)
        return str.__str__(value)
    raise TypeError(f"expected timedelta, got {python_type_name(value)}")


def _from_text(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, str):
            raise TypeError(f"expected str, got {python_type_name(value)}")
        return convert(value)

    return read


STRING = ScalarType("str", _expect(str), exact=str)
INTEGER = ScalarType("int", _expect(int, but_not=bool), exact=int)
FLOAT = ScalarType("float", _float_to_wire)
BOOLEAN = ScalarType("bool", _expect(bool), exact=bool)
BYTES = ScalarType("bytes", _bytes_to_wire, _from_text(scalars.decode_base64))
QUANTITY = ScalarType("Quantity", _quantity_to_wire, _quantity_from_wire)
INT_OR_STRING = ScalarType("IntOrString", _int_or_string_to_wire)
TIME = ScalarType("Time", _moment_to_wire(scalars.format_time), _from_text(scalars.parse_time))
MICRO_TIME = ScalarType("MicroTime", _moment_to_wire(scalars.format_micro_time), _from_text(scalars.parse_time))
DURATION = ScalarType("Duration", _duration_to_wire, _from_text(scalars.parse_duration))
OPAQUE = OpaqueType()
JSON = JsonType()
