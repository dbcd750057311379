# SPDX-License-Identifier: Apache-2.0
"""Writes on the wire: create, update, patch, apply, delete, CRDs (protocol C19-C36, H8-H10, J5-J8, J17-J24)."""

from __future__ import annotations

import re

import pytest
from wire import MERGE_PATCH, STRATEGIC_PATCH, Wire
from wire_documents import DEPLOYMENTS, MAPS, PODS, Json, config_map, deployment, pod, quiet


def test_J5_create(wire: Wire) -> None:
    document = config_map("a", data={"x": "1"})
    document["metadata"].update(uid="mine", creationTimestamp="2001-01-01T00:00:00Z", selfLink="/x")
    reply = wire("POST", MAPS, document)
    assert reply.status == 201
    metadata = reply.json["metadata"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["uid"])
    assert metadata["namespace"] == wire.namespace
    assert not metadata["creationTimestamp"].startswith("2001")
    assert metadata["resourceVersion"].isdigit()
    assert (reply.json["kind"], reply.json["apiVersion"]) == ("ConfigMap", "v1")


def test_J4_already_exists(wire: Wire) -> None:
    wire.ok("POST", DEPLOYMENTS, deployment("x"))
    status = wire.fails(409, "POST", DEPLOYMENTS, deployment("x"))
    assert (status["reason"], status["message"]) == ("AlreadyExists", 'deployments.apps "x" already exists')
    assert status["details"] == {"name": "x", "group": "apps", "kind": "deployments"}


def test_C20_generate_name(wire: Wire) -> None:
    name = wire.ok("POST", MAPS, {"metadata": {"generateName": "x-"}})["metadata"]["name"]
    assert re.fullmatch("x-[bcdfghjklmnpqrstvwxz2456789]{5}", name)


def test_J5_a_name_is_required(wire: Wire) -> None:
    status = wire.fails(422, "POST", MAPS, {"metadata": {}})
    assert "metadata.name: Required value: name or generateName is required" in status["message"]


def test_C19_a_version_on_create_is_a_500(wire: Wire) -> None:
    document = config_map()
    document["metadata"]["resourceVersion"] = "1"
    assert (
        wire.fails(500, "POST", MAPS, document)["message"]
        == "resourceVersion should not be set on objects to be created"
    )


def test_J4_invalid(wire: Wire) -> None:
    status = wire.fails(422, "POST", MAPS, config_map("Not A Name"))
    assert status["reason"] == "Invalid"
    assert status["message"].startswith(
        'ConfigMap "Not A Name" is invalid: metadata.name: Invalid value: "Not A Name": '
    )
    (cause,) = status["details"]["causes"]
    assert (cause["field"], cause["reason"]) == ("metadata.name", "FieldValueInvalid")


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"selector": None}, "spec.selector", "FieldValueRequired"),
        ({"replicas": -1}, "spec.replicas", "FieldValueInvalid"),
        ({"selector": {"matchLabels": {"app": "other"}}}, "spec.template.metadata.labels", "FieldValueInvalid"),
    ],
)
def test_J4_causes_of_an_invalid_deployment(wire: Wire, change: Json, field: str, reason: str) -> None:
    status = wire.fails(422, "POST", DEPLOYMENTS, deployment("a", **change))
    assert (field, reason) in [(cause["field"], cause["reason"]) for cause in status["details"]["causes"]]


@pytest.mark.parametrize(
    ("container", "field", "reason"),
    [
        ({"image": "i"}, "spec.containers[0].name", "FieldValueRequired"),
        ({"name": "c"}, "spec.containers[0].image", "FieldValueRequired"),
        (
            {"name": "c", "image": "i", "imagePullPolicy": "Perhaps"},
            "spec.containers[0].imagePullPolicy",
            "FieldValueNotSupported",
        ),
        (
            {"name": "c", "image": "i", "ports": [{"containerPort": 70000}]},
            "spec.containers[0].ports[0].containerPort",
            "FieldValueInvalid",
        ),
        (
            {"name": "c", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]},
            "spec.containers[0].volumeMounts[0].name",
            "FieldValueNotFound",
        ),
    ],
)
def test_J4_causes_of_an_invalid_pod(wire: Wire, container: Json, field: str, reason: str) -> None:
    status = wire.fails(422, "POST", PODS, {"metadata": {"name": "a"}, "spec": {"containers": [container]}})
    assert (field, reason) in [(cause["field"], cause["reason"]) for cause in status["details"]["causes"]]


def test_wrong_types_are_a_400(wire: Wire) -> None:
    document = deployment("a", replicas="two")
    status = wire.fails(400, "POST", DEPLOYMENTS, document)
    assert status["reason"] == "BadRequest"
    assert "Deployment" in status["message"]
    assert "cannot be handled as a Deployment" in status["message"]


@pytest.mark.parametrize("body", [b"{", b"[]", b""])
def test_bodies_that_are_no_objects(wire: Wire, body: bytes) -> None:
    wire.fails(400, "POST", MAPS, body)


def test_C24_body_and_url_must_agree(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    status = wire.fails(400, "PUT", f"{MAPS}/a", config_map("b"))
    assert status["message"] == "the name of the object (b) does not match the name on the URL (a)"
    document = config_map("c")
    document["metadata"]["namespace"] = "elsewhere"
    status = wire.fails(400, "POST", MAPS, document)
    assert status["message"] == "the namespace of the provided object does not match the namespace sent on the request"
    status = wire.fails(400, "POST", MAPS, {**config_map("c"), "apiVersion": "v2"})
    assert 'no kind "ConfigMap" is registered for version "v2"' in status["message"]


def test_defaults_of_a_deployment(wire: Wire) -> None:
    spec = wire.ok("POST", DEPLOYMENTS, deployment("a"))["spec"]
    assert (spec["replicas"], spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (1, 10, 600)
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    assert spec["template"]["spec"] == {
        "containers": [
            {
                "name": "main",
                "image": "nginx:1",
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "imagePullPolicy": "IfNotPresent",
            }
        ],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    }


def test_defaults_of_a_pod(wire: Wire) -> None:
    document = pod("a", volumes=[{"name": "c", "configMap": {"name": "x"}}, {"name": "e"}])
    document["spec"]["containers"][0] |= {
        "image": "nginx",
        "readinessProbe": {"httpGet": {"port": 80}},
        "ports": [{"containerPort": 80}],
        "resources": {"limits": {"cpu": "0.5", "memory": "1024Mi"}},
    }
    made = wire.ok("POST", PODS, document)
    container = made["spec"]["containers"][0]
    assert container["imagePullPolicy"] == "Always"
    assert container["ports"] == [{"containerPort": 80, "protocol": "TCP"}]
    assert container["readinessProbe"] == {
        "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    assert container["resources"]["requests"] == {"cpu": "500m", "memory": "1Gi"}
    volumes = {volume["name"]: volume for volume in made["spec"]["volumes"]}
    assert volumes["c"] == {"name": "c", "configMap": {"name": "x", "defaultMode": 420}}
    assert volumes["e"] == {"name": "e", "emptyDir": {}}
    assert made["spec"]["enableServiceLinks"] is True
    assert (made["status"]["phase"], made["status"]["qosClass"]) == ("Pending", "Guaranteed")


def test_defaults_of_other_kinds(wire: Wire) -> None:
    service = wire.ok(
        "POST", "/api/v1/namespaces/{ns}/services", {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}]}}
    )
    assert service["spec"]["ports"] == [{"protocol": "TCP", "port": 80, "targetPort": 80}]
    assert (service["spec"]["type"], service["spec"]["sessionAffinity"]) == ("ClusterIP", "None")
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", service["spec"]["clusterIP"])
    assert service["status"] == {"loadBalancer": {}}
    secret = wire.ok("POST", "/api/v1/namespaces/{ns}/secrets", {"metadata": {"name": "a"}, "stringData": {"k": "v"}})
    assert (secret["type"], secret["data"]) == ("Opaque", {"k": "dg=="})
    assert "stringData" not in secret
    namespace = wire.ok("GET", "/api/v1/namespaces/{ns}")
    assert (namespace["spec"], namespace["status"]) == ({"finalizers": ["kubernetes"]}, {"phase": "Active"})
    stateful = {**deployment("s"), "kind": "StatefulSet"}
    stateful["spec"]["serviceName"] = "a"
    made = wire.ok("POST", "/apis/apps/v1/namespaces/{ns}/statefulsets", stateful)["spec"]
    assert (made["podManagementPolicy"], made["replicas"]) == ("OrderedReady", 1)
    assert made["updateStrategy"]["type"] == "RollingUpdate"
    assert made["updateStrategy"]["rollingUpdate"]["partition"] == 0


def test_what_a_service_holds_is_allocated_to_no_other(wire: Wire) -> None:
    services = "/api/v1/namespaces/{ns}/services"
    spec = {"type": "NodePort", "ports": [{"port": 80}]}
    first = wire.ok("POST", services, {"metadata": {"name": "first"}, "spec": spec})["spec"]
    wanted: list[Json] = [
        {"clusterIP": first["clusterIP"]},
        {"ports": [{"port": 80, "nodePort": first["ports"][0]["nodePort"]}]},
    ]
    for change in wanted:
        status = wire.fails(422, "POST", services, {"metadata": {"name": "second"}, "spec": {**spec, **change}})
        assert "is already allocated" in status["message"]
    wire.ok("DELETE", f"{services}/first")
    for number, change in enumerate(wanted):
        wire.ok("POST", services, {"metadata": {"name": f"later{number}"}, "spec": {**spec, **change}})


@quiet
def test_unknown_fields_of_built_in_kinds_are_dropped(wire: Wire) -> None:
    document = deployment("a", nonsense=1)
    document["spec"]["template"]["spec"]["containers"][0]["more"] = {"x": 1}
    made = wire.ok("POST", DEPLOYMENTS, document)["spec"]
    assert "nonsense" not in made
    assert "more" not in made["template"]["spec"]["containers"][0]


def test_C21_a_stale_version_is_a_conflict(wire: Wire) -> None:
    old = wire.ok("POST", MAPS, config_map("a"))
    wire.ok("PUT", f"{MAPS}/a", {**old, "data": {"x": "1"}})
    status = wire.fails(409, "PUT", f"{MAPS}/a", {**old, "data": {"x": "2"}})
    assert status["message"] == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to '
        "the latest version and try again"
    )
    assert "causes" not in status["details"]


def test_C22_unconditional_updates(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    wire.ok("PUT", f"{MAPS}/a", config_map("a", data={"x": "1"}))
    leases = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    wire.ok("POST", leases, lease)
    status = wire.fails(422, "PUT", f"{leases}/l", lease)
    assert "metadata.resourceVersion: Invalid value: " in status["message"]
    assert status["message"].endswith(": must be specified for an update")


def test_C23_put_to_a_missing_name(wire: Wire) -> None:
    wire.fails(404, "PUT", f"{MAPS}/a", config_map("a"))
    leases = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases"
    assert wire("PUT", f"{leases}/l", {"metadata": {"name": "l"}, "spec": {}}).status == 201
    document = wire.ok("POST", MAPS, config_map("a"))
    document["metadata"]["uid"] = "other"
    assert "Precondition failed: UID in precondition" in wire.fails(409, "PUT", f"{MAPS}/a", document)["message"]


def test_C25_a_no_op_changes_nothing(wire: Wire) -> None:
    live = wire.ok("POST", MAPS, config_map("a", data={"x": "1"}))
    assert wire.ok("PUT", f"{MAPS}/a", live)["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]
    patched = wire.ok("PATCH", f"{MAPS}/a", {"data": {"x": "1"}}, content_type=MERGE_PATCH)
    assert patched["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]


def test_J6_metadata_is_restored(wire: Wire) -> None:
    live = wire.ok("POST", DEPLOYMENTS, deployment("a"))
    changed = wire.ok("GET", f"{DEPLOYMENTS}/a")
    changed["metadata"].update(creationTimestamp="2001-01-01T00:00:00Z", generation=99)
    del changed["metadata"]["uid"]
    updated = wire.ok("PUT", f"{DEPLOYMENTS}/a", changed)["metadata"]
    for key in ("uid", "creationTimestamp", "generation"):
        assert updated[key] == live["metadata"][key]


def test_J6_deletion_timestamp_is_not_set_by_hand(wire: Wire) -> None:
    document = wire.ok("POST", MAPS, config_map("a"))
    document["metadata"]["deletionTimestamp"] = "2030-01-01T00:00:00Z"
    reply = wire("PUT", f"{MAPS}/a", document)
    assert reply.status == 422 or "deletionTimestamp" not in reply.json["metadata"]


def test_J7_generation(wire: Wire) -> None:
    live = wire.ok("POST", DEPLOYMENTS, deployment("a"))
    assert live["metadata"]["generation"] == 1
    labelled = wire.ok("PATCH", f"{DEPLOYMENTS}/a", {"metadata": {"labels": {"x": "y"}}}, content_type=MERGE_PATCH)
    assert labelled["metadata"]["generation"] == 1
    annotated = wire.ok(
        "PATCH", f"{DEPLOYMENTS}/a", {"metadata": {"annotations": {"x": "y"}}}, content_type=MERGE_PATCH
    )
    assert annotated["metadata"]["generation"] == 2
    scaled = wire.ok("PATCH", f"{DEPLOYMENTS}/a", {"spec": {"replicas": 2}}, content_type=MERGE_PATCH)
    assert scaled["metadata"]["generation"] == 3
    status = wire.ok("PATCH", f"{DEPLOYMENTS}/a/status", {"status": {"replicas": 2}}, content_type=MERGE_PATCH)
    assert status["metadata"]["generation"] == 3


def test_J8_status_is_separate(wire: Wire) -> None:
    made = wire.ok("POST", DEPLOYMENTS, {**deployment("a"), "status": {"replicas": 7}})
    assert made["status"] == {}
    patch = {"status": {"replicas": 1}, "spec": {"replicas": 9}}
    changed = wire.ok("PATCH", f"{DEPLOYMENTS}/a/status", patch, content_type=MERGE_PATCH)
    assert (changed["status"]["replicas"], changed["spec"]["replicas"]) == (1, 1)
    changed = wire.ok("PATCH", f"{DEPLOYMENTS}/a", {"status": {"replicas": 5}}, content_type=MERGE_PATCH)
    assert changed["status"]["replicas"] == 1


@pytest.mark.parametrize(
    ("path", "document", "patch", "field"),
    [
        (DEPLOYMENTS, deployment("a"), {"spec": {"selector": {"matchLabels": {"x": "y"}}}}, "spec.selector"),
        (PODS, pod("a"), {"spec": {"hostNetwork": True}}, "spec"),
        (MAPS, config_map("a", immutable=True, data={"x": "1"}), {"data": {"x": "2"}}, "data"),
    ],
)
def test_what_cannot_change(wire: Wire, path: str, document: Json, patch: Json, field: str) -> None:
    wire.ok("POST", path, document)
    status = wire.fails(422, "PATCH", f"{path}/a", patch, content_type=MERGE_PATCH)
    assert field in [cause["field"] for cause in status["details"]["causes"]]


def test_an_image_of_a_pod_can_change(wire: Wire) -> None:
    wire.ok("POST", PODS, pod("a"))
    patch = {"spec": {"containers": [{"name": "main", "image": "nginx:2"}]}}
    made = wire.ok("PATCH", f"{PODS}/a", patch, content_type=STRATEGIC_PATCH)
    assert made["spec"]["containers"][0]["image"] == "nginx:2"
