# SPDX-License-Identifier: Apache-2.0
"""The admission plugins that a kube-apiserver has switched on by default, as far as clients see what they change.

Default storage classes, protection of storage in use, and the taint of new nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.classes import default_class

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ServerContext

__all__ = ["PROTECTION", "admit_created"]

Json = dict[str, Any]
PROTECTION = {
    ("", "persistentvolumeclaims"): "kubernetes.io/pvc-protection",
    ("", "persistentvolumes"): "kubernetes.io/pv-protection",
}
_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def admit_created(resource: APIResource, document: Json, ctx: ServerContext) -> None:
    """Change a new object as the default admission plugins do. Raises their 403."""
    rule = _CREATED.get((resource.group, resource.plural))
    if rule is not None:
        rule(resource, document, ctx)


def _node(resource: APIResource, document: Json, ctx: ServerContext) -> None:
    taints = document.setdefault("spec", {}).setdefault("taints", [])
    if not any((taint.get("key"), taint.get("effect")) == tuple(_NOT_READY.values()) for taint in taints):
        taints.append(dict(_NOT_READY))


def _protect(resource: APIResource, document: Json, ctx: ServerContext) -> None:
    finalizers = document["metadata"].setdefault("finalizers", [])
    if PROTECTION[resource.group, resource.plural] not in finalizers:
        finalizers.append(PROTECTION[resource.group, resource.plural])


def _claim(resource: APIResource, document: Json, ctx: ServerContext) -> None:
    _protect(resource, document, ctx)
    annotations = document["metadata"].get("annotations") or {}
    if "storageClassName" in document["spec"] or "volume.beta.kubernetes.io/storage-class" in annotations:
        return
    annotation = "storageclass.kubernetes.io/is-default-class"
    if name := default_class(ctx, "storage.k8s.io", "storageclasses", annotation):
        document["spec"]["storageClassName"] = name


_CREATED: dict[tuple[str, str], Callable[[APIResource, Json, ServerContext], None]] = {
    ("", "nodes"): _node,
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): _protect,
}
