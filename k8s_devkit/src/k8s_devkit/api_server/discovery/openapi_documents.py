# SPDX-License-Identifier: Apache-2.0
"""Whole OpenAPI v3 documents: one for each group and version, and the small ones beside them (protocol G10). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.meta import VersionInfo
from k8s_devkit.api_server.discovery.openapi_operations import document_path, operation_label
from k8s_devkit.api_server.discovery.openapi_schemas import META, SchemaBuilder
from k8s_devkit.api_server.kinds.go_types import go_types

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["document_kinds", "openapi_document"]

_BEARER = {
    "type": "apiKey",
    "description": "Bearer Token authentication",
    "name": "authorization",
    "in": "header",
}
_CORE = ("APIResourceList", "APIGroup", "APIGroupList", "APIVersions", "Status")
_SHARED = ("DeleteOptions", "WatchEvent")


def document_kinds(kinds: Iterable[Kind]) -> dict[str, tuple[Kind, ...]]:
    """The name of each document (``api``, ``api/v1``, ``apis/apps``, ``apis/apps/v1``) and the kinds in it."""
    found: dict[str, list[Kind]] = {"api": [], "apis": [], "version": []}
    for kind in kinds:
        name = kind.resource.base_path.strip("/")
        found.setdefault(name, []).append(kind)
        if kind.resource.group and kind.installs_group:
            found.setdefault(name.rpartition("/")[0], [])
    return {name: tuple(found[name]) for name in sorted(found)}


def openapi_document(name: str, kinds: tuple[Kind, ...], git_version: str) -> Document:
    """The document called ``name``, with ``kinds``."""
    builder = SchemaBuilder()
    paths = _kind_paths(name, kinds, builder) if kinds else _small_paths(name, builder)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": git_version},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(builder.schemas.items())),
            "securitySchemes": {"BearerToken": _BEARER},
        },
    }


def _kind_paths(name: str, kinds: tuple[Kind, ...], builder: SchemaBuilder) -> Document:
    group, version = kinds[0].resource.group, kinds[0].resource.version
    label, tag = operation_label(group, version)
    paths: Document = {}
    if kinds[0].installs_group:
        listing = builder.add_meta("APIResourceList")
        paths[f"/{name}/"] = document_path(f"get{label}APIResources", "get available resources", tag, listing)
    for kind in kinds:
        paths.update(kind.paths(builder))
    _mark(builder, [("", "v1"), *([(group, version)] if group else [])])
    return paths


def _mark(builder: SchemaBuilder, shared: list[tuple[str, str]]) -> None:
    for short, versions in (*((name, [("", "v1")]) for name in _CORE), *((name, shared) for name in _SHARED)):
        if f"{META}.{short}" in builder.schemas:
            builder.mark(f"{META}.{short}", versions)


def _small_paths(name: str, builder: SchemaBuilder) -> Document:
    if name == "api":
        item = document_path(
            "getCoreAPIVersions", "get available API versions", "core", builder.add_meta("APIVersions")
        )
    elif name == "apis":
        item = document_path("getAPIVersions", "get available API versions", "apis", builder.add_meta("APIGroupList"))
    elif name == "version":
        schema = builder.add_model(VersionInfo, go_types().machinery("Info"))
        text = "get the version information for this server"
        item = document_path("getCodeVersion", text, "version", schema, ("application/json",))
    else:
        label, tag = operation_label(name.rpartition("/")[2], "")
        item = document_path(f"get{label}APIGroup", "get information of a group", tag, builder.add_meta("APIGroup"))
    _mark(builder, [("", "v1")])
    return {f"/{name}/": item}
