# SPDX-License-Identifier: Apache-2.0
"""Deletion and dry runs on the wire (protocol C5, C30-C35, H8, H10, J11)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wire import MERGE_PATCH, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]
MAPS = "/api/v1/namespaces/{ns}/configmaps"
PODS = "/api/v1/namespaces/{ns}/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments"
# Newer servers warn of the unknown fields that these tests send on purpose.
quiet = pytest.mark.filterwarnings("ignore::k8s_core.errors.KubernetesWarning")
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def config_map(name: str = "a", **more: Any) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


def pod(name: str = "a", **spec: Any) -> Json:
    containers = [{"name": "main", "image": "nginx:1"}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {"containers": containers, **spec}}


def deployment(name: str = "a", **spec: Any) -> Json:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx:1"}]}}
    document = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": document}


@pytest.fixture
def group(wire: Wire) -> str:
    """A group of its own with the CronTab CRD, established."""
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
    end = time.monotonic() + 30
    while True:
        found = wire.ok("GET", f"{CRDS}/crontabs.{name}")
        conditions = {item["type"]: item["status"] for item in found.get("status", {}).get("conditions") or []}
        if conditions.get("Established") == "True" and wire("GET", f"/apis/{name}/v1/crontabs").status == 200:
            return name
        assert time.monotonic() < end, conditions
        time.sleep(0.05)


def crontabs(group: str) -> str:
    return f"/apis/{group}/v1/namespaces/{{ns}}/crontabs"


def crontab(group: str, name: str = "a", **spec: Any) -> Json:
    return {"apiVersion": f"{group}/v1", "kind": "CronTab", "metadata": {"name": name}, "spec": spec}


def test_J20_a_missing_namespace(wire: Wire) -> None:
    status = wire.fails(404, "POST", "/api/v1/namespaces/no-such/configmaps", config_map())
    assert status["message"] == 'namespaces "no-such" not found'


def test_J20_initial_namespaces_stay(wire: Wire) -> None:
    status = wire.fails(403, "DELETE", "/api/v1/namespaces/kube-system")
    assert "this namespace may not be deleted" in status["message"]


def test_J20_a_namespace_terminates(wire: Wire) -> None:
    document = config_map("held")
    document["metadata"]["finalizers"] = ["example.com/hold"]
    wire.ok("POST", MAPS, document)
    answer = wire.ok("DELETE", "/api/v1/namespaces/{ns}")
    assert (answer["kind"], answer["status"]["phase"]) == ("Namespace", "Terminating")
    status = wire.fails(403, "POST", MAPS, config_map("late"))
    assert "because it is being terminated" in status["message"]
    assert status["details"]["causes"][0]["reason"] == "NamespaceTerminating"


def test_C31_dry_run(wire: Wire) -> None:
    made = wire("POST", f"{MAPS}?dryRun=All", config_map("a"))
    assert made.status == 201
    assert {"uid", "creationTimestamp"} <= set(made.json["metadata"])
    assert "resourceVersion" not in made.json["metadata"]
    wire.fails(404, "GET", f"{MAPS}/a")
    live = wire.ok("POST", MAPS, config_map("a"))
    assert wire.ok("PUT", f"{MAPS}/a?dryRun=All", {**live, "data": {"x": "1"}})["data"] == {"x": "1"}
    wire.ok("DELETE", f"{MAPS}/a?dryRun=All")
    assert wire.ok("GET", f"{MAPS}/a")["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]
    wire.fails(422, "POST", f"{MAPS}?dryRun=Some", config_map("b"))


@quiet
@pytest.mark.since("1.27")
def test_C30_field_validation(wire: Wire) -> None:
    reply = wire("POST", DEPLOYMENTS, deployment("a", foo=1))
    assert 'unknown field \\"spec.foo\\"' in reply.headers["Warning"]
    status = wire.fails(400, "POST", f"{DEPLOYMENTS}?fieldValidation=Strict", deployment("b", foo=1))
    assert 'strict decoding error: unknown field "spec.foo"' in status["message"]


def test_C32_delete_answers(wire: Wire) -> None:
    uid = wire.ok("POST", DEPLOYMENTS, deployment("a"))["metadata"]["uid"]
    gone = wire.ok("DELETE", f"{DEPLOYMENTS}/a")
    assert gone["status"] == "Success"
    assert gone["details"] == {"name": "a", "group": "apps", "kind": "deployments", "uid": uid}
    wire.ok("POST", PODS, pod("a"))
    assert wire.ok("DELETE", f"{PODS}/a")["kind"] == "Pod"
    wire.fails(404, "DELETE", f"{PODS}/a")


def test_C32_a_deleted_service(wire: Wire, answers: Callable[[str], tuple[Any, ...]]) -> None:
    path = "/api/v1/namespaces/{ns}/services"
    wire.ok("POST", path, {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}})
    assert wire.ok("DELETE", f"{path}/a")["kind"] in answers("kind of the answer to deleting a Service")


def test_C34_preconditions(wire: Wire) -> None:
    metadata = wire.ok("POST", MAPS, config_map("a"))["metadata"]
    status = wire.fails(409, "DELETE", f"{MAPS}/a", {"preconditions": {"uid": "other"}})
    assert f"does not match the UID in record ({metadata['uid']})" in status["message"]
    wire.fails(409, "DELETE", f"{MAPS}/a", {"preconditions": {"resourceVersion": "1"}})
    wire.ok("DELETE", f"{MAPS}/a", {"preconditions": {"uid": metadata["uid"]}})


def test_C5_a_body_hides_the_query(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    wire.ok("DELETE", f"{MAPS}/a?dryRun=All", {"kind": "DeleteOptions", "apiVersion": "v1"})
    wire.fails(404, "GET", f"{MAPS}/a")


def test_C33_propagation_policies(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    body = {"propagationPolicy": "Orphan", "orphanDependents": True}
    wire.fails(422, "DELETE", f"{MAPS}/a", body)
    document = config_map("b")
    document["metadata"]["finalizers"] = ["example.com/hold"]
    wire.ok("POST", MAPS, document)
    held = wire.ok("DELETE", f"{MAPS}/b", {"propagationPolicy": "Foreground"})["metadata"]
    assert "foregroundDeletion" in held["finalizers"]
    assert held["deletionGracePeriodSeconds"] == 0


def test_H8_finalizers(wire: Wire) -> None:
    document = config_map("a")
    document["metadata"]["finalizers"] = ["example.com/hold"]
    wire.ok("POST", MAPS, document)
    held = wire.ok("DELETE", f"{MAPS}/a")
    assert held["metadata"]["deletionTimestamp"]
    more = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    status = wire.fails(422, "PATCH", f"{MAPS}/a", more, content_type=MERGE_PATCH)
    assert "no new finalizers can be added if the object is being deleted" in status["message"]
    last = wire.ok("PATCH", f"{MAPS}/a", {"metadata": {"finalizers": None}}, content_type=MERGE_PATCH)
    assert last["metadata"]["name"] == "a"
    wire.fails(404, "GET", f"{MAPS}/a")


def test_C35_grace(wire: Wire) -> None:
    wire.ok("POST", PODS, pod("a", nodeName="n"))
    assert wire.ok("DELETE", f"{PODS}/a")["metadata"]["deletionGracePeriodSeconds"] == 30
    assert wire.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 60})["metadata"]["deletionGracePeriodSeconds"] == 30
    assert wire.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 5})["metadata"]["deletionGracePeriodSeconds"] == 5
    wire.ok("GET", f"{PODS}/a")
    wire.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 0})
    wire.fails(404, "GET", f"{PODS}/a")
    wire.ok("POST", PODS, pod("b"))
    wire.ok("DELETE", f"{PODS}/b")
    wire.fails(404, "GET", f"{PODS}/b")


def test_J11_delete_collection(wire: Wire) -> None:
    for name, label in (("a", "1"), ("b", "2")):
        document = config_map(name)
        document["metadata"]["labels"] = {"x": label}
        wire.ok("POST", MAPS, document)
    listed = wire.ok("DELETE", f"{MAPS}?labelSelector=x=1")
    assert listed["kind"] in ("ConfigMapList", "Status")
    remaining = [item["metadata"]["name"] for item in wire.ok("GET", f"{MAPS}?labelSelector=x")["items"]]
    assert remaining == ["b"]


def test_H10_owner_references(wire: Wire) -> None:
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "u", "controller": True}
    document = config_map("a")
    document["metadata"]["ownerReferences"] = [owner, {**owner, "name": "y", "uid": "v"}]
    assert "Only one reference can have Controller set to true" in wire.fails(422, "POST", MAPS, document)["message"]
    document["metadata"]["ownerReferences"] = [{"apiVersion": "v1", "kind": "", "name": "x", "uid": "u"}]
    wire.fails(422, "POST", MAPS, document)
