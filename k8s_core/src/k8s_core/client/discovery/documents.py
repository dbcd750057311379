# SPDX-License-Identifier: Apache-2.0
"""Reading discovery documents, aggregated and legacy, into one form (protocol G1-G6). Pure.

What comes from a server is not trusted: groups, versions and plurals become parts of URLs, so entries that are not what
they should be are left out (protocol I4), as are entries without a kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_core.kinds import APIResource, Scope, format_api_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ServedGroup", "ServedVersion", "is_aggregated", "read_aggregated", "read_legacy_groups", "read_resources"]

_SEGMENT = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class ServedVersion:
    """One version of an API group. ``stale`` says that the server behind it could not be asked (protocol G5)."""

    version: str
    resources: tuple[APIResource, ...] = ()
    stale: bool = False


@dataclass(frozen=True, slots=True)
class ServedGroup:
    """An API group; versions are in the server's order of preference, the preferred one first."""

    name: str
    versions: tuple[ServedVersion, ...] = field(default=())


def is_aggregated(content_type: str | None) -> bool:
    """Whether an answer is aggregated discovery: its media type says so, in any order of parameters (G1, G2)."""
    if not content_type:
        return False
    media_type, *parameters = (part.strip() for part in content_type.split(";"))
    found = dict(parameter.partition("=")[::2] for parameter in parameters)
    wanted = {"g": "apidiscovery.k8s.io", "v": "v2", "as": "APIGroupDiscoveryList"}
    return media_type.lower() == "application/json" and all(found.get(key) == value for key, value in wanted.items())


def read_aggregated(document: Any) -> Iterator[ServedGroup]:
    """The groups of an ``APIGroupDiscoveryList``, resources included. Stale versions come last (G4)."""
    for group in _dicts(document, "items"):
        name = _text(_mapping(group, "metadata"), "name")
        if name and not _SEGMENT.fullmatch(name):
            continue
        versions = list(_aggregated_versions(group, name))
        versions.sort(key=lambda version: version.stale)
        if versions:
            yield ServedGroup(name, tuple(versions))


def _aggregated_versions(group: Mapping[str, Any], name: str) -> Iterator[ServedVersion]:
    for entry in _dicts(group, "versions"):
        version = _text(entry, "version")
        if not _SEGMENT.fullmatch(version):
            continue
        stale = entry.get("freshness") == "Stale"
        resources = (_aggregated_resource(item, name, version) for item in _dicts(entry, "resources"))
        yield ServedVersion(version, () if stale else tuple(item for item in resources if item is not None), stale)


def _aggregated_resource(item: Mapping[str, Any], group: str, version: str) -> APIResource | None:
    own = _mapping(item, "responseKind")
    kind = _text(own, "kind")
    subresources = {}
    for part in _dicts(item, "subresources"):
        answer = _mapping(part, "responseKind")
        subresources[_text(part, "subresource")] = _own_kind(kind, group, version, answer)
    return _resource(
        group,
        version,
        kind,
        plural=_text(item, "resource"),
        singular=_text(item, "singularResource"),
        scope=Scope.NAMESPACED if item.get("scope") == "Namespaced" else Scope.CLUSTER,
        item=item,
        subresources=subresources,
    )


def read_legacy_groups(document: Any) -> Iterator[tuple[str, list[str]]]:
    """Groups of a legacy ``APIGroupList`` (or the legacy group of ``APIVersions``) with versions, preferred first."""
    if isinstance(document, dict) and "groups" not in document:
        versions = document.get("versions")
        names = [name for name in versions if _is_segment(name)] if isinstance(versions, list) else []
        if names:
            yield "", names
        return
    for group in _dicts(document, "groups"):
        name = _text(group, "name")
        versions = [_text(entry, "version") for entry in _dicts(group, "versions")]
        versions = [version for version in versions if _is_segment(version)]
        preferred = _text(_mapping(group, "preferredVersion"), "version")
        if preferred in versions:
            versions.remove(preferred)
            versions.insert(0, preferred)
        if _is_segment(name) and versions:
            yield name, versions


def read_resources(document: Any, group: str, version: str) -> tuple[APIResource, ...]:
    """The kinds of a legacy ``APIResourceList``, with their subresources."""
    items = list(_dicts(document, "resources"))
    subresources: dict[str, dict[str, Mapping[str, Any]]] = {}
    for item in items:
        plural, slash, name = _text(item, "name").partition("/")
        if slash:
            subresources.setdefault(plural, {})[name] = item
    found: list[APIResource] = []
    for item in items:
        plural = _text(item, "name")
        kind = _text(item, "kind")
        parts = subresources.get(plural, {})
        resource = _resource(
            group,
            version,
            kind,
            plural=plural,
            singular=_text(item, "singularName"),
            scope=Scope.NAMESPACED if item.get("namespaced") is True else Scope.CLUSTER,
            item=item,
            subresources={name: _own_kind(kind, group, version, part) for name, part in parts.items()},
        )
        if resource is not None:
            found.append(resource)
    return tuple(found)


def _own_kind(kind: str, group: str, version: str, answer: Mapping[str, Any]) -> str:
    """A subresource's own kind as ``"autoscaling/v1 Scale"``, empty if it is the kind of the object itself."""
    own = _text(answer, "kind")
    # Without a version the group is not said either; with one, an empty group is the legacy group.
    own_version = _text(answer, "version") or version
    own_group = _text(answer, "group") if _text(answer, "version") else group
    if not own or (own, own_group, own_version) == (kind, group, version):
        return ""
    return f"{format_api_version(own_group, own_version)} {own}"


def _resource(
    group: str,
    version: str,
    kind: str,
    *,
    plural: str,
    singular: str,
    scope: Scope,
    item: Mapping[str, Any],
    subresources: Mapping[str, str],
) -> APIResource | None:
    if not _is_segment(plural) or not _KIND.fullmatch(kind):
        return None
    return APIResource(
        group=group,
        version=version,
        kind=kind,
        plural=plural,
        singular=singular or kind.lower(),
        scope=scope,
        short_names=_texts(item, "shortNames"),
        categories=_texts(item, "categories"),
        verbs=_texts(item, "verbs"),
        subresources=dict(sorted((name, own) for name, own in subresources.items() if name)),
    )


def _is_segment(value: object) -> bool:
    return isinstance(value, str) and _SEGMENT.fullmatch(value) is not None


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}


def _dicts(document: Any, key: str) -> Iterator[Mapping[str, Any]]:
    values = document.get(key) if isinstance(document, dict) else None
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            yield value


def _text(document: Mapping[str, Any], key: str) -> str:
    value = document.get(key)
    return value if isinstance(value, str) else ""


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = document.get(key)
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
