# SPDX-License-Identifier: Apache-2.0
"""Classes that objects name, such as StorageClasses: which one is the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ServerContext

__all__ = ["default_class"]


def default_class(ctx: ServerContext, group: str, resource: str, annotation: str) -> str:
    """The name of the class that is marked as the default: the newest of several; empty if there is none.

    Args:
        group: API group of the classes.
        resource: their plural, such as ``storageclasses``.
        annotation: the annotation that marks the default with ``true``.
    """
    marked = [
        (item["metadata"].get("creationTimestamp", ""), item["metadata"]["name"])
        for item in ctx.objects(group, resource)
        if (item["metadata"].get("annotations") or {}).get(annotation) == "true"
    ]
    newest = max((time for time, _ in marked), default="")
    return min((name for time, name in marked if time == newest), default="")
