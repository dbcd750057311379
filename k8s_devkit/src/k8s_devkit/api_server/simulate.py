# SPDX-License-Identifier: Apache-2.0
"""What controllers and kubelets would do, switched on by name, so that code which waits can be tested (J31).

They write status only: no Pods come out of a Deployment. Each is one function from an object to its next state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.reads.selection import matches_labels
from k8s_devkit.api_server.store import DELETED, Change, StoreKey
from k8s_devkit.api_server.subresources.pods import selector_terms

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore

__all__ = ["SIMULATIONS", "simulate"]

Json = dict[str, Any]
Reconcile = Callable[["ApiCore", Json], None]


def _condition(document: Json, type_: str, now: str, reason: str = "", message: str = "") -> None:
    conditions = document.setdefault("status", {}).setdefault("conditions", [])
    if any(item.get("type") == type_ and item.get("status") == "True" for item in conditions):
        return
    conditions[:] = [item for item in conditions if item.get("type") != type_]
    condition = {"type": type_, "status": "True", "lastTransitionTime": now, "lastUpdateTime": now}
    condition.update({"reason": reason, "message": message} if reason else {})
    conditions.append(condition)


def _observed(document: Json) -> Json:
    status: Json = document.setdefault("status", {})
    status["observedGeneration"] = document["metadata"].get("generation", 1)
    return status


def _deployment(core: ApiCore, document: Json) -> None:
    status, name = _observed(document), document["metadata"]["name"]
    replicas = document["spec"].get("replicas", 1)
    for key in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"):
        status[key] = replicas
    now = core.now()
    _condition(document, "Available", now, "MinimumReplicasAvailable", "Deployment has minimum availability.")
    text = f'ReplicaSet "{name}" has successfully progressed.'
    _condition(document, "Progressing", now, "NewReplicaSetAvailable", text)


def _replica_set(core: ApiCore, document: Json) -> None:
    del core
    status = _observed(document)
    for key in ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        status[key] = document["spec"].get("replicas", 1)


def _stateful_set(core: ApiCore, document: Json) -> None:
    del core
    status = _observed(document)
    for key in ("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"):
        status[key] = document["spec"].get("replicas", 1)
    revision = f"{document['metadata']['name']}-{document['metadata'].get('generation', 1)}"
    status["currentRevision"] = status["updateRevision"] = revision


def _daemon_set(core: ApiCore, document: Json) -> None:
    nodes = max(1, len(core.store.entries(("", "nodes"))))
    status = _observed(document)
    for key in (
        "currentNumberScheduled",
        "desiredNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ):
        status[key] = nodes
    status["numberMisscheduled"] = 0


def _job(core: ApiCore, document: Json) -> None:
    status, now = document.setdefault("status", {}), core.now()
    if document["spec"].get("suspend") or status.get("completionTime"):
        return
    status["startTime"] = status.get("startTime", now)
    status["completionTime"] = now
    status["succeeded"] = document["spec"].get("completions") or document["spec"].get("parallelism") or 1
    status["ready"] = status["terminating"] = 0
    status["uncountedTerminatedPods"] = {}
    for type_ in ("SuccessCriteriaMet", "Complete"):
        _condition(document, type_, now, "CompletionsReached", "Reached expected number of succeeded pods")


def _pod(core: ApiCore, document: Json) -> None:
    spec, status, now = document["spec"], document.setdefault("status", {}), core.now()
    spec.setdefault("nodeName", "node-1")
    if status.get("phase") not in (None, "Pending"):
        return
    status.update(phase="Running", hostIP="10.0.0.1", podIP="10.244.0.2", startTime=now)
    status["podIPs"] = [{"ip": status["podIP"]}]
    status["containerStatuses"] = [
        {
            "name": container["name"],
            "image": container.get("image", ""),
            "imageID": "",
            "ready": True,
            "started": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": now}},
        }
        for container in spec.get("containers") or []
    ]
    for type_ in ("PodScheduled", "Initialized", "ContainersReady", "Ready"):
        _condition(document, type_, now)


def _claim(core: ApiCore, document: Json) -> None:
    del core
    spec, status = document["spec"], document.setdefault("status", {})
    spec.setdefault("volumeName", f"pvc-{document['metadata']['uid']}")
    status.update(phase="Bound", accessModes=spec.get("accessModes", []))
    status["capacity"] = (spec.get("resources") or {}).get("requests", {})


def _budget(core: ApiCore, document: Json) -> None:
    """Count pods as the disruption controller does, for ``minAvailable`` and ``maxUnavailable`` numbers."""
    spec, status = document["spec"], _observed(document)
    terms = selector_terms(spec.get("selector"))
    pods = [
        pod
        for pod in core.store.entries(("", "pods"), document["metadata"]["namespace"])
        if terms is not None and matches_labels(terms, pod.labels)
    ]
    running = [pod for pod in pods if (pod.document().get("status") or {}).get("phase") == "Running"]
    if isinstance(spec.get("maxUnavailable"), int):
        wanted = max(0, len(pods) - spec["maxUnavailable"])
    else:
        wanted = spec.get("minAvailable", 1) if isinstance(spec.get("minAvailable", 1), int) else len(pods)
    status.update(expectedPods=len(pods), currentHealthy=len(running), desiredHealthy=wanted)
    status["disruptionsAllowed"] = max(0, len(running) - wanted)


_RECONCILERS: dict[str, tuple[StoreKey, Reconcile]] = {
    plural: ((group, plural), reconcile)
    for group, plural, reconcile in (
        ("apps", "daemonsets", _daemon_set),
        ("apps", "deployments", _deployment),
        ("batch", "jobs", _job),
        ("", "persistentvolumeclaims", _claim),
        ("policy", "poddisruptionbudgets", _budget),
        ("", "pods", _pod),
        ("apps", "replicasets", _replica_set),
        ("apps", "statefulsets", _stateful_set),
    )
}
SIMULATIONS = (*_RECONCILERS, "serviceaccounts")
"""The names that `ApiServer.simulate` takes: plurals, as kubectl knows them."""


def simulate(core: ApiCore, names: tuple[str, ...]) -> None:
    """Switch simulations on, all of them if no name is given. Raises ValueError for an unknown name."""
    for name in names or SIMULATIONS:
        if name == "serviceaccounts":
            _Accounts(core)
        elif name in _RECONCILERS:
            _Simulation(core, *_RECONCILERS[name])
        else:
            raise ValueError(f"unknown simulation {name!r}; there are: {', '.join(SIMULATIONS)}")


class _Simulation:
    """Runs one reconciler on every change of its kind, in the background."""

    def __init__(self, core: ApiCore, key: StoreKey, reconcile: Reconcile) -> None:
        self.core, self.key, self.reconcile = core, key, reconcile
        core.store.listen(key, self._changed)
        for entry in core.store.entries(key):
            core.later(lambda name=entry.key: self._run(name))  # type: ignore[misc]  # binds the loop's value

    def _changed(self, change: Change) -> None:
        if change.type != DELETED:
            name = change.entry.key
            self.core.later(lambda: self._run(name))

    def _run(self, name: str) -> None:
        entry, kind = self.core.store.get(self.key, name), self.core.catalog.of_store(self.key)
        if entry is None or kind is None:
            return
        if entry.document()["metadata"].get("deletionTimestamp"):
            if self.key == ("", "pods"):
                self._end_pod(name)
            return
        self.core.update_status(kind, entry, lambda document: self.reconcile(self.core, document))

    def _end_pod(self, name: str) -> None:
        """What a kubelet does when the containers have stopped: a delete without grace."""
        from k8s_devkit.api_server.deletes.deleting import DeleteOptions, delete_entry

        entry, kind = self.core.store.get(self.key, name), self.core.catalog.of_store(self.key)
        if entry is not None and kind is not None:
            delete_entry(self.core, kind, entry, DeleteOptions(grace=0))


class _Accounts:
    """Gives every namespace its ``default`` ServiceAccount and the ConfigMap with the cluster's CA."""

    def __init__(self, core: ApiCore) -> None:
        self.core = core
        core.store.listen(("", "namespaces"), self._changed)
        for entry in core.store.entries(("", "namespaces")):
            core.later(lambda name=entry.name: self._fill(name))  # type: ignore[misc]  # binds the loop's value

    def _changed(self, change: Change) -> None:
        if change.type != DELETED:
            name = change.entry.name
            self.core.later(lambda: self._fill(name))

    def _fill(self, namespace: str) -> None:
        entry = self.core.store.get(("", "namespaces"), namespace)
        if entry is None or entry.document()["metadata"].get("deletionTimestamp"):
            return
        for kind, plural, name in (
            ("ServiceAccount", "serviceaccounts", "default"),
            ("ConfigMap", "configmaps", "kube-root-ca.crt"),
        ):
            if self.core.store.get(("", plural), f"{namespace}/{name}") is None:
                self.core.seed({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}})
