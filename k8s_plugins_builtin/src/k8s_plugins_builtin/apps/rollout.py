# SPDX-License-Identifier: Apache-2.0
"""How far a rollout is, by the rules of ``kubectl rollout status`` (protocol H23, H24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.behaviour import RolloutStatus
from k8s_core.errors import RolloutError

if TYPE_CHECKING:
    from k8s_plugins_builtin.apps.v1 import DaemonSet, Deployment, StatefulSet

__all__ = ["daemon_set_status", "deployment_status", "stateful_set_status", "wanted_replicas"]

UNOBSERVED = "the controller has not seen the latest spec yet"


def wanted_replicas(replicas: int | None) -> int:
    """``spec.replicas``, whose default is 1: servers fill it in, documents may lack it."""
    return 1 if replicas is None else replicas


def deployment_status(obj: Deployment) -> RolloutStatus:
    """H23. Raises RolloutError once the progress deadline has passed."""
    status = obj.status
    if not status or (obj.metadata.generation or 0) > (status.observedGeneration or 0):
        return RolloutStatus(False, UNOBSERVED)
    progressing = next((item for item in status.conditions if item.type == "Progressing"), None)
    if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
        raise RolloutError(f"deployment {obj.metadata.name!r} exceeded its progress deadline: {progressing.message}")
    wanted, total = wanted_replicas(obj.spec.replicas), status.replicas or 0
    updated, available = status.updatedReplicas or 0, status.availableReplicas or 0
    if updated < wanted:
        return RolloutStatus(False, f"{updated} of {wanted} replicas are updated")
    if total > updated:
        return RolloutStatus(False, f"{total - updated} old replicas have yet to go")
    if available < updated:
        return RolloutStatus(False, f"{available} of {updated} updated replicas are available")
    return RolloutStatus(True, f"all {updated} replicas are updated and available")


def stateful_set_status(obj: StatefulSet) -> RolloutStatus:
    """H24. Raises RolloutError for update strategies other than RollingUpdate."""
    _check_strategy("statefulset", obj.metadata.name, obj.spec.updateStrategy.type)
    status, rolling = obj.status, obj.spec.updateStrategy.rollingUpdate
    observed = status.observedGeneration or 0
    if observed == 0 or (obj.metadata.generation or 0) > observed:
        return RolloutStatus(False, UNOBSERVED)
    wanted, ready, updated = wanted_replicas(obj.spec.replicas), status.readyReplicas or 0, status.updatedReplicas or 0
    if ready < wanted:
        return RolloutStatus(False, f"{ready} of {wanted} pods are ready")
    if rolling and rolling.partition is not None:
        goal = wanted - rolling.partition
        if updated < goal:
            return RolloutStatus(False, f"{updated} of {goal} pods above the partition are updated")
        return RolloutStatus(True, f"the partitioned rollout is complete: {updated} pods are updated")
    if not rolling and status.updateRevision != status.currentRevision:
        return RolloutStatus(False, f"{updated} pods are at revision {status.updateRevision}")
    return RolloutStatus(True, f"all {status.currentReplicas or 0} pods are at revision {status.currentRevision}")


def daemon_set_status(obj: DaemonSet) -> RolloutStatus:
    """H24. Raises RolloutError for update strategies other than RollingUpdate."""
    _check_strategy("daemonset", obj.metadata.name, obj.spec.updateStrategy.type)
    status = obj.status
    if not status or (obj.metadata.generation or 0) > (status.observedGeneration or 0):
        return RolloutStatus(False, UNOBSERVED)
    wanted = status.desiredNumberScheduled or 0
    updated, available = status.updatedNumberScheduled or 0, status.numberAvailable or 0
    if updated < wanted:
        return RolloutStatus(False, f"{updated} of {wanted} pods are updated")
    if available < wanted:
        return RolloutStatus(False, f"{available} of {wanted} updated pods are available")
    return RolloutStatus(True, f"all {wanted} pods are updated and available")


def _check_strategy(kind: str, name: str | None, strategy: str | None) -> None:
    if strategy != "RollingUpdate":
        raise RolloutError(
            f"{kind} {name!r} has update strategy {strategy!r}: only RollingUpdate has a rollout to follow"
        )
