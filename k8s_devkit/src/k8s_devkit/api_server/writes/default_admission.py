# SPDX-License-Identifier: Apache-2.0
"""The admission plugins that a kube-apiserver has switched on by default, as far as clients see what they change.

Priority, default tolerations, runtime classes, default storage and ingress classes, protection of storage in use, and
the taint of new nodes. Not here: service accounts (`ControlPlane` switches that off too), limit ranges and quotas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.failures import Failure, forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.writes.writing import Write

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


def admit_created(write: Write, document: Json) -> None:
    """Change a new object as the default admission plugins do. Raises their 403."""
    rule = _CREATED.get(write.kind.key)
    if rule is not None:
        rule(write, document)


def admit_updated(write: Write, document: Json, live: Json) -> None:
    """Change the next state of an object as the default admission plugins do."""
    if write.kind.key == ("", "pods") and not write.subresource:
        spec = document.setdefault("spec", {})
        for name in ("priority", "preemptionPolicy"):
            if name in live["spec"]:
                spec.setdefault(name, live["spec"][name])
        _tolerate(spec)


def _cluster_object(write: Write, group: str, plural: str, name: str) -> Json | None:
    entry = write.core.store.get((group, plural), name)
    return entry.document() if entry is not None else None


def _default_class(write: Write, group: str, plural: str, annotation: str) -> str:
    """The name of the class that is marked as the default, the newest if there are several; empty if there is none."""
    marked = [
        (entry.document()["metadata"].get("creationTimestamp", ""), entry.name)
        for entry in write.core.store.entries((group, plural))
        if (entry.document()["metadata"].get("annotations") or {}).get(annotation) == "true"
    ]
    newest = max((time for time, _ in marked), default="")
    return min((name for time, name in marked if time == newest), default="")


def _pod(write: Write, document: Json) -> None:
    spec = document.setdefault("spec", {})
    _prioritise(write, document, spec)
    _tolerate(spec)
    if name := spec.get("runtimeClassName"):
        _run_as(write, document, spec, name)


def _refuse(write: Write, document: Json, why: str) -> Failure:
    return forbidden(write.kind.resource, document["metadata"].get("name") or "", why)


def _prioritise(write: Write, document: Json, spec: Json) -> None:
    name = spec.get("priorityClassName") or _global_default(write)
    priority, policy = 0, _PREEMPTION
    if name:
        found = _cluster_object(write, "scheduling.k8s.io", "priorityclasses", name)
        if found is None and name not in _SYSTEM_PRIORITIES:
            raise _refuse(write, document, f"no PriorityClass with name {name} was found")
        found = found or {"value": _SYSTEM_PRIORITIES[name]}
        priority, policy = found.get("value", 0), found.get("preemptionPolicy") or _PREEMPTION
        spec["priorityClassName"] = name
    computed = "must not be provided in pod spec; priority admission controller computed"
    given = "from the given PriorityClass name"
    if spec.setdefault("priority", priority) != priority:
        why = f"the integer value of priority ({spec['priority']}) {computed} {priority} {given}"
        raise _refuse(write, document, why)
    if spec.setdefault("preemptionPolicy", policy) != policy:
        why = f"the string value of PreemptionPolicy ({spec['preemptionPolicy']}) {computed} {policy} {given}"
        raise _refuse(write, document, why)


def _global_default(write: Write) -> str:
    """The name of the class for pods that name none: of several marked ones, that of the lowest priority."""
    classes = [entry.document() for entry in write.core.store.entries(("scheduling.k8s.io", "priorityclasses"))]
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


def _run_as(write: Write, document: Json, spec: Json, name: str) -> None:
    found = _cluster_object(write, "node.k8s.io", "runtimeclasses", name)
    if found is None:
        raise _refuse(write, document, f'pod rejected: RuntimeClass "{name}" not found')
    overhead = (found.get("overhead") or {}).get("podFixed")
    if overhead and spec.setdefault("overhead", overhead) != overhead:
        raise _refuse(write, document, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
    scheduling = found.get("scheduling") or {}
    selector = scheduling.get("nodeSelector") or {}
    own = spec.get("nodeSelector") or {}
    if any(own.get(key, value) != value for key, value in selector.items()):
        raise _refuse(write, document, f"conflict: pod.spec.nodeSelector and RuntimeClass {name} nodeSelector differ")
    if selector:
        spec["nodeSelector"] = {**own, **selector}
    for toleration in scheduling.get("tolerations") or []:
        if toleration not in spec.setdefault("tolerations", []):
            spec["tolerations"].append(toleration)


def _node(write: Write, document: Json) -> None:
    taints = document.setdefault("spec", {}).setdefault("taints", [])
    if not any((taint.get("key"), taint.get("effect")) == tuple(_NOT_READY.values()) for taint in taints):
        taints.append(dict(_NOT_READY))


def _protect(write: Write, document: Json) -> None:
    finalizers = document["metadata"].setdefault("finalizers", [])
    if PROTECTION[write.kind.key] not in finalizers:
        finalizers.append(PROTECTION[write.kind.key])


def _claim(write: Write, document: Json) -> None:
    _protect(write, document)
    annotations = document["metadata"].get("annotations") or {}
    if "storageClassName" in document["spec"] or "volume.beta.kubernetes.io/storage-class" in annotations:
        return
    annotation = "storageclass.kubernetes.io/is-default-class"
    if name := _default_class(write, "storage.k8s.io", "storageclasses", annotation):
        document["spec"]["storageClassName"] = name


def _ingress(write: Write, document: Json) -> None:
    spec = document.setdefault("spec", {})
    annotations = document["metadata"].get("annotations") or {}
    if "ingressClassName" in spec or "kubernetes.io/ingress.class" in annotations:
        return
    annotation = "ingressclass.kubernetes.io/is-default-class"
    if name := _default_class(write, "networking.k8s.io", "ingressclasses", annotation):
        spec["ingressClassName"] = name


def _signing_request(write: Write, document: Json) -> None:
    """Who asks for a certificate is not for him to say."""
    user, spec = write.call.user, document.setdefault("spec", {})
    for name in ("username", "uid", "groups", "extra"):
        spec.pop(name, None)
    known = {"username": user.name, "uid": user.uid, "groups": list(user.groups)}
    spec.update({name: value for name, value in known.items() if value})
    if user.extra:
        spec["extra"] = {name: list(values) for name, values in user.extra.items()}


_CREATED: dict[tuple[str, str], Callable[[Write, Json], None]] = {
    ("", "nodes"): _node,
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): _protect,
    ("", "pods"): _pod,
    ("certificates.k8s.io", "certificatesigningrequests"): _signing_request,
    ("networking.k8s.io", "ingresses"): _ingress,
}
