# SPDX-License-Identifier: Apache-2.0
"""What controllers and kubelets would do, switched on by name, so that code which waits can be tested (J31).

They write status only: no Pods come out of a Deployment. Each is one function from an object to its next state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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


RECONCILERS: dict[tuple[str, str], Reconcile] = {
    ("", "persistentvolumeclaims"): _claim,
    ("", "pods"): _pod,
}
