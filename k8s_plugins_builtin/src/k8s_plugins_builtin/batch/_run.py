# SPDX-License-Identifier: Apache-2.0
"""A Job from its creation to its end, with its logs."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_core.errors import KubernetesError

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_core.streams import LogLine
    from k8s_plugins_builtin.batch.v1 import Job
    from k8s_plugins_builtin.core.v1 import Pod

__all__ = ["JobRun", "run_job"]


@dataclass(frozen=True, slots=True)
class JobRun:
    """What became of a job.

    Attributes:
        job: as it was at its end.
        succeeded: whether it is complete; False if it has failed.
        exit_code: of the container that ended last; None where the status of no pod says it any more.
        lines: what its pods wrote, in the order in which it came; each line knows its pod.
    """

    job: Job
    succeeded: bool
    exit_code: int | None
    lines: list[LogLine] = field(repr=False)


def run_job(client: Client, job: Job, timeout: float, on_line: Callable[[LogLine], object] | None) -> JobRun:
    """See ``Job.run``."""
    if not job.metadata.uid:
        job = client.create(job)
    ended: list[Job | KubernetesError] = []
    lines: list[LogLine] = []
    with client.logs(job, follow=True) as log:

        def wait() -> None:
            try:
                ended.append(client.wait(job, _has_ended, timeout=timeout))
                log.finish()
            except KubernetesError as error:
                ended[:] = [error]
                log.close()

        waiting = threading.Thread(target=wait, name=f"end of Job {job.metadata.name}", daemon=True)
        waiting.start()
        for line in log:
            lines.append(line)
            if on_line is not None:
                on_line(line)
        waiting.join()
    (outcome,) = ended
    if isinstance(outcome, KubernetesError):
        raise outcome
    return JobRun(outcome, outcome.is_ready(), _exit_code(client, outcome), lines)


def _has_ended(job: Job) -> bool:
    return job.is_ready() or job.is_failed()


def _exit_code(client: Client, job: Job) -> int | None:
    selector = job.pod_selector()
    if selector is None:
        return None
    found: list[Any] = client.list(selector.kind, namespace=job.metadata.namespace, labels=selector.labels)
    codes = [each for pod in found for each in _ends(pod)]
    return max(codes)[1] if codes else None


def _ends(pod: Pod) -> list[tuple[str, int]]:
    """When containers ended, and with which exit code; one that failed decides where they ended together."""
    states = [status.state.terminated for status in pod.status.containerStatuses]
    return [(str(state.finishedAt or ""), state.exitCode) for state in states if state]
