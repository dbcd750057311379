# SPDX-License-Identifier: Apache-2.0
"""Explaining that the server does not serve a kind: of a 404 that is about no object, and before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError, UnknownKindError
from k8s_core.errors.hints import did_you_mean

if TYPE_CHECKING:
    from k8s_core.client.discovery import Discovery
    from k8s_core.errors import NotFound
    from k8s_core.kinds import APIResource, GroupVersionKind
    from k8s_core.registry import Registry

__all__ = ["explain_unserved", "unserved_kind"]


def explain_unserved(error: NotFound, resource: APIResource, discovery: Discovery) -> None:
    """Add a note to the error that says which versions of the kind the server serves, if any. Asks the server."""
    try:
        versions = _served_versions(resource.gvk, discovery)
        if resource.version in versions:
            # The server has just said otherwise, so what is remembered is out of date.
            discovery.invalidate()
            versions = _served_versions(resource.gvk, discovery)
    except KubernetesError:
        # The answer stands without an explanation too.
        return
    what = f"{resource.kind} of API group {resource.group or 'core'}"
    if not versions:
        error.add_note(f"the server does not serve {what}; is its CRD installed?")
    elif resource.version not in versions:
        error.add_note(f"the server serves {what} in {', '.join(versions)}, not in {resource.version}")


def unserved_kind(gvk: GroupVersionKind, discovery: Discovery, registry: Registry) -> UnknownKindError:
    """The error for a kind that neither a package nor the server has; the server was asked a moment ago.

    A package would not help: without a class the kind would work as well, if the server had it. So the message is about
    the server.

    Args:
        gvk: the kind.
        discovery: what the server has.
        registry: what packages have, for the name that was meant.
    """
    if failure := discovery.failed.get(gvk.api_version):
        return UnknownKindError(
            f"whether the server serves {gvk.kind} of {gvk.api_version} is not known: that API does not answer "
            f"({failure}), and no installed package has a class for it"
        )
    missing = f"the server does not serve {gvk.kind} of {gvk.api_version}"
    if versions := _served_versions(gvk, discovery):
        return UnknownKindError(f"{missing}, but {' and '.join(versions)} of this group: change the apiVersion")
    provided = registry.kinds()
    if same := [each.version for each in provided if each.group == gvk.group and each.kind == gvk.kind]:
        return UnknownKindError(f"{missing}; the installed package has it in version {' and '.join(same)}")
    known = {(each.group, each.kind) for each in [*(served.gvk for served in discovery.resources()), *provided]}
    groups = {group for group, _ in known}
    if hint := did_you_mean(gvk.kind, {kind for group, kind in known if group == gvk.group}):
        return UnknownKindError(f"{missing}{hint}")
    if gvk.group not in groups and (hint := did_you_mean(gvk.group, groups)):
        return UnknownKindError(f"{missing}; no API group is called {gvk.group!r}{hint}")
    return UnknownKindError(
        f"{missing}: its CRD is missing there. Install it first, or give it to apply_all together with the objects",
        crd_missing=True,
    )


def _served_versions(gvk: GroupVersionKind, discovery: Discovery) -> list[str]:
    return [
        version.version
        for group in discovery.groups()
        for version in group.versions
        if group.name == gvk.group and any(other.kind == gvk.kind for other in version.resources)
    ]
