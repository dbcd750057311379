# SPDX-License-Identifier: Apache-2.0
"""The admission plugins for Pods that every kube-apiserver has: Priority, DefaultTolerationSeconds, RuntimeClass.

Not here: ServiceAccount, which `ControlPlane` switches off too, LimitRanger and ResourceQuota.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import forbidden

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.failures import Failure

__all__ = ["admit_created", "admit_updated"]

_SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
_TOLERATED = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_TOLERATION_SECONDS = 300
_PREEMPTION = "PreemptLowerPriority"


def admit_created(resource: APIResource, pod: Document, ctx: ServerContext) -> None:
    """Change a new Pod, or refuse it with a 403."""
    spec = pod.setdefault("spec", {})
    _prioritise(resource, pod, ctx)
    _tolerate(spec)
    if spec.get("runtimeClassName"):
        _run_as(resource, pod, ctx)


def admit_updated(pod: Document, old: Document) -> None:
    """Change the next state of a Pod."""
    spec = pod.setdefault("spec", {})
    for name in ("priority", "preemptionPolicy"):
        if name in old["spec"]:
            spec.setdefault(name, old["spec"][name])
    _tolerate(spec)


def _refuse(resource: APIResource, pod: Document, why: str) -> Failure:
    return forbidden(resource, pod["metadata"].get("name") or "", why)


def _prioritise(resource: APIResource, pod: Document, ctx: ServerContext) -> None:
    spec = pod["spec"]
    name = spec.get("priorityClassName") or _global_default(ctx)
    priority, policy = 0, _PREEMPTION
    if name:
        found = ctx.get("scheduling.k8s.io", "priorityclasses", name)
        if found is None and name not in _SYSTEM_PRIORITIES:
            raise _refuse(resource, pod, f"no PriorityClass with name {name} was found")
        found = found or {"value": _SYSTEM_PRIORITIES[name]}
        priority, policy = found.get("value", 0), found.get("preemptionPolicy") or _PREEMPTION
        spec["priorityClassName"] = name
    computed = "must not be provided in pod spec; priority admission controller computed"
    given = "from the given PriorityClass name"
    if spec.setdefault("priority", priority) != priority:
        why = f"the integer value of priority ({spec['priority']}) {computed} {priority} {given}"
        raise _refuse(resource, pod, why)
    if spec.setdefault("preemptionPolicy", policy) != policy:
        why = f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) {computed} {policy} {given}"
        raise _refuse(resource, pod, why)


def _global_default(ctx: ServerContext) -> str:
    """The name of the class for Pods that name none: of several marked ones, that of the lowest priority."""
    classes = ctx.objects("scheduling.k8s.io", "priorityclasses")
    marked = [(item.get("value", 0), item["metadata"]["name"]) for item in classes if item.get("globalDefault")]
    return min(marked, default=(0, ""))[1]


def _tolerate(spec: Document) -> None:
    tolerations = spec.get("tolerations") or []
    added = [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATION_SECONDS}
        for key in _TOLERATED
        if not any(_tolerates(item, key) for item in tolerations)
    ]
    if added:
        spec["tolerations"] = [*tolerations, *added]


def _tolerates(toleration: Document, key: str) -> bool:
    return (toleration.get("key") or key) == key and toleration.get("effect") in (None, "", "NoExecute")


def _run_as(resource: APIResource, pod: Document, ctx: ServerContext) -> None:
    spec = pod["spec"]
    name = spec["runtimeClassName"]
    found = ctx.get("node.k8s.io", "runtimeclasses", name)
    if found is None:
        raise _refuse(resource, pod, f'pod rejected: RuntimeClass "{name}" not found')
    overhead = (found.get("overhead") or {}).get("podFixed")
    if overhead and spec.setdefault("overhead", overhead) != overhead:
        raise _refuse(resource, pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    scheduling = found.get("scheduling") or {}
    selector = scheduling.get("nodeSelector") or {}
    own = spec.get("nodeSelector") or {}
    if any(own.get(key, value) != value for key, value in selector.items()):
        raise _refuse(resource, pod, f"conflict: pod.spec.nodeSelector and RuntimeClass {name} nodeSelector differ")
    if selector:
        spec["nodeSelector"] = {**own, **selector}
    for toleration in scheduling.get("tolerations") or []:
        if toleration not in spec.setdefault("tolerations", []):
            spec["tolerations"].append(toleration)
