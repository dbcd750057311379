# SPDX-License-Identifier: Apache-2.0
"""What jobs can do besides holding their fields: readiness, images and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from k8s_core.behaviour import client_for
from k8s_core.kinds import human_duration
from k8s_plugins_builtin._columns import AGE, NAME, NONE, column, has_condition, selector_text, since, template_columns
from k8s_plugins_builtin._images import RunsImages
from k8s_plugins_builtin._selecting import SelectsPods

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_core.streams import LogLine
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.batch._run import JobRun
    from k8s_plugins_builtin.batch.v1 import CronJob, Job, JobStatus
    from k8s_plugins_builtin.core.v1 import PodSpec


def _status(job: Job) -> str:
    conditions = job.status.conditions
    for type_, text in (("Complete", "Complete"), ("Failed", "Failed")):
        if has_condition(conditions, type_):
            return text
    if job.metadata.deletionTimestamp is not None:
        return "Terminating"
    for type_, text in (("Suspended", "Suspended"), ("FailureTarget", "FailureTarget")):
        if has_condition(conditions, type_):
            return text
    return "Running"


def _completions(job: Job) -> str:
    succeeded, parallelism = job.status.succeeded or 0, job.spec.parallelism or 0
    if job.spec.completions is not None:
        return f"{succeeded}/{job.spec.completions}"
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(job: Job) -> str:
    started, completed = job.status.startTime, job.status.completionTime
    if started is None:
        return ""
    return since(started) if completed is None else human_duration((completed - started).total_seconds())


def _last_schedule(job: CronJob) -> str:
    moment = job.status.lastScheduleTime
    return NONE if moment is None else since(moment)


class JobBehaviour(SelectsPods):
    """Readiness and columns of a Job."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: JobStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Status", _status),
        column("Completions", _completions),
        column("Duration", _duration),
        AGE,
        *template_columns(lambda obj: obj.spec.template, lambda obj: selector_text(obj.spec.selector)),
    )

    def is_ready(self) -> bool:
        """True if the job has completed successfully."""
        return has_condition(self.status.conditions, "Complete")

    def is_failed(self) -> bool:
        """True if the job has failed for good."""
        return has_condition(self.status.conditions, "Failed")

    def run(
        self,
        *,
        timeout: float = 3600.0,
        on_line: Callable[[LogLine], object] | None = None,
        client: Client | None = None,
    ) -> JobRun:
        """Create the job, follow its logs, and block until it is complete or has failed for good.

        If this object was read from the server, it is not created again. The job and its pods are left as they are.

        Args:
            timeout: seconds.
            on_line: called with each line as it comes, in this thread.
            client: who asks; None means the active client, else the default one.

        Returns:
            Whether it succeeded, its exit code, and all lines. A job that has failed is not an error.

        Raises:
            WaitTimeout: not in time; it goes on.
            NotFound: it was deleted meanwhile.
            ApiError, TransportError: see ``Client.create`` and ``Client.logs``.
        """
        from k8s_plugins_builtin.batch._run import run_job  # for those who run jobs

        job = cast("Job", self)
        return run_job(client_for(job, client), job, timeout, on_line)


class CronJobBehaviour(RunsImages):
    """Images and columns of a CronJob."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Schedule", lambda obj: obj.spec.schedule or ""),
        column("Timezone", lambda obj: obj.spec.timeZone or NONE),
        column("Suspend", lambda obj: "<unset>" if obj.spec.suspend is None else str(obj.spec.suspend), "boolean"),
        column("Active", lambda obj: len(obj.status.active), "integer"),
        column("Last Schedule", _last_schedule),
        AGE,
        *template_columns(
            lambda obj: obj.spec.jobTemplate.spec.template,
            lambda obj: selector_text(obj.spec.jobTemplate.spec.selector),
        ),
    )

    @staticmethod
    def _pod_spec(obj: CronJob) -> PodSpec:
        return obj.spec.jobTemplate.spec.template.spec
