# SPDX-License-Identifier: Apache-2.0
"""Who owns the replicas: managers of an object as its Scale shows them, and back (protocol J18, J30). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from k8s_devkit.api_server.kinds.option_shapes import SCALE
from k8s_devkit.api_server.patches.managed import Manager, Managers, Owned, Target

if TYPE_CHECKING:
    from k8s_devkit.api_server.patches.fieldsets import Path

__all__ = ["SCALE_VERSION", "managers_of_object", "managers_of_scale", "scale_target"]

SCALE_VERSION = "autoscaling/v1"
_IN_SCALE = ("f:spec", "f:replicas")


def scale_target(now: str) -> Target:
    """The target of a write to a Scale: a document of its own, in one version."""
    return Target(SCALE, SCALE_VERSION, "scale", set(), set(), now, lambda _version, _document: None)


def managers_of_scale(managers: Managers, path: Path) -> Managers:
    """The managers that a Scale has: who owns the field at ``path`` of its object."""
    return {
        _in_scale(key): Owned({_IN_SCALE}, SCALE_VERSION, owned.time)
        for key, owned in managers.items()
        if path in owned.fields
    }


def _in_scale(key: Manager) -> Manager:
    return replace(key, api_version=SCALE_VERSION) if key.operation == "Update" else key


def managers_of_object(
    managers: Managers, scale: Managers, path: Path, api_version: str
) -> list[tuple[Manager, Owned]]:
    """The entries of an object after a write to its Scale.

    An update's identity names its version, which a Scale doesn't share with its object. Who keeps the field through
    such a write therefore gets a second entry for it, without a time: that is the API server's bookkeeping.
    """
    entries: list[tuple[Manager, Owned]] = []
    left = dict(scale)
    for key, owned in managers.items():
        if path not in owned.fields or left.pop(key, None) is not None:
            entries.append((key, owned))
        elif kept := owned.fields - {path}:
            entries.append((key, replace(owned, fields=kept)))
    for key, owned in left.items():
        if _IN_SCALE in owned.fields:
            own = replace(key, api_version=api_version) if key.operation == "Update" else key
            time = managers[key].time if key in managers else None
            entries.append((own, Owned({path}, api_version, time)))
    return entries
