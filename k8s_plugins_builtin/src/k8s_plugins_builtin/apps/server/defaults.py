# SPDX-License-Identifier: Apache-2.0
"""Defaults of what makes pods: apps, batch and replication controllers. Pure."""

from __future__ import annotations

from k8s_devkit.strategy.defaults import Json, fill
from k8s_plugins_builtin.core.server.pods.defaults import default_template

__all__ = [
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
