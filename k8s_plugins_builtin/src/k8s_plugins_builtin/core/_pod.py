# SPDX-License-Identifier: Apache-2.0
"""What the containers of a pod amount to: the summary that kubectl prints as READY, STATUS and RESTARTS."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from k8s_plugins_builtin._columns import has_condition, since

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from k8s_plugins_builtin.core.v1 import ContainerStateTerminated, ContainerStatus, Pod

__all__ = ["PodSummary", "is_finished", "summarize"]

FINISHED = ("Succeeded", "Failed")


class PodSummary(NamedTuple):
    """The pod in four values: containers that are ready, containers in all, one word or two, and restarts."""

    ready: int
    total: int
    status: str
    restarts: int
    last_restart: datetime | None

    @property
    def restarts_text(self) -> str:
        """``3 (5m ago)``."""
        if not self.restarts or self.last_restart is None:
            return str(self.restarts)
        return f"{self.restarts} ({since(self.last_restart)} ago)"


def is_finished(pod: Pod) -> bool:
    """True if all containers have ended and none will start again."""
    return pod.status.phase in FINISHED


def summarize(pod: Pod) -> PodSummary:
    """Sum a pod up by kubectl's rules: a failed or waiting container says more than the phase."""
    status = pod.status
    text = status.reason or status.phase or ""
    if any(item.type == "PodScheduled" and item.reason == "SchedulingGated" for item in status.conditions):
        text = "SchedulingGated"
    sidecars = {item.name for item in pod.spec.initContainers if item.restartPolicy == "Always"}
    total = len(pod.spec.containers) + len(sidecars)
    ready, blocked = _initialization(pod, sidecars)
    counted: list[ContainerStatus]
    if blocked and not has_condition(status.conditions, "Initialized"):
        text = blocked
        counted = _until_blocked(pod, sidecars)
    else:
        text = blocked or text
        counted = [item for item in _until_blocked(pod, sidecars) if item.name in sidecars]
        counted += status.containerStatuses
        text, running = _main_containers(pod, text)
        ready += running
    if pod.metadata.deletionTimestamp is not None:
        if status.reason == "NodeLost":
            text = "Unknown"
        elif not is_finished(pod):
            text = "Terminating"
    return PodSummary(ready, total, text, sum(item.restartCount or 0 for item in counted), _last_restart(counted))


def _initialization(pod: Pod, sidecars: set[str]) -> tuple[int, str]:
    """How many sidecars are ready, and what the first init container that is not done shows (empty: all are done)."""
    ready = 0
    for index, item in enumerate(pod.status.initContainerStatuses):
        if _done(item, sidecars):
            ready += bool(item.name in sidecars and item.started and item.ready)
            continue
        if item.state.terminated:
            return ready, f"Init:{_ending(item.state.terminated)}"
        waiting = item.state.waiting.reason
        if waiting and waiting != "PodInitializing":
            return ready, f"Init:{waiting}"
        return ready, f"Init:{index}/{len(pod.spec.initContainers)}"
    return ready, ""


def _done(item: ContainerStatus, sidecars: set[str]) -> bool:
    if item.state.terminated and item.state.terminated.exitCode == 0:
        return True
    return item.name in sidecars and bool(item.started)


def _until_blocked(pod: Pod, sidecars: set[str]) -> list[ContainerStatus]:
    """The init containers up to the one that runs or failed: those whose restarts count while a pod initializes."""
    counted = []
    for item in pod.status.initContainerStatuses:
        counted.append(item)
        if not _done(item, sidecars):
            break
    return counted


def _main_containers(pod: Pod, text: str) -> tuple[str, int]:
    """The status that the main containers lead to, the first one's last word, and how many of them are ready."""
    running = 0
    for item in reversed(list(pod.status.containerStatuses)):
        if item.state.waiting.reason:
            text = item.state.waiting.reason
        elif item.state.terminated:
            text = _ending(item.state.terminated)
        elif item.ready and item.state.running:
            running += 1
    if text == "Completed" and running:
        text = "Running" if has_condition(pod.status.conditions, "Ready") else "NotReady"
    return text, running


def _ending(state: ContainerStateTerminated) -> str:
    if state.reason:
        return state.reason
    return f"Signal:{state.signal}" if state.signal else f"ExitCode:{state.exitCode or 0}"


def _last_restart(items: Iterable[ContainerStatus]) -> datetime | None:
    ended = [item.lastState.terminated.finishedAt for item in items]
    return max((moment for moment in ended if moment is not None), default=None)
