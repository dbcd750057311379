# SPDX-License-Identifier: Apache-2.0
"""Which verbs a kind and its subresources have, and of which kinds those are. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import KubernetesError
from k8s_core.kinds import APIResource, format_api_version, parse_api_version
from k8s_core.registry import default_registry

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.kind import Kind

__all__ = ["SCALE_VERBS", "subresource_gvk", "subresource_model", "subresource_type", "verbs_of"]

SCALE_VERBS = ("get", "patch", "update")
_SUBRESOURCE_VERBS: dict[str, tuple[str, ...]] = {
    "proxy": ("create", "delete", "get", "patch", "update"),
}


def verbs_of(kind: Kind, subresource: str = "") -> list[str]:
    """The verbs of a kind, or of one of its subresources, in the order of discovery."""
    if subresource:
        served = kind.strategy.subresources.get(subresource)
        return sorted(served.verbs if served else _SUBRESOURCE_VERBS.get(subresource, SCALE_VERBS))
    return kind.verbs


def subresource_gvk(kind: Kind, name: str) -> tuple[str, str, str]:
    """Group, version and kind of a subresource."""
    served = kind.strategy.subresources.get(name)
    declared = kind.resource.subresources.get(name) or (served.kind if served else "")
    if not declared:
        return kind.resource.group, kind.resource.version, kind.resource.kind
    api_version, _, its_kind = declared.replace(" ", "/", 1).rpartition("/")
    group, version = parse_api_version(api_version)
    return group, version, its_kind


def subresource_type(kind: Kind, name: str) -> APIResource:
    """The kind of a subresource's documents, as a resource that has no URL of its own."""
    group, version, its_kind = subresource_gvk(kind, name)
    return APIResource(group, version, its_kind, plural="")


def subresource_model(kind: Kind, name: str) -> type[Any] | None:
    """The class of a subresource that has a kind of its own (``Scale``); None where no package brings one."""
    group, version, its_kind = subresource_gvk(kind, name)
    try:
        return default_registry().get(format_api_version(group, version), its_kind)
    except KubernetesError:
        return None
