# SPDX-License-Identifier: Apache-2.0
"""Draining a node: what ``node.drain()`` reports and raises, and which pods it evicts, by the rules of kubectl drain.

https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from msgspec import Struct

from k8s_core.errors import KubernetesError, WaitTimeout
from k8s_plugins_builtin.core._pod import is_finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k8s_plugins_builtin.core.v1 import Pod

__all__ = ["DrainError", "DrainEvent", "DrainRefused", "DrainResult", "DrainTimeout", "PodInTheWay"]

MIRROR = "kubernetes.io/config.mirror"
_SHOWN = 10

_WHY = {
    "ignore_daemonsets": "leaves pods of a DaemonSet where they are",
    "delete_emptydir_data": "evicts pods with emptyDir volumes, whose data is lost",
    "force": "evicts pods that no controller would create again",
}


class PodInTheWay(Struct, frozen=True):
    """A pod that keeps a node from being drained.

    Attributes:
        namespace, name: of the pod.
        reason: why it stays.
        option: the option of ``drain()`` that lets it go; empty where none does.
    """

    namespace: str
    name: str
    reason: str
    option: str = ""

    @classmethod
    def of(cls, pod: Pod, reason: str, option: str = "") -> Self:
        """What is to say of a pod."""
        return cls(pod.metadata.namespace or "", pod.metadata.name or "", reason, option)

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class DrainEvent(Struct, frozen=True):
    """A step of a drain, as ``progress=`` gets it.

    Attributes:
        pod: as it was when the drain began.
        step: ``ignored``: it stays; ``evicted``: the server has accepted the eviction; ``blocked``: it has not, for
            now, mostly because of a disruption budget; ``gone``: the pod is gone.
        message: the reason of ``ignored`` and ``blocked``.
    """

    pod: Pod
    step: Literal["ignored", "evicted", "blocked", "gone"]
    message: str = ""


class DrainResult(Struct, frozen=True):
    """What a drain did.

    Attributes:
        evicted: the pods that are gone; of a dry run, those that would be evicted.
        ignored: the pods that stay: those of DaemonSets, and static pods, which only the kubelet can end.
    """

    evicted: tuple[Pod, ...]
    ignored: tuple[Pod, ...]


class DrainError(KubernetesError):
    """The node is cordoned, but not drained: the server refused to evict some pods, for good. Others are gone.

    Attributes:
        node: its name.
        pods: those that are still there, as :class:`PodInTheWay`.
    """

    def __init__(self, message: str, *, node: str = "", pods: Iterable[PodInTheWay] = ()) -> None:
        super().__init__(message)
        self.node = node
        self.pods = tuple(pods)


class DrainRefused(DrainError):
    """There are pods that a drain evicts only if it is told to; nothing was evicted. The node stays cordoned."""


class DrainTimeout(DrainError, WaitTimeout):
    """Pods are still there when the time is up: budgets forbid their eviction, or they take long to end."""


def refusal(node: str, pods: list[PodInTheWay]) -> DrainRefused:
    """The error that lists the pods in the way, by the option that lets them go."""
    count = f"{len(pods)} pods are" if len(pods) > 1 else "1 pod is"
    ways = [
        f"{option}=True {why}: {_listed(chosen)}"
        for option, why in _WHY.items()
        if (chosen := [str(pod) for pod in pods if pod.option == option])
    ]
    message = f"Node {node!r} is cordoned but not drained, and nothing was evicted: {count} in the way. "
    return DrainRefused(message + "; ".join(ways), node=node, pods=pods)


def failure(node: str, pods: list[PodInTheWay], *, after: float | None = None) -> DrainError:
    """The error for pods that are still there: after a time, or since their eviction was refused."""
    reasons = _listed([f"{pod} ({pod.reason})" for pod in pods])
    if after is None:
        return DrainError(f"Node {node!r} is cordoned but not drained: {reasons}", node=node, pods=pods)
    message = f"Node {node!r} is cordoned but not drained after {after:g} s: {reasons}"
    return DrainTimeout(message, node=node, pods=pods)


def _listed(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


class DrainRules(Struct, frozen=True):
    """What a drain may do: the options of ``node.drain()``, and whether a DaemonSet exists, by namespace and name."""

    ignore_daemonsets: bool
    delete_emptydir_data: bool
    force: bool
    daemon_set_exists: Callable[[str, str], bool]


class Verdict(NamedTuple):
    """What becomes of a pod; if it is in the way, the option that lets it go."""

    step: Literal["evict", "ignore", "refuse"]
    reason: str = ""
    option: str = ""


def verdict(pod: Pod, rules: DrainRules) -> Verdict:
    """Decide on a pod by kubectl's rules, in kubectl's order: the first one that keeps it counts."""
    controller = next((owner for owner in pod.metadata.ownerReferences if owner.controller), None)
    finished = is_finished(pod)
    if controller is not None and controller.kind == "DaemonSet" and not finished:
        belongs = f"belongs to DaemonSet {controller.name!r}"
        if rules.daemon_set_exists(pod.metadata.namespace or "", controller.name):
            if rules.ignore_daemonsets:
                return Verdict("ignore", belongs)
            return Verdict("refuse", f"{belongs}, which would create it again", "ignore_daemonsets")
        if not rules.force:
            return Verdict("refuse", f"{belongs}, which does not exist any more", "force")
    if MIRROR in pod.metadata.annotations:
        return Verdict("ignore", "is a static pod, which only the kubelet can end")
    if finished:
        return Verdict("evict")
    if not rules.delete_emptydir_data and any(volume.emptyDir for volume in pod.spec.volumes):
        return Verdict("refuse", "has an emptyDir volume, whose data would be lost", "delete_emptydir_data")
    if controller is None and not rules.force:
        return Verdict("refuse", "has no controller that would create it again", "force")
    return Verdict("evict")
