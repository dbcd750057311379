# SPDX-License-Identifier: Apache-2.0
"""The data of the benchmark: one realistic Pod, multiplied. Standard library only: every environment imports it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

POD_FILE = Path(__file__).resolve().parents[3] / "shared/bench/pod.json"


def sample_pod() -> dict[str, Any]:
    """The Pod that figures are quoted for, or one of the same shape and size where its file is absent."""
    if POD_FILE.exists():
        return json.loads(POD_FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]  # an object
    return _similar_pod()


def _container(name: str) -> dict[str, Any]:
    probe = {
        "httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"},
        "periodSeconds": 10,
        "timeoutSeconds": 1,
    }
    return {
        "name": name,
        "image": f"registry.example.com/team/{name}:1.2.3",
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "env": [{"name": f"VARIABLE_{index}", "value": f"value-{index}"} for index in range(8)],
        "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "livenessProbe": probe,
        "readinessProbe": probe,
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "settings", "mountPath": "/etc/settings"},
        ],
        "imagePullPolicy": "IfNotPresent",
    }


def _owned(fields: dict[str, Any], depth: int) -> dict[str, Any]:
    return {
        f"f:{key}": _owned(value, depth - 1) if isinstance(value, dict) and depth else {}
        for key, value in fields.items()
    }


def _similar_pod() -> dict[str, Any]:
    spec = {
        "containers": [_container("main"), _container("sidecar")],
        "nodeName": "node-1",
        "restartPolicy": "Always",
        "serviceAccountName": "default",
        "volumes": [{"name": "data", "emptyDir": {}}, {"name": "settings", "configMap": {"name": "settings"}}],
    }
    state = {
        "ready": True,
        "restartCount": 0,
        "started": True,
        "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
    }
    status = {
        "phase": "Running",
        "podIP": "10.0.0.1",
        "startTime": "2026-01-01T00:00:00Z",
        "conditions": [{"type": kind, "status": "True"} for kind in ("Initialized", "Ready", "PodScheduled")],
        "containerStatuses": [{"name": name, "image": "x", "imageID": "x", **state} for name in ("main", "sidecar")],
    }
    fields = _owned({**spec, "containers": {f'k:{{"name":"{c["name"]}"}}': c for c in spec["containers"]}}, 6)
    entry = {
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": fields},
        "time": "2026-01-01T00:00:00Z",
    }
    metadata = {
        "name": "bench-0",
        "namespace": "default",
        "uid": "00000000-0000-0000-0000-000000000000",
        "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"app": "bench", "tier": "backend"},
        "annotations": {"prometheus.io/scrape": "true"},
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "bench", "uid": "u", "controller": True}
        ],
        "managedFields": [
            {**entry, "manager": name, "operation": "Update"} for name in ("kubectl", "kubelet", "bench")
        ],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def pods(count: int, *, typed: bool) -> Iterator[bytes]:
    """JSON of pods with names, uids and versions of their own; list items have no ``apiVersion`` and ``kind``."""
    pod = copy.deepcopy(sample_pod())
    if not typed:
        pod.pop("apiVersion", None)
        pod.pop("kind", None)
    marks = {"name": "@NAME@", "uid": "@UID@", "resourceVersion": "@VERSION@"}
    pod["metadata"].update(marks)
    template = _compact(pod)
    for index in range(count):
        item = template.replace(b"@NAME@", b"bench-%d" % index).replace(b"@VERSION@", b"%d" % (index + 2))
        yield item.replace(b"@UID@", b"00000000-0000-4000-8000-%012d" % index)


def list_body(items: list[bytes], continue_token: str = "") -> bytes:
    """A PodList response."""
    metadata = {"resourceVersion": "1"} | ({"continue": continue_token} if continue_token else {})
    head = b'{"kind":"PodList","apiVersion":"v1","metadata":' + _compact(metadata) + b',"items":['
    return head + b",".join(items) + b"]}"


def watch_frames(count: int) -> Iterator[bytes]:
    """ADDED events, one line each."""
    for pod in pods(count, typed=True):
        yield b'{"type":"ADDED","object":' + pod + b"}\n"
