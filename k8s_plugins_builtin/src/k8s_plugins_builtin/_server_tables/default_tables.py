# SPDX-License-Identifier: Apache-2.0
"""Defaults that depend on nothing but the field: by kind, path and value. Pure data, of Kubernetes 1.36."""

from __future__ import annotations

from typing import Any

__all__ = ["PATHS", "PROBE", "VOLUME_SOURCES"]

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

_ADMISSION = "admissionregistration.k8s.io"
_RBAC = "rbac.authorization.k8s.io"
_DRA = "resource.k8s.io"


def _match(path: str) -> dict[str, Any]:
    return {
        f"{path}.matchPolicy": "Equivalent",
        f"{path}.namespaceSelector": {},
        f"{path}.objectSelector": {},
        f"{path}.resourceRules[].scope": "*",
        f"{path}.excludeResourceRules[].scope": "*",
    }


_WEBHOOK = {
    "webhooks[].failurePolicy": "Fail",
    "webhooks[].matchPolicy": "Equivalent",
    "webhooks[].namespaceSelector": {},
    "webhooks[].objectSelector": {},
    "webhooks[].timeoutSeconds": 10,
    "webhooks[].rules[].scope": "*",
    "webhooks[].clientConfig.service.port": 443,
}
PATHS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "endpoints"): {"subsets[].ports[].protocol": "TCP"},
    ("", "persistentvolumes"): {
        "spec.persistentVolumeReclaimPolicy": "Retain",
        "spec.volumeMode": "Filesystem",
    },
    ("", "secrets"): {"type": "Opaque"},
    (_ADMISSION, "mutatingwebhookconfigurations"): {**_WEBHOOK, "webhooks[].reinvocationPolicy": "Never"},
    (_ADMISSION, "validatingwebhookconfigurations"): _WEBHOOK,
    (_ADMISSION, "validatingadmissionpolicies"): {"spec.failurePolicy": "Fail", **_match("spec.matchConstraints")},
    (_ADMISSION, "validatingadmissionpolicybindings"): _match("spec.matchResources"),
    (_ADMISSION, "mutatingadmissionpolicies"): {"spec.failurePolicy": "Fail", **_match("spec.matchConstraints")},
    (_ADMISSION, "mutatingadmissionpolicybindings"): _match("spec.matchResources"),
    ("apiregistration.k8s.io", "apiservices"): {"spec.service.port": 443},
    ("discovery.k8s.io", "endpointslices"): {"ports[].name": "", "ports[].protocol": "TCP"},
    (_RBAC, "clusterrolebindings"): {"roleRef.apiGroup": _RBAC},
    (_RBAC, "rolebindings"): {"roleRef.apiGroup": _RBAC},
    (_DRA, "resourceclaims"): {
        "spec.devices.requests[].exactly.allocationMode": "ExactCount",
        "spec.devices.requests[].exactly.tolerations[].operator": "Equal",
        "spec.devices.requests[].firstAvailable[].allocationMode": "ExactCount",
        "spec.devices.requests[].firstAvailable[].tolerations[].operator": "Equal",
    },
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
