# SPDX-License-Identifier: Apache-2.0
"""``deployment.rollout``: what ``kubectl rollout`` does to Deployments, StatefulSets and DaemonSets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from k8s_core.behaviour import client_for
from k8s_core.errors import RolloutError
from k8s_core.model.scalars import format_micro_time
from k8s_plugins_builtin._editing import edited
from k8s_plugins_builtin.apps._revisions import (
    chosen,
    controller_revisions,
    replica_set_revisions,
    restored_annotations,
)

if TYPE_CHECKING:
    from k8s_core.behaviour import RolloutStatus
    from k8s_core.client import Client
    from k8s_core.requests.options import DryRun
    from k8s_plugins_builtin.apps._revisions import Revision, RolledOut
    from k8s_plugins_builtin.apps.v1 import DaemonSet, Deployment, StatefulSet

__all__ = ["DeploymentRollout", "Rollout"]

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"

R = TypeVar("R", bound="RolledOut")


class Rollout(Generic[R]):
    """The rollout of one object.

    The object that it was taken from gives the identity and stays as it is: every verb reads what the server has now.
    ``client`` is who asks; None means the active client, else the default one. All verbs block.
    """

    __slots__ = ("_obj",)

    def __init__(self, obj: R) -> None:
        self._obj = obj

    def __repr__(self) -> str:
        return f"<rollout of {self._subject}>"

    def status(self, *, client: Client | None = None) -> RolloutStatus:
        """Where the rollout stands on the server, as ``kubectl rollout status --watch=false`` says. One request.

        ``client.wait(deployment, "rollout")`` waits until it is complete.

        Raises:
            RolloutError: it has failed, or the update strategy has no rollout that could be followed.
            NotFound, ApiError, TransportError: of the request.
        """
        obj, chosen_client = self._obj, client_for(self._obj, client)
        fresh = chosen_client.get(type(obj), obj.metadata.name or "", namespace=obj.metadata.namespace)
        return fresh.rollout_status()

    def restart(self, *, dry_run: DryRun = False, client: Client | None = None) -> R:
        """Replace all pods, at the pace of the update strategy, as ``kubectl rollout restart`` does.

        A GET and a PATCH, which writes the time into an annotation of the pod template.

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/

        Args:
            dry_run: process and answer, but store nothing.
            client: who asks.

        Returns:
            The object as the server has it now; the pods are replaced later.

        Raises:
            RolloutError: the Deployment is paused: nothing would happen before ``resume()``.
            NotFound, Conflict, ApiError, TransportError: as ``Client.edit``.
        """

        def change(fresh: R) -> None:
            self._check_not_paused(fresh, "restarted")
            # With microseconds, unlike kubectl: two restarts within a second are two.
            fresh.spec.template.metadata.annotations[RESTARTED_AT] = format_micro_time(datetime.now(UTC))

        return edited(self._obj, change, dry_run=dry_run, client=client)

    def history(self, *, client: Client | None = None) -> list[Revision]:
        """The revisions that the cluster keeps, the oldest first, as ``kubectl rollout history``. Two requests.

        Revisions are the ReplicaSets of a Deployment, and the ControllerRevisions of the other kinds;
        ``spec.revisionHistoryLimit`` says how many are kept.

        Returns:
            ``number``, ``change_cause`` and ``template`` of each; empty before a controller has made one.

        Raises:
            NotFound, ApiError, TransportError: of the requests.
        """
        obj, chosen_client = self._obj, client_for(self._obj, client)
        fresh = chosen_client.get(type(obj), obj.metadata.name or "", namespace=obj.metadata.namespace)
        return self._revisions(fresh, chosen_client)

    def undo(self, to_revision: int | None = None, *, dry_run: DryRun = False, client: Client | None = None) -> R:
        """Go back to the pod template of an earlier revision, as ``kubectl rollout undo`` does.

        A GET, a LIST and a PATCH. Nothing is written if the object has that template already.

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_undo/

        Args:
            to_revision: its number, as :meth:`history` lists it; None goes back to the last but one.
            dry_run: process and answer, but store nothing.
            client: who asks.

        Returns:
            The object as the server has it now; the pods are replaced later.

        Raises:
            RolloutError: there is no such revision, or none but the latest; or the Deployment is paused.
            RequestError: ``to_revision`` is not a number from 1 up.
            NotFound, Conflict, ApiError, TransportError: as ``Client.edit``, and of the list.
        """
        chosen_client = client_for(self._obj, client)

        def change(fresh: R) -> None:
            self._check_not_paused(fresh, "undone")
            revision = chosen(self._revisions(fresh, chosen_client), to_revision, self._subject)
            if fresh.spec.template != revision.template:
                self._restore(fresh, revision)

        return edited(self._obj, change, dry_run=dry_run, client=chosen_client)

    @property
    def _subject(self) -> str:
        return f"{self._obj.kind} {self._obj.metadata.name!r}"

    def _check_not_paused(self, fresh: R, done: str) -> None:
        """Raise RolloutError if no controller would carry out the change."""

    def _revisions(self, fresh: R, client: Client) -> list[Revision]:
        return controller_revisions(cast("StatefulSet | DaemonSet", fresh), client)

    def _restore(self, fresh: R, revision: Revision) -> None:
        fresh.spec.template = revision.template


class DeploymentRollout(Rollout["Deployment"]):
    """The rollout of a Deployment, which can be paused besides."""

    __slots__ = ()

    def pause(self, *, dry_run: DryRun = False, client: Client | None = None) -> Deployment:
        """Keep the controller from rolling out changes until :meth:`resume`. Idempotent, unlike kubectl's.

        https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pausing-and-resuming-a-deployment

        Returns:
            The Deployment as the server has it now.

        Raises:
            NotFound, Conflict, ApiError, TransportError: as ``Client.edit``.
        """
        return self._set_paused(True, dry_run, client)

    def resume(self, *, dry_run: DryRun = False, client: Client | None = None) -> Deployment:
        """Roll out what changed since :meth:`pause`, and go on doing so. Idempotent. Result and errors as there."""
        return self._set_paused(None, dry_run, client)

    def _set_paused(self, paused: bool | None, dry_run: DryRun, client: Client | None) -> Deployment:
        def change(fresh: Deployment) -> None:
            fresh.spec.paused = paused

        return edited(self._obj, change, dry_run=dry_run, client=client)

    def _check_not_paused(self, fresh: Deployment, done: str) -> None:
        if fresh.spec.paused:
            raise RolloutError(f"{self._subject} is paused and can't be {done}: call rollout.resume() first")

    def _revisions(self, fresh: Deployment, client: Client) -> list[Revision]:
        return replica_set_revisions(fresh, client)

    def _restore(self, fresh: Deployment, revision: Revision) -> None:
        super()._restore(fresh, revision)
        fresh.metadata.annotations = restored_annotations(fresh, revision)
