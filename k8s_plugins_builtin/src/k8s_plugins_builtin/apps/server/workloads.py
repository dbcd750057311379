# SPDX-License-Identifier: Apache-2.0
"""The ``apps`` group, and the ReplicationController before it. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import percent
from k8s_devkit.strategy.labels import check_annotations, check_label_map
from k8s_devkit.strategy.selectors import check_label_selector, is_empty_selector, selects
from k8s_plugins_builtin.core.server.pods.validation import (
    check_controlled_template,
    check_endless,
    check_pod_annotations,
    check_pod_template,
)

__all__ = [
    "check_controller_revision",
    "check_daemon_set",
    "check_deployment",
    "check_not_above_all",
    "check_number_or_percent",
    "check_replica_set",
    "check_replication_controller",
    "check_stateful_set",
    "check_template_kind",
]

Json = dict[str, Any]
_NO_MATCH = "`selector` does not match template `labels`"


def check_number_or_percent(problems: Problems, value: Any, path: str) -> None:
    """A number that is not negative, or a percentage."""
    if isinstance(value, str):
        problems.invalid(path, value, *percent(value))
    elif isinstance(value, int) and value < 0:
        problems.invalid(path, value, "must be greater than or equal to 0")


def check_not_above_all(problems: Problems, value: Any, path: str) -> None:
    """A percentage of at most a hundred."""
    if isinstance(value, str) and not percent(value) and int(value[:-1]) > 100:
        problems.invalid(path, value, "must not be greater than 100%")


def _number(value: Any) -> int:
    if isinstance(value, str):
        return int(value[:-1]) if not percent(value) else int(value) if value.isdecimal() else 0
    return int(value or 0)


def _labels(template: Json) -> Json:
    return (template.get("metadata") or {}).get("labels") or {}


def _check_selector(problems: Problems, spec: Json, kind: str) -> bool:
    """Check that there is a selector that can be used; tell whether it can."""
    selector = spec.get("selector")
    if selector is None:
        problems.required("spec.selector")
        return True
    faults = check_label_selector(selector, "spec.selector")
    problems += faults
    if is_empty_selector(selector):
        problems.invalid("spec.selector", selector, f"empty selector is invalid for {kind}")
    return not faults


def _check_match(problems: Problems, spec: Json) -> None:
    selector, template = spec.get("selector"), spec.get("template") or {}
    # No selector at all selects nothing, an empty one everything.
    if (selector is None or not is_empty_selector(selector)) and selects(selector, _labels(template)) is False:
        problems.invalid("spec.template.metadata.labels", _labels(template) or None, _NO_MATCH)


def _check_replicas(spec: Json) -> Problems:
    problems = Problems()
    problems.nonnegative(spec, "spec", "replicas")
    return problems


def check_deployment(document: Json, live: Json | None = None) -> Problems:
    """A Deployment."""
    spec = document.get("spec") or {}
    problems = _check_replicas(spec)
    if _check_selector(problems, spec, "deployment"):
        _check_match(problems, spec)
        problems += check_controlled_template(spec.get("template") or {}, "spec.template", "ReplicaSet")
    else:
        problems.invalid("spec.selector", spec.get("selector"), "invalid label selector")
    _check_deployment_strategy(problems, spec.get("strategy") or {}, "spec.strategy")
    problems.nonnegative(spec, "spec", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds", 0)
    if deadline is not None and deadline <= ready:
        problems.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")
    return problems


def _check_deployment_strategy(problems: Problems, strategy: Json, path: str) -> None:
    type_, rolling, where = strategy.get("type", ""), strategy.get("rollingUpdate"), f"{path}.rollingUpdate"
    if type_ == "Recreate":
        if rolling is not None:
            problems.forbidden(where, "may not be specified when strategy `type` is 'Recreate'")
    elif type_ != "RollingUpdate":
        shown = {"Type": type_, "RollingUpdate": rolling and _go_rolling(rolling)}
        problems.unsupported(path, shown, ("Recreate", "RollingUpdate"))
    elif rolling is not None:
        unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
        check_number_or_percent(problems, unavailable, f"{where}.maxUnavailable")
        check_number_or_percent(problems, surge, f"{where}.maxSurge")
        if not _number(unavailable) and not _number(surge):
            text = "may not be 0 when `maxSurge` is 0"
            problems.invalid(f"{where}.maxUnavailable", unavailable or 0, text)
        check_not_above_all(problems, unavailable, f"{where}.maxUnavailable")


def _go_rolling(rolling: Json) -> Json:
    return {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}


def check_replica_set(document: Json, live: Json | None = None) -> Problems:
    """A ReplicaSet."""
    spec = document.get("spec") or {}
    problems = _check_replicas(spec)
    problems.nonnegative(spec, "spec", "minReadySeconds")
    if _check_selector(problems, spec, "deployment"):
        _check_match(problems, spec)
        problems += check_controlled_template(spec.get("template") or {}, "spec.template", "ReplicaSet")
    else:
        problems.invalid("spec.selector", spec.get("selector"), "invalid label selector")
    return problems


def check_replication_controller(document: Json, live: Json | None = None) -> Problems:
    """A ReplicationController, whose selector is a plain map of labels."""
    spec, problems = document.get("spec") or {}, Problems()
    problems.nonnegative(spec, "spec", "minReadySeconds")
    selector = spec.get("selector") or {}
    if not selector:
        problems.required("spec.selector")
    problems.nonnegative(spec, "spec", "replicas")
    template = spec.get("template")
    if template is None:
        problems.required("spec.template")
        return problems
    labels = _labels(template)
    if any(labels.get(key) != value for key, value in selector.items()):
        problems.invalid("spec.template.metadata.labels", labels or None, _NO_MATCH)
    problems += check_controlled_template(template, "spec.template", "ReplicationController")
    return problems


def check_daemon_set(document: Json, live: Json | None = None) -> Problems:
    """A DaemonSet."""
    spec, problems = document.get("spec") or {}, Problems()
    selector, template = spec.get("selector"), spec.get("template") or {}
    problems += check_label_selector(selector, "spec.selector")
    if selects(selector, _labels(template)) is False:
        problems.invalid("spec.template.metadata.labels", _labels(template) or None, _NO_MATCH)
    if selector is not None and is_empty_selector(selector):
        problems.invalid("spec.selector", selector, "empty selector is invalid for daemonset")
    problems += check_controlled_template(template, "spec.template", "DaemonSet")
    problems.nonnegative(spec, "spec", "minReadySeconds")
    _check_daemon_strategy(problems, spec.get("updateStrategy") or {}, "spec.updateStrategy")
    problems.nonnegative(spec, "spec", "revisionHistoryLimit")
    return problems


def _check_daemon_strategy(problems: Problems, strategy: Json, path: str) -> None:
    type_, rolling, where = strategy.get("type", ""), strategy.get("rollingUpdate"), f"{path}.rollingUpdate"
    if type_ == "OnDelete":
        return
    if type_ != "RollingUpdate":
        shown = {"Type": type_, "RollingUpdate": rolling and _go_rolling(rolling)}
        problems.unsupported(path, shown, ("RollingUpdate", "OnDelete"))
        return
    rolling = rolling or {"maxUnavailable": 1}
    fields = ("maxUnavailable", "maxSurge")
    for check in (check_number_or_percent, check_not_above_all):
        for name in fields:
            check(problems, rolling.get(name), f"{where}.{name}")
    unavailable, surge = (_number(rolling.get(name)) for name in fields)
    if unavailable and surge:
        text = "may not be set when maxUnavailable is non-zero"
        problems.invalid(f"{where}.maxSurge", rolling["maxSurge"], text)
    elif not unavailable and not surge:
        problems.required(f"{where}.maxUnavailable", "cannot be 0 when maxSurge is 0")


def check_stateful_set(document: Json, live: Json | None = None) -> Problems:
    """A StatefulSet; the API server does not look at the volumes of its pods, which claims complete."""
    spec, problems = document.get("spec") or {}, Problems()
    policy = spec.get("podManagementPolicy")
    if policy not in (None, "OrderedReady", "Parallel"):
        problems.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    _check_stateful_strategy(problems, spec.get("updateStrategy") or {}, "spec.updateStrategy")
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for name in ("whenDeleted", "whenScaled"):
        problems.one_of(retention, "spec.persistentVolumeClaimRetentionPolicy", name, ("Retain", "Delete"))
    problems.nonnegative(spec, "spec", "replicas", "minReadySeconds")
    problems.nonnegative(spec.get("ordinals") or {}, "spec.ordinals", "start")
    if _check_selector(problems, spec, "statefulset"):
        _check_match(problems, spec)
        template = spec.get("template") or {}
        metadata = template.get("metadata") or {}
        problems += check_label_map(metadata.get("labels"), "spec.template.labels")
        problems += check_annotations(metadata.get("annotations"), "spec.template.annotations")
        annotations = metadata.get("annotations") or {}
        problems += check_pod_annotations(annotations, template.get("spec") or {}, "spec.template.annotations")
    else:
        problems.invalid("spec.selector", spec.get("selector"), "")
    pod = (spec.get("template") or {}).get("spec") or {}
    check_endless(problems, pod, "spec.template.spec", "StatefulSet")
    return problems


def _check_stateful_strategy(problems: Problems, strategy: Json, path: str) -> None:
    type_, rolling, where = strategy.get("type", ""), strategy.get("rollingUpdate"), f"{path}.rollingUpdate"
    shown = rolling and {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}
    if type_ == "OnDelete":
        if rolling is not None:
            problems.invalid(where, shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif type_ != "RollingUpdate":
        strategy_shown = {"Type": type_, "RollingUpdate": shown}
        problems.invalid(path, strategy_shown, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        problems.nonnegative(rolling, where, "partition")
        unavailable = rolling.get("maxUnavailable")
        if unavailable is not None:
            check_number_or_percent(problems, unavailable, f"{where}.maxUnavailable")
            if not _number(unavailable):
                problems.invalid(f"{where}.maxUnavailable", unavailable, "cannot be 0")
            check_not_above_all(problems, unavailable, f"{where}.maxUnavailable")


def check_controller_revision(document: Json, live: Json | None = None) -> Problems:
    """A ControllerRevision."""
    problems = Problems()
    if document.get("data") is None:
        problems.required("data", "data is mandatory")
    problems.nonnegative(document, "", "revision")
    return problems


def check_template_kind(document: Json, live: Json | None = None) -> Problems:
    """A PodTemplate."""
    return check_pod_template(document.get("template") or {}, "template")
