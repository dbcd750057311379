# SPDX-License-Identifier: Apache-2.0
"""What is deprecated of several kinds, with the words that warnings have for it: labels, sources of volumes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import go_quoted
from k8s_plugins_builtin.core.server.resources import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.strategy.document import Document

__all__ = ["LABELS", "POD_SOURCES", "VOLUME_SOURCES", "beta_class_warning", "fractional_bytes"]

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"

LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
"""The labels of nodes that are deprecated."""

VOLUME_SOURCES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
"""The deprecated sources of persistent volumes."""

POD_SOURCES = {
    **VOLUME_SOURCES,
    "gitRepo": "deprecated in v1.11",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
}
"""The deprecated sources of the volumes of Pods."""


def beta_class_warning(metadata: Document) -> Iterator[str]:
    """The warning for the annotation that named a StorageClass before there was a field for it."""
    if _BETA_CLASS in (metadata.get("annotations") or ()):
        text = 'deprecated since v1.8; use "storageClassName" attribute instead'
        yield f"metadata.annotations[{_BETA_CLASS}]: {text}"


def fractional_bytes(quantities: Document | None, path: str) -> Iterator[str]:
    """The warnings for parts of bytes among amounts of resources."""
    for name in ("memory", "ephemeral-storage", "storage") if quantities else ():
        value = quantities.get(name) if quantities else None
        if isinstance(value, str) and not value.isdigit() and amount(value).milli_value() % 1000:
            yield f"{path}[{name}]: fractional byte value {go_quoted(value)} is invalid, must be an integer"
