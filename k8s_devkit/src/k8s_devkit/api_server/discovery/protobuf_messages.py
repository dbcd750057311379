# SPDX-License-Identifier: Apache-2.0
"""JSON documents as protobuf messages, by tables of field numbers: the parts that tables are made of. Pure."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = [
    "DOUBLE",
    "FLAG",
    "WHOLE",
    "Encoder",
    "Many",
    "Message",
    "anything",
    "choice",
    "delimited",
    "inside",
    "named_values",
    "text",
    "texts",
]

Encoder = Callable[[Any], bytes]
"""Makes the content of a field out of a JSON value."""


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def delimited(number: int, content: bytes) -> bytes:
    """A field with its length before it."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


class _Scalar:
    """A number or a flag: no length before it, and nothing at all where it is zero."""

    def __init__(self, wire_type: int, encode: Encoder) -> None:
        self.wire_type, self.encode = wire_type, encode


FLAG = _Scalar(0, lambda value: _varint(int(value)))
WHOLE = _Scalar(0, lambda value: _varint(int(value)))
DOUBLE = _Scalar(1, lambda value: struct.pack("<d", float(value)))


def text(value: Any) -> bytes:
    """A string."""
    return str(value).encode()


def anything(value: Any) -> bytes:
    """``Any``: a text of YAML; JSON is such a text."""
    return delimited(2, msgspec.json.encode(value) + b"\n")


class Many:
    """A field that occurs once for each item of a list.

    Args:
        encode: makes one of them.
    """

    def __init__(self, encode: Encoder) -> None:
        self.encode = encode


class Message:
    """One message; keys that its table does not have, and that begin with no ``x-``, are left out.

    Args:
        fields: number and type of each JSON key.
        extension: the number of the field that holds the keys with ``x-``.
    """

    def __init__(self, fields: dict[str, tuple[int, Any]] | None = None, extension: int = 0) -> None:
        self.fields = fields or {}
        self.extension = extension

    def __call__(self, value: Document) -> bytes:
        parts: list[tuple[int, bytes]] = []
        for key, item in value.items():
            known = self.fields.get(key)
            if known is not None:
                parts.append((known[0], _field(*known, item)))
            elif self.extension and key.startswith("x-"):
                parts.append((self.extension, delimited(self.extension, _named(anything, key, item))))
        parts.sort(key=lambda part: part[0])
        return b"".join(content for _, content in parts)


def choice(number: int, type_: Any, value: Any) -> bytes:
    """One field with its number, also where its value is zero: the fields of a ``oneof`` are written always."""
    if isinstance(type_, _Scalar):
        return _varint(number << 3 | type_.wire_type) + type_.encode(value)
    return delimited(number, type_(value))


def _field(number: int, type_: Any, value: Any) -> bytes:
    if isinstance(type_, Many):
        return b"".join(delimited(number, type_.encode(item)) for item in value)
    if (isinstance(type_, _Scalar) and not value) or (type_ is text and value == ""):
        return b""
    return choice(number, type_, value)


def _named(encode: Encoder, name: str, value: Any) -> bytes:
    return delimited(1, text(name)) + delimited(2, encode(value))


def named_values(encode: Encoder, number: int = 1) -> Encoder:
    """A message that holds a JSON object as a list of names and values."""
    return lambda value: b"".join(delimited(number, _named(encode, name, item)) for name, item in value.items())


def inside(number: int, encode: Encoder) -> Encoder:
    """A message with one field, which is the value: a choice of a ``oneof``, mostly."""
    return lambda value: delimited(number, encode(value))


def texts(value: Any) -> bytes:
    """A message that holds nothing but a list of strings."""
    return b"".join(delimited(1, text(item)) for item in (value if isinstance(value, list) else [value]))
