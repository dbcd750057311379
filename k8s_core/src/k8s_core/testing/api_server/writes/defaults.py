# SPDX-License-Identifier: Apache-2.0
"""Defaults that the API server fills into built-in kinds (protocol E16: the server's work, never the client's). Pure.

The common kinds are complete; a kind that is not named here has no defaults in the embedded server.
"""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.custom.crd import default_definition
from k8s_core.testing.api_server.writes.pod_defaults import default_pod, default_template, quality_of_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.testing.api_server.kinds.catalog import Kind

__all__ = ["apply_defaults", "complete_created"]

Json = dict[str, Any]
_RBAC_GROUP = "rbac.authorization.k8s.io"


def _spec(document: Json, **values: Any) -> Json:
    spec: Json = document.setdefault("spec", {})
    for name, value in values.items():
        spec.setdefault(name, value)
    return spec


def _pod(document: Json) -> None:
    default_pod(document)
    if isinstance(document.get("status"), dict):
        document["status"].setdefault("qosClass", quality_of_service(document["spec"]))


def _deployment(document: Json) -> None:
    spec = _spec(document, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = spec.setdefault("strategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    default_template(spec)


def _replica_set(document: Json) -> None:
    default_template(_spec(document, replicas=1))


def _stateful_set(document: Json) -> None:
    spec = _spec(document, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10)
    strategy = spec.setdefault("updateStrategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    for claim in spec.get("volumeClaimTemplates") or []:
        _claim(claim)
        claim.setdefault("status", {"phase": "Pending"})
    default_template(spec)


def _daemon_set(document: Json) -> None:
    spec = _spec(document, revisionHistoryLimit=10)
    strategy = spec.setdefault("updateStrategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("maxUnavailable", 1)
    default_template(spec)


def _job_spec(spec: Json) -> None:
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    for name, value in (("parallelism", 1), ("backoffLimit", 6), ("completionMode", "NonIndexed"), ("suspend", False)):
        spec.setdefault(name, value)
    default_template(spec)


def _job(document: Json) -> None:
    _job_spec(document.setdefault("spec", {}))


def _cron_job(document: Json) -> None:
    spec = _spec(
        document, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1
    )
    if isinstance(spec.get("jobTemplate"), dict):
        default_template(spec["jobTemplate"].setdefault("spec", {}))


def _address(document: Json) -> str:
    """A cluster IP that depends on the name only, so that tests can expect it."""
    metadata = document["metadata"]
    number = zlib.crc32(f"{metadata.get('namespace')}/{metadata.get('name')}".encode()) % 65_000
    return f"10.96.{number // 250}.{number % 250 + 2}"


def _service(document: Json) -> None:
    spec = _spec(document, type="ClusterIP", sessionAffinity="None")
    external = spec["type"] == "ExternalName"
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        if "port" in port:
            port.setdefault("targetPort", port["port"])
            if spec["type"] in ("NodePort", "LoadBalancer"):
                port.setdefault("nodePort", 30_000 + zlib.crc32(f"{_address(document)}:{port['port']}".encode()) % 2768)
    if external:
        return
    spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    spec.setdefault("clusterIP", _address(document))
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")


def _secret(document: Json) -> None:
    document.setdefault("type", "Opaque")
    text = document.pop("stringData", None)  # write-only (E12)
    if text:
        encoded = {name: base64.b64encode(value.encode()).decode() for name, value in text.items()}
        document["data"] = {**document.get("data", {}), **encoded}


def _namespace(document: Json) -> None:
    metadata = document["metadata"]
    if metadata.get("name"):
        metadata.setdefault("labels", {})["kubernetes.io/metadata.name"] = metadata["name"]
    if not metadata.get("deletionTimestamp"):
        _spec(document, finalizers=["kubernetes"])


def _claim(document: Json) -> None:
    _spec(document, volumeMode="Filesystem")


def _volume(document: Json) -> None:
    _spec(document, persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem")


def _network_policy(document: Json) -> None:
    spec = _spec(document)
    spec.setdefault("policyTypes", ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def _binding(document: Json) -> None:
    document.setdefault("roleRef", {}).setdefault("apiGroup", _RBAC_GROUP)
    for subject in document.get("subjects") or []:
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC_GROUP)


def _storage_class(document: Json) -> None:
    document.setdefault("reclaimPolicy", "Delete")
    document.setdefault("volumeBindingMode", "Immediate")


def _autoscaler(document: Json) -> None:
    _spec(document, minReplicas=1)


def _priority_class(document: Json) -> None:
    document.setdefault("preemptionPolicy", "PreemptLowerPriority")


_RULES: dict[tuple[str, str], Callable[[Json], None]] = {
    ("", "namespaces"): _namespace,
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): _volume,
    ("", "pods"): _pod,
    ("", "replicationcontrollers"): _replica_set,
    ("", "secrets"): _secret,
    ("", "services"): _service,
    ("apiextensions.k8s.io", "customresourcedefinitions"): default_definition,
    ("apps", "daemonsets"): _daemon_set,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _replica_set,
    ("apps", "statefulsets"): _stateful_set,
    ("autoscaling", "horizontalpodautoscalers"): _autoscaler,
    ("batch", "cronjobs"): _cron_job,
    ("batch", "jobs"): _job,
    ("networking.k8s.io", "networkpolicies"): _network_policy,
    (_RBAC_GROUP, "clusterrolebindings"): _binding,
    (_RBAC_GROUP, "rolebindings"): _binding,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("storage.k8s.io", "storageclasses"): _storage_class,
}
_KEPT = {("", "services"): ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")}


def apply_defaults(kind: Kind, document: Json, live: Json | None = None) -> None:
    """Fill defaults into ``document``, in place; what was allocated for ``live`` stays."""
    if kind.custom is not None:
        kind.custom.default(document)
        return
    rule = _RULES.get(kind.key)
    if rule is None:
        return
    if live is not None and kind.key in _KEPT and isinstance(document.get("spec"), dict):
        same_type = document["spec"].get("type") in (None, live["spec"].get("type"))
        for name in _KEPT[kind.key]:
            if name in live["spec"] and (same_type or name not in document["spec"]):
                document["spec"].setdefault(name, live["spec"][name])
    rule(document)


def complete_created(kind: Kind, document: Json) -> None:
    """Fill in what depends on the uid that a new object just got: the selector of a Job, and the labels it matches."""
    spec = document.get("spec") or {}
    if kind.key != ("batch", "jobs") or spec.get("manualSelector") or spec.get("selector"):
        return
    metadata = document["metadata"]
    own = {"controller-uid": metadata["uid"], "job-name": metadata.get("name", "")}
    labels = {**own, **{f"batch.kubernetes.io/{name}": value for name, value in own.items()}}
    template = spec.setdefault("template", {}).setdefault("metadata", {})
    template["labels"] = {**(template.get("labels") or {}), **labels}
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
