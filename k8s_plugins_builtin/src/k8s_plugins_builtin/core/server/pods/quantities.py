# SPDX-License-Identifier: Apache-2.0
"""Amounts of resources in pods: what is requested as a whole, and the quality of service that follows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.scalars import Quantity
from k8s_devkit.strategy.defaults import objects

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["default_pod_resources", "quality_of_service"]

_COMPUTE = ("cpu", "memory")


def _quantity(text: Any) -> Quantity:
    return Quantity(str(text))


def _pod_level(name: str) -> bool:
    return name in _COMPUTE or name.startswith("hugepages-")


def default_pod_resources(spec: Document) -> None:
    """Fill ``spec.resources.requests`` of a pod that limits its resources as a whole."""
    resources = spec.get("resources")
    limits = resources.get("limits") if isinstance(resources, dict) else None
    if not isinstance(resources, dict) or not limits:
        return
    requests = resources.get("requests") or {}
    for name, total in _all_requests(spec).items():
        if name in _COMPUTE:
            requests.setdefault(name, str(total))
    for name, limit in limits.items():
        if _pod_level(name):
            requests.setdefault(name, limit)
    if requests:
        resources["requests"] = requests


def _all_requests(spec: Document) -> dict[str, Quantity]:
    """What the containers request together: all at once, or the largest init container with the sidecars before it."""
    total: dict[str, Quantity] = {}
    for container in objects(spec, "containers"):
        _add(total, container)
    sidecars: dict[str, Quantity] = {}
    peak: dict[str, Quantity] = {}
    for container in objects(spec, "initContainers"):
        if container.get("restartPolicy") == "Always":
            _add(total, container)
            _add(sidecars, container)
            here = dict(sidecars)
        else:
            here = dict(sidecars)
            _add(here, container)
        for name, amount in here.items():
            peak[name] = max(peak.get(name, amount), amount)
    return {name: max(total.get(name, amount), amount) for name, amount in {**total, **peak}.items()}


def _add(total: dict[str, Quantity], container: Document) -> None:
    for name, text in ((container.get("resources") or {}).get("requests") or {}).items():
        amount = _quantity(text)
        total[name] = total[name] + amount if name in total else amount


def _computed(settings: Document, part: str) -> dict[str, Quantity]:
    found = {name: _quantity(text) for name, text in (settings.get(part) or {}).items() if name in _COMPUTE}
    return {name: amount for name, amount in found.items() if amount > _quantity("0")}


def quality_of_service(spec: Document) -> str:
    """``status.qosClass`` of a Pod: BestEffort, Guaranteed or Burstable; only processors and memory count."""
    containers = [*objects(spec, "initContainers"), *objects(spec, "containers")]
    settings = [spec["resources"]] if spec.get("resources") else [item.get("resources") or {} for item in containers]
    if not any(_computed(item, "requests") or _computed(item, "limits") for item in settings):
        return "BestEffort"
    for item in settings:
        limits, requests = _computed(item, "limits"), _computed(item, "requests")
        if set(limits) != set(_COMPUTE) or {**limits, **requests} != limits:
            return "Burstable"
    return "Guaranteed"
