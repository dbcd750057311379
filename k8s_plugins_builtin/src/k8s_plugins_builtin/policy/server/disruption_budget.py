# SPDX-License-Identifier: Apache-2.0
"""How an API server treats PodDisruptionBudgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.checks import check_at_most_100_percent, check_number_or_percent
from k8s_devkit.strategy.selectors import check_label_selector, selects
from k8s_devkit.strategy.statuses import observe_generation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["DisruptionBudgetStrategy"]


class DisruptionBudgetStrategy(Strategy):
    """PodDisruptionBudget. The API server does not check its metadata beyond the rules for all kinds."""

    unconditional_update = False
    generation = "counted"

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return _check_spec(new.get("spec") or {})

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return _check_spec(new.get("spec") or {})

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems = Problems()
        counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
        problems.nonnegative(new.get("status") or {}, "status", *counts)
        return problems

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        """Count pods as the disruption controller does; of ``minAvailable`` and ``maxUnavailable``, numbers only."""
        spec, status = obj["spec"], observe_generation(obj)
        pods = [
            pod
            for pod in ctx.objects("", "pods", obj["metadata"]["namespace"])
            if selects(spec.get("selector"), pod["metadata"].get("labels"))
        ]
        healthy = sum((pod.get("status") or {}).get("phase") == "Running" for pod in pods)
        wanted = _wanted(spec, len(pods))
        status.update(expectedPods=len(pods), currentHealthy=healthy, desiredHealthy=wanted)
        status["disruptionsAllowed"] = max(0, healthy - wanted)


def _wanted(spec: Document, pods: int) -> int:
    """How many pods must stay healthy."""
    least, most = spec.get("minAvailable", 1), spec.get("maxUnavailable")
    if isinstance(most, int):
        return max(0, pods - most)
    return least if isinstance(least, int) else pods


def _check_spec(spec: Document) -> Problems:
    problems, low, high = Problems(), spec.get("minAvailable"), spec.get("maxUnavailable")
    if low is not None and high is not None:
        shown = {
            "MinAvailable": low,
            "Selector": spec.get("selector"),
            "MaxUnavailable": high,
            "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy"),
        }
        problems.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for name, value in (("minAvailable", low), ("maxUnavailable", high)):
        if value is not None:
            check_number_or_percent(problems, value, f"spec.{name}")
            check_at_most_100_percent(problems, value, f"spec.{name}")
    problems += check_label_selector(spec.get("selector"), "spec.selector")
    problems.one_of(spec, "spec", "unhealthyPodEvictionPolicy", ("AlwaysAllow", "IfHealthyBudget"))
    return problems
