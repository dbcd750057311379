# SPDX-License-Identifier: Apache-2.0
"""Writes on the wire: create, update, patch, apply, delete, CRDs (protocol C19-C36, H8-H10, J5-J8, J17-J24)."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from wire import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Wire

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


# Create


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


# Defaults


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
    assert made["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}


@quiet
def test_unknown_fields_of_built_in_kinds_are_dropped(wire: Wire) -> None:
    document = deployment("a", nonsense=1)
    document["spec"]["template"]["spec"]["containers"][0]["more"] = {"x": 1}
    made = wire.ok("POST", DEPLOYMENTS, document)["spec"]
    assert "nonsense" not in made
    assert "more" not in made["template"]["spec"]["containers"][0]


# Update


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


# Patch


def test_J17_json_patch(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a", data={"x": "1", "y": "2"}))
    operations = [
        {"op": "test", "path": "/data/x", "value": "1"},
        {"op": "move", "from": "/data/x", "path": "/data/z"},
        {"op": "copy", "from": "/data/y", "path": "/data/w"},
        {"op": "remove", "path": "/data/y"},
        {"op": "add", "path": "/metadata/annotations", "value": {"a/b": "1"}},
        {"op": "replace", "path": "/metadata/annotations/a~1b", "value": "2"},
    ]
    made = wire.ok("PATCH", f"{MAPS}/a", operations, content_type=JSON_PATCH)
    assert made["data"] == {"z": "1", "w": "2"}
    assert made["metadata"]["annotations"] == {"a/b": "2"}


@pytest.mark.parametrize(
    "operation", [{"op": "test", "path": "/data/x", "value": "9"}, {"op": "remove", "path": "/data/none"}]
)
def test_C27_json_patches_that_do_not_fit(wire: Wire, operation: Json) -> None:
    wire.ok("POST", MAPS, config_map("a", data={"x": "1"}))
    status = wire.fails(422, "PATCH", f"{MAPS}/a", [operation], content_type=JSON_PATCH)
    assert status["message"] == "the server rejected our request due to an error in our request"
    assert "causes" not in status.get("details", {})


def test_J17_merge_patch(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a", data={"x": "1", "y": "2"}))
    made = wire.ok("PATCH", f"{MAPS}/a", {"data": {"x": None, "z": "3"}}, content_type=MERGE_PATCH)
    assert made["data"] == {"y": "2", "z": "3"}
    wire.fails(409, "PATCH", f"{MAPS}/a", {"metadata": {"resourceVersion": "1"}}, content_type=MERGE_PATCH)
    wire.fails(404, "PATCH", f"{MAPS}/none", {}, content_type=MERGE_PATCH)


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"containers": [{"name": "side", "image": "s"}]}, [("side", "s"), ("main", "nginx:1")]),
        ({"containers": [{"name": "main", "image": "n"}]}, [("main", "n")]),
        (
            {
                "$setElementOrder/containers": [{"name": "main"}, {"name": "b"}],
                "containers": [{"name": "b", "image": "b"}],
            },
            [("main", "nginx:1"), ("b", "b")],
        ),
        ({"containers": [{"$patch": "replace"}, {"name": "only", "image": "o"}]}, [("only", "o")]),
        ({"containers": [{"name": "n", "image": "n"}, {"name": "main", "$patch": "delete"}]}, [("n", "n")]),
    ],
)
def test_J17_strategic_merge(wire: Wire, patch: Json, expected: list[tuple[str, str]]) -> None:
    wire.ok("POST", DEPLOYMENTS, deployment("a"))
    body = {"spec": {"template": {"spec": patch}}}
    made = wire.ok("PATCH", f"{DEPLOYMENTS}/a", body, content_type=STRATEGIC_PATCH)
    containers = made["spec"]["template"]["spec"]["containers"]
    assert [(item["name"], item["image"]) for item in containers] == expected


def test_J17_strategic_directives(wire: Wire) -> None:
    document = deployment("a")
    document["metadata"].update(annotations={"x": "1", "y": "2"}, finalizers=["example.com/a", "example.com/b"])
    wire.ok("POST", DEPLOYMENTS, document)

    def patched(patch: Json) -> Json:
        made: Json = wire.ok("PATCH", f"{DEPLOYMENTS}/a", patch, content_type=STRATEGIC_PATCH)
        return made

    metadata = patched({"metadata": {"annotations": {"$patch": "replace", "z": "3"}}})["metadata"]
    assert metadata["annotations"] == {"z": "3"}
    metadata = patched({"metadata": {"$deleteFromPrimitiveList/finalizers": ["example.com/a"]}})["metadata"]
    assert metadata["finalizers"] == ["example.com/b"]
    metadata = patched({"metadata": {"finalizers": ["example.com/c"]}})["metadata"]
    assert sorted(metadata["finalizers"]) == ["example.com/b", "example.com/c"]
    spec = patched({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}})["spec"]
    assert spec["strategy"] == {"type": "Recreate"}


def test_C26_other_patch_types_are_a_415(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    assert wire.fails(415, "PATCH", f"{MAPS}/a", {}, content_type="application/json")["code"] == 415


# Apply


def apply(wire: Wire, path: str, document: Json, manager: str = "me", *, force: bool = False) -> Json:
    query = f"?fieldManager={manager}" + ("&force=true" if force else "")
    made: Json = wire.ok("PATCH", path + query, document, content_type=APPLY_PATCH)
    return made


def managers(document: Json) -> dict[tuple[str, str], Json]:
    entries = document["metadata"].get("managedFields", [])
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in entries}


def test_J18_apply(wire: Wire) -> None:
    document = apply(wire, f"{MAPS}/a", config_map("a", data={"x": "1", "y": "2"}))
    assert managers(document) == {("me", "Apply"): {"f:data": {"f:x": {}, "f:y": {}}}}
    document = apply(wire, f"{MAPS}/a", config_map("a", data={"x": "1"}), "other")
    assert set(managers(document)) == {("me", "Apply"), ("other", "Apply")}
    document = apply(wire, f"{MAPS}/a", config_map("a", data={}))
    assert document["data"] == {"x": "1"}


def test_C29_conflicts(wire: Wire) -> None:
    wire.ok("POST", f"{DEPLOYMENTS}?fieldManager=kubectl", deployment("a", replicas=1))
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 3}}
    status = wire.fails(409, "PATCH", f"{DEPLOYMENTS}/a?fieldManager=me", wanted, content_type=APPLY_PATCH)
    assert status["reason"] == "Conflict"
    assert re.fullmatch(
        r'Apply failed with 1 conflict: conflict with "kubectl" using apps/v1( at \S+)?: \.spec\.replicas',
        status["message"],
    )
    (cause,) = status["details"]["causes"]
    assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".spec.replicas")
    document = apply(wire, f"{DEPLOYMENTS}/a", wanted, force=True)
    assert document["spec"]["replicas"] == 3
    assert managers(document)["me", "Apply"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in managers(document)["kubectl", "Update"]["f:spec"]


def test_J18_lists_by_key(wire: Wire) -> None:
    wire.ok("POST", f"{DEPLOYMENTS}?fieldManager=kubectl", deployment("a"))
    template: Json = {"spec": {"containers": [{"name": "side", "image": "s"}]}}
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": template}}
    document = apply(wire, f"{DEPLOYMENTS}/a", wanted)
    containers = document["spec"]["template"]["spec"]["containers"]
    assert sorted(item["name"] for item in containers) == ["main", "side"]
    owned = managers(document)["me", "Apply"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert owned == {'k:{"name":"side"}': {".": {}, "f:image": {}, "f:name": {}}}
    template["spec"]["containers"] = []
    document = apply(wire, f"{DEPLOYMENTS}/a", wanted)
    assert [item["name"] for item in document["spec"]["template"]["spec"]["containers"]] == ["main"]


def test_C28_what_apply_needs(wire: Wire) -> None:
    status = wire.fails(422, "PATCH", f"{MAPS}/a", config_map("a"), content_type=APPLY_PATCH)
    assert "fieldManager: Required value: is required for apply patch" in status["message"]
    body = config_map("a")
    body["metadata"]["managedFields"] = [{"manager": "x"}]
    status = wire.fails(400, "PATCH", f"{MAPS}/a?fieldManager=me", body, content_type=APPLY_PATCH)
    assert status["message"] == "metadata.managedFields must be nil"
    wire.ok("POST", MAPS, config_map("a"))
    wire.fails(422, "PATCH", f"{MAPS}/a?force=true", {"data": {}}, content_type=MERGE_PATCH)
    assert wire("PATCH", f"{MAPS}/new?fieldManager=me", config_map("new"), content_type=APPLY_PATCH).status == 201


def test_J18_update_managers(wire: Wire) -> None:
    document = wire.ok("POST", MAPS, config_map("a", data={"x": "1"}), agent="prog/1.0 (linux)")
    assert managers(document) == {("prog", "Update"): {"f:data": {".": {}, "f:x": {}}}}
    document = wire.ok("PATCH", f"{MAPS}/a", {"data": {"x": "2"}}, content_type=MERGE_PATCH, agent="ed/1")
    assert managers(document)["ed", "Update"] == {"f:data": {"f:x": {}}}
    assert managers(document)["prog", "Update"] == {"f:data": {}}


def test_E14_resetting_managed_fields(wire: Wire) -> None:
    document = wire.ok("POST", MAPS, config_map("a", data={"x": "1"}))
    document["metadata"]["managedFields"] = [{}]
    assert not wire.ok("PUT", f"{MAPS}/a", document)["metadata"].get("managedFields")


# Dry run and validation


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


# Delete


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


# Custom resources


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


@quiet
def test_J24_prune_and_default(wire: Wire, group: str) -> None:
    document = crontab(group, unknown=1, free={"deep": [1]}, parts=[{"name": "m", "gone": 1}])
    document["extra"] = True
    document["metadata"]["nonsense"] = "x"
    made = wire.ok("POST", crontabs(group), document)
    assert made["spec"] == {"replicas": 1, "free": {"deep": [1]}, "parts": [{"name": "m", "size": 7}]}
    assert "extra" not in made
    assert "nonsense" not in made["metadata"]
    assert made["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"replicas": "x"}, "spec.replicas"),
        ({"replicas": 11}, "spec.replicas"),
        ({"image": "A"}, "spec.image"),
        ({"mode": "c"}, "spec.mode"),
        ({"tags": ["x", "x"]}, "spec.tags[1]"),
        ({"parts": [{"name": "x"}, {"name": "x"}]}, "spec.parts[1]"),
    ],
)
def test_J24_validation(wire: Wire, group: str, spec: Json, field: str) -> None:
    status = wire.fails(422, "POST", crontabs(group), crontab(group, **spec))
    fields = {cause["field"] for cause in status["details"]["causes"]}
    assert field in fields, fields
    assert status["message"].startswith(f'CronTab.{group} "a" is invalid: ')


def test_J24_paths_below_lists(wire: Wire, group: str, answers: Callable[[str], tuple[Any, ...]]) -> None:
    status = wire.fails(422, "POST", crontabs(group), crontab(group, parts=[{"size": 1}]))
    fields = {cause["field"] for cause in status["details"]["causes"]}
    assert fields & set(answers("path of an item's error in a custom resource")), fields


def test_C22_custom_resources_need_a_version(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    status = wire.fails(422, "PUT", f"{crontabs(group)}/a", crontab(group))
    # The resource stands for the kind here, and 1.20 writes the number in hexadecimal.
    assert re.fullmatch(
        rf'crontabs\.{group} "a" is invalid: '
        r"metadata\.resourceVersion: Invalid value: (0|0x0): must be specified for an update",
        status["message"],
    )


def test_C26_custom_resources_take_no_strategic_merge(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    wire.fails(415, "PATCH", f"{crontabs(group)}/a", {"spec": {}}, content_type=STRATEGIC_PATCH)


def test_J8_status_of_custom_resources(wire: Wire, group: str) -> None:
    made = wire.ok("POST", crontabs(group), {**crontab(group, replicas=2), "status": {"x": 1}})
    assert "status" not in made
    patch = {"status": {"replicas": 1}, "spec": {"replicas": 9}, "metadata": {"labels": {"a": "b"}}}
    changed = wire.ok("PATCH", f"{crontabs(group)}/a/status", patch, content_type=MERGE_PATCH)
    assert (changed["status"], changed["spec"]["replicas"]) == ({"replicas": 1}, 2)
    assert "labels" not in changed["metadata"]
    assert changed["metadata"]["generation"] == 1
    scale = wire.ok("GET", f"{crontabs(group)}/a/scale")
    assert (scale["spec"], scale["status"]["replicas"]) == ({"replicas": 2}, 1)
    wire.ok("PATCH", f"{crontabs(group)}/a/scale", {"spec": {"replicas": 3}}, content_type=MERGE_PATCH)
    changed = wire.ok("GET", f"{crontabs(group)}/a")
    assert (changed["spec"]["replicas"], changed["metadata"]["generation"]) == (3, 2)


def test_J18_apply_of_custom_resources(wire: Wire, group: str) -> None:
    path = f"{crontabs(group)}/a"
    apply(wire, path, crontab(group, tags=["x"], parts=[{"name": "p"}]))
    made = apply(wire, path, crontab(group, tags=["y"], parts=[{"name": "q"}]), "other")
    assert sorted(made["spec"]["tags"]) == ["x", "y"]
    assert sorted(part["name"] for part in made["spec"]["parts"]) == ["p", "q"]
    made = apply(wire, path, crontab(group, tags=[]))
    assert made["spec"]["tags"] == ["y"]
    assert [part["name"] for part in made["spec"]["parts"]] == ["q"]


def test_J27_printer_columns(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group, replicas=3))
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
    table = wire.ok("GET", crontabs(group), accept=accept)
    columns = [column["name"] for column in table["columnDefinitions"]]
    assert columns[:2] == ["Name", "Replicas"]
    assert table["rows"][0]["cells"][:2] == ["a", 3]


def test_J24_custom_lists_carry_their_kind(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    listed = wire.ok("GET", crontabs(group))
    assert (listed["kind"], listed["items"][0]["kind"]) == ("CronTabList", "CronTab")
    wire.fails(400, "POST", crontabs(group), {"metadata": {"name": "b"}})


def test_J23_a_crd_and_its_instances_go(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    deleting = wire.ok("DELETE", f"{CRDS}/crontabs.{group}")
    assert "customresourcecleanup.apiextensions.k8s.io" in deleting["metadata"]["finalizers"]
    end = time.monotonic() + 30
    while wire("GET", f"{CRDS}/crontabs.{group}").status != 404 or wire("GET", crontabs(group)).status != 404:
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("change", ["name", "schema", "storage"])
def test_J23_bad_definitions(wire: Wire, change: str) -> None:
    group = f"{wire.namespace}.example.com"
    version: Json = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    if change == "schema":
        del version["schema"]
    if change == "storage":
        version["storage"] = False
    name = f"{'other' if change == 'name' else 'things'}.{group}"
    spec = {"group": group, "scope": "Cluster", "names": {"plural": "things", "kind": "Thing"}, "versions": [version]}
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": spec,
    }
    wire.fails(422, "POST", CRDS, document)
