# SPDX-License-Identifier: Apache-2.0
"""Protobuf bodies of built-in kinds, read only.

Clients since 1.32 send typed objects as protobuf. The server answers in JSON, which they accept. A body with a field
that `go_types` does not know is refused, not cut. Pure.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.go_types import go_types
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_devkit.api_server.kinds.go_types import GoField, GoType
    from k8s_devkit.strategy.document import Document

__all__ = ["MAGIC", "CannotDecode", "decode_protobuf"]

MAGIC = b"k8s\0"


class CannotDecode(Exception):
    """The body is no protobuf, or holds a kind or field that this server cannot read."""


def decode_protobuf(body: bytes) -> Document:
    """Decode a ``runtime.Unknown`` envelope and the object in it. Raises CannotDecode."""
    if not body.startswith(MAGIC):
        raise CannotDecode("the magic bytes are missing")
    api_version = kind = ""
    raw = b""
    for number, value in _fields(body[len(MAGIC) :]):
        if number == 1 and isinstance(value, bytes):
            for inner, text in _fields(value):
                api_version = _text(text) if inner == 1 else api_version
                kind = _text(text) if inner == 2 else kind
        elif number == 2 and isinstance(value, bytes):
            raw = value
    struct = _struct(api_version, kind)
    if struct is None:
        raise CannotDecode(f"{api_version} {kind} is not among the kinds that can be read")
    return {"apiVersion": api_version, "kind": kind, **_message(raw, struct)}


def _struct(api_version: str, kind: str) -> GoType | None:
    if kind == "DeleteOptions":
        return go_types().machinery(kind)
    group, _, version = api_version.rpartition("/")
    return go_types().find(group, version, kind)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data):
            raise CannotDecode("unexpected end")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        if key & 7 == 0:
            number, position = _varint(data, position)
            # Negative numbers are written as 64 bits of two's complement.
            yield key >> 3, number - (1 << 64) if number >= 1 << 63 else number
        elif key & 7 == 2:
            size, position = _varint(data, position)
            if position + size > len(data):
                raise CannotDecode("unexpected end")
            yield key >> 3, data[position : position + size]
            position += size
        else:
            raise CannotDecode(f"wire type {key & 7} is not used by Kubernetes")


def _text(value: int | bytes) -> str:
    if not isinstance(value, bytes):
        raise CannotDecode("a number where text should be")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise CannotDecode(str(error)) from None


def _message(data: bytes, struct: GoType) -> Document:
    document: Document = {}
    for number, value in _fields(data):
        field = struct.by_number.get(number)
        if field is None:
            name = f"{struct.package.name}.{struct.name}"
            raise CannotDecode(f"field {number} of {name} is not among those that can be read")
        if field.wraps == ("list",):
            document.setdefault(field.name, []).append(_value(value, field))
        elif field.wraps == ("map",):
            key, item = _pair(value)
            document.setdefault(field.name, {})[key] = _value(item, field)
        else:
            decoded = _value(value, field)
            if not field.name:
                document.update(decoded)
            # Go writes the zero of what is not a pointer; in JSON it would be left out.
            elif decoded is not None and (field.pointer or not field.omitempty or decoded not in ("", 0, False)):
                document[field.name] = decoded
    return document


def _value(value: int | bytes, field: GoField) -> Any:
    form = field.form
    if isinstance(value, int) and form in ("bool", "int32", "int64"):
        return bool(value) if form == "bool" else value
    if form == "string":
        return _text(value)
    if not isinstance(value, bytes) or form in ("bool", "int32", "int64"):
        raise CannotDecode(f"field {field.name!r} is not a {form}")
    if form == "[]byte":
        return base64.b64encode(value).decode()
    if form == "[]string":
        return [_text(item) for _, item in _fields(value)]
    if form == "struct" and field.type is not None:
        return _message(value, field.type)
    if form in _FORMS:
        return _FORMS[form](dict(_fields(value)))
    raise CannotDecode(f"field {field.name!r}, which may hold any JSON, is not among those that can be read")


def _time(fields: dict[int, int | bytes]) -> str | None:
    moment = _moment(fields)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _micro_time(fields: dict[int, int | bytes]) -> str | None:
    moment = _moment(fields)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


def _moment(fields: dict[int, int | bytes]) -> datetime | None:
    seconds, nanos = fields.get(1), fields.get(2, 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int) or seconds <= 0:
        return None  # the zero of Go's clock, which stands for nothing
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanos // 1000)


def _int_or_string(fields: dict[int, int | bytes]) -> int | str:
    if fields.get(1):
        return _text(fields.get(3, b""))
    number = fields.get(2, 0)
    return number if isinstance(number, int) else _text(number)


def _json(fields: dict[int, int | bytes]) -> Any:
    try:
        return load_json(_text(fields.get(1, b"null")))
    except ValueError as error:
        raise CannotDecode(str(error)) from None


_FORMS: dict[str, Callable[[dict[int, int | bytes]], Any]] = {
    "time": _time,
    "micro-time": _micro_time,
    "quantity": lambda fields: _text(fields.get(1, b"")),
    "int-or-string": _int_or_string,
    "object": _json,
}


def _pair(value: int | bytes) -> tuple[str, bytes]:
    if not isinstance(value, bytes):
        raise CannotDecode("a number where a map entry should be")
    entry = dict(_fields(value))
    item = entry.get(2, b"")
    return _text(entry.get(1, b"")), item if isinstance(item, bytes) else b""
