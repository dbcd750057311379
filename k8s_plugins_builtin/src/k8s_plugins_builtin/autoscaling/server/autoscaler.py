# SPDX-License-Identifier: Apache-2.0
"""How an API server treats HorizontalPodAutoscalers; they are stored as ``autoscaling/v2`` has them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import copy_missing, fill
from k8s_plugins_builtin.autoscaling.server.metrics import check_metric, check_reference, version_problems
from k8s_plugins_builtin.core.server.resources import amount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["CPU_PERCENT", "HorizontalPodAutoscalerStrategy"]

CPU_PERCENT = 80
"""The load of the processors that an autoscaler without metrics aims at."""

_PERIOD = 15
_SCALE_UP: Document = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": _PERIOD},
        {"type": "Percent", "value": 100, "periodSeconds": _PERIOD},
    ],
}
_SCALE_DOWN: Document = {
    "selectPolicy": "Max",
    "policies": [{"type": "Percent", "value": 100, "periodSeconds": _PERIOD}],
}


class HorizontalPodAutoscalerStrategy(Strategy):
    """HorizontalPodAutoscaler of autoscaling/v2."""

    tells_empty = ("spec.behavior.scaleUp.policies", "spec.behavior.scaleDown.policies")

    def default(self, new: Document, old: Document | None) -> None:
        spec = new.setdefault("spec", {})
        fill(spec, minReplicas=1)
        if not spec.get("metrics"):
            target: Document = {"type": "Utilization", "averageUtilization": CPU_PERCENT}
            spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
        if isinstance(behavior := spec.get("behavior"), dict):
            for name, values in (("scaleUp", _SCALE_UP), ("scaleDown", _SCALE_DOWN)):
                copy_missing(behavior.setdefault(name, {}), copy.deepcopy(values))

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {}, {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *_check_spec(new.get("spec") or {}, old.get("spec") or {})]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems = Problems()
        problems.nonnegative(new.get("status") or {}, "status", "currentReplicas", "desiredReplicas")
        return problems


def _check_spec(spec: Document, old: Document) -> Problems:
    problems, low, high = Problems(), spec.get("minReplicas"), spec.get("maxReplicas", 0)
    lowest = 0 if old.get("minReplicas") == 0 else 1
    if low is not None and low < lowest:
        problems.invalid("spec.minReplicas", low, f"must be greater than or equal to {lowest}")
    if high < 1:
        problems.required("spec.maxReplicas", "must be set and greater than 0")
    if low is not None and high < low:
        problems.invalid("spec.maxReplicas", high, "must be greater than or equal to `minReplicas`")
    _check_target(problems, spec.get("scaleTargetRef") or {}, old.get("scaleTargetRef"))
    metrics = spec.get("metrics") or []
    for index, metric in enumerate(metrics):
        check_metric(problems, metric, f"spec.metrics[{index}]")
    if low == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        text = "must specify at least one Object or External metric to support scaling to zero replicas"
        problems.forbidden("spec.metrics", text)
    for direction in ("scaleUp", "scaleDown"):
        rules = (spec.get("behavior") or {}).get(direction)
        if rules is not None:
            _check_scaling(problems, rules, f"spec.behavior.{direction}")
    return problems


def _check_target(problems: Problems, target: Document, old: Document | None) -> None:
    """What is scaled is of an API group, but for the one kind of the core; an older reference may lack it."""
    where, version = "spec.scaleTargetRef", target.get("apiVersion", "")
    check_reference(problems, target, where)
    if not version_problems(version) and _lacks_group(target) and not (old and _lacks_group(old)):
        problems.invalid(f"{where}.apiVersion", version, "apiVersion must specify API group")


def _lacks_group(target: Document) -> bool:
    return "/" not in target.get("apiVersion", "").lstrip("/") and target.get("kind") != "ReplicationController"


def _check_scaling(problems: Problems, rules: Document, path: str) -> None:
    seconds = rules.get("stabilizationWindowSeconds")
    if seconds is not None and seconds < 0:
        problems.invalid(f"{path}.stabilizationWindowSeconds", seconds, "must be greater than or equal to zero")
    if seconds is not None and seconds > 3600:
        problems.invalid(f"{path}.stabilizationWindowSeconds", seconds, "must be less than or equal to 3600")
    problems.one_of(rules, path, "selectPolicy", ("Disabled", "Max", "Min"))
    policies = rules.get("policies")
    if policies == []:
        problems.required(f"{path}.policies", "must specify at least one Policy")
    for index, policy in enumerate(policies or []):
        where = f"{path}.policies[{index}]"
        if policy.get("type", "") not in ("Percent", "Pods"):
            problems.unsupported(f"{where}.type", policy.get("type", ""), ("Percent", "Pods"))
        for name in ("value", "periodSeconds"):
            if policy.get(name, 0) <= 0:
                problems.invalid(f"{where}.{name}", policy.get(name, 0), "must be greater than zero")
        if policy.get("periodSeconds", 0) > 1800:
            problems.invalid(f"{where}.periodSeconds", policy["periodSeconds"], "must be less than or equal to 1800")
    if rules.get("tolerance") is not None and amount(rules["tolerance"]) < 0:
        problems.invalid(f"{path}.tolerance", str(amount(rules["tolerance"])), "must be greater than or equal to 0")
