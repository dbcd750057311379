# SPDX-License-Identifier: Apache-2.0
"""How an API server treats CronJobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill
from k8s_plugins_builtin.batch.server.job_spec import check_spec, default_failure_policy
from k8s_plugins_builtin.batch.server.schedules import schedule_problem, time_zone_problem
from k8s_plugins_builtin.core.server.pods.templates import default_template
from k8s_plugins_builtin.core.server.pods.warnings import name_warnings, template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["CronJobStrategy"]


class CronJobStrategy(Strategy):
    """CronJob."""

    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        """Fill the defaults; those of its Jobs come when they are created."""
        spec = new.setdefault("spec", {})
        fill(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
        if isinstance(spec.get("jobTemplate"), dict):
            job = spec["jobTemplate"].setdefault("spec", {})
            default_failure_policy(job)
            default_template(job)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems, name = self.check_metadata(new), new["metadata"].get("name", "")
        problems += _check_spec(new.get("spec") or {}, {})
        if len(name) > 52:
            problems.invalid("metadata.name", name, "must be no more than 52 characters")
        return problems

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *_check_spec(new.get("spec") or {}, old.get("spec") or {})]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        names = name_warnings(new) if old is None else ()
        return [*names, *template_warnings(new, old, "spec", "jobTemplate", "spec", "template")]


def _check_spec(spec: Document, old: Document) -> Problems:
    problems, schedule, zone = Problems(), spec.get("schedule", ""), spec.get("timeZone")
    if not schedule:
        problems.required("spec.schedule")
    else:
        if problem := schedule_problem(schedule):
            problems.invalid("spec.schedule", schedule, problem)
        _check_zone_in_schedule(problems, schedule, zone, kept="TZ" in old.get("schedule", ""))
    problems.nonnegative(spec, "spec", "startingDeadlineSeconds")
    if zone is not None and zone != old.get("timeZone") and (problem := time_zone_problem(zone)):
        problems.invalid("spec.timeZone", zone, problem)
    problems.one_of(spec, "spec", "concurrencyPolicy", ("Allow", "Forbid", "Replace"))
    job = (spec.get("jobTemplate") or {}).get("spec") or {}
    problems += check_spec(job, "spec.jobTemplate.spec")
    if job.get("selector") is not None:
        problems.invalid("spec.jobTemplate.spec.selector", job["selector"], "`selector` will be auto-generated")
    if job.get("manualSelector"):
        problems.unsupported("spec.jobTemplate.spec.manualSelector", True, ("nil", "false"))
    problems.nonnegative(spec, "spec", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")
    return problems


def _check_zone_in_schedule(problems: Problems, schedule: str, zone: str | None, *, kept: bool) -> None:
    if "TZ" not in schedule:
        return
    if not kept:
        text = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        problems.invalid("spec.schedule", schedule, text)
    elif zone is not None:
        text = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        problems.invalid("spec.schedule", schedule, text)
