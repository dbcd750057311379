# SPDX-License-Identifier: Apache-2.0
"""The wire document: plain JSON values, parts of which may still be unparsed bytes (``msgspec.Raw``).

Only the top level of a resource and the fields of its metadata are ever left unparsed; everything below is plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw

from k8s_core.errors import DecodeError, FieldTypeError

__all__ = ["Raw", "Wire", "copy_json", "decode", "decode_object", "decode_shallow", "encode", "materialize", "resolve"]

Wire: TypeAlias = dict[str, Any]

_decode_any = msgspec.json.Decoder().decode
_decode_split = msgspec.json.Decoder(dict[str, Raw]).decode
encode = msgspec.json.Encoder().encode


def decode(data: bytes | Raw) -> Any:
    """Parse JSON bytes. Raises DecodeError for malformed, too deep, or non-UTF-8 input; NaN is malformed."""
    try:
        return _decode_any(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _decode_tolerantly(bytes(data), error)


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


def _decode_tolerantly(data: bytes, error: Exception) -> Any:
    """Second try with the standard library, which takes lone surrogates and numbers beyond a double's range."""
    # Imported here because almost no process ever needs it.
    import json

    def refuse(text: str) -> Any:
        raise ValueError(f"{text} is not JSON")

    if isinstance(error, RecursionError):
        raise DecodeError("JSON nested too deeply") from error
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


def copy_json(value: Any, path: str = "") -> Any:
    """Deep-copy a JSON value, checking that it is one.

    Tuples become lists, models their documents.

    Raises:
        FieldTypeError: naming the path of a value that JSON cannot hold: another type, NaN, a key that is no text, a
            container that contains itself or is nested deeper than Python's recursion limit allows.
    """
    try:
        return _copy(value, path)
    except RecursionError:
        raise FieldTypeError({path: ["nested too deeply, or a container contains itself"]}) from None


def _copy(value: Any, path: str) -> Any:
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if hasattr(kind, "_bind"):
        # A view: its document as it is, not the converted values that iterating would give.
        wire = value._wire if value._wire is not None else value._bind()
        return _copy(materialize(wire), path)
    if kind is dict or isinstance(value, Mapping):
        return {_key(key, path): _copy(item, f"{path}.{key}" if path else str(key)) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_copy(item, f"{path}[{index}]") for index, item in enumerate(value)]
    if kind is float:
        if value != value or value in (float("inf"), float("-inf")):
            raise FieldTypeError({path: [f"{value} is not a JSON number"]})
        return value
    if kind is Raw:
        return decode(value)
    # Subclasses (enum members, quoted strings, numpy's floats) go out as what they are underneath.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _copy(float(value), path)
    if isinstance(value, (list, tuple)):
        return [_copy(item, f"{path}[{index}]") for index, item in enumerate(value)]
    # The value itself may be a secret.
    raise FieldTypeError({path: [f"{kind.__name__} is not a JSON value"]})


def _key(key: Any, path: str) -> str:
    if type(key) is str:
        return key
    if isinstance(key, str):
        return str.__str__(key)
    raise FieldTypeError({path: [f"the key {key!r} is {type(key).__name__}, JSON keys are text"]})
