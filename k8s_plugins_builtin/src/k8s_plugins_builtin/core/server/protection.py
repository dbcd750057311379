# SPDX-License-Identifier: Apache-2.0
"""Storage that is in use stays: the finalizers of claims and volumes, removed when the time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.controllers import Controller
from k8s_plugins_builtin.core.server.admission import PROTECTION

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext, Document

__all__ = ["StorageProtection"]

_CLAIMS, _VOLUMES, _PODS = ("", "persistentvolumeclaims"), ("", "persistentvolumes"), ("", "pods")
_KINDS = {_CLAIMS: "PersistentVolumeClaim", _VOLUMES: "PersistentVolume"}
_DONE = ("Succeeded", "Failed")


class StorageProtection(Controller):
    """Lets a deleted claim go when no pod uses it, and a deleted volume when it is not bound."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        if not deleted and obj["metadata"].get("deletionTimestamp"):
            self._release(resource, obj["metadata"].get("namespace", ""), obj["metadata"]["name"], ctx)

    def _release(self, resource: tuple[str, str], namespace: str, name: str, ctx: ControllerContext) -> None:
        obj = ctx.get(*resource, name, namespace)
        finalizer = PROTECTION[resource]
        if obj is None or not obj["metadata"].get("deletionTimestamp"):
            return
        if finalizer not in (obj["metadata"].get("finalizers") or []):
            return
        if _used(resource, obj, ctx):
            if resource == _CLAIMS:
                ctx.after_change(*_PODS, lambda: self._release(resource, namespace, name, ctx))
            return
        obj["metadata"]["finalizers"].remove(finalizer)
        ctx.update({"apiVersion": "v1", "kind": _KINDS[resource], **obj})


def _used(resource: tuple[str, str], obj: Document, ctx: ControllerContext) -> bool:
    if resource == _VOLUMES:
        return (obj.get("status") or {}).get("phase") == "Bound"
    for pod in ctx.objects(*_PODS, obj["metadata"]["namespace"]):
        if (pod.get("status") or {}).get("phase") in _DONE:
            continue
        for volume in (pod.get("spec") or {}).get("volumes") or []:
            if (volume.get("persistentVolumeClaim") or {}).get("claimName") == obj["metadata"]["name"]:
                return True
    return False
