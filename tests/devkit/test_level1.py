# SPDX-License-Identifier: Apache-2.0
"""Level 1 of protocol section J: versions, routing, errors, writes, selectors, paging, deletion."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from server_core import (
    CONFIG_MAPS,
    CRDS,
    CRONTABS,
    DEPLOYMENTS,
    PODS,
    Api,
    config_map,
    crd,
    crontab,
    deployment,
    pod,
)

from k8s_devkit.api_server.access.rules import Rule
from k8s_devkit.api_server.clock import Identities
from k8s_devkit.strategy.users import User

if TYPE_CHECKING:
    from collections.abc import Callable


def test_J1_every_change_increments_one_counter(api: Api) -> None:
    first = api.ok("POST", CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"]
    second = api.ok("POST", PODS, pod("b"))["metadata"]["resourceVersion"]
    assert int(second) == int(first) + 1
    assert api.ok("GET", PODS)["metadata"]["resourceVersion"] == second


def test_J1_an_empty_list_has_items_and_the_current_version(api: Api) -> None:
    version = api.ok("POST", CONFIG_MAPS, config_map())["metadata"]["resourceVersion"]
    listed = api.ok("GET", "/api/v1/secrets")
    assert listed == {"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": version}, "items": []}


def test_J1_a_refused_write_changes_no_version(api: Api) -> None:
    version = api.core.store.version
    api.fails(422, "POST", CONFIG_MAPS, config_map("Not A Name"))
    assert api.core.store.version == version


@pytest.mark.parametrize("path", ["/apis/no.such.group", "/apis/no.such.group/v1", "/apis/no.such.group/v1/things"])
def test_J2_unknown_groups_are_plain_text(api: Api, path: str) -> None:
    reply = api("GET", path)
    assert (reply.status, reply.body, reply.content_type.split(";")[0]) == (404, b"404 page not found\n", "text/plain")


@pytest.mark.parametrize("path", ["/nope", "/apisx", "/healthz/nope"])
def test_J2_unknown_paths_beside_the_api_are_plain_text(api: Api, path: str) -> None:
    reply = api("GET", path)
    assert (reply.status, reply.body, reply.content_type.split(";")[0]) == (404, b"404 page not found\n", "text/plain")


@pytest.mark.parametrize("path", ["/api/v1/nothings", "/api/v2/pods", "/apis/apps/v9"])
def test_J2_what_is_unknown_in_a_known_group_is_a_status(api: Api, path: str) -> None:
    status = api.fails(404, "GET", path)
    assert (status["message"], status["details"]) == ("the server could not find the requested resource", {})


def test_J2_known_kind_without_the_verb_is_a_405_status(api: Api) -> None:
    status = api.fails(405, "PUT", CONFIG_MAPS, config_map())
    assert status["reason"] == "MethodNotAllowed"
    api.fails(405, "GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")


def test_J2_namespaces_are_resources_and_prefixes(api: Api) -> None:
    assert api.ok("GET", "/api/v1/namespaces/default")["kind"] == "Namespace"
    assert api.ok("GET", "/api/v1/namespaces/default/status")["kind"] == "Namespace"
    assert api.ok("GET", "/api/v1/namespaces/default/pods")["kind"] == "PodList"


def test_J2_the_legacy_watch_prefix(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.ok("POST", CONFIG_MAPS, config_map("b"))
    watch = api.watch("/api/v1/watch/namespaces/default/configmaps/b")
    assert watch.brief() == [("ADDED", "b")]


def test_J2_a_name_may_be_percent_encoded(api: Api) -> None:
    role = {"kind": "ClusterRole", "metadata": {"name": "system:x"}, "rules": []}
    api.ok("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", role)
    found = api.ok("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Ax")
    assert found["metadata"]["name"] == "system:x"


def test_J3_errors_are_statuses(api: Api) -> None:
    assert api.fails(404, "GET", f"{PODS}/x") == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'pods "x" not found',
        "reason": "NotFound",
        "details": {"name": "x", "kind": "pods"},
        "code": 404,
    }


def test_J3_retry_after_header_only_with_the_hint(api: Api) -> None:
    assert "Retry-After" not in api("GET", f"{PODS}/x").headers
    reply = api("GET", f"{PODS}?resourceVersion=999999")
    assert reply.headers["Retry-After"] == "1"


def test_J4_already_exists(api: Api) -> None:
    api.ok("POST", DEPLOYMENTS, deployment("x"))
    status = api.fails(409, "POST", DEPLOYMENTS, deployment("x"))
    assert status["message"] == 'deployments.apps "x" already exists'
    assert status["reason"] == "AlreadyExists"


def test_J4_invalid_names_the_kind_and_lists_causes(api: Api) -> None:
    document = deployment("x", replicas=-1)
    document["spec"]["template"]["spec"]["containers"].append({"name": "main", "image": "b"})
    status = api.fails(422, "POST", DEPLOYMENTS, document)
    assert status["message"] == (
        'Deployment.apps "x" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, '
        'spec.template.spec.containers[1].name: Duplicate value: "main"]'
    )
    assert [cause["reason"] for cause in status["details"]["causes"]] == ["FieldValueInvalid", "FieldValueDuplicate"]
    assert status["details"]["kind"] == "Deployment"


def test_J4_unsupported_value_lists_what_is_supported(api: Api) -> None:
    document = pod("x")
    document["spec"]["restartPolicy"] = "Sometimes"
    status = api.fails(422, "POST", PODS, document)
    assert status["details"]["causes"][0]["message"].startswith('Unsupported value: "Sometimes": supported values: "')


def test_J4_forbidden_names_user_verb_and_place(api: Api) -> None:
    api.core.authorization.rules.append(Rule(allow=False, user="u"))
    api.user = User("u")
    status = api.fails(403, "GET", "/api/v1/namespaces/ns/pods/x")
    assert status["message"] == (
        'pods "x" is forbidden: User "u" cannot get resource "pods" in API group "" in the namespace "ns"'
    )


def test_J5_create_sets_what_the_server_owns(api: Api) -> None:
    document = config_map("a")
    document["metadata"].update(
        uid="mine", creationTimestamp="2001-01-01T00:00:00Z", deletionTimestamp="2001-01-01T00:00:00Z", selfLink="/x"
    )
    reply = api("POST", CONFIG_MAPS, document)
    metadata = reply.json["metadata"]
    assert reply.status == 201
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", metadata["uid"])
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert metadata["namespace"] == "default"
    assert not {"deletionTimestamp", "selfLink"} & set(metadata)


def test_J5_generate_name(api: Api) -> None:
    name = api.ok("POST", CONFIG_MAPS, {"metadata": {"generateName": "x-"}})["metadata"]["name"]
    assert re.fullmatch("x-[bcdfghjklmnpqrstvwxz2456789]{5}", name)


def test_J5_generated_names_are_tried_eight_times(make_api: Callable[..., Api]) -> None:
    class Same(Identities):
        def suffix(self) -> str:
            return "bbbbb"

    api = make_api(identities=Same())
    api.ok("POST", CONFIG_MAPS, {"metadata": {"generateName": "x-"}})
    status = api.fails(409, "POST", CONFIG_MAPS, {"metadata": {"generateName": "x-"}})
    assert status["reason"] == "AlreadyExists"
    assert status["details"]["retryAfterSeconds"] == 1
    assert "was not able to generate a unique name" in status["message"]


def test_J5_name_or_generate_name(api: Api) -> None:
    status = api.fails(422, "POST", CONFIG_MAPS, {"metadata": {}})
    assert status["message"].endswith("metadata.name: Required value: name or generateName is required")


def test_J5_a_resource_version_on_create_is_a_500(api: Api) -> None:
    document = config_map()
    document["metadata"]["resourceVersion"] = "1"
    status = api.fails(500, "POST", CONFIG_MAPS, document)
    assert status["message"] == "resourceVersion should not be set on objects to be created"
    assert "reason" not in status


def test_J6_stale_version_is_a_conflict(api: Api) -> None:
    old = api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.ok("PUT", f"{CONFIG_MAPS}/a", {**old, "data": {"x": "1"}})
    status = api.fails(409, "PUT", f"{CONFIG_MAPS}/a", {**old, "data": {"x": "2"}})
    assert status["message"] == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to '
        "the latest version and try again"
    )


def test_J6_unconditional_update_depends_on_the_kind(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.ok("PUT", f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1"}))
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "me"}}
    leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    api.ok("POST", leases, lease)
    status = api.fails(422, "PUT", f"{leases}/l", lease)
    assert status["message"].endswith("metadata.resourceVersion: Invalid value: 0: must be specified for an update")


def test_J6_put_creates_some_kinds(api: Api) -> None:
    api.fails(404, "PUT", f"{CONFIG_MAPS}/a", config_map("a"))
    leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    assert api("PUT", f"{leases}/l", {"metadata": {"name": "l"}, "spec": {}}).status == 201


def test_J6_uid_mismatch_is_a_conflict(api: Api) -> None:
    document = api.ok("POST", CONFIG_MAPS, config_map("a"))
    document["metadata"]["uid"] = "other"
    status = api.fails(409, "PUT", f"{CONFIG_MAPS}/a", document)
    assert "Precondition failed: UID in precondition: other, UID in object meta:" in status["message"]


def test_J6_body_and_url_must_agree(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    status = api.fails(400, "PUT", f"{CONFIG_MAPS}/a", config_map("b"))
    assert status["message"] == "the name of the object (b) does not match the name on the URL (a)"
    document = config_map("c")
    document["metadata"]["namespace"] = "elsewhere"
    status = api.fails(400, "POST", CONFIG_MAPS, document)
    assert status["message"] == (
        "the namespace of the provided object does not match the namespace sent on the request"
    )


def test_J6_metadata_that_an_update_cannot_change_is_restored(api: Api) -> None:
    live = api.ok("POST", DEPLOYMENTS, deployment("a"))
    document = json.loads(json.dumps(live))
    document["metadata"].update(creationTimestamp="2001-01-01T00:00:00Z", generation=99)
    del document["metadata"]["uid"]
    updated = api.ok("PUT", f"{DEPLOYMENTS}/a", document)["metadata"]
    assert {key: updated[key] for key in ("uid", "creationTimestamp", "generation")} == {
        key: live["metadata"][key] for key in ("uid", "creationTimestamp", "generation")
    }


def test_J6_deletion_timestamp_cannot_be_set(api: Api) -> None:
    document = api.ok("POST", CONFIG_MAPS, config_map("a"))
    document["metadata"]["deletionTimestamp"] = "2030-01-01T00:00:00Z"
    status = api.fails(422, "PUT", f"{CONFIG_MAPS}/a", document)
    assert status["details"]["causes"][0]["field"] == "metadata.deletionTimestamp"
    assert "field is immutable" in status["message"]


def test_J7_generation_of_custom_resources(api: Api) -> None:
    api.ok("POST", CRDS, crd(subresources={"status": {}}))
    item = api.ok("POST", CRONTABS, crontab("a", replicas=1))
    assert item["metadata"]["generation"] == 1
    item["metadata"]["labels"] = {"x": "y"}
    item = api.ok("PUT", f"{CRONTABS}/a", item)
    assert item["metadata"]["generation"] == 1
    item["spec"]["replicas"] = 2
    item = api.ok("PUT", f"{CRONTABS}/a", item)
    assert item["metadata"]["generation"] == 2
    item["status"] = {"ready": True}
    item = api.ok("PUT", f"{CRONTABS}/a/status", item)
    assert item["metadata"]["generation"] == 2
    item["metadata"]["finalizers"] = ["example.com/hold"]
    api.ok("PUT", f"{CRONTABS}/a", item)
    assert api.ok("DELETE", f"{CRONTABS}/a")["metadata"]["generation"] == 3


def test_J7_generation_of_built_in_kinds(api: Api) -> None:
    live = api.ok("POST", DEPLOYMENTS, deployment("a"))
    live["metadata"]["annotations"] = {"x": "y"}
    assert api.ok("PUT", f"{DEPLOYMENTS}/a", live)["metadata"]["generation"] == 2
    assert "generation" not in api.ok("POST", CONFIG_MAPS, config_map())["metadata"]


def test_J8_status_and_the_rest_are_separate(api: Api) -> None:
    api.ok("POST", CRDS, crd(subresources={"status": {}}))
    item = api.ok("POST", CRONTABS, {**crontab("a", replicas=1), "status": {"x": 1}})
    assert "status" not in item
    changed = {**item, "status": {"x": 2}, "spec": {"replicas": 5}}
    changed["metadata"] = {**item["metadata"], "labels": {"l": "1"}}
    item = api.ok("PUT", f"{CRONTABS}/a/status", changed)
    assert (item["status"], item["spec"]) == ({"x": 2}, {"replicas": 1})
    assert "labels" not in item["metadata"]
    item = api.ok("PUT", f"{CRONTABS}/a", {**item, "status": {"x": 3}, "spec": {"replicas": 5}})
    assert (item["status"], item["spec"]) == ({"x": 2}, {"replicas": 5})
    api.fails(409, "PUT", f"{CRONTABS}/a/status", changed)


def test_J11_delete_answers_with_status_or_object(api: Api) -> None:
    uid = api.ok("POST", DEPLOYMENTS, deployment("a"))["metadata"]["uid"]
    gone = api.ok("DELETE", f"{DEPLOYMENTS}/a")
    assert gone["status"] == "Success"
    assert gone["details"] == {"name": "a", "group": "apps", "kind": "deployments", "uid": uid}
    api.ok("POST", PODS, pod("a"))
    assert api.ok("DELETE", f"{PODS}/a")["kind"] == "Pod"
    api.fails(404, "DELETE", f"{PODS}/a")


def test_J11_preconditions(api: Api) -> None:
    metadata = api.ok("POST", CONFIG_MAPS, config_map("a"))["metadata"]
    body = {"preconditions": {"uid": "other"}}
    status = api.fails(409, "DELETE", f"{CONFIG_MAPS}/a", body)
    assert status["message"].endswith(
        f"the UID in the precondition (other) does not match the UID in record ({metadata['uid']}). The object might "
        "have been deleted and then recreated"
    )
    api.fails(409, "DELETE", f"{CONFIG_MAPS}/a", {"preconditions": {"resourceVersion": "1"}})
    api.ok("DELETE", f"{CONFIG_MAPS}/a", {"preconditions": {"uid": metadata["uid"]}})


def test_J11_a_body_hides_the_query(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.ok("DELETE", f"{CONFIG_MAPS}/a?dryRun=All", {"kind": "DeleteOptions", "apiVersion": "v1"})
    api.fails(404, "GET", f"{CONFIG_MAPS}/a")


def test_J11_delete_collection_honours_selectors_and_dry_run(api: Api) -> None:
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "2"})):
        document = config_map(name)
        document["metadata"]["labels"] = labels
        api.ok("POST", CONFIG_MAPS, document)
    listed = api.ok("DELETE", f"{CONFIG_MAPS}?labelSelector=x%3D1&dryRun=All")
    assert [item["metadata"]["name"] for item in listed["items"]] == ["a"]
    assert len(api.ok("GET", CONFIG_MAPS)["items"]) == 2
    assert api.ok("DELETE", f"{CONFIG_MAPS}?labelSelector=x%3D1")["kind"] == "ConfigMapList"
    assert [item["metadata"]["name"] for item in api.ok("GET", CONFIG_MAPS)["items"]] == ["b"]


def test_J11_bad_propagation_options(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    body = {"propagationPolicy": "Orphan", "orphanDependents": True}
    status = api.fails(422, "DELETE", f"{CONFIG_MAPS}/a", body)
    assert "cannot be both set" in status["message"]
    api.fails(422, "DELETE", f"{CONFIG_MAPS}/a", {"propagationPolicy": "Sideways"})


def test_J2_versions_of_one_kind_show_the_same_objects(api: Api) -> None:
    path = "/apis/autoscaling/{}/namespaces/default/horizontalpodautoscalers"
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    memory = {
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    spec = {"scaleTargetRef": target, "maxReplicas": 3, "targetCPUUtilizationPercentage": 50}
    api.ok("POST", path.format("v1"), {"metadata": {"name": "a"}, "spec": spec})
    newer = api.ok("GET", path.format("v2") + "/a")
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    assert newer["spec"]["metrics"] == [cpu]
    newer["spec"]["metrics"].append(memory)
    api.ok("PUT", path.format("v2") + "/a", newer)
    older = api.ok("GET", path.format("v1") + "/a")
    assert older["spec"]["targetCPUUtilizationPercentage"] == 50
    older["spec"]["maxReplicas"] = 4
    api.ok("PUT", path.format("v1") + "/a", older)
    newer = api.ok("GET", path.format("v2") + "/a")
    assert (newer["spec"]["metrics"], newer["spec"]["maxReplicas"]) == ([cpu, memory], 4)
    assert "annotations" not in newer["metadata"]


def test_J2_both_groups_of_events_show_the_same_objects(api: Api) -> None:
    core = "/api/v1/namespaces/default/events"
    new = "/apis/events.k8s.io/v1/namespaces/default/events"
    pod_reference = {"kind": "Pod", "name": "p", "namespace": "default"}
    watch = api.watch(new, resourceVersion=api.core.store.version)
    event = {"metadata": {"name": "e"}, "involvedObject": pod_reference, "message": "hello", "reason": "R", "count": 2}
    api.ok("POST", core, event)
    found = api.ok("GET", f"{new}/e")
    assert (found["regarding"], found["note"], found["deprecatedCount"]) == (pod_reference, "hello", 2)
    assert [item["object"]["note"] for item in watch.events()] == ["hello"]
    for path, field in ((core, "involvedObject.name%3Dp"), (new, "regarding.name%3Dp")):
        assert len(api.ok("GET", f"{path}?fieldSelector={field}")["items"]) == 1
    found["note"] = "changed"
    api.ok("PUT", f"{new}/e", found)
    assert api.ok("GET", f"{core}/e")["message"] == "changed"
    api.ok("DELETE", f"{new}/e")
    assert api.ok("GET", core)["items"] == []


def test_J5_a_job_gets_its_selector(api: Api) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    jobs = "/apis/batch/v1/namespaces/default/jobs"
    job = api.ok("POST", jobs, {"metadata": {"name": "j"}, "spec": {"template": template}})
    uid = job["metadata"]["uid"]
    assert job["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert job["spec"]["template"]["metadata"]["labels"]["job-name"] == "j"
