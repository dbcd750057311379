# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 documents as protobuf, the form that client-go likes best. Pure.

The messages and their field numbers are those of the published ``OpenAPIv3.proto``; each table below is one message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.discovery.protobuf_messages import (
    DOUBLE,
    FLAG,
    WHOLE,
    Many,
    Message,
    anything,
    choice,
    delimited,
    inside,
    named_values,
    text,
)

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["encode_openapi"]

_SCHEMA = Message(extension=36)


def _schema(value: Document) -> bytes:
    """``SchemaOrReference``."""
    return delimited(2, _REFERENCE(value)) if "$ref" in value else delimited(1, _SCHEMA(value))


def _additional(value: Any) -> bytes:
    return delimited(1, _schema(value)) if isinstance(value, dict) else choice(2, FLAG, value)


def _default(value: Any) -> bytes:
    """``DefaultType``, which knows no objects and no lists: an empty message stands for them."""
    if isinstance(value, bool):
        return choice(2, FLAG, value)
    if isinstance(value, int | float):
        return choice(1, DOUBLE, value)
    return choice(3, text, value) if isinstance(value, str) else b""


_REFERENCE = Message({"$ref": (1, text), "description": (3, text)})
_EXTERNAL = Message({"description": (1, text), "url": (2, text)}, extension=3)
_SCHEMA.fields = {
    "nullable": (1, FLAG),
    "readOnly": (3, FLAG),
    "writeOnly": (4, FLAG),
    "externalDocs": (6, _EXTERNAL),
    "example": (7, anything),
    "deprecated": (8, FLAG),
    "title": (9, text),
    "multipleOf": (10, DOUBLE),
    "maximum": (11, DOUBLE),
    "exclusiveMaximum": (12, FLAG),
    "minimum": (13, DOUBLE),
    "exclusiveMinimum": (14, FLAG),
    "maxLength": (15, WHOLE),
    "minLength": (16, WHOLE),
    "pattern": (17, text),
    "maxItems": (18, WHOLE),
    "minItems": (19, WHOLE),
    "uniqueItems": (20, FLAG),
    "maxProperties": (21, WHOLE),
    "minProperties": (22, WHOLE),
    "required": (23, Many(text)),
    "enum": (24, Many(anything)),
    "type": (25, text),
    "allOf": (26, Many(_schema)),
    "oneOf": (27, Many(_schema)),
    "anyOf": (28, Many(_schema)),
    "not": (29, _SCHEMA),
    "items": (30, inside(1, _schema)),
    "properties": (31, named_values(_schema)),
    "additionalProperties": (32, _additional),
    "default": (33, _default),
    "description": (34, text),
    "format": (35, text),
}
_CONTENT = named_values(Message({"schema": (1, _schema)}, extension=5))
_PARAMETER = Message(
    {
        "name": (1, text),
        "in": (2, text),
        "description": (3, text),
        "required": (4, FLAG),
        "schema": (10, _schema),
    },
    extension=14,
)
_BODY = Message({"description": (1, text), "content": (2, _CONTENT), "required": (3, FLAG)}, extension=4)
_RESPONSE = Message({"description": (1, text), "content": (3, _CONTENT)}, extension=5)
_OPERATION = Message(
    {
        "tags": (1, Many(text)),
        "description": (3, text),
        "operationId": (5, text),
        "parameters": (6, Many(inside(1, _PARAMETER))),
        "requestBody": (7, inside(1, _BODY)),
        "responses": (8, named_values(inside(1, _RESPONSE), number=2)),
        "deprecated": (10, FLAG),
    },
    extension=13,
)
_PATH_ITEM = Message(
    {
        "get": (4, _OPERATION),
        "put": (5, _OPERATION),
        "post": (6, _OPERATION),
        "delete": (7, _OPERATION),
        "options": (8, _OPERATION),
        "head": (9, _OPERATION),
        "patch": (10, _OPERATION),
        "parameters": (13, Many(inside(1, _PARAMETER))),
    },
    extension=14,
)
_SECURITY = Message({"type": (1, text), "description": (2, text), "name": (3, text), "in": (4, text)}, extension=9)
_COMPONENTS = Message(
    {"schemas": (1, named_values(_schema)), "securitySchemes": (7, named_values(inside(1, _SECURITY)))}, extension=10
)
_INFO = Message({"title": (1, text), "description": (2, text), "version": (6, text)}, extension=7)
encode_openapi = Message(
    {"openapi": (1, text), "info": (2, _INFO), "paths": (4, named_values(_PATH_ITEM)), "components": (5, _COMPONENTS)},
    extension=9,
)
"""Encodes a whole v3 document."""
