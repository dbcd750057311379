# SPDX-License-Identifier: Apache-2.0
"""Reads OpenAPI in protobuf back into JSON: written from the published message definitions, apart from the server's
writer, so that both forms of a document can be compared.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["decode_openapi", "decode_swagger"]

Json = dict[str, Any]

# Message -> number -> (JSON key, type), of version 2 and below of version 3. Types: text, flag, whole, double, any; a
# message; with * a list; with {} a map of names to that. The key ! is for the content itself.
Tables = dict[str, dict[int, tuple[str, str]]]
_V2: Tables = {
    "Document": {
        1: ("swagger", "text"),
        2: ("info", "Info"),
        8: ("paths", "Paths"),
        9: ("definitions", "Definitions"),
        10: ("parameters", "ParameterDefinitions"),
        12: ("security", "SecurityRequirement*"),
        13: ("securityDefinitions", "SecurityDefinitions"),
    },
    "Info": {1: ("title", "text"), 2: ("version", "text")},
    "Paths": {2: ("", "PathItem{}")},
    "Definitions": {1: ("", "Schema{}")},
    "Properties": {1: ("", "Schema{}")},
    "SecurityRequirement": {1: ("", "StringArray{}")},
    "SecurityDefinitions": {1: ("", "SecurityDefinitionsItem{}")},
    "SecurityDefinitionsItem": {2: ("!", "ApiKeySecurity")},
    "ApiKeySecurity": {1: ("type", "text"), 2: ("name", "text"), 3: ("in", "text"), 4: ("description", "text")},
    "PathItem": {
        2: ("get", "Operation"),
        3: ("put", "Operation"),
        4: ("post", "Operation"),
        5: ("delete", "Operation"),
        6: ("options", "Operation"),
        7: ("head", "Operation"),
        8: ("patch", "Operation"),
        9: ("parameters", "ParametersItem*"),
    },
    "Operation": {
        1: ("tags", "text*"),
        3: ("description", "text"),
        5: ("operationId", "text"),
        6: ("produces", "text*"),
        7: ("consumes", "text*"),
        8: ("parameters", "ParametersItem*"),
        9: ("responses", "Responses"),
        10: ("schemes", "text*"),
        11: ("deprecated", "flag"),
        13: ("x", "NamedAny"),
    },
    "ParametersItem": {1: ("!", "Parameter"), 2: ("!", "JsonReference")},
    "JsonReference": {1: ("$ref", "text"), 2: ("description", "text")},
    "ParameterDefinitions": {1: ("", "Parameter{}")},
    "Parameter": {1: ("!", "BodyParameter"), 2: ("!", "NonBodyParameter")},
    "NonBodyParameter": {3: ("!", "QueryParameterSubSchema"), 4: ("!", "PathParameterSubSchema")},
    "BodyParameter": {
        1: ("description", "text"),
        2: ("name", "text"),
        3: ("in", "text"),
        4: ("required", "flag"),
        5: ("schema", "Schema"),
    },
    "QueryParameterSubSchema": {
        1: ("required", "flag"),
        2: ("in", "text"),
        3: ("description", "text"),
        4: ("name", "text"),
        6: ("type", "text"),
        20: ("uniqueItems", "flag"),
    },
    "PathParameterSubSchema": {
        1: ("required", "flag"),
        2: ("in", "text"),
        3: ("description", "text"),
        4: ("name", "text"),
        5: ("type", "text"),
        19: ("uniqueItems", "flag"),
    },
    "Responses": {1: ("", "ResponseValue{}")},
    "ResponseValue": {1: ("!", "Response")},
    "Response": {1: ("description", "text"), 2: ("schema", "SchemaItem")},
    "SchemaItem": {1: ("!", "Schema")},
    "Schema": {
        1: ("$ref", "text"),
        2: ("format", "text"),
        3: ("title", "text"),
        4: ("description", "text"),
        6: ("multipleOf", "double"),
        7: ("maximum", "double"),
        8: ("exclusiveMaximum", "flag"),
        9: ("minimum", "double"),
        10: ("exclusiveMinimum", "flag"),
        11: ("maxLength", "whole"),
        12: ("minLength", "whole"),
        13: ("pattern", "text"),
        14: ("maxItems", "whole"),
        15: ("minItems", "whole"),
        16: ("uniqueItems", "flag"),
        17: ("maxProperties", "whole"),
        18: ("minProperties", "whole"),
        19: ("required", "text*"),
        20: ("enum", "any*"),
        21: ("additionalProperties", "AdditionalPropertiesItem"),
        22: ("type", "TypeItem"),
        23: ("items", "ItemsItem"),
        25: ("properties", "Properties"),
        29: ("externalDocs", "ExternalDocs"),
        30: ("example", "any"),
        31: ("x", "NamedAny"),
    },
    "ExternalDocs": {1: ("description", "text"), 2: ("url", "text")},
    "AdditionalPropertiesItem": {1: ("!", "Schema"), 2: ("!", "flag")},
    "TypeItem": {1: ("!", "text")},
    "ItemsItem": {1: ("!", "Schema")},
}


_V3: Tables = {
    **_V2,
    "Document": {1: ("openapi", "text"), 2: ("info", "Info"), 4: ("paths", "Paths"), 5: ("components", "Components")},
    "Info": {1: ("title", "text"), 6: ("version", "text")},
    "Paths": {1: ("", "PathItem{}")},
    "Components": {1: ("schemas", "Schemas"), 7: ("securitySchemes", "SecuritySchemes")},
    "Schemas": {1: ("", "SchemaOrReference{}")},
    "SecuritySchemes": {1: ("", "SecuritySchemeOrReference{}")},
    "SecuritySchemeOrReference": {1: ("!", "SecurityScheme")},
    "SecurityScheme": {1: ("type", "text"), 2: ("description", "text"), 3: ("name", "text"), 4: ("in", "text")},
    "PathItem": {
        4: ("get", "Operation"),
        5: ("put", "Operation"),
        6: ("post", "Operation"),
        7: ("delete", "Operation"),
        8: ("options", "Operation"),
        9: ("head", "Operation"),
        10: ("patch", "Operation"),
        13: ("parameters", "ParameterOrReference*"),
    },
    "Operation": {
        1: ("tags", "text*"),
        3: ("description", "text"),
        5: ("operationId", "text"),
        6: ("parameters", "ParameterOrReference*"),
        7: ("requestBody", "RequestBodyOrReference"),
        8: ("responses", "Responses"),
        13: ("x", "NamedAny"),
    },
    "ParameterOrReference": {1: ("!", "Parameter")},
    "Parameter": {
        1: ("name", "text"),
        2: ("in", "text"),
        3: ("description", "text"),
        4: ("required", "flag"),
        10: ("schema", "SchemaOrReference"),
    },
    "RequestBodyOrReference": {1: ("!", "RequestBody")},
    "RequestBody": {2: ("content", "MediaTypes"), 3: ("required", "flag")},
    "MediaTypes": {1: ("", "MediaType{}")},
    "MediaType": {1: ("schema", "SchemaOrReference")},
    "Responses": {2: ("", "ResponseOrReference{}")},
    "ResponseOrReference": {1: ("!", "Response")},
    "Response": {1: ("description", "text"), 3: ("content", "MediaTypes")},
    "SchemaOrReference": {1: ("!", "Schema"), 2: ("!", "Reference")},
    "Reference": {1: ("$ref", "text")},
    "Schema": {
        1: ("nullable", "flag"),
        6: ("externalDocs", "ExternalDocs"),
        7: ("example", "any"),
        9: ("title", "text"),
        10: ("multipleOf", "double"),
        11: ("maximum", "double"),
        12: ("exclusiveMaximum", "flag"),
        13: ("minimum", "double"),
        14: ("exclusiveMinimum", "flag"),
        15: ("maxLength", "whole"),
        16: ("minLength", "whole"),
        17: ("pattern", "text"),
        18: ("maxItems", "whole"),
        19: ("minItems", "whole"),
        20: ("uniqueItems", "flag"),
        21: ("maxProperties", "whole"),
        22: ("minProperties", "whole"),
        23: ("required", "text*"),
        24: ("enum", "any*"),
        25: ("type", "text"),
        26: ("allOf", "SchemaOrReference*"),
        27: ("oneOf", "SchemaOrReference*"),
        28: ("anyOf", "SchemaOrReference*"),
        29: ("not", "Schema"),
        30: ("items", "ItemsItem"),
        31: ("properties", "Schemas"),
        32: ("additionalProperties", "AdditionalPropertiesItem"),
        33: ("default", "DefaultType"),
        34: ("description", "text"),
        35: ("format", "text"),
        36: ("x", "NamedAny"),
    },
    "AdditionalPropertiesItem": {1: ("!", "SchemaOrReference"), 2: ("!", "flag")},
    "ItemsItem": {1: ("!", "SchemaOrReference")},
    "DefaultType": {1: ("!", "double"), 2: ("!", "flag"), 3: ("!", "text")},
}


def decode_openapi(data: bytes) -> Json:
    """The JSON of a whole v3 document."""
    document: Json = _message("Document", data, _V3)
    return document


def decode_swagger(data: bytes) -> Json:
    """The JSON of a whole v2 document. Raises KeyError for a field that no JSON of the API server has."""
    document: Json = _message("Document", data, _V2)
    return document


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        match key & 7:
            case 0:
                value, position = _varint(data, position)
                yield key >> 3, value
            case 1:
                yield key >> 3, struct.unpack("<d", data[position : position + 8])[0]
                position += 8
            case 2:
                size, position = _varint(data, position)
                assert position + size <= len(data)
                yield key >> 3, data[position : position + size]
                position += size
            case other:
                raise AssertionError(f"wire type {other}")


def _message(name: str, data: bytes, tables: Tables) -> Any:
    found: Json = {}
    for number, raw in _fields(data):
        key, type_ = tables[name][number]
        if type_ == "NamedAny":
            label, value = _pair(raw)
            found[label] = _value("any", value, tables)
        elif type_.endswith("{}"):
            label, value = _pair(raw)
            found[label] = _value(type_[:-2], value, tables)
        elif type_.endswith("*"):
            found.setdefault(key, []).append(_value(type_[:-1], raw, tables))
        elif key == "!":
            return _value(type_, raw, tables)
        else:
            found[key] = _value(type_, raw, tables)
    return found


@cache  # a few hundred texts occur thousands of times
def _yaml(text: bytes) -> Any:
    return yaml.safe_load(text)


def _pair(data: bytes) -> tuple[str, bytes]:
    parts = dict(_fields(data))
    return parts[1].decode(), parts.get(2, b"")


def _value(type_: str, raw: Any, tables: Tables) -> Any:
    match type_:
        case "text":
            return raw.decode()
        case "flag":
            return bool(raw)
        case "whole" | "double":
            return raw
        case "any":
            return _yaml(dict(_fields(raw))[2])
        case "StringArray":
            return [value.decode() for _, value in _fields(raw)]
    return _message(type_, raw, tables)
