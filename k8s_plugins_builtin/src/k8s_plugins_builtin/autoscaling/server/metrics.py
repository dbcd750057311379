# SPDX-License-Identifier: Apache-2.0
"""The metrics of a HorizontalPodAutoscaler, and the objects that it refers to, in ``autoscaling/v2``. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.formats import dns_label, path_segment
from k8s_plugins_builtin.core.server.resources import amount, check_container_resource_name

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document, Problems

__all__ = ["check_metric", "check_reference", "version_problems"]

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


def check_reference(problems: Problems, reference: Document, path: str) -> None:
    """A reference to another object by version, kind and name."""
    for name in ("kind", "name"):
        value = reference.get(name, "")
        if not value:
            problems.required(f"{path}.{name}")
        else:
            problems.invalid(f"{path}.{name}", value, *path_segment(value))
    version = reference.get("apiVersion", "")
    problems.invalid(f"{path}.apiVersion", version, *version_problems(version))


def version_problems(version: str) -> list[str]:
    """What is wrong with the ``apiVersion`` of a reference, which may be empty."""
    return [f"unexpected GroupVersion string: {version}"] if version.count("/") > 1 else []


def check_metric(problems: Problems, metric: Document, path: str) -> None:
    """A metric, which has one source and its target."""
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


def _check_source(problems: Problems, name: str, source: Document, path: str) -> None:
    target = source.get("target") or {}
    where = f"{path}.target"
    if name == "object":
        check_reference(problems, source.get("describedObject") or {}, f"{path}.describedObject")
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


def _check_name(problems: Problems, source: Document, path: str) -> None:
    name = (source.get("metric") or {}).get("name", "")
    if not name:
        problems.required(f"{path}.metric.name", "must specify a metric name")
    else:
        problems.invalid(f"{path}.metric.name", name, *path_segment(name))


def _check_resource(problems: Problems, kind: str, source: Document, path: str) -> None:
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


def _check_metric_target(problems: Problems, target: Document, path: str) -> None:
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
