# SPDX-License-Identifier: Apache-2.0
"""What a kubelet reports to the API server: its Node, and the status of its pods. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["finished_status", "node_document", "running_status"]


def node_document(name: str, host: str, port: int, now: str) -> Document:
    """The Node that leads a kube-apiserver to a kubelet."""
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "the node answers",
        "lastHeartbeatTime": now,
        "lastTransitionTime": now,
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "status": {
            # An address of the type Hostname would be preferred, and looked up.
            "addresses": [{"type": "InternalIP", "address": host}],
            "conditions": [ready],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        },
    }


def running_status(pod: Document, host: str, now: str) -> Document:
    """The status of a pod whose containers have all started, and whose init containers have done their work."""
    done = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}}
    return {
        "phase": "Running",
        "hostIP": host,
        "startTime": now,
        "conditions": _conditions(now, ready=True),
        "initContainerStatuses": _containers(pod["spec"].get("initContainers") or (), done, ready=True),
        "containerStatuses": _containers(pod["spec"]["containers"], {"running": {"startedAt": now}}, ready=True),
    }


def finished_status(pod: Document, exit_code: int, now: str) -> Document:
    """The change to the status of a pod that ran, and whose containers have all ended."""
    reason, started = "Error" if exit_code else "Completed", pod["status"]["startTime"]
    ended = {"exitCode": exit_code, "reason": reason, "startedAt": started, "finishedAt": now}
    return {
        "phase": "Failed" if exit_code else "Succeeded",
        "conditions": _conditions(now, ready=False),
        "containerStatuses": _containers(pod["spec"]["containers"], {"terminated": ended}, ready=False),
    }


def _conditions(now: str, *, ready: bool) -> list[Document]:
    values = {"Initialized": True, "Ready": ready, "ContainersReady": ready, "PodScheduled": True}
    return [{"type": type_, "status": str(value), "lastTransitionTime": now} for type_, value in values.items()]


def _containers(containers: list[Document] | tuple[()], state: Document, *, ready: bool) -> list[Document]:
    return [
        {
            "name": container["name"],
            "image": container.get("image", ""),
            "imageID": "",
            "ready": ready,
            "started": "running" in state,
            "restartCount": 0,
            "state": state,
        }
        for container in containers
    ]
