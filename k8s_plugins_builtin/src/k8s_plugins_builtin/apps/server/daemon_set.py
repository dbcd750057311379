# SPDX-License-Identifier: Apache-2.0
"""How an API server treats DaemonSets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.checks import check_at_most_100_percent, check_number_or_percent, number_of
from k8s_devkit.strategy.defaults import fill
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.selectors import check_label_selector, is_empty_selector
from k8s_devkit.strategy.statuses import observe_generation
from k8s_plugins_builtin.apps.server.templates import check_template_labels, rolling_update_shown
from k8s_plugins_builtin.core.server.pods.templates import check_controlled_template, default_template
from k8s_plugins_builtin.core.server.pods.warnings import template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["DaemonSetStrategy"]

_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_SCHEDULED = (
    "currentNumberScheduled",
    "desiredNumberScheduled",
    "numberReady",
    "updatedNumberScheduled",
    "numberAvailable",
)
_COUNTS = (
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "observedGeneration",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "collisionCount",
)
_check_immutable = freeze("spec.selector")


class DaemonSetStrategy(Strategy):
    """DaemonSet."""

    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        spec = new.setdefault("spec", {})
        fill(spec, revisionHistoryLimit=10)
        strategy = spec.setdefault("updateStrategy", {})
        if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
            fill(strategy.setdefault("rollingUpdate", {}), maxUnavailable=1, maxSurge=0)
        default_template(spec)
        source = new if old is None else old
        number = (source["metadata"].get("annotations") or {}).get(_TEMPLATE_GENERATION, "1")
        annotations = new["metadata"].get("annotations") or {}
        new["metadata"]["annotations"] = {**annotations, _TEMPLATE_GENERATION: number}

    def prepare_for_update(self, new: Document, old: Document, ctx: ServerContext) -> None:
        """Count a change of the template."""
        if new["spec"].get("template") != old["spec"].get("template"):
            annotations = new["metadata"]["annotations"]
            annotations[_TEMPLATE_GENERATION] = str(int(annotations[_TEMPLATE_GENERATION]) + 1)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        # The API server checks the new spec twice.
        spec = _check_spec(new.get("spec") or {})
        return [
            *self.check_metadata(new, created=False),
            *spec,
            *self.check_metadata_update(new, old),
            *spec,
            *_check_immutable(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        return template_warnings(new, old)

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems = Problems()
        problems.nonnegative(new.get("status") or {}, "status", *_COUNTS)
        return problems

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        """Every node has its pod; without nodes there is one."""
        status, nodes = observe_generation(obj), max(1, len(list(ctx.objects("", "nodes"))))
        for name in _SCHEDULED:
            status[name] = nodes
        status["numberMisscheduled"] = 0


def _check_spec(spec: Document) -> Problems:
    problems, selector = Problems(), spec.get("selector")
    problems += check_label_selector(selector, "spec.selector")
    check_template_labels(problems, spec)
    if selector is not None and is_empty_selector(selector):
        problems.invalid("spec.selector", selector, "empty selector is invalid for daemonset")
    problems += check_controlled_template(spec.get("template") or {}, "spec.template", "DaemonSet")
    problems.nonnegative(spec, "spec", "minReadySeconds")
    _check_update_strategy(problems, spec.get("updateStrategy") or {}, "spec.updateStrategy")
    problems.nonnegative(spec, "spec", "revisionHistoryLimit")
    return problems


def _check_update_strategy(problems: Problems, strategy: Document, path: str) -> None:
    type_, rolling, where = strategy.get("type", ""), strategy.get("rollingUpdate"), f"{path}.rollingUpdate"
    if type_ == "OnDelete":
        return
    if type_ != "RollingUpdate":
        problems.unsupported(path, rolling_update_shown(type_, rolling), ("RollingUpdate", "OnDelete"))
        return
    rolling = rolling or {"maxUnavailable": 1}
    fields = ("maxUnavailable", "maxSurge")
    for check in (check_number_or_percent, check_at_most_100_percent):
        for name in fields:
            check(problems, rolling.get(name), f"{where}.{name}")
    unavailable, surge = (number_of(rolling.get(name)) for name in fields)
    if unavailable and surge:
        text = "may not be set when maxUnavailable is non-zero"
        problems.invalid(f"{where}.maxSurge", rolling["maxSurge"], text)
    elif not unavailable and not surge:
        problems.required(f"{where}.maxUnavailable", "cannot be 0 when maxSurge is 0")
