# SPDX-License-Identifier: Apache-2.0
"""Making a document what its shape says: unknown fields dropped and reported, wrong types refused (protocol J22, J24).

For built-in kinds this is what decoding into a Go struct does; for custom resources it is pruning. Pure.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from k8s_core.model.scalars import Quantity
from k8s_devkit.api_server.kinds.shapes import ANY, Shape

__all__ = ["WrongType", "canonical_quantities", "check_types", "drop_nulls", "prune"]

_GO_TYPES = {
    "string": "string",
    "number": "float64",
    "boolean": "bool",
    "bytes": "[]uint8",
    "time": "string",
    "micro-time": "string",
    "duration": "string",
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
_MAP_ZEROS: dict[str, Any] = {"string": "", "quantity": "0", "bytes": ""}
_LIST_ZEROS: dict[str, Any] = {**_MAP_ZEROS, "integer": 0, "number": 0, "boolean": False, "int-or-string": 0}
_QUANTITY = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")


_INT32, _INT64 = 1 << 31, 1 << 63


class WrongType(Exception):
    """A value that cannot be decoded into its field; the message is Go's.

    ``restored`` is what Go says where it fills the field from a map instead of from JSON.
    """

    def __init__(self, message: str, restored: str = "") -> None:
        super().__init__(message)
        self.restored = restored or message


def prune(document: dict[str, Any], shape: Shape, path: str = "") -> list[str]:
    """Drop the fields that the shape does not know, in place. Returns their paths, as ``spec.containers[0].foo``."""
    unknown: list[str] = []
    _prune(document, shape, path, unknown)
    return unknown


def _prune(value: Any, shape: Shape, path: str, unknown: list[str]) -> None:
    if shape.type == "object" and isinstance(value, dict):
        fields = shape.fields
        for name in list(value):
            known = fields.get(name)
            where = f"{path}.{name}" if path else name
            if known is not None:
                if isinstance(value[name], (dict, list)):
                    _prune(value[name], known, where, unknown)
            elif not shape.preserve:
                unknown.append(where)
                del value[name]
    elif shape.type == "map" and isinstance(value, dict):
        item = shape.item
        if item.type in ("object", "map", "list"):
            for name, child in value.items():
                _prune(child, item, f"{path}.{name}", unknown)
    elif shape.type == "list" and isinstance(value, list):
        item = shape.item
        if item.type in ("object", "map", "list"):
            for index, child in enumerate(value):
                _prune(child, item, f"{path}[{index}]", unknown)


def drop_nulls(value: Any, shape: Shape) -> Any:
    """A copy without nulls, as Go reads them: absent in structs, zero values in maps and lists."""
    if isinstance(value, dict):
        fields, zero = shape.fields, _MAP_ZEROS.get(shape.item.type) if shape.type == "map" else None
        kept = {}
        for name, child in value.items():
            known = shape.item if shape.type == "map" else fields.get(name)
            if child is None:
                if zero is not None:
                    kept[name] = zero
            elif known is not None and known.type == "any":
                kept[name] = child  # raw JSON, which is nobody's business here
            else:
                kept[name] = drop_nulls(child, known or ANY)
        return kept
    if isinstance(value, list):
        item = shape.item
        if None in value:
            zero = {} if item.type == "object" else _LIST_ZEROS.get(item.type)
            value = [zero if child is None else child for child in value]
        return [drop_nulls(child, item) for child in value]
    return value


def canonical_quantities(value: Any, shape: Shape) -> Any:
    """``value`` with every quantity in its canonical form, as the server gives them back (protocol E7)."""
    if shape.type == "quantity" and value is not None:
        text = str(value) if isinstance(value, (int, str)) else repr(value)
        return str(Quantity(text))
    if isinstance(value, dict) and shape.type in ("object", "map"):
        return {name: canonical_quantities(child, shape.field(name)) for name, child in value.items()}
    if isinstance(value, list) and shape.type == "list" and shape.item.type in ("object", "map", "list", "quantity"):
        return [canonical_quantities(child, shape.item) for child in value]
    return value


def check_types(value: Any, shape: Shape, owner: str = "", path: str = "") -> None:
    """Check every value against its shape, nulls excepted. Raises WrongType for the first that does not fit."""
    expected = shape.type
    if expected == "any" or value is None:
        return
    if expected in ("object", "map"):
        if not isinstance(value, dict):
            raise _wrong(value, owner, path, shape.name or "map[string]string")
        here = shape.name or owner
        for name, child in value.items():
            # Keys of maps are not part of what Go names.
            where = path if expected == "map" and path else f"{path}.{name}" if path else name
            check_types(child, shape.field(name), here, where)
    elif expected == "list":
        if not isinstance(value, list):
            raise _wrong(value, owner, path, f"[]{shape.item.name or _go_type(shape.item)}")
        for child in value:
            check_types(child, shape.item, owner, path)
    elif expected == "integer":
        limit = _INT64 if shape.wide else _INT32
        if type(value) is not int or not -limit <= value < limit:
            raise _wrong(value, owner, path, _go_type(shape))
    elif not _fits(value, expected):
        raise _wrong(value, owner, path, _GO_TYPES.get(expected, expected))


def _go_type(shape: Shape) -> str:
    if shape.type == "integer":
        return "int64" if shape.wide else "int32"
    return _GO_TYPES.get(shape.type, "string")


def _fits(value: Any, expected: str) -> bool:
    if expected == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if expected == "number":
        return isinstance(value, (int, float))
    if expected == "int-or-string":
        return isinstance(value, str) or (isinstance(value, int) and -_INT32 <= value < _INT32)
    if expected == "quantity":
        return isinstance(value, (int, float)) or (isinstance(value, str) and bool(_QUANTITY.fullmatch(value)))
    if not isinstance(value, str):
        return False
    if expected in ("time", "micro-time") and value and not _TIME.match(value):
        layout = "2006-01-02T15:04:05" + (".000000" if expected == "micro-time" else "") + "Z07:00"
        raise WrongType(f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"')
    if expected == "bytes":
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise WrongType(f"illegal base64 data at input byte {_bad_base64(value)}") from None
    return True


def _bad_base64(value: str) -> int:
    bad = re.search(r"[^A-Za-z0-9+/=\r\n]", value)
    return bad.start() if bad else len(value) // 4 * 4


def _wrong(value: Any, owner: str, path: str, expected: str) -> WrongType:
    found = {dict: "object", list: "array", str: "string", bool: "bool"}.get(type(value), "number")
    if found == "number" and expected in ("int32", "int64", "int-or-string"):
        found = f"number {value}"  # the digits, where a number does not fit
    if expected == "quantity":
        return WrongType("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    if expected == "int-or-string":
        return WrongType(f"json: cannot unmarshal {found} into Go value of type int32")
    where = f"{owner}.{path}" if owner else path
    text = f"json: cannot unmarshal {found} into Go struct field {where} of type {expected}"
    return WrongType(text, _restored(value, expected))


def _restored(value: Any, expected: str) -> str:
    source = {dict: "map", list: "slice", str: "string", bool: "bool", int: "int64"}.get(type(value), "float64")
    if expected.startswith("[]"):
        return f"cannot restore slice from {source}"
    if expected.startswith("map["):
        return f"cannot restore map from {source}"
    if expected not in (*_GO_TYPES.values(), "int32", "int64"):
        return f"cannot restore struct from: {source}"
    return f"cannot convert int64 to {expected}" if source == "int64" else f"unrecognized type: {expected}"
