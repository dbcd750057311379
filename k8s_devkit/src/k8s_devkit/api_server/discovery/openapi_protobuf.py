# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v2 documents as protobuf, the form in which old kubectl asks for them. Pure.

The messages and their field numbers are those of the published ``OpenAPIv2.proto``; each table below is one message.
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
    texts,
)

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["encode_swagger"]

_SCHEMA = Message(extension=31)


def _additional(value: Any) -> bytes:
    return delimited(1, _SCHEMA(value)) if isinstance(value, dict) else choice(2, FLAG, value)


_EXTERNAL = Message({"description": (1, text), "url": (2, text)}, extension=3)
_SCHEMA.fields = {
    "$ref": (1, text),
    "format": (2, text),
    "title": (3, text),
    "description": (4, text),
    "default": (5, anything),
    "multipleOf": (6, DOUBLE),
    "maximum": (7, DOUBLE),
    "exclusiveMaximum": (8, FLAG),
    "minimum": (9, DOUBLE),
    "exclusiveMinimum": (10, FLAG),
    "maxLength": (11, WHOLE),
    "minLength": (12, WHOLE),
    "pattern": (13, text),
    "maxItems": (14, WHOLE),
    "minItems": (15, WHOLE),
    "uniqueItems": (16, FLAG),
    "maxProperties": (17, WHOLE),
    "minProperties": (18, WHOLE),
    "required": (19, Many(text)),
    "enum": (20, Many(anything)),
    "additionalProperties": (21, _additional),
    "type": (22, texts),
    "items": (23, inside(1, _SCHEMA)),
    "allOf": (24, Many(_SCHEMA)),
    "properties": (25, named_values(_SCHEMA)),
    "readOnly": (27, FLAG),
    "externalDocs": (29, _EXTERNAL),
    "example": (30, anything),
}
_BODY = Message(
    {"description": (1, text), "name": (2, text), "in": (3, text), "required": (4, FLAG), "schema": (5, _SCHEMA)},
    extension=6,
)
_QUERY = Message(
    {
        "required": (1, FLAG),
        "in": (2, text),
        "description": (3, text),
        "name": (4, text),
        "type": (6, text),
        "format": (7, text),
        "uniqueItems": (20, FLAG),
    },
    extension=23,
)
_PATH = Message(
    {
        "required": (1, FLAG),
        "in": (2, text),
        "description": (3, text),
        "name": (4, text),
        "type": (5, text),
        "format": (6, text),
        "uniqueItems": (19, FLAG),
    },
    extension=22,
)
_REFERENCE = Message({"$ref": (1, text), "description": (2, text)})


def _parameter(value: Document) -> bytes:
    """``Parameter``: of the body or not; if not, of one of four places."""
    if value["in"] == "body":
        return delimited(1, _BODY(value))
    number, message = (4, _PATH) if value["in"] == "path" else (3, _QUERY)
    return delimited(2, delimited(number, message(value)))


def _item(value: Document) -> bytes:
    """``ParametersItem``: a parameter or a reference to one."""
    return delimited(2, _REFERENCE(value)) if "$ref" in value else delimited(1, _parameter(value))


_RESPONSE = Message({"description": (1, text), "schema": (2, inside(1, _SCHEMA))}, extension=5)
_OPERATION = Message(
    {
        "tags": (1, Many(text)),
        "summary": (2, text),
        "description": (3, text),
        "operationId": (5, text),
        "produces": (6, Many(text)),
        "consumes": (7, Many(text)),
        "parameters": (8, Many(_item)),
        "responses": (9, named_values(inside(1, _RESPONSE))),
        "schemes": (10, Many(text)),
        "deprecated": (11, FLAG),
    },
    extension=13,
)
_PATH_ITEM = Message(
    {
        "get": (2, _OPERATION),
        "put": (3, _OPERATION),
        "post": (4, _OPERATION),
        "delete": (5, _OPERATION),
        "options": (6, _OPERATION),
        "head": (7, _OPERATION),
        "patch": (8, _OPERATION),
        "parameters": (9, Many(_item)),
    },
    extension=10,
)
_API_KEY = Message({"type": (1, text), "name": (2, text), "in": (3, text), "description": (4, text)}, extension=5)
_INFO = Message({"title": (1, text), "version": (2, text), "description": (3, text)}, extension=7)
encode_swagger = Message(
    {
        "swagger": (1, text),
        "info": (2, _INFO),
        "paths": (8, named_values(_PATH_ITEM, number=2)),
        "definitions": (9, named_values(_SCHEMA)),
        "parameters": (10, named_values(_parameter)),
        "security": (12, Many(named_values(texts))),
        "securityDefinitions": (13, named_values(inside(2, _API_KEY))),
    },
    extension=16,
)
"""Encodes a whole v2 document."""
