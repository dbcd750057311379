# SPDX-License-Identifier: Apache-2.0
"""The containers of a Pod that exists: which one a request means, and how it is (protocol F14). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import bad_request

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["choose_container", "container_status", "has_node", "is_finished", "is_terminated"]

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_STATUSES = ("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")


def has_node(pod: Document) -> bool:
    """Whether the Pod was bound to a node."""
    return bool((pod.get("spec") or {}).get("nodeName"))


def is_finished(pod: Document) -> bool:
    """Whether all containers have ended for good."""
    return (pod.get("status") or {}).get("phase") in ("Failed", "Succeeded")


def choose_container(pod: Document, wanted: str) -> str:
    """The container ``wanted``, or the only one. Raises the 400 that lists them."""
    spec, name = pod.get("spec") or {}, pod["metadata"]["name"]
    everything = [str(container["name"]) for key in _CONTAINERS for container in spec.get(key) or []]
    if wanted:
        if wanted not in everything:
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    containers = spec.get("containers") or []
    if len(containers) == 1:
        return str(containers[0]["name"])
    text = f"a container name must be specified for pod {name}"
    raise bad_request(f"{text}, choose one of: [{' '.join(everything)}]" if containers else text)


def container_status(pod: Document, container: str) -> Document | None:
    """The status of a container, of whichever sort it is; None where the Pod has none."""
    status = pod.get("status") or {}
    for key in _STATUSES:
        for item in status.get(key) or []:
            if item.get("name") == container:
                found: Document = item
                return found
    return None


def is_terminated(pod: Document, container: str) -> bool:
    """Whether the Pod's status says that a container has ended."""
    status = container_status(pod, container)
    return bool(status and (status.get("state") or {}).get("terminated"))
