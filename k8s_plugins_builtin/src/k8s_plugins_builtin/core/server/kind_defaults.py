# SPDX-License-Identifier: Apache-2.0
"""Defaults of single kinds that are more than a table. Pure."""

from __future__ import annotations

import base64
from typing import Any

from k8s_devkit.strategy.defaults import Json, copy_missing, fill, objects, round_up
from k8s_plugins_builtin.core.server.pods.defaults import default_claim, default_source

__all__ = [
    "default_api_service",
    "default_claim_object",
    "default_limits",
    "default_node",
    "default_quota",
    "default_resource_claim",
    "default_secret",
    "default_subjects",
    "default_volume",
]

_RBAC_GROUP = "rbac.authorization.k8s.io"


def default_secret(document: Json) -> None:
    """Merge ``stringData``, which is write-only, into ``data`` (E12)."""
    text = document.pop("stringData", None)
    if text:
        encoded = {name: base64.b64encode(value.encode()).decode() for name, value in text.items()}
        document["data"] = {**document.get("data", {}), **encoded}


def default_node(document: Json) -> None:
    """Fill the defaults of a Node."""
    status, spec = document.get("status"), document.setdefault("spec", {})
    if isinstance(status, dict):
        round_up(status.get("capacity"))
        round_up(status.get("allocatable"))
        if status.get("capacity"):
            fill(status, allocatable=dict(status["capacity"]))
    if spec.get("podCIDR"):
        fill(spec, podCIDRs=[spec["podCIDR"]])


def default_volume(document: Json) -> None:
    """Fill the defaults of a PersistentVolume."""
    default_source(document.setdefault("spec", {}))
    document.setdefault("status", {}).setdefault("phase", "Pending")


def default_claim_object(document: Json) -> None:
    """Fill the defaults of a PersistentVolumeClaim; the two fields for its source are kept in step."""
    default_claim(document)
    spec = document["spec"]
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source and not reference:
        spec["dataSourceRef"] = dict(source)
    elif reference and not source and not reference.get("namespace"):
        spec["dataSource"] = dict(reference)


def default_limits(document: Json) -> None:
    """Derive the defaults of a LimitRange from its maxima and minima."""
    for item in objects(document.setdefault("spec", {}), "limits"):
        for name in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
            round_up(item.get(name))
        if item.get("type") != "Container":
            continue
        limits, requests = dict(item.get("default") or {}), dict(item.get("defaultRequest") or {})
        copy_missing(limits, item.get("max") or {})
        copy_missing(requests, limits)
        copy_missing(requests, item.get("min") or {})
        for name, value in (("default", limits), ("defaultRequest", requests)):
            if value:
                item[name] = value


def default_quota(document: Json) -> None:
    """Round the amounts of a ResourceQuota."""
    round_up(document.setdefault("spec", {}).get("hard"))


def default_subjects(document: Json) -> None:
    """Fill in the groups of the subjects of an RBAC binding."""
    for subject in objects(document, "subjects"):
        if subject.get("kind") in ("User", "Group") and not subject.get("apiGroup"):
            subject["apiGroup"] = _RBAC_GROUP


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
