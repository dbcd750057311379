# SPDX-License-Identifier: Apache-2.0
"""What a scheduler and a kubelet would do with a Pod, for `ApiServer.simulate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.statuses import set_condition

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext
    from k8s_devkit.strategy.document import Document

__all__ = ["end_pod", "run_pod"]


def run_pod(pod: Document, now: str) -> None:
    """Give a Pod a node and let it run, ready at once."""
    spec, status = pod["spec"], pod.setdefault("status", {})
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
        set_condition(pod, type_, now, lastProbeTime=None)


def end_pod(pod: Document, ctx: ControllerContext) -> None:
    """Do what a kubelet does when the containers have stopped: delete the Pod without grace."""
    metadata = pod["metadata"]
    ctx.delete("", "pods", metadata["name"], metadata["namespace"], {"gracePeriodSeconds": 0})
