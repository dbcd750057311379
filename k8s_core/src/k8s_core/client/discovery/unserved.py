# SPDX-License-Identifier: Apache-2.0
"""Explaining a 404 that is about a kind, not an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError

if TYPE_CHECKING:
    from k8s_core.client.discovery import Discovery
    from k8s_core.errors import NotFound
    from k8s_core.kinds import APIResource

__all__ = ["explain_unserved"]


def explain_unserved(error: NotFound, resource: APIResource, discovery: Discovery) -> None:
    """Add a note to the error that says which versions of the kind the server serves, if any. Asks the server."""
    try:
        versions = _served_versions(resource, discovery)
        if resource.version in versions:
            # The server has just said otherwise, so what is remembered is out of date.
            discovery.invalidate()
            versions = _served_versions(resource, discovery)
    except KubernetesError:
        # The answer stands without an explanation too.
        return
    what = f"{resource.kind} of API group {resource.group or 'core'}"
    if not versions:
        error.add_note(f"the server does not serve {what}; is its CRD installed?")
    elif resource.version not in versions:
        error.add_note(f"the server serves {what} in {', '.join(versions)}, not in {resource.version}")


def _served_versions(resource: APIResource, discovery: Discovery) -> list[str]:
    return [
        version.version
        for group in discovery.groups()
        for version in group.versions
        if group.name == resource.group and any(other.kind == resource.kind for other in version.resources)
    ]
