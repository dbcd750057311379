# SPDX-License-Identifier: Apache-2.0
"""How an API server treats HorizontalPodAutoscalers of ``autoscaling/v1``: it converts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from k8s_devkit.strategy.defaults import fill
from k8s_devkit.strategy.json_text import load_json
from k8s_plugins_builtin.autoscaling.server.autoscaler import CPU_PERCENT, HorizontalPodAutoscalerStrategy

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["HorizontalPodAutoscalerV1Strategy"]

_METRICS_ANNOTATION = "autoscaling.alpha.kubernetes.io/metrics"


class HorizontalPodAutoscalerV1Strategy(HorizontalPodAutoscalerStrategy):
    """HorizontalPodAutoscaler of autoscaling/v1, which knows one metric: the load of the processors."""

    converted = True

    def default(self, new: Document, old: Document | None) -> None:
        spec = new.setdefault("spec", {})
        fill(spec, minReplicas=1)
        if _METRICS_ANNOTATION not in (new["metadata"].get("annotations") or {}):
            fill(spec, targetCPUUtilizationPercentage=CPU_PERCENT)

    def to_storage(self, document: Document) -> Document:
        spec, metrics = document.get("spec") or {}, []
        if (target := spec.pop("targetCPUUtilizationPercentage", None)) is not None:
            metrics.append(_cpu("target", {"type": "Utilization", "averageUtilization": target}))
        annotations = document["metadata"].get("annotations") or {}
        if others := annotations.pop(_METRICS_ANNOTATION, ""):
            metrics.extend(load_json(others))
            if not annotations:
                del document["metadata"]["annotations"]
        if metrics:
            spec["metrics"] = metrics
        status = document.get("status") or {}
        if (current := status.pop("currentCPUUtilizationPercentage", None)) is not None:
            status["currentMetrics"] = [_cpu("current", {"averageUtilization": current})]
        if "status" in document:
            status.setdefault("currentMetrics", None)  # shown even if there are none
            if not status.get("currentReplicas"):
                status.pop("currentReplicas", None)
        return document

    def from_storage(self, document: Document) -> Document:
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


def _is_cpu(metric: Document) -> bool:
    resource = metric.get("resource") or {}
    target = resource.get("target") or resource.get("current") or {}
    return metric.get("type") == "Resource" and resource.get("name") == "cpu" and "averageUtilization" in target


def _cpu(field: str, target: Document) -> Document:
    return {"type": "Resource", "resource": {"name": "cpu", field: target}}
