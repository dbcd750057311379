# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 documents, made from the models and the schemas of CRDs (protocol G10, J28).

They carry what kubectl asks them: kinds, fields, types, merge keys, and which parameters a verb takes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.testing.api_server.discovery.openapi_schemas import SchemaBuilder
from k8s_core.testing.api_server.network.messages import Answer

if TYPE_CHECKING:
    from k8s_core.testing.api_server.core import ApiCore
    from k8s_core.testing.api_server.kinds.catalog import Kind
    from k8s_core.testing.api_server.network.messages import HttpRequest

__all__ = ["serve_openapi"]

Json = dict[str, Any]
_FIELD_VALIDATION = {
    "name": "fieldValidation",
    "in": "query",
    "description": "What to do with unknown and duplicate fields: Ignore, Warn or Strict.",
    "schema": {"type": "string", "uniqueItems": True},
}
_WRITE = [
    {"name": "dryRun", "in": "query", "schema": {"type": "string", "uniqueItems": True}},
    {"name": "fieldManager", "in": "query", "schema": {"type": "string", "uniqueItems": True}},
    _FIELD_VALIDATION,
]
_PATCH_TYPES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)


def serve_openapi(core: ApiCore, request: HttpRequest, path: str) -> Answer | None:
    """Answer below ``/openapi/v3``: the index, or the document of one group and version."""
    documents = _paths(core)
    if path == "/openapi/v3":
        index = {
            name: {"serverRelativeURL": f"/openapi/v3/{name}?hash={_document(core, name, kinds)[0]}"}
            for name, kinds in documents.items()
        }
        return Answer(200, msgspec.json.encode({"paths": index}))
    name = path.removeprefix("/openapi/v3/")
    if name not in documents:
        return None
    digest, body = _document(core, name, documents[name])
    asked = request.query.get("hash")
    if asked and asked != digest:
        return Answer(301, b"", headers=[("Location", f"/openapi/v3/{name}?hash={digest}")])
    lifetime = "public, max-age=31536000, immutable" if asked else "no-cache"
    return Answer(200, body, headers=[("ETag", f'"{digest}"'), ("Cache-Control", lifetime)])


def _paths(core: ApiCore) -> dict[str, list[Kind]]:
    """The kinds of each document, by its name: ``api/v1``, ``apis/apps/v1``."""
    documents: dict[str, list[Kind]] = {}
    for kind in core.catalog:
        documents.setdefault(kind.resource.base_path.strip("/"), []).append(kind)
    return documents


def _document(core: ApiCore, name: str, kinds: list[Kind]) -> tuple[str, bytes]:
    """Hash and bytes of a document; cached until the kinds are others."""
    identity = tuple(id(kind) for kind in kinds)
    cached = core.openapi.get(name)
    if cached is not None and cached[0] == identity:
        return cached[1], cached[2]
    builder = SchemaBuilder()
    paths: Json = {}
    for kind in kinds:
        paths.update(_kind_paths(kind, builder))
    document = {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": core.git_version},
        "paths": paths,
        "components": {"schemas": builder.schemas},
    }
    body = msgspec.json.encode(document)
    digest = hashlib.sha256(body).hexdigest().upper()
    core.openapi[name] = (identity, digest, body)
    return digest, body


def _kind_paths(kind: Kind, builder: SchemaBuilder) -> Json:
    resource = kind.resource
    schema = {"$ref": f"#/components/schemas/{builder.add_kind(kind)}"}
    scope = f"{resource.base_path}/namespaces/{{namespace}}" if resource.namespaced else resource.base_path
    collection = f"{scope}/{resource.plural}"
    paths: Json = {collection: {"post": _operation(kind, "post", "post", schema, body=True)}}
    if kind.traits.virtual:
        return paths
    paths[collection]["get"] = _operation(kind, "list", "list", schema)
    paths[collection]["delete"] = _operation(kind, "deletecollection", "deletecollection", schema)
    paths[f"{collection}/{{name}}"] = {
        "get": _operation(kind, "get", "get", schema),
        "put": _operation(kind, "put", "put", schema, body=True),
        "patch": _operation(kind, "patch", "patch", schema, body=True),
        "delete": _operation(kind, "delete", "delete", schema),
    }
    return paths


def _operation(kind: Kind, name: str, action: str, schema: Json, *, body: bool = False) -> Json:
    resource = kind.resource
    operation: Json = {
        "operationId": f"{name}{resource.version}{resource.kind}",
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": {
            "group": resource.group,
            "version": resource.version,
            "kind": resource.kind,
        },
        "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}},
    }
    if body:
        operation["parameters"] = _WRITE
        # kubectl apply reads here whether it may send a strategic merge patch.
        patches = _PATCH_TYPES[: -1 if kind.traits.custom else None]
        types = patches if name == "patch" else ("*/*",)
        operation["requestBody"] = {"content": {media_type: {"schema": schema} for media_type in types}}
    return operation
