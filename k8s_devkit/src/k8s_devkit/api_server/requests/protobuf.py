# SPDX-License-Identifier: Apache-2.0
"""Protobuf bodies of the kinds that kubectl sends by itself (``create service``, ``auth can-i``), read only.

Clients since 1.32 send typed objects as protobuf. The server answers in JSON, which they accept. A body with a field
that is not in the tables is refused, not cut. Pure.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.requests import protobuf_core, protobuf_groups
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["MAGIC", "CannotDecode", "decode_protobuf"]

Json = dict[str, Any]
MAGIC = b"k8s\0"

# In the texts a message is ``Name: number field type, …``, below the ``[group/version]`` it belongs to. A type is
# another message or a scalar. A star repeats; "?" is a pointer, whose zero is a value; the zero of "!" is written too;
# "map" and "bytemap" are maps of scalars, "map:TYPE" of others; the field "+" has no name of its own.
_LINE = re.compile(r"^(\w+): ((?:.|\n  )+)", re.MULTILINE)
Fields = dict[int, tuple[str, str]]


class CannotDecode(Exception):
    """The body is no protobuf, or holds a kind or field that this server cannot read."""


def decode_protobuf(body: bytes) -> Json:
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
    name = _message_name(api_version, kind)
    if name not in _messages():
        raise CannotDecode(f"{api_version} {kind} is not among the kinds that can be read")
    return {"apiVersion": api_version, "kind": kind, **_message(raw, name)}


def _message_name(api_version: str, kind: str) -> str:
    """``rbac.authorization.k8s.io/v1`` and ``Role`` -> ``rbac/v1.Role``: the name of the Go package and the kind."""
    if kind == "DeleteOptions":
        return "meta/v1.DeleteOptions"
    group, _, version = api_version.rpartition("/")
    return f"{group.partition('.')[0] or 'core'}/{version}.{kind}"


@cache
def _messages() -> dict[str, Fields]:
    found: dict[str, Fields] = {}
    for section in re.split(r"^\[", protobuf_core.FIELDS + protobuf_groups.FIELDS, flags=re.MULTILINE)[1:]:
        package, _, text = section.partition("]\n")
        for line in _LINE.finditer(text):
            fields = [item.split() for item in line[2].split(",")]
            found[f"{package}.{line[1]}"] = {int(number): (field, type_) for number, field, type_ in fields}
    return found


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


def _message(data: bytes, name: str) -> Json:
    known = _messages()[name]
    document: Json = {}
    for number, value in _fields(data):
        if number not in known:
            raise CannotDecode(f"field {number} of {name} is not among those that can be read")
        field, type_ = known[number]
        if type_.endswith("*"):
            document.setdefault(field, []).append(_value(value, type_[:-1], name))
        elif type_ == "bytemap" or type_.startswith("map"):
            key, item = _pair(value)
            of = "bytes" if type_ == "bytemap" else type_[4:] or "str"
            document.setdefault(field, {})[key] = _value(item, of, name)
        else:
            decoded = _value(value, type_.rstrip("?!"), name)
            if field == "+":
                document.update(decoded)
            # Go writes the zero of what is no pointer; in JSON it would be left out.
            elif decoded is not None and (type_.endswith(("?", "!")) or decoded not in ("", 0, False)):
                document[field] = decoded
    return document


def _value(value: int | bytes, type_: str, owner: str) -> Any:
    if isinstance(value, int) and type_ in ("int", "bool"):
        return bool(value) if type_ == "bool" else value
    if type_ == "str":
        return _text(value)
    if not isinstance(value, bytes) or type_ in ("int", "bool"):
        raise CannotDecode(f"a field of {owner} is not what it should be")
    if type_ == "bytes":
        return base64.b64encode(value).decode()
    if type_ == "items":
        return [_text(item) for _, item in _fields(value)]
    if type_ in _SPECIAL:
        return _SPECIAL[type_](dict(_fields(value)))
    return _message(value, type_ if "/" in type_ else f"{owner.partition('.')[0]}.{type_}")


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


_SPECIAL: dict[str, Callable[[dict[int, int | bytes]], Any]] = {
    "Time": _time,
    "MicroTime": _micro_time,
    "Quantity": lambda fields: _text(fields.get(1, b"")),
    "IntOrString": _int_or_string,
    "FieldsV1": _json,
    "Raw": _json,
}


def _pair(value: int | bytes) -> tuple[str, bytes]:
    if not isinstance(value, bytes):
        raise CannotDecode("a number where a map entry should be")
    entry = dict(_fields(value))
    item = entry.get(2, b"")
    return _text(entry.get(1, b"")), item if isinstance(item, bytes) else b""
