# SPDX-License-Identifier: Apache-2.0
"""Defaults of what makes pods: apps, batch and replication controllers. Pure."""

from __future__ import annotations

from k8s_devkit.strategy.defaults import Json, fill, objects
from k8s_plugins_builtin.core.server.pods.defaults import default_template

__all__ = [
    "complete_job",
    "default_cron_job",
    "default_job",
    "default_replica_set",
    "default_replication_controller",
    "take_labels",
]


def default_replica_set(document: Json) -> None:
    """Fill the defaults of a ReplicaSet."""
    spec = document.setdefault("spec", {})
    fill(spec, replicas=1)
    default_template(spec)


def default_replication_controller(document: Json) -> None:
    """Fill the defaults of a ReplicationController: selector and labels too come from its template."""
    default_replica_set(document)
    spec = document["spec"]
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if labels and not spec.get("selector"):
        spec["selector"] = dict(labels)
    take_labels(document)


def take_labels(document: Json) -> None:
    """Label an object that has no labels as its template is."""
    labels = (((document.get("spec") or {}).get("template") or {}).get("metadata") or {}).get("labels")
    if labels and not document["metadata"].get("labels"):
        document["metadata"]["labels"] = labels


def default_job(document: Json) -> None:
    """Fill the defaults of a Job. Labels that it gets from its template are one with those, as in the API server."""
    take_labels(document)
    spec = document.setdefault("spec", {})
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    by_index = spec.get("backoffLimitPerIndex") is not None
    fill(
        spec,
        parallelism=1,
        backoffLimit=2**31 - 1 if by_index else 6,
        completionMode="NonIndexed",
        suspend=False,
        manualSelector=False,
        podReplacementPolicy="Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed",
    )
    _failure_policy(spec)
    default_template(spec)


def _failure_policy(spec: Json) -> None:
    for rule in objects(spec.get("podFailurePolicy") or {}, "rules"):
        for pattern in objects(rule, "onPodConditions"):
            if not pattern.get("status"):
                pattern["status"] = "True"


def complete_job(document: Json) -> None:
    """Give a new Job, whose uid is known, the selector that fits its pods only, and the labels for it."""
    spec, metadata = document["spec"], document["metadata"]
    if not spec.get("manualSelector") and not spec.get("selector"):
        own = {"controller-uid": metadata["uid"], "job-name": metadata.get("name", "")}
        labels = {**own, **{f"batch.kubernetes.io/{name}": value for name, value in own.items()}}
        template = spec.setdefault("template", {}).setdefault("metadata", {})
        template.setdefault("labels", {}).update(labels)
        spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
    take_labels(document)


def default_cron_job(document: Json) -> None:
    """Fill the defaults of a CronJob; those of its jobs come when they are created."""
    spec = document.setdefault("spec", {})
    fill(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    if isinstance(spec.get("jobTemplate"), dict):
        job = spec["jobTemplate"].setdefault("spec", {})
        _failure_policy(job)
        default_template(job)
