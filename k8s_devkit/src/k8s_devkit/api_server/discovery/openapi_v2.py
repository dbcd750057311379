# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v2 made of v3: one document for all kinds, without what v2 cannot say (protocol J28). Pure.

What v2 leaves out is what the API server leaves out of it: defaults, ``oneOf`` and its like, the enums of built-in
kinds, and the types of fields that may be null or hold anything, because old kubectl would refuse what the server
accepts.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

import msgspec

from k8s_devkit.api_server.discovery.openapi_schemas import GVK, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy.document import Document

__all__ = ["swagger_document"]

_DEFINITIONS = "#/definitions/"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_LEFT_OUT = frozenset({"allOf", "anyOf", "default", "items", "not", "nullable", "oneOf", "properties", "required"})
_DROPPED = _LEFT_OUT | {"additionalProperties"}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
# kubectl looks for the last two in the operations themselves; bodies are shared where they are no kind's.
_OWN = ("name", "fieldValidation", "dryRun")
_MACHINERY = f"{_DEFINITIONS}io.k8s.apimachinery"
_BEARER = {
    "BearerToken": {
        "description": "Bearer Token authentication",
        "type": "apiKey",
        "name": "authorization",
        "in": "header",
    }
}
_BUILTIN = ("io.k8s.api.", "io.k8s.apimachinery.", "io.k8s.apiextensions-apiserver.", "io.k8s.kube-aggregator.")
_ONE_OF = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": "string", "format": "int-or-string"},
}


def swagger_document(documents: Iterable[Document], git_version: str) -> Document:
    """The v2 document that says the same as the v3 documents together."""
    paths: Document = {}
    definitions: Document = {}
    shared = _Parameters()
    for document in documents:
        for name, schema in document["components"]["schemas"].items():
            _define(definitions, name, schema)
        for path, item in document["paths"].items():
            paths[path] = _path_item(item, shared)
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": git_version},
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
        "parameters": shared.definitions,
        "securityDefinitions": _BEARER,
        "security": [{"BearerToken": []}],
    }


def _define(definitions: Document, name: str, schema: Document) -> None:
    known = definitions.get(name)
    if known is None:
        definitions[name] = _ONE_OF.get(name) or _root(schema)
        if name.startswith(_BUILTIN):
            _without_enums(definitions[name])
    elif schema.get(GVK) != known.get(GVK):  # each document names its own group for the definitions that all share
        gvks = [*known[GVK], *(gvk for gvk in schema[GVK] if gvk not in known[GVK])]
        definitions[name] = {**known, GVK: sorted(gvks, key=lambda gvk: (gvk["group"], gvk["version"]))}


# Schemas


def _root(schema: Document) -> Document:
    if schema.get(_PRESERVE) and GVK in schema:
        # A kind that holds anything: with properties, kubectl would take them for all there are.
        return {"type": "object", GVK: schema[GVK]}
    return swagger_schema(schema)


def swagger_schema(schema: Document) -> Document:
    """One schema node as v2 has it."""
    parts = schema.get("allOf")
    reference = schema.get("$ref") or (parts[0].get("$ref") if parts and len(parts) == 1 else None)
    if reference:
        rest = {key: value for key, value in schema.items() if key not in ("allOf", "default", "$ref")}
        return {**rest, "$ref": reference.replace(REFERENCE, _DEFINITIONS)}
    anything = bool(schema.get("nullable") or schema.get(_PRESERVE))
    dropped = _DROPPED if anything else _LEFT_OUT
    found = {key: value for key, value in schema.items() if key not in dropped}
    properties = schema.get("properties") or {}
    required = [name for name in schema.get("required") or () if not (properties.get(name) or {}).get("nullable")]
    if required:
        found["required"] = required
    if anything:
        found.pop("type", None)
        return found
    if schema.get("x-kubernetes-embedded-resource"):
        found["required"] = sorted({*required, "apiVersion", "kind"})
    if properties:
        found["properties"] = {name: swagger_schema(child) for name, child in properties.items()}
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            found[keyword] = swagger_schema(schema[keyword])
    return found


def _without_enums(schema: Document) -> None:
    """Take the enums of one definition away, in place."""
    schema.pop("enum", None)
    for child in (schema.get("properties") or {}).values():
        _without_enums(child)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            _without_enums(schema[keyword])


# Paths


class _Parameters:
    """The parameters of all operations; those that do not depend on the kind are defined once, and referred to."""

    def __init__(self) -> None:
        self._known: dict[int, Document] = {}  # most are one object in many operations
        self._by_name: dict[str, Document] = {}

    @property
    def definitions(self) -> Document:
        return dict(sorted(self._by_name.items()))

    def converted(self, parameter: Document) -> Document:
        """What stands in an operation for a parameter of v3."""
        found = self._known.get(id(parameter))
        if found is None:
            schema = parameter["schema"]
            rest = {key: value for key, value in parameter.items() if key != "schema"}
            found = self._known[id(parameter)] = self.shared({"uniqueItems": True, "type": schema["type"], **rest})
        return found

    def shared(self, parameter: Document) -> Document:
        """A reference to a parameter, or the parameter itself."""
        if parameter["name"] in _OWN:
            return parameter
        name = f"{parameter['name']}-{_short_hash(parameter)}"
        self._by_name[name] = parameter
        return {"$ref": f"#/parameters/{name}"}


def _short_hash(parameter: Document) -> str:
    digest = hashlib.sha256(msgspec.json.encode(parameter, order="sorted")).digest()
    return base64.urlsafe_b64encode(digest[:6]).decode()


def _path_item(item: Document, parameters: _Parameters) -> Document:
    found: Document = {method: _operation(item[method], parameters) for method in _METHODS if method in item}
    if "parameters" in item:
        found["parameters"] = [parameters.converted(parameter) for parameter in item["parameters"]]
    return found


def _operation(operation: Document, parameters: _Parameters) -> Document:
    body = operation.get("requestBody")
    produces = list(operation["responses"]["200"]["content"])
    found: Document = {
        "description": operation["description"],
        "consumes": list(body["content"]) if body else ["*/*"],
        "produces": produces,
        "schemes": ["https"],
        "tags": operation["tags"],
        "operationId": operation["operationId"],
    }
    own = [parameters.converted(parameter) for parameter in operation.get("parameters", ())]
    if body:
        schema = swagger_schema(next(iter(body["content"].values()))["schema"])
        first: Document = {"name": "body", "in": "body", "schema": schema}
        first = {**first, "required": True} if body.get("required") else first
        own.insert(0, parameters.shared(first) if schema.get("$ref", "").startswith(_MACHINERY) else first)
    if own:
        found["parameters"] = own
    found["responses"] = {code: _response(response) for code, response in operation["responses"].items()}
    found.update((key, value) for key, value in operation.items() if key.startswith("x-"))
    return found


def _response(response: Document) -> Document:
    found: Document = {"description": response["description"]}
    if content := response.get("content"):
        found["schema"] = swagger_schema(next(iter(content.values()))["schema"])
    return found
