# SPDX-License-Identifier: Apache-2.0
"""When a rollout is complete, as ``kubectl rollout status`` decides it (protocol H23, H24). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import KubernetesError, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RolloutFailed", "rollout_done"]


class RolloutFailed(KubernetesError):
    """A Deployment made no progress within its ``spec.progressDeadlineSeconds``."""


def rollout_done(document: Mapping[str, Any]) -> bool:
    """Whether the controller has rolled out the current spec completely.

    Raises:
        RolloutFailed: the Deployment has exceeded its progress deadline.
        RequestError: a kind without rollouts, or an update strategy other than RollingUpdate where that is needed.
    """
    kind = document.get("kind")
    check = _CHECKS.get(str(kind)) if str(document.get("apiVersion", "")).startswith("apps/") else None
    if check is None:
        raise RequestError(f"{kind} has no rollout; Deployment, StatefulSet and DaemonSet of the group apps have one")
    name = str(_map(document, "metadata").get("name", ""))
    return check(name, _map(document, "metadata"), _map(document, "spec"), _map(document, "status"))


def _deployment(name: str, metadata: dict[str, Any], spec: dict[str, Any], status: dict[str, Any]) -> bool:
    if _number(metadata, "generation") > _number(status, "observedGeneration"):
        return False
    for condition in status.get("conditions") or ():
        if condition.get("type") == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            raise RolloutFailed(f"deployment {name!r} exceeded its progress deadline: {condition.get('message', '')}")
    updated = _number(status, "updatedReplicas")
    return (
        updated >= _number(spec, "replicas", 1)
        and _number(status, "replicas") <= updated
        and _number(status, "availableReplicas") >= updated
    )


def _stateful_set(name: str, metadata: dict[str, Any], spec: dict[str, Any], status: dict[str, Any]) -> bool:
    strategy = _rolling_update("statefulset", name, spec)
    observed = _number(status, "observedGeneration")
    if observed == 0 or _number(metadata, "generation") > observed:
        return False
    replicas = _number(spec, "replicas", 1)
    if _number(status, "readyReplicas") < replicas:
        return False
    rolling = strategy.get("rollingUpdate")
    if isinstance(rolling, dict):
        # Without a partition kubectl asks no more than readiness either.
        partition = rolling.get("partition")
        return not isinstance(partition, int) or _number(status, "updatedReplicas") >= replicas - partition
    return status.get("updateRevision") == status.get("currentRevision")


def _daemon_set(name: str, metadata: dict[str, Any], spec: dict[str, Any], status: dict[str, Any]) -> bool:
    _rolling_update("daemonset", name, spec)
    if _number(metadata, "generation") > _number(status, "observedGeneration"):
        return False
    desired = _number(status, "desiredNumberScheduled")
    return _number(status, "updatedNumberScheduled") >= desired and _number(status, "numberAvailable") >= desired


_CHECKS = {"Deployment": _deployment, "StatefulSet": _stateful_set, "DaemonSet": _daemon_set}


def _rolling_update(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    strategy = _map(spec, "updateStrategy")
    used = strategy.get("type")
    if used != "RollingUpdate":
        raise RequestError(f"{kind} {name!r}: rollout status is only available for RollingUpdate, not for {used!r}")
    return strategy


def _map(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _number(fields: dict[str, Any], key: str, default: int = 0) -> int:
    value = fields.get(key)
    return value if isinstance(value, int) else default
