# SPDX-License-Identifier: Apache-2.0
"""The wire document: plain JSON values, parts of which may still be unparsed bytes (``msgspec.Raw``).

Only the top level of a resource and the fields of its metadata are ever left unparsed; everything below is plain.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw

from k8s_core.errors import DecodeError, FieldTypeError
from k8s_core.model.quantity import Quantity

__all__ = [
    "MAX_NESTING",
    "TOO_DEEP",
    "Raw",
    "Wire",
    "copy_json",
    "decode",
    "decode_document",
    "decode_object",
    "decode_shallow",
    "encode",
    "materialize",
    "nests_deeper",
    "problem_of",
    "resolve",
    "same",
]

Wire: TypeAlias = dict[str, Any]

MAX_NESTING = 200
"""How many objects and lists may stand inside each other in a value that is taken in or handed out as a whole.

kube-apiserver refuses JSON beyond 10,000 levels. Python has no room for that: its default recursion limit is 1,000
frames, which on 3.11 C code shares with the caller (on 3.12 and 3.13 C code has a limit of its own, of 1,500 to 10,000,
depending on the build). A walk that takes two frames a level, as ``copy.deepcopy`` does, gets through 200 levels with
600 frames left to the caller, so the interpreter's limit does not decide. Real documents have 10 to 60 levels.

The parser in C counts no levels, and counting the brackets of what it reads would make reading slower. So what a server
sent is not refused as it is read field by field, as long as the parser copes: that is always so within the bound.
"""

_IMMUTABLE = frozenset({str, int, bool, type(None)})
_FORMS = {
    "datetime": "write a string such as '2026-01-01T00:00:00Z', or '2026-01-01T00:00:00.000000Z' for a MicroTime",
    "timedelta": "write a string such as '1h30m0s'",
    "bytes": "write its base64 string",
}
"""How to write values that a field with a type of its own would convert."""

TOO_DEEP = f"nested deeper than {MAX_NESTING} levels"

_decode_any = msgspec.json.Decoder().decode
_decode_split = msgspec.json.Decoder(dict[str, Raw]).decode
encode = msgspec.json.Encoder().encode


def decode(data: bytes | Raw) -> Any:
    """Parse JSON bytes, of any nesting that the parser copes with.

    Raises:
        DecodeError: malformed (NaN is), not UTF-8, or nested deeper than the parser goes.
    """
    try:
        return _decode_any(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _decode_tolerantly(bytes(data), error)


def decode_document(data: bytes) -> Any:
    """Parse JSON bytes into a value that is handed out as a whole.

    Raises:
        DecodeError: malformed (NaN is), not UTF-8, or nested deeper than ``MAX_NESTING``.
    """
    value = decode(data)
    if nests_deeper(value):
        raise DecodeError(f"JSON {TOO_DEEP}")
    return value


def nests_deeper(value: Any, levels: int = MAX_NESTING) -> bool:
    """Whether more than ``levels`` objects and lists stand inside each other in plain JSON values of a parser."""
    layer = [value]
    for _ in range(levels):
        # A collector's function, for its speed: in C, it takes a sixth of the time that parsing takes.
        layer = gc.get_referents(*layer)
        if not layer:
            return False
    return any(isinstance(child, (dict, list)) for child in layer)


def decode_shallow(data: bytes | Raw) -> Wire:
    """Split one JSON object into its fields, leaving each value unparsed; a duplicate key's last value wins (E3).

    Raises:
        DecodeError: not JSON, or not an object.
    """
    try:
        return _decode_split(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        document = _decode_tolerantly(bytes(data), error)
        if not isinstance(document, dict):
            raise DecodeError(f"expected a JSON object, got {type(document).__name__}") from error
        return document


def decode_object(data: Raw) -> Any:
    """Split an object as ``decode_shallow`` does; any other value is parsed, so that nothing is refused."""
    return decode_shallow(data) if memoryview(data)[0] == ord("{") else decode(data)


def problem_of(error: Exception) -> str:
    """What a parser found, for a message; its own words on nesting differ by version of Python."""
    return TOO_DEEP if isinstance(error, RecursionError) else str(error)


def _decode_tolerantly(data: bytes, error: Exception) -> Any:
    """Second try with the standard library, which takes lone surrogates and numbers beyond a double's range."""
    import json  # noqa: PLC0415  # almost no process needs it (5 modules)

    def refuse(text: str) -> Any:
        raise ValueError(f"{text} is not JSON")

    if isinstance(error, RecursionError):
        raise DecodeError(f"JSON {TOO_DEEP}") from error
    try:
        return json.loads(data, parse_constant=refuse, parse_float=_exact_float)
    except (ValueError, RecursionError):
        raise DecodeError(f"malformed JSON: {error}") from error


def _exact_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is out of range")
    return number


def resolve(wire: Wire, key: str) -> Any:
    """The parsed value of a field, parsing it in place on first use. Raises KeyError if it is absent."""
    value = wire[key]
    if type(value) is Raw:
        value = wire[key] = decode(value)
    return value


def materialize(value: Any) -> Any:
    """Parse whatever is left unparsed, in place, and return the value."""
    if type(value) is Raw:
        return materialize(decode(value))
    if type(value) is dict:
        for key, item in value.items():
            if type(item) is Raw:
                value[key] = decode(item)
            elif key == "metadata" and type(item) is dict:
                materialize(item)
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two plain JSON values are equal. Raises FieldTypeError where comparing can't go that deep."""
    try:
        return bool(one == other)
    except RecursionError:
        raise FieldTypeError({"": [TOO_DEEP]}) from None


def copy_json(value: Any, path: str = "", levels: int = MAX_NESTING) -> Any:
    """Deep-copy a JSON value, checking that it is one.

    Tuples become lists, models their documents, Quantities strings.

    Args:
        value: the value.
        path: where it stands, for messages.
        levels: how many objects and lists may stand inside each other; fewer than ``MAX_NESTING`` inside of another.

    Raises:
        FieldTypeError: naming the path of a value that JSON cannot hold: another type, NaN, a key that is not a string,
            a container that contains itself or is nested too deeply.
    """
    try:
        return _copy(value, path, levels)
    except _TooDeep:
        # The path of the innermost container would be as long as it is deep.
        raise FieldTypeError({path: [f"{TOO_DEEP}, or a container contains itself"]}) from None


class _TooDeep(Exception):
    """No levels are left for a container."""


def _check_levels(levels: int) -> None:
    if not levels:
        raise _TooDeep


def _copy(value: Any, path: str, levels: int) -> Any:
    kind = type(value)
    if kind in _IMMUTABLE:
        return value
    if hasattr(kind, "_bind"):
        # A view: its document as it is, not the converted values that iterating would give.
        wire = value._wire if value._wire is not None else value._bind()
        return _copy(materialize(wire), path, levels)
    if kind is dict or isinstance(value, Mapping):
        _check_levels(levels)
        return {
            key if type(key) is str else _key(key, path): item
            if type(item) in _IMMUTABLE
            else _copy(item, f"{path}.{key}" if path else str(key), levels - 1)
            for key, item in value.items()
        }
    if kind is list or isinstance(value, (list, tuple)):
        _check_levels(levels)
        return [
            item if type(item) in _IMMUTABLE else _copy(item, f"{path}[{index}]", levels - 1)
            for index, item in enumerate(value)
        ]
    return _copy(decode(value), path, levels) if kind is Raw else _copy_scalar(value, path)


def _copy_scalar(value: Any, path: str) -> Any:
    if type(value) is float:
        if value != value or value in (float("inf"), float("-inf")):
            raise FieldTypeError({path: [f"{value} is not a JSON number"]})
        return value
    # Subclasses (enum members, quoted strings, numpy's floats) go out as what they are underneath.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _copy_scalar(float(value), path)
    if isinstance(value, Quantity):
        return str(value)
    # The value itself may be a secret.
    name = type(value).__name__
    raise FieldTypeError({path: [f"{name} is not a JSON value{f': {_FORMS[name]}' if name in _FORMS else ''}"]})


def _key(key: Any, path: str) -> str:
    if type(key) is str:
        return key
    if isinstance(key, str):
        return str.__str__(key)
    raise FieldTypeError({path: [f"JSON object keys must be strings, got {type(key).__name__}: {key!r}"]})
