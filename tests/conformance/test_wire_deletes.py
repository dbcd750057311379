# SPDX-License-Identifier: Apache-2.0
"""Deletion and dry runs on the wire (protocol C5, C30-C35, H8, H10, J11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire import MERGE_PATCH, Wire
from wire_documents import DEPLOYMENTS, MAPS, PODS, config_map, deployment, pod, quiet

if TYPE_CHECKING:
    from collections.abc import Callable


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


def test_a_replication_controller_orphans_its_pods_unless_the_client_says_otherwise(wire: Wire) -> None:
    controllers = "/api/v1/namespaces/{ns}/replicationcontrollers"
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "main", "image": "nginx"}]}}

    def finalizers_after(options: dict[str, Any] | None = None, **metadata: Any) -> list[str]:
        metadata = {"name": "a", **metadata, "finalizers": [*metadata.get("finalizers", []), "example.com/hold"]}
        wire.ok("POST", controllers, {"metadata": metadata, "spec": {"replicas": 0, "template": template}})
        held: list[str] = wire.ok("DELETE", f"{controllers}/a", options)["metadata"]["finalizers"]
        wire.ok("PATCH", f"{controllers}/a", {"metadata": {"finalizers": None}}, content_type=MERGE_PATCH)
        return held

    hold = "example.com/hold"
    assert finalizers_after() == [hold, "orphan"]
    assert finalizers_after({"propagationPolicy": "Background"}) == [hold]
    assert finalizers_after({"propagationPolicy": "Foreground"}) == [hold, "foregroundDeletion"]
    assert finalizers_after({"orphanDependents": False}) == [hold]
    assert finalizers_after(finalizers=["foregroundDeletion"]) == ["foregroundDeletion", hold]


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
