# SPDX-License-Identifier: Apache-2.0
"""A VolumeAttributesClass in use is not deleted: a finalizer holds it until no claim and no volume names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Controller

if TYPE_CHECKING:
    from k8s_devkit.strategy import ControllerContext, Document

__all__ = ["CLASS_FINALIZER", "ClassProtection"]

CLASS_FINALIZER = "kubernetes.io/vac-protection"
_USERS = (("", "persistentvolumeclaims"), ("", "persistentvolumes"))


class ClassProtection(Controller):
    """Lets a deleted VolumeAttributesClass go when nothing uses it."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        if not deleted:
            self._release(resource, obj["metadata"]["name"], ctx)

    def _release(self, resource: tuple[str, str], name: str, ctx: ControllerContext) -> None:
        found = ctx.get(*resource, name)
        if found is None or not found["metadata"].get("deletionTimestamp"):
            return
        finalizers = found["metadata"].get("finalizers") or []
        if CLASS_FINALIZER not in finalizers:
            return
        for users in _USERS:
            if any(_uses(user, name) for user in ctx.objects(*users)):
                ctx.after_change(*users, lambda: self._release(resource, name, ctx))
                return
        finalizers.remove(CLASS_FINALIZER)
        ctx.update({"apiVersion": "storage.k8s.io/v1", "kind": "VolumeAttributesClass", **found})


def _uses(user: Document, name: str) -> bool:
    current = (user.get("status") or {}).get("currentVolumeAttributesClassName")
    return name in (current, (user.get("spec") or {}).get("volumeAttributesClassName"))
