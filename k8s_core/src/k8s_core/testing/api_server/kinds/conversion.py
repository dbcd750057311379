# SPDX-License-Identifier: Apache-2.0
"""Built-in kinds whose versions differ: one is stored, the others are converted (Events, autoscalers). Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.json_text import load_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.testing.api_server.store import StoreKey

__all__ = ["Conversion", "conversion_of"]

Json = dict[str, Any]
_METRICS_ANNOTATION = "autoscaling.alpha.kubernetes.io/metrics"


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a version that is not stored is made of the stored one, and back.

    Attributes:
        key: where the objects are stored, which may be another group.
        read: from the stored form to this version; takes and returns a document of its own.
        write: the other way.
        fields: the stored name of each field that selectors call differently here.
    """

    key: StoreKey
    read: Callable[[Json], Json]
    write: Callable[[Json], Json]
    fields: tuple[tuple[str, str], ...] = ()

    def stored_field(self, field: str) -> str:
        """The stored name of a field that a selector names."""
        for own, stored in self.fields:
            if field == own or field.startswith(own + "."):
                return stored + field[len(own) :]
        return field


_EVENT_NAMES = {
    "regarding": "involvedObject",
    "note": "message",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
    "reportingController": "reportingComponent",
}


def _event_to_stored(document: Json) -> Json:
    stored = {_EVENT_NAMES.get(name, name): value for name, value in document.items()}
    return {"reportingComponent": "", "reportingInstance": "", **stored}  # shown even if empty


def _event_from_stored(document: Json) -> Json:
    names = {stored: own for own, stored in _EVENT_NAMES.items()}
    return {names.get(name, name): value for name, value in document.items()}


def _is_cpu(metric: Json) -> bool:
    resource = metric.get("resource") or {}
    target = resource.get("target") or resource.get("current") or {}
    return metric.get("type") == "Resource" and resource.get("name") == "cpu" and "averageUtilization" in target


def _autoscaler_to_v1(document: Json) -> Json:
    spec = document.get("spec") or {}
    metrics = spec.pop("metrics", None) or []
    spec.pop("behavior", None)
    cpu = [metric for metric in metrics if _is_cpu(metric)]
    if cpu:
        spec["targetCPUUtilizationPercentage"] = cpu[0]["resource"]["target"]["averageUtilization"]
    if others := [metric for metric in metrics if metric not in cpu[:1]]:
        document["metadata"].setdefault("annotations", {})[_METRICS_ANNOTATION] = json.dumps(others)
    status = document.get("status") or {}
    current = [metric for metric in status.pop("currentMetrics", None) or [] if _is_cpu(metric)]
    if current:
        status["currentCPUUtilizationPercentage"] = current[0]["resource"]["current"]["averageUtilization"]
    status.pop("conditions", None)
    return document


def _cpu(field: str, value: Any) -> Json:
    target: Json = {"averageUtilization": value}
    if field == "target":
        target = {"type": "Utilization", **target}
    return {"type": "Resource", "resource": {"name": "cpu", field: target}}


def _autoscaler_from_v1(document: Json) -> Json:
    spec, metrics = document.get("spec") or {}, []
    if (target := spec.pop("targetCPUUtilizationPercentage", None)) is not None:
        metrics.append(_cpu("target", target))
    annotations = document["metadata"].get("annotations") or {}
    if others := annotations.pop(_METRICS_ANNOTATION, ""):
        metrics.extend(load_json(others))
        if not annotations:
            del document["metadata"]["annotations"]
    if metrics:
        spec["metrics"] = metrics
    status = document.get("status") or {}
    if (current := status.pop("currentCPUUtilizationPercentage", None)) is not None:
        status["currentMetrics"] = [_cpu("current", current)]
    if "status" in document:
        status.setdefault("currentMetrics", None)  # shown even if there are none
        if not status.get("currentReplicas"):
            status.pop("currentReplicas", None)
    return document


_AUTOSCALERS = ("autoscaling", "horizontalpodautoscalers")
_CONVERSIONS = {
    ("events.k8s.io", "v1", "events"): Conversion(
        ("", "events"),
        _event_from_stored,
        _event_to_stored,
        (("regarding", "involvedObject"), ("reportingController", "reportingComponent")),
    ),
    ("autoscaling", "v1", "horizontalpodautoscalers"): Conversion(_AUTOSCALERS, _autoscaler_to_v1, _autoscaler_from_v1),
}


def conversion_of(group: str, version: str, plural: str) -> Conversion | None:
    """The conversion of a version that is not the stored one, else None."""
    return _CONVERSIONS.get((group, version, plural))
