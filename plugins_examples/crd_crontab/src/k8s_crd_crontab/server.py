# SPDX-License-Identifier: Apache-2.0
"""How an API server for tests treats CronTabs: the rule of their webhook, and what their controller does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl
from k8s_devkit import CustomStrategy, Problems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit import ControllerContext, Document, FieldError, ServerContext, ServerRegistrar

__all__ = ["CronTabStrategy", "k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register the strategy, as an import string."""
    registrar.add_strategy("stable.example.com/v1", "CronTab", "k8s_crd_crontab.server:CronTabStrategy")


class CronTabStrategy(CustomStrategy):
    """CronTab."""

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return list(super().validate(new, ctx)) or _check_schedule(new)

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return list(super().validate_update(new, old, ctx)) or _check_schedule(new)

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        name, replicas = obj["metadata"]["name"], obj["spec"].get("replicas", 1)
        obj["status"] = {"replicas": replicas, "labelSelector": f"crontab={name}"}


def _check_schedule(crontab: Document) -> Problems:
    """The rule of the webhook, for a CronTab that fits the schema."""
    problems, schedule = Problems(), crontab["spec"]["cronSpec"]
    if len(schedule.split()) != 5:
        problems.invalid("spec.cronSpec", schedule, "must have five fields: minute, hour, day, month and weekday")
    return problems
