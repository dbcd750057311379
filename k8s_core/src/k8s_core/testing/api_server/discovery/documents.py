# SPDX-License-Identifier: Apache-2.0
"""Discovery in both forms, version and health (protocol G1-G6, G11, J26)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.kinds import version_priority
from k8s_core.testing.api_server.discovery.served import subresource_gvk, verbs_of
from k8s_core.testing.api_server.kinds.traits import BUILTIN_GROUPS
from k8s_core.testing.api_server.network.messages import Answer, HttpRequest
from k8s_core.testing.api_server.requests.negotiation import negotiate

if TYPE_CHECKING:
    from k8s_core.testing.api_server.core import ApiCore
    from k8s_core.testing.api_server.kinds.catalog import Catalog, Kind

__all__ = ["GIT_VERSION", "serve_documents"]

Json = dict[str, Any]
GIT_VERSION = "v1.36.2"
_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_HEALTH = ("/healthz", "/livez", "/readyz")


def serve_documents(core: ApiCore, request: HttpRequest) -> Answer | None:
    """Answer for a path that is no resource; None if the path is unknown."""
    if request.method not in ("GET", "HEAD"):
        return None
    path = "/" + request.path.strip("/")
    if path.startswith(_HEALTH):
        return Answer(200, b"ok", "text/plain; charset=utf-8") if path.count("/") <= 2 else None
    if path == "/version":
        return _json(version_document(core))
    if path in ("/api", "/apis"):
        return _roots(core, request, path)
    if path.startswith(("/api/", "/apis/")):
        return _group_documents(core.catalog, path)
    if path == "/":
        return _json({"paths": root_paths(core)})
    if path.startswith("/openapi/"):
        from k8s_core.testing.api_server.discovery.openapi import serve_openapi

        return serve_openapi(core, request, path)
    return None


def _json(document: Json, content_type: str = "application/json") -> Answer:
    return Answer(200, msgspec.json.encode(document), content_type)


def version_document(core: ApiCore) -> Json:
    """``/version``; major and minor are strings (G11)."""
    major, minor, *_ = core.git_version.removeprefix("v").split(".")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": core.git_version,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "go1.25",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def versions_of(catalog: Catalog, group: str) -> list[str]:
    """The served versions of a group, the preferred one first."""
    return sorted({kind.resource.version for kind in catalog.of_group(group)}, key=version_priority)


def _named_groups(catalog: Catalog) -> list[str]:
    groups = [group for group in catalog.groups() if group and catalog.of_group(group)]
    return sorted(groups, key=lambda group: (group not in BUILTIN_GROUPS, group))


def root_paths(core: ApiCore) -> list[str]:
    """The paths that ``/`` lists."""
    paths = ["/api", "/api/v1", "/apis", "/apis/"]
    for group in _named_groups(core.catalog):
        paths.append(f"/apis/{group}")
        paths.extend(f"/apis/{group}/{version}" for version in versions_of(core.catalog, group))
    return [*paths, *_HEALTH, "/openapi/v3", "/version"]


def _roots(core: ApiCore, request: HttpRequest, path: str) -> Answer:
    """``/api`` and ``/apis``: aggregated if the client asks for it, else the legacy list of groups."""
    form = negotiate(request.header("accept"), transforms=("APIGroupDiscoveryList",), groups=("apidiscovery.k8s.io",))
    legacy = path == "/api"
    if form.kind and form.version == "v2":
        groups = [""] if legacy else _named_groups(core.catalog)
        body = msgspec.json.encode(
            {
                "kind": "APIGroupDiscoveryList",
                "apiVersion": "apidiscovery.k8s.io/v2",
                "metadata": {},
                "items": [_group_discovery(core.catalog, group) for group in groups],
            }
        )
        return _with_etag(request, body)
    if legacy:
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": core.address}]
        return _json({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": addresses})
    groups_ = [_group_document(core.catalog, group) for group in _named_groups(core.catalog)]
    return _json({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups_})


def _with_etag(request: HttpRequest, body: bytes) -> Answer:
    tag = f'"{hashlib.sha256(body).hexdigest().upper()}"'
    headers = [("ETag", tag), ("Vary", "Accept"), ("Cache-Control", "public")]
    if request.header("if-none-match") == tag:
        return Answer(304, b"", _AGGREGATED, headers)
    return Answer(200, body, _AGGREGATED, headers)


def _group_document(catalog: Catalog, group: str) -> Json:
    versions = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions_of(catalog, group)]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _group_documents(catalog: Catalog, path: str) -> Answer | None:
    parts = path.strip("/").split("/")
    if parts[0] == "apis" and len(parts) == 2 and parts[1] and versions_of(catalog, parts[1]):
        return _json({"kind": "APIGroup", "apiVersion": "v1", **_group_document(catalog, parts[1])})
    if parts[0] == "api" and len(parts) == 2:
        group, version = "", parts[1]
    elif parts[0] == "apis" and len(parts) == 3:
        group, version = parts[1], parts[2]
    else:
        return None
    kinds = [kind for kind in catalog.of_group(group) if kind.resource.version == version]
    if not kinds:
        return None
    resources: list[Json] = []
    for kind in kinds:
        resources.append(_legacy_resource(kind))
        resources.extend(_legacy_subresource(kind, name) for name in sorted(kind.resource.subresources))
    group_version = kinds[0].resource.api_version
    document = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}
    return _json(document)


def _legacy_resource(kind: Kind) -> Json:
    resource = kind.resource
    document: Json = {
        "name": resource.plural,
        "singularName": resource.singular or resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": verbs_of(kind),
    }
    if resource.short_names:
        document["shortNames"] = list(resource.short_names)
    if resource.categories:
        document["categories"] = list(resource.categories)
    if not kind.traits.virtual:
        text = f"{resource.api_version}/{resource.plural}"
        document["storageVersionHash"] = hashlib.sha256(text.encode()).hexdigest()[:11] + "="
    return document


def _legacy_subresource(kind: Kind, name: str) -> Json:
    group, version, its_kind = subresource_gvk(kind, name)
    document: Json = {
        "name": f"{kind.resource.plural}/{name}",
        "singularName": "",
        "namespaced": kind.resource.namespaced,
        "kind": its_kind,
        "verbs": verbs_of(kind, name),
    }
    if kind.resource.subresources[name]:
        document["group"], document["version"] = group, version
    return document


def _group_discovery(catalog: Catalog, group: str) -> Json:
    """One group of the aggregated form."""
    versions = []
    for version in versions_of(catalog, group):
        kinds = [kind for kind in catalog.of_group(group) if kind.resource.version == version]
        resources = [_resource_discovery(kind) for kind in kinds]
        versions.append({"version": version, "resources": resources, "freshness": "Current"})
    metadata: Json = {"creationTimestamp": None}
    if group:
        metadata["name"] = group
    return {"metadata": metadata, "versions": versions}


def _response_kind(group: str, version: str, kind: str) -> Json:
    return {"group": group, "version": version, "kind": kind}


def _resource_discovery(kind: Kind) -> Json:
    resource = kind.resource
    document: Json = {
        "resource": resource.plural,
        "responseKind": _response_kind(resource.group, resource.version, resource.kind),
        "scope": resource.scope.value,
        "singularResource": resource.singular or resource.kind.lower(),
        "verbs": verbs_of(kind),
    }
    if resource.short_names:
        document["shortNames"] = list(resource.short_names)
    if resource.categories:
        document["categories"] = list(resource.categories)
    if resource.subresources:
        document["subresources"] = [
            {
                "subresource": name,
                "responseKind": _response_kind(*subresource_gvk(kind, name)),
                "verbs": verbs_of(kind, name),
            }
            for name in sorted(resource.subresources)
        ]
    return document
