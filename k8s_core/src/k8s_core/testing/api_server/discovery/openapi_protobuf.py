# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v2 documents as protobuf, the form in which kubectl asks for them. Pure.

The messages and their field numbers are those of the published ``OpenAPIv2.proto``; each table below is one message.
Fields that occur in no table (and begin with no ``x-``) are left out.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import msgspec

__all__ = ["encode_swagger"]

Json = dict[str, Any]
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


def _delimited(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


class _Scalar:
    """A number or a flag: no length before it, and nothing at all where it is zero."""

    def __init__(self, wire_type: int, encode: Encoder) -> None:
        self.wire_type, self.encode = wire_type, encode


_FLAG = _Scalar(0, lambda value: _varint(int(value)))
_WHOLE = _Scalar(0, lambda value: _varint(int(value)))
_DOUBLE = _Scalar(1, lambda value: struct.pack("<d", float(value)))


def _text(value: Any) -> bytes:
    return str(value).encode()


def _any(value: Any) -> bytes:
    """``Any``: a text of YAML; JSON is such a text."""
    return _delimited(2, msgspec.json.encode(value) + b"\n")


class _Many:
    """A field that occurs once for each item of a list."""

    def __init__(self, encode: Encoder) -> None:
        self.encode = encode


class _Message:
    """One message.

    Args:
        fields: number and type of each JSON key.
        extension: the number of the field that holds the keys with ``x-``.
    """

    def __init__(self, fields: dict[str, tuple[int, Any]] | None = None, extension: int = 0) -> None:
        self.fields = fields or {}
        self.extension = extension

    def __call__(self, value: Json) -> bytes:
        parts: list[tuple[int, bytes]] = []
        for key, item in value.items():
            known = self.fields.get(key)
            if known is not None:
                parts.append((known[0], _field(*known, item)))
            elif self.extension and key.startswith("x-"):
                parts.append((self.extension, _delimited(self.extension, _named(_any, key, item))))
        parts.sort(key=lambda part: part[0])
        return b"".join(content for _, content in parts)


def _field(number: int, type_: Any, value: Any) -> bytes:
    if isinstance(type_, _Scalar):
        return _varint(number << 3 | type_.wire_type) + type_.encode(value) if value else b""
    if isinstance(type_, _Many):
        return b"".join(_delimited(number, type_.encode(item)) for item in value)
    if type_ is _text and value == "":
        return b""
    return _delimited(number, type_(value))


def _named(encode: Encoder, name: str, value: Any) -> bytes:
    return _delimited(1, _text(name)) + _delimited(2, encode(value))


def _map(encode: Encoder, number: int = 1) -> Encoder:
    """A message that holds a JSON object as a list of names and values."""
    return lambda value: b"".join(_delimited(number, _named(encode, name, item)) for name, item in value.items())


def _inside(number: int, encode: Encoder) -> Encoder:
    """A message with one field, which is the value: a choice of a ``oneof``, mostly."""
    return lambda value: _delimited(number, encode(value))


def _texts(value: Any) -> bytes:
    return b"".join(_delimited(1, _text(item)) for item in (value if isinstance(value, list) else [value]))


_SCHEMA = _Message(extension=31)


def _additional(value: Any) -> bytes:
    return _delimited(1, _SCHEMA(value)) if isinstance(value, dict) else _field(2, _FLAG, value)


_EXTERNAL = _Message({"description": (1, _text), "url": (2, _text)}, extension=3)
_SCHEMA.fields = {
    "$ref": (1, _text),
    "format": (2, _text),
    "title": (3, _text),
    "description": (4, _text),
    "default": (5, _any),
    "multipleOf": (6, _DOUBLE),
    "maximum": (7, _DOUBLE),
    "exclusiveMaximum": (8, _FLAG),
    "minimum": (9, _DOUBLE),
    "exclusiveMinimum": (10, _FLAG),
    "maxLength": (11, _WHOLE),
    "minLength": (12, _WHOLE),
    "pattern": (13, _text),
    "maxItems": (14, _WHOLE),
    "minItems": (15, _WHOLE),
    "uniqueItems": (16, _FLAG),
    "maxProperties": (17, _WHOLE),
    "minProperties": (18, _WHOLE),
    "required": (19, _Many(_text)),
    "enum": (20, _Many(_any)),
    "additionalProperties": (21, _additional),
    "type": (22, _texts),
    "items": (23, _inside(1, _SCHEMA)),
    "allOf": (24, _Many(_SCHEMA)),
    "properties": (25, _map(_SCHEMA)),
    "readOnly": (27, _FLAG),
    "externalDocs": (29, _EXTERNAL),
    "example": (30, _any),
}
_BODY = _Message(
    {"description": (1, _text), "name": (2, _text), "in": (3, _text), "required": (4, _FLAG), "schema": (5, _SCHEMA)},
    extension=6,
)
_QUERY = _Message(
    {
        "required": (1, _FLAG),
        "in": (2, _text),
        "description": (3, _text),
        "name": (4, _text),
        "type": (6, _text),
        "format": (7, _text),
        "uniqueItems": (20, _FLAG),
    },
    extension=23,
)
_PATH = _Message(
    {
        "required": (1, _FLAG),
        "in": (2, _text),
        "description": (3, _text),
        "name": (4, _text),
        "type": (5, _text),
        "format": (6, _text),
        "uniqueItems": (19, _FLAG),
    },
    extension=22,
)


def _parameter(value: Json) -> bytes:
    """``ParametersItem``: a parameter, of the body or not; if not, of one of four places."""
    if value["in"] == "body":
        return _delimited(1, _delimited(1, _BODY(value)))
    number, message = (4, _PATH) if value["in"] == "path" else (3, _QUERY)
    return _delimited(1, _delimited(2, _delimited(number, message(value))))


_RESPONSE = _Message({"description": (1, _text), "schema": (2, _inside(1, _SCHEMA))}, extension=5)
_OPERATION = _Message(
    {
        "tags": (1, _Many(_text)),
        "summary": (2, _text),
        "description": (3, _text),
        "operationId": (5, _text),
        "produces": (6, _Many(_text)),
        "consumes": (7, _Many(_text)),
        "parameters": (8, _Many(_parameter)),
        "responses": (9, _map(_inside(1, _RESPONSE))),
        "schemes": (10, _Many(_text)),
        "deprecated": (11, _FLAG),
    },
    extension=13,
)
_PATH_ITEM = _Message(
    {
        "get": (2, _OPERATION),
        "put": (3, _OPERATION),
        "post": (4, _OPERATION),
        "delete": (5, _OPERATION),
        "options": (6, _OPERATION),
        "head": (7, _OPERATION),
        "patch": (8, _OPERATION),
        "parameters": (9, _Many(_parameter)),
    },
    extension=10,
)
_API_KEY = _Message({"type": (1, _text), "name": (2, _text), "in": (3, _text), "description": (4, _text)}, extension=5)
_INFO = _Message({"title": (1, _text), "version": (2, _text), "description": (3, _text)}, extension=7)
encode_swagger = _Message(
    {
        "swagger": (1, _text),
        "info": (2, _INFO),
        "paths": (8, _map(_PATH_ITEM, number=2)),
        "definitions": (9, _map(_SCHEMA)),
        "security": (12, _Many(_map(_texts))),
        "securityDefinitions": (13, _map(_inside(2, _API_KEY))),
    },
    extension=16,
)
"""Encodes a whole v2 document."""
