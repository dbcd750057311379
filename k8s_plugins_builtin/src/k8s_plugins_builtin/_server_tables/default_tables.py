# SPDX-License-Identifier: Apache-2.0
"""Defaults that depend on nothing but the field: by kind, path and value. Pure data, of Kubernetes 1.36."""

from __future__ import annotations

from typing import Any

__all__ = ["PROBE", "VOLUME_SOURCES"]

PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}

_MODE = 420

VOLUME_SOURCES: dict[str, dict[str, Any]] = {
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
    "configMap": {"defaultMode": _MODE},
    "downwardAPI": {"defaultMode": _MODE},
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "projected": {"defaultMode": _MODE},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
    "secret": {"defaultMode": _MODE},
}
"""By the kind of source, in volumes of pods and in persistent volumes."""
