# SPDX-License-Identifier: Apache-2.0
"""Discovery: groups, versions and resources, in the legacy form and in the aggregated one (protocol G1-G6, J26)."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from k8s_core.kinds import version_priority
from k8s_devkit.api_server.discovery.served import subresource_gvk, verbs_of

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.catalog import Catalog
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["aggregated_document", "group_document", "group_list", "named_groups", "resource_list", "versions_of"]


def versions_of(catalog: Catalog, group: str) -> list[str]:
    """The served versions of a group, the preferred one first."""
    return sorted({kind.resource.version for kind in catalog.of_group(group)}, key=version_priority)


def named_groups(catalog: Catalog, *, by_name: bool = False) -> list[str]:
    """All groups with kinds but the legacy one, by priority: short names of kinds are resolved in this order (G7).

    Args:
        by_name: groups of one priority by their names, as the aggregated form has them; else by ``VERSION.GROUP``,
            which are the names of the APIServices that the legacy form is made of.
    """

    def key(group: str) -> tuple[int, str]:
        versions = () if by_name else versions_of(catalog, group)
        name = min((f"{version}.{group}" for version in versions), default=group)
        return -catalog.servers.priority(group), name

    return sorted((group for group in catalog.groups() if group and catalog.of_group(group)), key=key)


# The legacy form


def group_list(catalog: Catalog) -> Document:
    """``APIGroupList``: what ``/apis`` answers."""
    groups = [_group(catalog, group) for group in named_groups(catalog)]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group_document(catalog: Catalog, group: str) -> Document | None:
    """``APIGroup``: what ``/apis/GROUP`` answers; None for a group that is not served."""
    if not group or not versions_of(catalog, group):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(catalog, group)}


def _group(catalog: Catalog, group: str) -> Document:
    versions = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions_of(catalog, group)]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def resource_list(catalog: Catalog, group: str, version: str) -> Document | None:
    """``APIResourceList``: what ``/api/v1`` and ``/apis/GROUP/VERSION`` answer; None if that is not served."""
    kinds = [kind for kind in catalog.of_group(group) if kind.resource.version == version]
    if not kinds:
        return None
    resources: list[Document] = []
    for kind in kinds:
        resources.append(_resource(catalog, kind))
        resources.extend(_subresource(kind, name) for name in _subresources(kind))
    group_version = kinds[0].resource.api_version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}


def _resource(catalog: Catalog, kind: Kind) -> Document:
    resource = kind.resource
    document: Document = {
        "name": resource.plural,
        "singularName": resource.singular or resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": verbs_of(kind),
        **_names(kind),
    }
    if "create" in document["verbs"] and kind.strategy.stored:
        document["storageVersionHash"] = _storage_hash(catalog, kind)
    return document


def _storage_hash(catalog: Catalog, kind: Kind) -> str:
    """A short hash of the group, version and kind in which objects are stored."""
    stored = catalog.of_store(kind.key) or kind
    text = f"{stored.resource.group}/{stored.resource.version}/{stored.resource.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def _names(kind: Kind) -> Document:
    document: Document = {}
    if kind.resource.short_names:
        document["shortNames"] = list(kind.resource.short_names)
    if kind.resource.categories:
        document["categories"] = list(kind.resource.categories)
    return document


def _subresources(kind: Kind) -> list[str]:
    return kind.subresource_names


def _has_own_kind(kind: Kind, name: str) -> bool:
    """True for a subresource of another group or version than its resource (``scale``)."""
    return subresource_gvk(kind, name)[:2] != (kind.resource.group, kind.resource.version)


def _subresource(kind: Kind, name: str) -> Document:
    group, version, its_kind = subresource_gvk(kind, name)
    own = {"group": group, "version": version} if _has_own_kind(kind, name) else {}
    return {
        "name": f"{kind.resource.plural}/{name}",
        "singularName": "",
        "namespaced": kind.resource.namespaced,
        **own,
        "kind": its_kind,
        "verbs": verbs_of(kind, name),
    }


# The aggregated form


def aggregated_document(catalog: Catalog, groups: list[str], version: str) -> Document:
    """``APIGroupDiscoveryList``: everything about ``groups`` at once; ``version`` is that of the list itself."""
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": [_group_discovery(catalog, group) for group in groups],
    }


def _group_discovery(catalog: Catalog, group: str) -> Document:
    versions = []
    for version in versions_of(catalog, group):
        kinds = [kind for kind in catalog.of_group(group) if kind.resource.version == version]
        resources = [_resource_discovery(kind) for kind in kinds]
        versions.append({"version": version, "resources": resources, "freshness": "Current"})
    return {"metadata": {"name": group} if group else {}, "versions": versions}


def _response_kind(kind: Kind, name: str = "") -> Document:
    """The kind of an answer; where it is of the group and version around it, only custom resources say so again."""
    resource = kind.resource
    group, version, its_kind = (
        subresource_gvk(kind, name) if name else (resource.group, resource.version, resource.kind)
    )
    group, version = kind.response_gvk(group, version, foreign=bool(name) and _has_own_kind(kind, name))
    return {"group": group, "version": version, "kind": its_kind}


def _resource_discovery(kind: Kind) -> Document:
    resource = kind.resource
    document: Document = {
        "resource": resource.plural,
        "responseKind": _response_kind(kind),
        "scope": resource.scope.value,
        "singularResource": resource.singular or resource.kind.lower(),
        "verbs": verbs_of(kind),
        **_names(kind),
    }
    if resource.subresources:
        document["subresources"] = [
            {"subresource": name, "responseKind": _response_kind(kind, name), "verbs": verbs_of(kind, name)}
            for name in _subresources(kind)
        ]
    return document
