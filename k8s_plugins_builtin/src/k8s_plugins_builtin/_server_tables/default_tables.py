# SPDX-License-Identifier: Apache-2.0
"""Defaults that depend on nothing but the field: by kind, path and value. Pure data, of Kubernetes 1.36."""

from __future__ import annotations

from typing import Any

__all__ = ["PATHS"]

PATHS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "endpoints"): {"subsets[].ports[].protocol": "TCP"},
    ("", "persistentvolumes"): {
        "spec.persistentVolumeReclaimPolicy": "Retain",
        "spec.volumeMode": "Filesystem",
    },
    ("", "secrets"): {"type": "Opaque"},
    ("discovery.k8s.io", "endpointslices"): {"ports[].name": "", "ports[].protocol": "TCP"},
    ("storage.k8s.io", "csidrivers"): {
        "spec.attachRequired": True,
        "spec.fsGroupPolicy": "ReadWriteOnceWithFSType",
        "spec.podInfoOnMount": False,
        "spec.requiresRepublish": False,
        "spec.seLinuxMount": False,
        "spec.storageCapacity": False,
        "spec.volumeLifecycleModes": ["Persistent"],
    },
    ("storage.k8s.io", "storageclasses"): {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
}
"""By the kind's storage key."""
