# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.checks import (
    check_at_most_100_percent,
    check_not_greater,
    check_number_or_percent,
    number_of,
)
from k8s_devkit.strategy.defaults import fill
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.statuses import observe_generation, set_condition
from k8s_plugins_builtin.apps.server.templates import check_replicated_template, rolling_update_shown
from k8s_plugins_builtin.core.server.pods.templates import default_template
from k8s_plugins_builtin.core.server.pods.warnings import name_warnings, template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["DeploymentStrategy"]

_READY = ("updatedReplicas", "readyReplicas", "availableReplicas")
_check_immutable = freeze("spec.selector")


class DeploymentStrategy(Strategy):
    """Deployment."""

    generation = "counted"
    status_update_keeps = ("labels",)

    def default(self, new: Document, old: Document | None) -> None:
        spec = new.setdefault("spec", {})
        fill(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
        strategy = spec.setdefault("strategy", {})
        if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
            fill(strategy.setdefault("rollingUpdate", {}), maxUnavailable="25%", maxSurge="25%")
        default_template(spec)

    def starts_generation(self, new: Document, old: Document) -> bool:
        """Annotations count, too: the controller copies them to the ReplicaSet."""
        before, after = (obj["metadata"].get("annotations") or {} for obj in (old, new))
        return before != after or super().starts_generation(new, old)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_spec(new.get("spec") or {}),
            *_check_immutable(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        names = name_warnings(new) if old is None else ()
        return [*names, *template_warnings(new, old)]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        status, problems = new.get("status") or {}, Problems()
        counts = ("observedGeneration", "replicas", *_READY, "unavailableReplicas", "collisionCount")
        problems.nonnegative(status, "status", *counts)
        check_not_greater(problems, status, "status", _READY, "replicas")
        check_not_greater(problems, status, "status", ("availableReplicas",), "readyReplicas", "readyReplicas")
        return problems

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        status, now = observe_generation(obj), ctx.now()
        for name in ("replicas", *_READY):
            status[name] = obj["spec"].get("replicas", 1)
        available = "Deployment has minimum availability."
        set_condition(obj, "Available", now, "MinimumReplicasAvailable", available, lastUpdateTime=now)
        progressed = f'ReplicaSet "{obj["metadata"]["name"]}" has successfully progressed.'
        set_condition(obj, "Progressing", now, "NewReplicaSetAvailable", progressed, lastUpdateTime=now)


def _check_spec(spec: Document) -> Problems:
    problems = Problems()
    problems.nonnegative(spec, "spec", "replicas")
    problems += check_replicated_template(spec)
    _check_update_strategy(problems, spec.get("strategy") or {}, "spec.strategy")
    problems.nonnegative(spec, "spec", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds", 0)
    if deadline is not None and deadline <= ready:
        problems.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")
    return problems


def _check_update_strategy(problems: Problems, strategy: Document, path: str) -> None:
    type_, rolling, where = strategy.get("type", ""), strategy.get("rollingUpdate"), f"{path}.rollingUpdate"
    if type_ == "Recreate":
        if rolling is not None:
            problems.forbidden(where, "may not be specified when strategy `type` is 'Recreate'")
    elif type_ != "RollingUpdate":
        problems.unsupported(path, rolling_update_shown(type_, rolling), ("Recreate", "RollingUpdate"))
    elif rolling is not None:
        unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
        check_number_or_percent(problems, unavailable, f"{where}.maxUnavailable")
        check_number_or_percent(problems, surge, f"{where}.maxSurge")
        if not number_of(unavailable) and not number_of(surge):
            text = "may not be 0 when `maxSurge` is 0"
            problems.invalid(f"{where}.maxUnavailable", unavailable or 0, text)
        check_at_most_100_percent(problems, unavailable, f"{where}.maxUnavailable")
