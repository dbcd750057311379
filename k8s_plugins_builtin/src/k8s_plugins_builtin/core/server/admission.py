# SPDX-License-Identifier: Apache-2.0
"""The admission plugins that a kube-apiserver has switched on by default, as far as clients see what they change.

Priority, default tolerations, runtime classes, default storage classes, protection of storage in use, and
the taint of new nodes. Not here: service accounts (`ControlPlane` switches that off too), limit ranges and quotas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.classes import default_class
from k8s_devkit.strategy.failures import Failure, forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ServerContext

__all__ = ["PROTECTION", "admit_created", "admit_updated"]

Json = dict[str, Any]
PROTECTION = {
    ("", "persistentvolumeclaims"): "kubernetes.io/pvc-protection",
    ("", "persistentvolumes"): "kubernetes.io/pv-protection",
}
_SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_TOLERATION_SECONDS = 300
_PREEMPTION = "PreemptLowerPriority"
_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


def admit_created(resource: APIResource, document: Json, ctx: ServerContext) -> None:
    """Change a new object as the default admission plugins do. Raises their 403."""
    rule = _CREATED.get((resource.group, resource.plural))
    if rule is not None:
        rule(resource, document, ctx)


def admit_updated(resource: APIResource, document: Json, live: Json) -> None:
    """Change the next state of an object as the default admission plugins do."""
    if (resource.group, resource.plural) == ("", "pods"):
        spec = document.setdefault("spec", {})
        for name in ("priority", "preemptionPolicy"):
            if name in live["spec"]:
                spec.setdefault(name, live["spec"][name])
        _tolerate(spec)


def _pod(resource: APIResource, document: Json, ctx: ServerContext) -> None:
    spec = document.setdefault("spec", {})
    _prioritise(resource, document, spec, ctx)
    _tolerate(spec)
    if name := spec.get("runtimeClassName"):
        _run_as(resource, document, spec, name, ctx)


def _refuse(resource: APIResource, document: Json, why: str) -> Failure:
    return forbidden(resource, document["metadata"].get("name") or "", why)


def _prioritise(resource: APIResource, document: Json, spec: Json, ctx: ServerContext) -> None:
    name = spec.get("priorityClassName") or _global_default(ctx)
    priority, policy = 0, _PREEMPTION
    if name:
        found = ctx.get("scheduling.k8s.io", "priorityclasses", name)
        if found is None and name not in _SYSTEM_PRIORITIES:
            raise _refuse(resource, document, f"no PriorityClass with name {name} was found")
        found = found or {"value": _SYSTEM_PRIORITIES[name]}
        priority, policy = found.get("value", 0), found.get("preemptionPolicy") or _PREEMPTION
        spec["priorityClassName"] = name
    computed = "must not be provided in pod spec; priority admission controller computed"
    given = "from the given PriorityClass name"
    if spec.setdefault("priority", priority) != priority:
        why = f"the integer value of priority ({spec['priority']}) {computed} {priority} {given}"
        raise _refuse(resource, document, why)
    if spec.setdefault("preemptionPolicy", policy) != policy:
        why = f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) {computed} {policy} {given}"
        raise _refuse(resource, document, why)


def _global_default(ctx: ServerContext) -> str:
    """The name of the class for pods that name none: of several marked ones, that of the lowest priority."""
    classes = ctx.objects("scheduling.k8s.io", "priorityclasses")
    marked = [(item.get("value", 0), item["metadata"]["name"]) for item in classes if item.get("globalDefault")]
    return min(marked, default=(0, ""))[1]


def _tolerate(spec: Json) -> None:
    tolerations = spec.get("tolerations") or []
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATION_SECONDS}
        for key in _TOLERATED
        if not any(_tolerates(item, key) for item in tolerations)
    ]
    if added:
        spec["tolerations"] = [*tolerations, *added]


def _tolerates(toleration: Json, key: str) -> bool:
    return (toleration.get("key") or key) == key and toleration.get("effect") in (None, "", "NoExecute")


def _run_as(resource: APIResource, document: Json, spec: Json, name: str, ctx: ServerContext) -> None:
    found = ctx.get("node.k8s.io", "runtimeclasses", name)
    if found is None:
        raise _refuse(resource, document, f'pod rejected: RuntimeClass "{name}" not found')
    overhead = (found.get("overhead") or {}).get("podFixed")
    if overhead and spec.setdefault("overhead", overhead) != overhead:
        raise _refuse(resource, document, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    scheduling = found.get("scheduling") or {}
    selector = scheduling.get("nodeSelector") or {}
    own = spec.get("nodeSelector") or {}
    if any(own.get(key, value) != value for key, value in selector.items()):
        raise _refuse(
            resource, document, f"conflict: pod.spec.nodeSelector and RuntimeClass {name} nodeSelector differ"
        )
    if selector:
        spec["nodeSelector"] = {**own, **selector}
    for toleration in scheduling.get("tolerations") or []:
        if toleration not in spec.setdefault("tolerations", []):
            spec["tolerations"].append(toleration)


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
    ("", "pods"): _pod,
}
