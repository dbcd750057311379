# SPDX-License-Identifier: Apache-2.0
"""Defaults of single kinds that are more than a table. Pure."""

from __future__ import annotations

import copy
from typing import Any

from k8s_devkit.strategy.defaults import Json, copy_missing, fill, objects

__all__ = [
    "default_api_service",
    "default_autoscaler",
    "default_network_policy",
    "default_resource_claim",
    "default_subjects",
]

_RBAC_GROUP = "rbac.authorization.k8s.io"


def default_network_policy(document: Json) -> None:
    """Say which directions a NetworkPolicy is for: egress only if it has rules for it."""
    spec = document.setdefault("spec", {})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def default_subjects(document: Json) -> None:
    """Fill in the groups of the subjects of an RBAC binding."""
    for subject in objects(document, "subjects"):
        if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
            subject["apiGroup"] = _RBAC_GROUP


_PERIOD = 15
_SCALE_UP: Json = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": _PERIOD},
        {"type": "Percent", "value": 100, "periodSeconds": _PERIOD},
    ],
}
_SCALE_DOWN: Json = {
    "selectPolicy": "Max",
    "policies": [{"type": "Percent", "value": 100, "periodSeconds": _PERIOD}],
}
_CPU_PERCENT = 80


def default_autoscaler(document: Json, version: str) -> None:
    """Fill the defaults of a HorizontalPodAutoscaler: without metrics it goes by the processors' load."""
    spec = document.setdefault("spec", {})
    fill(spec, minReplicas=1)
    if version == "v1":
        if "autoscaling.alpha.kubernetes.io/metrics" not in (document["metadata"].get("annotations") or {}):
            fill(spec, targetCPUUtilizationPercentage=_CPU_PERCENT)
        return
    target: Json = {"type": "Utilization", "averageUtilization": _CPU_PERCENT}
    if not spec.get("metrics"):
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    if isinstance(behavior := spec.get("behavior"), dict):
        for name, values in (("scaleUp", _SCALE_UP), ("scaleDown", _SCALE_DOWN)):
            copy_missing(behavior.setdefault(name, {}), copy.deepcopy(values))


def default_resource_claim(spec: Any) -> None:
    """Fill the number of devices that each request of a ResourceClaim's spec asks for."""
    for request in objects((spec or {}).get("devices") or {}, "requests"):
        exact = request.get("exactly")
        for part in (*([exact] if isinstance(exact, dict) else ()), *objects(request, "firstAvailable")):
            if part.get("allocationMode") == "ExactCount" and not part.get("count"):
                part["count"] = 1


def default_api_service(document: Json, now: str) -> None:
    """An APIService that this server answers itself is available at once."""
    spec = document.setdefault("spec", {})
    if not spec.get("service"):
        condition = {
            "type": "Available",
            "status": "True",
            "lastTransitionTime": now,
            "reason": "Local",
            "message": "Local APIServices are always available",
        }
        document["status"] = {"conditions": [condition]}
