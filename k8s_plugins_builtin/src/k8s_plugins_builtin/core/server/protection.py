# SPDX-License-Identifier: Apache-2.0
"""Storage in use is not deleted: finalizers hold claims and volumes until nothing uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Controller

if TYPE_CHECKING:
    from k8s_devkit.strategy import ControllerContext, Document

__all__ = ["CLAIM_FINALIZER", "VOLUME_FINALIZER", "ClaimProtection", "VolumeProtection", "protect"]

CLAIM_FINALIZER = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER = "kubernetes.io/pv-protection"
_PODS = ("", "pods")
_DONE = ("Succeeded", "Failed")


def protect(document: Document, finalizer: str) -> None:
    """Add a finalizer to an object that does not have it yet."""
    finalizers = document["metadata"].setdefault("finalizers", [])
    if finalizer not in finalizers:
        finalizers.append(finalizer)


class ClaimProtection(Controller):
    """Lets a deleted claim go when no pod uses it."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        if not deleted and _is_waiting(obj, CLAIM_FINALIZER):
            self._release(resource, obj["metadata"]["name"], obj["metadata"]["namespace"], ctx)

    def _release(self, resource: tuple[str, str], name: str, namespace: str, ctx: ControllerContext) -> None:
        claim = ctx.get(*resource, name, namespace)
        if claim is None or not _is_waiting(claim, CLAIM_FINALIZER):
            return
        if any(_uses(pod, name) for pod in ctx.objects(*_PODS, namespace)):
            ctx.after_change(*_PODS, lambda: self._release(resource, name, namespace, ctx))
        else:
            _unprotect(claim, "PersistentVolumeClaim", CLAIM_FINALIZER, ctx)


class VolumeProtection(Controller):
    """Lets a deleted volume go when no claim is bound to it."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        if deleted or not _is_waiting(obj, VOLUME_FINALIZER):
            return
        volume = ctx.get(*resource, obj["metadata"]["name"])
        if volume is None or not _is_waiting(volume, VOLUME_FINALIZER):
            return
        if (volume.get("status") or {}).get("phase") != "Bound":
            _unprotect(volume, "PersistentVolume", VOLUME_FINALIZER, ctx)


def _is_waiting(obj: Document, finalizer: str) -> bool:
    """Whether an object was deleted and the finalizer holds it."""
    metadata = obj["metadata"]
    return bool(metadata.get("deletionTimestamp")) and finalizer in (metadata.get("finalizers") or [])


def _uses(pod: Document, claim: str) -> bool:
    if (pod.get("status") or {}).get("phase") in _DONE:
        return False
    volumes = (pod.get("spec") or {}).get("volumes") or []
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == claim for volume in volumes)


def _unprotect(obj: Document, kind: str, finalizer: str, ctx: ControllerContext) -> None:
    obj["metadata"]["finalizers"].remove(finalizer)
    ctx.update({"apiVersion": "v1", "kind": kind, **obj})
