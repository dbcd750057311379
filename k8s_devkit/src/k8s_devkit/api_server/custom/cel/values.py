# SPDX-License-Identifier: Apache-2.0
"""JSON values as CEL values, by the schema that types them. Pure, but for the protobuf messages of times."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from k8s_devkit.api_server.custom.cel.escaping import escape
from k8s_devkit.api_server.custom.formats import parse_date_time, parse_duration

__all__ = ["from_engine", "to_engine", "typed_value"]

Schema = Mapping[str, Any]


def typed_value(value: Any, schema: Schema) -> Any:
    """A JSON value as rules see it: names escaped, null properties absent, texts of some formats typed.

    A value that does not fit its schema stays as it is: rules are not evaluated on an object of wrong types.
    """
    if isinstance(value, dict):
        return _typed_object(value, schema)
    if isinstance(value, list):
        items = schema.get("items")
        return [typed_value(item, items) for item in value] if isinstance(items, Mapping) else value
    if isinstance(value, str):
        return _typed_text(value, schema.get("format"))
    if schema.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _typed_object(value: dict[str, Any], schema: Schema) -> dict[str, Any]:
    properties = schema.get("properties")
    additional = schema.get("additionalProperties")
    if not properties and isinstance(additional, Mapping):
        return {name: typed_value(child, additional) for name, child in value.items()}
    properties = properties or {}
    result = {}
    for name, child in value.items():
        known = properties.get(name)
        if known is None:
            result[escape(name) or name] = child
        elif child is not None:
            result[escape(name) or name] = typed_value(child, known)
    return result


def _typed_text(value: str, format_: str | None) -> Any:
    if format_ in ("date-time", "date"):
        return _time(value) or value
    if format_ == "duration":
        seconds = parse_duration(value)
        return value if seconds is None else to_engine(seconds)
    if format_ == "byte":
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return value
    return value


def _time(value: str) -> Any:
    text = f"{value}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value
    moment = parse_date_time(text)
    return None if moment is None else to_engine(moment)


def to_engine(value: Any) -> Any:
    """A value of ours in the form that the engine takes: times as protobuf messages."""
    if isinstance(value, datetime):
        from google.protobuf.timestamp_pb2 import Timestamp

        message = Timestamp()
        message.FromDatetime(value)
        return message
    if isinstance(value, timedelta):
        from google.protobuf.duration_pb2 import Duration

        span = Duration()
        span.FromTimedelta(value)
        return span
    if isinstance(value, list):
        return [to_engine(item) for item in value]
    if isinstance(value, dict):
        return {key: to_engine(item) for key, item in value.items()}
    return value


def from_engine(value: Any) -> Any:
    """What the engine gives to a function of ours, as plain values."""
    if hasattr(value, "plain_value"):
        return value.plain_value()
    if isinstance(value, list):
        return [from_engine(item) for item in value]
    if isinstance(value, dict):
        return {from_engine(key): from_engine(item) for key, item in value.items()}
    return value
