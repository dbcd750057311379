# SPDX-License-Identifier: Apache-2.0
"""Deleting what ``apply_all`` applied, in the opposite order; ``Client.delete_all`` has the contract."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from k8s_core import watch as watching
from k8s_core.client.applying.documents import apply_order
from k8s_core.client.applying.plan import plan
from k8s_core.client.applying.report import DeleteReport
from k8s_core.client.deleting import delete
from k8s_core.errors import DeleteFailed, KubernetesError, NotFound, RequestError, TransportError, WaitTimeout
from k8s_core.model import Resource
from k8s_core.requests.delete import delete_options
from k8s_core.requests.options import is_dry_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Unpack

    from k8s_core.client.applying.documents import Documents
    from k8s_core.client.applying.run import Planned
    from k8s_core.client.client import Client
    from k8s_core.client.session import Session
    from k8s_core.requests.keywords import DeletionOptions

__all__ = ["delete_all"]


def delete_all(
    client: Client,
    session: Session,
    documents: Documents,
    *,
    recursive: bool,
    namespace: str | None,
    wait: float | None,
    **options: Unpack[DeletionOptions],
) -> DeleteReport:
    """See ``Client.delete_all``."""
    if isinstance(wait, bool):
        raise RequestError("wait= is a number of seconds, such as 60.0; None does not wait")
    dry_run = is_dry_run(options.get("dry_run", False))
    delete_options(**options)
    found = plan(session, documents, namespace, recursive=recursive, unserved_is_absent=True)
    for item in found.planned:
        if not item.name:
            raise RequestError(f"{item.document.where()}: it has no metadata.name, by which it could be deleted")
    run = _DeleteRun(client, session, None if dry_run else wait, options)
    run.report.results.extend(found.absent)
    # Reversed as a whole: of equal order, what was applied last goes first as well.
    for _, group in groupby(reversed(found.planned), key=lambda item: apply_order(item.cls)):
        run.delete(list(group))
    return run.finished()


@dataclass
class _DeleteRun:
    """One ``delete_all``. ``wait`` is in seconds, for all of it."""

    client: Client
    session: Session
    wait: float | None
    options: DeletionOptions
    monotonic: Callable[[], float] = time.monotonic
    report: DeleteReport = field(default_factory=DeleteReport)
    stopped: KubernetesError | None = None
    """Why the rest is left alone."""

    def __post_init__(self) -> None:
        self.deadline = self.monotonic() + (self.wait or 0.0)

    def delete(self, group: Iterable[Planned]) -> None:
        """Delete objects on which nothing depends any more; and wait for them, so that nothing depends on the next."""
        going: list[tuple[Planned, watching.Waited, Resource | None]] = []
        for item in group:
            if self.stopped is not None:
                self.report.results.append(item.result("skipped", error=self.stopped))
                continue
            try:
                answer = delete(self.session, item.cls, item.name, item.namespace, uid=_uid(item.obj), **self.options)
            except NotFound:
                self.report.results.append(item.result("absent"))
            except KubernetesError as error:
                self.report.results.append(item.result("failed", error=error))
                self.stopped = error if isinstance(error, TransportError) else None
            else:
                obj = answer if isinstance(answer, item.cls) else None
                going.append((item, watching.Waited(item.cls, item.name, item.namespace, _answered_uid(answer)), obj))
        late = self._wait([waited for _, waited, _ in going])
        for item, waited, obj in going:
            if late is None or waited.held:
                self.report.results.append(item.result("deleted", obj))
            else:
                self.report.results.append(item.result("failed", obj, error=self._overdue(waited, late)))
        if late is not None:
            self.stopped = WaitTimeout("it is kept, since what is deleted before it is not gone")

    def _wait(self, waited: list[watching.Waited]) -> KubernetesError | None:
        """Wait until all are gone, and return why they are not."""
        if self.wait is None or not waited:
            return None
        left = max(self.deadline - self.monotonic(), 0.0)
        try:
            watching.wait_for_many(self.client, waited, "delete", until="all", timeout=left)
        except KubernetesError as error:
            return error
        return None

    def _overdue(self, waited: watching.Waited, late: KubernetesError) -> KubernetesError:
        if not isinstance(late, WaitTimeout):
            return late
        finalizers = waited.obj.metadata.finalizers if isinstance(waited.obj, Resource) else ()
        held = f", held by its finalizers: {', '.join(finalizers)}" if finalizers else ""
        return WaitTimeout(f"it is still there after {self.wait:g} s{held}")

    def finished(self) -> DeleteReport:
        """The report. Raises DeleteFailed with it, if anything failed."""
        failed = self.report.by("failed")
        if failed:
            lines = "\n".join(map(str, failed))
            message = f"{len(failed)} of {len(self.report)} objects could not be deleted:\n{lines}"
            raise DeleteFailed(message, report=self.report) from failed[0].error
        return self.report


def _uid(obj: Resource) -> str | None:
    uid = obj.metadata.uid
    return uid if isinstance(uid, str) and uid else None


def _answered_uid(answer: Any) -> str:
    """The uid of what was deleted, so that another object of that name is not waited for; ``""`` if it is not said."""
    uid = answer.metadata.uid if isinstance(answer, Resource) else answer.details.uid
    return uid if isinstance(uid, str) else ""
