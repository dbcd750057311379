# SPDX-License-Identifier: Apache-2.0
"""Defaults of single kinds that are more than a table. Pure."""

from __future__ import annotations

import base64

from k8s_devkit.strategy.defaults import Json, copy_missing, fill, objects, round_up
from k8s_plugins_builtin.core.server.pods.defaults import default_claim, default_source

__all__ = [
    "default_claim_object",
    "default_limits",
    "default_node",
    "default_quota",
    "default_secret",
    "default_volume",
]


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
