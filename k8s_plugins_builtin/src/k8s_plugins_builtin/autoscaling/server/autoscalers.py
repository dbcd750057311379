# SPDX-License-Identifier: Apache-2.0
"""HorizontalPodAutoscalers, as ``autoscaling/v2`` has them. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, path_segment
from k8s_plugins_builtin.core.server.resources import amount, check_container_resource_name

__all__ = ["check_autoscaler"]

Json = dict[str, Any]
_SOURCES = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
_TARGETS = ("Utilization", "Value", "AverageValue")
_RAW_OR_SHARE = "must set either a target raw value or a target utilization"
_NOT_BOTH = "may not set both a target raw value and a target utilization"


def check_autoscaler(document: Json, live: Json | None = None) -> Problems:
    """A HorizontalPodAutoscaler."""
    spec, problems = document.get("spec") or {}, Problems()
    low, high = spec.get("minReplicas"), spec.get("maxReplicas", 0)
    lowest = 0 if live is not None and (live.get("spec") or {}).get("minReplicas") == 0 else 1
    if low is not None and low < lowest:
        problems.invalid("spec.minReplicas", low, f"must be greater than or equal to {lowest}")
    if high < 1:
        problems.invalid("spec.maxReplicas", high, "must be greater than 0")
    if low is not None and high < low:
        problems.invalid("spec.maxReplicas", high, "must be greater than or equal to `minReplicas`")
    _check_target(problems, spec.get("scaleTargetRef") or {}, "spec.scaleTargetRef")
    metrics = spec.get("metrics") or []
    for index, metric in enumerate(metrics):
        _check_metric(problems, metric, f"spec.metrics[{index}]")
    if low == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        text = "must specify at least one Object or External metric to support scaling to zero replicas"
        problems.forbidden("spec.metrics", text)
    for direction in ("scaleUp", "scaleDown"):
        rules = (spec.get("behavior") or {}).get(direction)
        if rules is not None:
            _check_rules(problems, rules, f"spec.behavior.{direction}")
    return problems


def _check_target(problems: Problems, reference: Json, path: str) -> None:
    for name in ("kind", "name"):
        value = reference.get(name, "")
        if not value:
            problems.required(f"{path}.{name}")
        else:
            problems.invalid(f"{path}.{name}", value, *path_segment(value))


def _check_rules(problems: Problems, rules: Json, path: str) -> None:
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


def _check_metric(problems: Problems, metric: Json, path: str) -> None:
    type_ = metric.get("type", "")
    if not type_:
        problems.required(f"{path}.type", "must specify a metric source type")
    if type_ not in _SOURCES:
        problems.unsupported(f"{path}.type", type_, sorted(_SOURCES))
    found = [name for name in _SOURCES.values() if metric.get(name) is not None]
    if found:
        _check_source(problems, found[0], metric[found[0]], f"{path}.{found[0]}")
    expected = _SOURCES.get(type_)
    if expected is None:
        problems.unsupported(f"{path}.type", type_, sorted(_SOURCES))
    elif expected not in found:
        problems.required(f"{path}.{expected}", "must populate information for the given metric source")
    if len(found) != 1:
        for name in found:
            if name != expected:
                problems.forbidden(f"{path}.{name}", "must populate the given metric source only")


def _check_source(problems: Problems, name: str, source: Json, path: str) -> None:
    target = source.get("target") or {}
    where = f"{path}.target"
    if name == "object":
        _check_target(problems, source.get("describedObject") or {}, f"{path}.describedObject")
    if name in ("object", "external", "pods"):
        _check_name(problems, source, path)
    else:
        _check_resource(problems, name, source, path)
    _check_metric_target(problems, target, where)
    value, average, share = (target.get(part) for part in ("value", "averageValue", "averageUtilization"))
    if name == "object" and value is None and average is None:
        problems.required(f"{where}.averageValue", "must set either a target value or averageValue")
    elif name == "external":
        if value is None and average is None:
            text = "must set either a target value for metric or a per-pod target"
            problems.required(f"{where}.averageValue", text)
        if value is not None and average is not None:
            text = "may not set both a target value for metric and a per-pod target"
            problems.forbidden(f"{where}.value", text)
    elif name == "pods" and average is None:
        problems.required(f"{where}.averageValue", "must specify a positive target averageValue")
    elif name in ("resource", "containerResource"):
        if share is None and average is None:
            problems.required(f"{where}.averageUtilization", _RAW_OR_SHARE)
        if share is not None and average is not None:
            problems.forbidden(f"{where}.averageValue", _NOT_BOTH)


def _check_name(problems: Problems, source: Json, path: str) -> None:
    name = (source.get("metric") or {}).get("name", "")
    if not name:
        problems.required(f"{path}.metric.name", "must specify a metric name")
    else:
        problems.invalid(f"{path}.metric.name", name, *path_segment(name))


def _check_resource(problems: Problems, kind: str, source: Json, path: str) -> None:
    name, container = source.get("name", ""), source.get("container", "")
    if not name:
        problems.required(f"{path}.name", "must specify a resource name")
    elif kind == "containerResource":
        problems += check_container_resource_name(name, f"{path}.name")
    if kind == "containerResource":
        if not container:
            problems.required(f"{path}.container", "must specify a container")
        else:
            problems.invalid(f"{path}.container", container, *dns_label(container))


def _check_metric_target(problems: Problems, target: Json, path: str) -> None:
    type_ = target.get("type", "")
    if not type_:
        problems.required(f"{path}.type", "must specify a metric target type")
    if type_ not in _TARGETS:
        problems.invalid(f"{path}.type", type_, "must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        if target.get(name) is not None and not amount(target[name]) > 0:
            problems.invalid(f"{path}.{name}", str(amount(target[name])), "must be positive")
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        problems.invalid(f"{path}.averageUtilization", share, "must be greater than 0")
