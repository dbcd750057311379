# SPDX-License-Identifier: Apache-2.0
"""What controllers and kubelets would do, switched on by name, so that code which waits can be tested (J31).

They write status only: no Pods come out of a Deployment. Each is one function from an object to its next state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.selectors import selects

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext

__all__ = ["RECONCILERS"]

Json = dict[str, Any]
Reconcile = Callable[["ControllerContext", Json], None]


def _condition(document: Json, type_: str, now: str, reason: str = "", message: str = "") -> None:
    conditions = document.setdefault("status", {}).setdefault("conditions", [])
    if any(item.get("type") == type_ and item.get("status") == "True" for item in conditions):
        return
    conditions[:] = [item for item in conditions if item.get("type") != type_]
    condition = {"type": type_, "status": "True", "lastTransitionTime": now, "lastUpdateTime": now}
    condition.update({"reason": reason, "message": message} if reason else {})
    conditions.append(condition)


def _observed(document: Json) -> Json:
    status: Json = document.setdefault("status", {})
    status["observedGeneration"] = document["metadata"].get("generation", 1)
    return status


def _deployment(ctx: ControllerContext, document: Json) -> None:
    status, name = _observed(document), document["metadata"]["name"]
    replicas = document["spec"].get("replicas", 1)
    for key in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"):
        status[key] = replicas
    now = ctx.now()
    _condition(document, "Available", now, "MinimumReplicasAvailable", "Deployment has minimum availability.")
    text = f'ReplicaSet "{name}" has successfully progressed.'
    _condition(document, "Progressing", now, "NewReplicaSetAvailable", text)


def _replica_set(ctx: ControllerContext, document: Json) -> None:
    status = _observed(document)
    for key in ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        status[key] = document["spec"].get("replicas", 1)


def _stateful_set(ctx: ControllerContext, document: Json) -> None:
    status = _observed(document)
    for key in ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"):
        status[key] = document["spec"].get("replicas", 1)
    revision = f"{document['metadata']['name']}-{document['metadata'].get('generation', 1)}"
    status["currentRevision"] = status["updateRevision"] = revision


def _daemon_set(ctx: ControllerContext, document: Json) -> None:
    nodes = max(1, len(list(ctx.objects("", "nodes"))))
    status = _observed(document)
    for key in (
        "currentNumberScheduled",
        "desiredNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ):
        status[key] = nodes
    status["numberMisscheduled"] = 0


def _job(ctx: ControllerContext, document: Json) -> None:
    status, now = document.setdefault("status", {}), ctx.now()
    if document["spec"].get("suspend") or status.get("completionTime"):
        return
    status["startTime"] = status.get("startTime", now)
    status["completionTime"] = now
    status["succeeded"] = document["spec"].get("completions") or document["spec"].get("parallelism") or 1
    status["ready"] = status["terminating"] = 0
    status["uncountedTerminatedPods"] = {}
    for type_ in ("SuccessCriteriaMet", "Complete"):
        _condition(document, type_, now, "CompletionsReached", "Reached expected number of succeeded pods")


def _pod(ctx: ControllerContext, document: Json) -> None:
    spec, status, now = document["spec"], document.setdefault("status", {}), ctx.now()
    spec.setdefault("nodeName", "node-1")
    if status.get("phase") not in (None, "Pending"):
        return
    status.update(phase="Running", hostIP="10.0.0.1", podIP="10.244.0.2", startTime=now)
    status["podIPs"] = [{"ip": status["podIP"]}]
    status["containerStatuses"] = [
        {
            "name": container["name"],
            "image": container.get("image", ""),
            "imageID": "",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": now}},
        }
        for container in spec.get("containers") or []
    ]
    for type_ in ("PodScheduled", "Initialized", "ContainersReady", "Ready"):
        _condition(document, type_, now)


def _claim(ctx: ControllerContext, document: Json) -> None:
    spec, status = document["spec"], document.setdefault("status", {})
    spec.setdefault("volumeName", f"pvc-{document['metadata']['uid']}")
    status.update(phase="Bound", accessModes=spec.get("accessModes", []))
    status["capacity"] = (spec.get("resources") or {}).get("requests", {})


def _budget(ctx: ControllerContext, document: Json) -> None:
    """Count pods as the disruption controller does, for ``minAvailable`` and ``maxUnavailable`` numbers."""
    spec, status = document["spec"], _observed(document)
    pods = [
        pod
        for pod in ctx.objects("", "pods", document["metadata"]["namespace"])
        if selects(spec.get("selector"), pod["metadata"].get("labels"))
    ]
    running = [pod for pod in pods if (pod.get("status") or {}).get("phase") == "Running"]
    if isinstance(spec.get("maxUnavailable"), int):
        wanted = max(0, len(pods) - spec["maxUnavailable"])
    else:
        wanted = spec.get("minAvailable", 1) if isinstance(spec.get("minAvailable", 1), int) else len(pods)
    status.update(expectedPods=len(pods), currentHealthy=len(running), desiredHealthy=wanted)
    status["disruptionsAllowed"] = max(0, len(running) - wanted)


RECONCILERS: dict[tuple[str, str], Reconcile] = {
    ("", "persistentvolumeclaims"): _claim,
    ("", "pods"): _pod,
    ("apps", "daemonsets"): _daemon_set,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _replica_set,
    ("apps", "statefulsets"): _stateful_set,
    ("batch", "jobs"): _job,
    ("policy", "poddisruptionbudgets"): _budget,
}
