# SPDX-License-Identifier: Apache-2.0
"""Paths that are no resources: discovery, OpenAPI, version, health (protocol G1-G6, G11, J2, J26)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from k8s_devkit.api_server.discovery.groups import (
    aggregated_document,
    group_document,
    group_list,
    named_groups,
    resource_list,
    versions_of,
)
from k8s_devkit.api_server.discovery.health import HEALTH_PATHS, serve_health, serve_metrics, version_document
from k8s_devkit.api_server.network.messages import Answer, HttpRequest
from k8s_devkit.api_server.requests.media_types import JSON, PROTOBUF, YAML
from k8s_devkit.api_server.requests.negotiation import Accepted, negotiate
from k8s_devkit.strategy.failures import Failure, method_not_allowed, resource_not_found

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.catalog import Catalog
    from k8s_devkit.strategy.document import Document

__all__ = ["GIT_VERSION", "NOT_FOUND_PAGE", "serve_documents", "unknown_path"]

GIT_VERSION = "v1.36.2"
NOT_FOUND_PAGE = Answer(
    404, b"404 page not found\n", "text/plain; charset=utf-8", [("X-Content-Type-Options", "nosniff")]
)
_VERSIONS = ("v2", "v2beta1")
_FORMS = (JSON, YAML, PROTOBUF)


def serve_documents(core: ApiCore, request: HttpRequest) -> Answer:
    """Answer a request for a path that is no resource. Raises Failure."""
    raw = request.path
    # One slash at the end does no harm below these; elsewhere it makes another path.
    path = raw.removesuffix("/") if raw.startswith(("/api/", "/apis/", "/version/")) else raw
    if path in ("/api", "/apis"):
        return _root(core, request, path)
    if path.startswith(("/api/", "/apis/")):
        return _group_documents(core.catalog, request, path)
    if path == "/version":
        return _strict(request, version_document(core), (JSON,))
    if path == "/metrics":
        return serve_metrics(core)
    answer = serve_health(request, path)
    if answer is None and path.startswith("/openapi/"):
        from k8s_devkit.api_server.discovery.openapi import serve_openapi  # noqa: PLC0415  # only OpenAPI (9 modules)

        answer = serve_openapi(core, request, path)
    if answer is None:
        answer = Answer(200, msgspec.json.encode({"paths": root_paths(core)})) if path == "/" else NOT_FOUND_PAGE
    return answer


def root_paths(core: ApiCore) -> list[str]:
    """The paths that ``/`` lists."""
    paths = ["/api", "/api/v1", "/apis", "/apis/", *HEALTH_PATHS, "/metrics"]
    paths += ["/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"]
    for group in named_groups(core.catalog):
        paths.append(f"/apis/{group}")
        paths.extend(f"/apis/{group}/{version}" for version in versions_of(core.catalog, group))
    return sorted(paths)


def _render(document: Document, format_: str) -> Answer:
    if format_ == "yaml":
        from k8s_core.model.yaml import dump_yaml  # noqa: PLC0415  # only YAML needs it (20 modules)

        # Keys are sorted in YAML, as they are there where it is made of JSON.
        ordered = msgspec.json.decode(msgspec.json.encode(document, order="sorted"))
        return Answer(200, dump_yaml(ordered).encode(), "application/yaml")
    return Answer(200, msgspec.json.encode(document))


def _strict(request: HttpRequest, document: Document, forms: tuple[str, ...] = _FORMS) -> Answer:
    """A document that can only be read, with the texts for those who want it otherwise."""
    if request.method not in ("GET", "HEAD"):
        raise method_not_allowed()
    try:
        form = negotiate(request.header("accept"), transforms=())
    except Failure:
        text = f"406: Not Acceptable\n\nAvailable representations: {', '.join(forms)}"
        raise Failure(406, "NotAcceptable", text, {}) from None
    return _render(document, form.format)


def _root(core: ApiCore, request: HttpRequest, path: str) -> Answer:
    """``/api`` and ``/apis``: aggregated if the client asks for it, else the legacy list of groups."""
    try:
        form = negotiate(
            request.header("accept"),
            transforms=("APIGroupDiscoveryList",),
            groups=("apidiscovery.k8s.io",),
            versions=_VERSIONS,
        )
    except Failure:
        if path == "/apis":
            raise
        form = Accepted()
    if form.kind:
        groups = [""] if path == "/api" else named_groups(core.catalog, by_name=True)
        document = aggregated_document(core.catalog, groups, form.version)
        return _with_etag(request, msgspec.json.encode(document), form.version)
    if path == "/apis":
        return _render(group_list(core.catalog), form.format)
    addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": core.address}]
    return _strict(request, {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses})


def _with_etag(request: HttpRequest, body: bytes, version: str) -> Answer:
    content_type = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    tag = f'"{hashlib.sha512(body).hexdigest().upper()}"'
    headers = [("ETag", tag), ("Vary", "Accept"), ("Cache-Control", "public")]
    if request.header("if-none-match") == tag:
        return Answer(304, b"", content_type, headers)
    return Answer(200, body, content_type, headers)


def _group_documents(catalog: Catalog, request: HttpRequest, path: str) -> Answer:
    root, group, *rest = path.removeprefix("/").split("/")
    if root == "api":
        group, rest = "", [group, *rest]
    if not rest:
        document = group_document(catalog, group)
        if document is None:
            return NOT_FOUND_PAGE
        return _render(document, negotiate(request.header("accept"), transforms=()).format)
    found = resource_list(catalog, group, rest[0]) if len(rest) == 1 else None
    if found is None:
        return unknown_path(catalog, group)
    if any(kind.installs_group for kind in catalog.of_group(group)):
        return _strict(request, found)
    return _render(found, negotiate(request.header("accept"), transforms=()).format)


def unknown_path(catalog: Catalog, group: str) -> Answer:
    """The answer for a path below a group that leads nowhere: a page, or a Status where the group is built in (J2)."""
    if any(kind.installs_group for kind in catalog.of_group(group)):
        raise resource_not_found()
    return NOT_FOUND_PAGE
