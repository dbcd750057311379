# SPDX-License-Identifier: Apache-2.0
"""Documents and paths that the tests of the wire share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire import APPLY_PATCH

if TYPE_CHECKING:
    from wire import Wire

Json = dict[str, Any]
MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

# Newer servers warn of the unknown fields that these tests send on purpose.
quiet = pytest.mark.filterwarnings("ignore::k8s_core.errors.KubernetesWarning")


def config_map(name: str = "a", **more: Any) -> Json:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


def pod(name: str = "a", **spec: Any) -> Json:
    """A Pod of one container."""
    containers = [{"name": "main", "image": "nginx:1"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers, **spec}}


def deployment(name: str = "a", **spec: Any) -> Json:
    """A Deployment of one container."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx:1"}]}}
    document = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": document}


def apply(wire: Wire, path: str, document: Json, manager: str = "me", *, force: bool = False) -> Json:
    """Server-side apply."""
    query = f"?fieldManager={manager}" + ("&force=true" if force else "")
    made: Json = wire.ok("PATCH", path + query, document, content_type=APPLY_PATCH)
    return made


def establish_crontabs(wire: Wire) -> str:
    """Make the CronTab CRD in a group of its own, and wait until it is served; returns the group."""
    name = f"{wire.namespace}.example.org"
    spec_schema = {
        "type": "object",
        "properties": {
            "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
            "image": {"type": "string", "pattern": "^[a-z]+$"},
            "mode": {"type": "string", "enum": ["a", "b"]},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
            "parts": {
                "type": "array",
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                "items": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "size": {"type": "integer", "default": 7}},
                },
            },
        },
    }
    status_schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": spec_schema, "status": status_schema}}
    scale = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": scale},
        "additionalPrinterColumns": [{"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"}],
    }
    names = {"plural": "crontabs", "singular": "crontab", "kind": "CronTab", "shortNames": ["ct"]}
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"crontabs.{name}"},
        "spec": {"group": name, "scope": "Namespaced", "names": names, "versions": [version]},
    }
    wire.ok("POST", CRDS, document)

    def established() -> bool:
        found = wire.ok("GET", f"{CRDS}/crontabs.{name}")
        conditions = {item["type"]: item["status"] for item in found.get("status", {}).get("conditions") or []}
        return conditions.get("Established") == "True" and wire("GET", f"/apis/{name}/v1/crontabs").status == 200

    eventually(established, f"{name} is established")
    return name


def crontabs(group: str) -> str:
    """The path of the collection."""
    return f"/apis/{group}/v1/namespaces/{{ns}}/crontabs"


def crontab(group: str, name: str = "a", **spec: Any) -> Json:
    """A CronTab."""
    return {"apiVersion": f"{group}/v1", "kind": "CronTab", "metadata": {"name": name}, "spec": spec}
