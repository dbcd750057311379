# SPDX-License-Identifier: Apache-2.0
"""What the kinds of apps can do besides holding their fields: rollouts, readiness, scaling, images, columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from k8s_core.errors import RolloutError
from k8s_plugins_builtin._columns import AGE, NAME, NONE, column, label_text, selector_text, template_columns
from k8s_plugins_builtin._images import RunsImages
from k8s_plugins_builtin._scaling import Scalable
from k8s_plugins_builtin._selecting import SelectsPods

if TYPE_CHECKING:
    from k8s_core.behaviour import RolloutStatus
    from k8s_core.meta import ObjectMeta
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.apps._rollout_verbs import DeploymentRollout, Rollout
    from k8s_plugins_builtin.apps.v1 import (
        ControllerRevision,
        DaemonSet,
        Deployment,
        ReplicaSetSpec,
        ReplicaSetStatus,
        StatefulSet,
        StatefulSetSpec,
        StatefulSetStatus,
    )

_TEMPLATE = template_columns(lambda obj: obj.spec.template, lambda obj: selector_text(obj.spec.selector))


class _Rollout:
    """Readiness of the kinds whose rollouts kubectl follows."""

    __slots__ = ()

    def rollout_status(self) -> RolloutStatus:
        """Where the rollout stands, by the rules of ``kubectl rollout status``.

        Raises:
            RolloutError: it has failed, or the update strategy has no rollout that could be followed.
        """
        raise NotImplementedError

    def is_ready(self) -> bool:
        """True once the rollout of the latest spec is complete (protocol H23, H24). A failed one is not ready."""
        try:
            return self.rollout_status().done
        except RolloutError:
            return self._settled()

    def _settled(self) -> bool:
        return False


class DeploymentBehaviour(_Rollout, Scalable, SelectsPods, RunsImages):
    """Rollout, scaling, images and columns of a Deployment."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Ready", lambda obj: f"{obj.status.readyReplicas or 0}/{obj.spec.replicas or 0}"),
        column("Up-to-date", lambda obj: obj.status.updatedReplicas or 0),
        column("Available", lambda obj: obj.status.availableReplicas or 0),
        AGE,
        *_TEMPLATE,
    )

    @property
    def rollout(self) -> DeploymentRollout:
        """The verbs of ``kubectl rollout``: restart, undo, pause, resume, history, status."""
        from k8s_plugins_builtin.apps._rollout_verbs import DeploymentRollout

        return DeploymentRollout(cast("Deployment", self))

    def rollout_status(self) -> RolloutStatus:
        """Where the rollout stands (protocol H23). Raises RolloutError once the progress deadline has passed."""
        from k8s_plugins_builtin.apps.rollout import deployment_status

        return deployment_status(cast("Deployment", self))


class StatefulSetBehaviour(_Rollout, Scalable, SelectsPods, RunsImages):
    """Rollout, scaling, images and columns of a StatefulSet."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        spec: StatefulSetSpec
        status: StatefulSetStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Ready", lambda obj: f"{obj.status.readyReplicas or 0}/{obj.spec.replicas or 0}"),
        AGE,
        *_TEMPLATE[:2],
    )

    @property
    def rollout(self) -> Rollout[StatefulSet]:
        """The verbs of ``kubectl rollout``: restart, undo, history, status."""
        from k8s_plugins_builtin.apps._rollout_verbs import Rollout

        return Rollout(cast("StatefulSet", self))

    def rollout_status(self) -> RolloutStatus:
        """Where the rollout stands (protocol H24). Raises RolloutError for strategy OnDelete."""
        from k8s_plugins_builtin.apps.rollout import stateful_set_status

        return stateful_set_status(cast("StatefulSet", self))

    def _settled(self) -> bool:
        # OnDelete: pods are replaced when somebody deletes them, so being ready means that all run.
        from k8s_plugins_builtin.apps.rollout import wanted_replicas

        observed = bool(self.status) and (self.status.observedGeneration or 0) >= (self.metadata.generation or 0)
        return observed and (self.status.readyReplicas or 0) >= wanted_replicas(self.spec.replicas)


class DaemonSetBehaviour(_Rollout, SelectsPods, RunsImages):
    """Rollout, images and columns of a DaemonSet."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Desired", lambda obj: obj.status.desiredNumberScheduled or 0, "integer"),
        column("Current", lambda obj: obj.status.currentNumberScheduled or 0, "integer"),
        column("Ready", lambda obj: obj.status.numberReady or 0, "integer"),
        column("Up-to-date", lambda obj: obj.status.updatedNumberScheduled or 0, "integer"),
        column("Available", lambda obj: obj.status.numberAvailable or 0, "integer"),
        column("Node Selector", lambda obj: label_text(obj.spec.template.spec.nodeSelector)),
        AGE,
        *_TEMPLATE,
    )

    @property
    def rollout(self) -> Rollout[DaemonSet]:
        """The verbs of ``kubectl rollout``: restart, undo, history, status."""
        from k8s_plugins_builtin.apps._rollout_verbs import Rollout

        return Rollout(cast("DaemonSet", self))

    def rollout_status(self) -> RolloutStatus:
        """Where the rollout stands (protocol H24). Raises RolloutError for strategy OnDelete."""
        from k8s_plugins_builtin.apps.rollout import daemon_set_status

        return daemon_set_status(cast("DaemonSet", self))

    def _settled(self) -> bool:
        daemon_set = cast("DaemonSet", self)
        status = daemon_set.status
        observed = bool(status) and (status.observedGeneration or 0) >= (daemon_set.metadata.generation or 0)
        return observed and (status.numberReady or 0) >= (status.desiredNumberScheduled or 0)


class ReplicaSetBehaviour(Scalable, SelectsPods, RunsImages):
    """Readiness, scaling, images and columns of a ReplicaSet."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        spec: ReplicaSetSpec
        status: ReplicaSetStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Desired", lambda obj: obj.spec.replicas or 0, "integer"),
        column("Current", lambda obj: obj.status.replicas or 0, "integer"),
        column("Ready", lambda obj: obj.status.readyReplicas or 0, "integer"),
        AGE,
        *_TEMPLATE,
    )

    def is_ready(self) -> bool:
        """True if the controller has seen the spec and all wanted pods are ready; without ``replicas`` that is 1."""
        from k8s_plugins_builtin.apps.rollout import wanted_replicas

        observed = (self.status.observedGeneration or 0) >= (self.metadata.generation or 0)
        return observed and (self.status.readyReplicas or 0) >= wanted_replicas(self.spec.replicas)


def _controller(revision: ControllerRevision) -> str:
    owner = next((item for item in revision.metadata.ownerReferences if item.controller), None)
    if owner is None:
        return NONE
    group = owner.apiVersion.rpartition("/")[0]
    return f"{owner.kind.lower()}{'.' if group else ''}{group}/{owner.name}"


class ControllerRevisionBehaviour:
    """Columns of a ControllerRevision."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Controller", _controller),
        column("Revision", lambda obj: obj.revision),
        AGE,
    )
