# SPDX-License-Identifier: Apache-2.0
"""Level 3 of protocol section J: server-side apply and managedFields."""

from __future__ import annotations

from typing import Any

import pytest
from server_core import CONFIG_MAPS, CRDS, CRONTABS, DEPLOYMENTS, Api, config_map, crd, crontab, deployment

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
Json = dict[str, Any]


def apply(api: Api, path: str, document: Json, manager: str = "me", *, force: bool = False) -> Json:
    query = f"?fieldManager={manager}" + ("&force=true" if force else "")
    result: Json = api.ok("PATCH", path + query, document, content_type=APPLY)
    return result


def managers(document: Json) -> dict[tuple[str, str], Json]:
    entries = document["metadata"].get("managedFields", [])
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in entries}


def test_J18_apply_creates_and_owns_what_it_says(api: Api) -> None:
    reply = api("PATCH", f"{CONFIG_MAPS}/a?fieldManager=me", config_map("a", data={"x": "1"}), content_type=APPLY)
    assert reply.status == 201
    assert managers(reply.json) == {("me", "Apply"): {"f:data": {"f:x": {}}}}
    entry = reply.json["metadata"]["managedFields"][0]
    assert (entry["apiVersion"], entry["fieldsType"], entry["time"]) == ("v1", "FieldsV1", "2026-01-01T00:00:00Z")
    assert api("PATCH", f"{CONFIG_MAPS}/a?fieldManager=me", config_map("a", data={}), content_type=APPLY).status == 200


def test_J18_field_manager_is_required_for_apply_only(api: Api) -> None:
    status = api.fails(422, "PATCH", f"{CONFIG_MAPS}/a", config_map("a"), content_type=APPLY)
    assert status["details"]["causes"][0]["message"] == "Required value: is required for apply patch"
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    status = api.fails(422, "PATCH", f"{CONFIG_MAPS}/a?force=true", {"data": {}}, content_type=MERGE)
    assert "may not be specified for non-apply patch" in status["message"]


def test_J18_what_is_no_longer_applied_goes(api: Api) -> None:
    apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1", "y": "2"}))
    document = apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"y": "2"}))
    assert document["data"] == {"y": "2"}


def test_J18_what_another_owns_stays(api: Api) -> None:
    apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1", "y": "2"}))
    apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1"}), "other")
    document = apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"y": "2"}))
    assert document["data"] == {"x": "1", "y": "2"}
    assert managers(document) == {
        ("me", "Apply"): {"f:data": {"f:y": {}}},
        ("other", "Apply"): {"f:data": {"f:x": {}}},
    }


def test_J18_equal_values_are_shared(api: Api) -> None:
    apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1"}))
    document = apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1"}), "other")
    assert set(managers(document)) == {("me", "Apply"), ("other", "Apply")}


def test_J18_another_value_is_a_conflict_that_names_the_owner(api: Api) -> None:
    api.ok("POST", f"{DEPLOYMENTS}?fieldManager=kubectl", deployment("a", replicas=1))
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 3}}
    status = api.fails(409, "PATCH", f"{DEPLOYMENTS}/a?fieldManager=me", wanted, content_type=APPLY)
    who = 'conflict with "kubectl" using apps/v1'
    assert status["message"] == f"Apply failed with 1 conflict: {who}: .spec.replicas"
    assert status["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": who, "field": ".spec.replicas"}
    ]


def test_J18_force_takes_over(api: Api) -> None:
    api.ok("POST", f"{DEPLOYMENTS}?fieldManager=kubectl", deployment("a", replicas=1))
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"replicas": 3}}
    document = apply(api, f"{DEPLOYMENTS}/a", wanted, force=True)
    assert document["spec"]["replicas"] == 3
    assert managers(document)["me", "Apply"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in managers(document)["kubectl", "Update"]["f:spec"]


def test_J18_several_conflicts(api: Api) -> None:
    apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1", "y": "1"}))
    body = config_map("a", data={"x": "2", "y": "2"})
    status = api.fails(409, "PATCH", f"{CONFIG_MAPS}/a?fieldManager=other", body, content_type=APPLY)
    assert status["message"].startswith('Apply failed with 2 conflicts: conflicts with "me"')
    assert [cause["field"] for cause in status["details"]["causes"]] == [".data.x", ".data.y"]


def test_J18_lists_merge_by_their_keys(api: Api) -> None:
    api.ok("POST", f"{DEPLOYMENTS}?fieldManager=kubectl", deployment("a"))
    template = {"spec": {"containers": [{"name": "side", "image": "s"}]}}
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": template}}
    document = apply(api, f"{DEPLOYMENTS}/a", wanted)
    assert sorted(item["name"] for item in document["spec"]["template"]["spec"]["containers"]) == ["main", "side"]
    owned = managers(document)["me", "Apply"]["f:spec"]["f:template"]["f:spec"]["f:containers"]
    assert owned == {'k:{"name":"side"}': {".": {}, "f:image": {}, "f:name": {}}}
    template["spec"]["containers"] = []
    document = apply(api, f"{DEPLOYMENTS}/a", wanted)
    assert [item["name"] for item in document["spec"]["template"]["spec"]["containers"]] == ["main"]


def test_J18_sets_own_their_members(api: Api) -> None:
    tags = {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}
    api.ok("POST", CRDS, crd({"tags": tags, "atomic": {"type": "array", "items": {"type": "string"}}}))
    apply(api, f"{CRONTABS}/a", crontab("a", tags=["x", "y"], atomic=["1"]))
    document = apply(api, f"{CRONTABS}/a", crontab("a", tags=["z"]), "other")
    assert sorted(document["spec"]["tags"]) == ["x", "y", "z"]
    assert managers(document)["other", "Apply"] == {"f:spec": {"f:tags": {'v:"z"': {}}}}
    document = apply(api, f"{CRONTABS}/a", crontab("a", tags=["x"], atomic=["1"]))
    assert sorted(document["spec"]["tags"]) == ["x", "z"]
    body = crontab("a", atomic=["2"])
    api.fails(409, "PATCH", f"{CRONTABS}/a?fieldManager=third", body, content_type=APPLY)


def test_J18_first_apply_over_an_unmanaged_object(api: Api) -> None:
    api.core.seed(config_map("a", data={"x": "1"}))
    document = apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"y": "2"}))
    assert managers(document) == {
        ("before-first-apply", "Update"): {"f:data": {".": {}, "f:x": {}}},
        ("me", "Apply"): {"f:data": {"f:y": {}}},
    }


def test_J18_the_default_manager_is_the_user_agent(api: Api) -> None:
    document = api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}), agent="prog/1.0 (linux)")
    assert managers(document) == {("prog", "Update"): {"f:data": {".": {}, "f:x": {}}}}


def test_J18_an_update_takes_over_what_it_changes(api: Api) -> None:
    apply(api, f"{CONFIG_MAPS}/a", config_map("a", data={"x": "1", "y": "1"}))
    document = api.ok("PATCH", f"{CONFIG_MAPS}/a", {"data": {"x": "2"}}, content_type=MERGE, agent="ed/1")
    assert managers(document) == {
        ("me", "Apply"): {"f:data": {"f:y": {}}},
        ("ed", "Update"): {"f:data": {"f:x": {}}},
    }


def test_J18_status_has_entries_of_its_own(api: Api) -> None:
    api.ok("POST", CRDS, crd(subresources={"status": {}}))
    api.ok("POST", CRONTABS, crontab("a", replicas=1))
    document = api.ok("PATCH", f"{CRONTABS}/a/status", {"status": {"ready": True}}, content_type=MERGE)
    entries = {entry.get("subresource", ""): entry for entry in document["metadata"]["managedFields"]}
    assert set(entries) == {"", "status"}
    assert entries["status"]["fieldsV1"] == {"f:status": {".": {}, "f:ready": {}}}


def test_J18_update_managers_are_capped(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a", data={"k": "v"}))
    for number in range(13):
        api.clock.advance(1)
        body = {"data": {f"k{number}": "v"}}
        document = api.ok("PATCH", f"{CONFIG_MAPS}/a", body, content_type=MERGE, agent=f"m{number}/1")
    names = [manager for manager, _ in managers(document)]
    assert "ancient-changes" in names
    assert len(names) <= 11
    assert len(document["data"]) == 14


def test_J18_identity_is_never_owned(api: Api) -> None:
    document = api.ok("POST", CONFIG_MAPS, config_map("a"))
    assert "managedFields" not in document["metadata"]


def test_J18_an_apply_that_changes_nothing_is_a_no_op(api: Api) -> None:
    body = config_map("a", data={"x": "1"})
    first = apply(api, f"{CONFIG_MAPS}/a", body)
    api.clock.advance(10)
    assert apply(api, f"{CONFIG_MAPS}/a", body) == first


def test_J18_managed_fields_of_the_configuration_must_be_absent(api: Api) -> None:
    body = config_map("a")
    body["metadata"]["managedFields"] = [{}]
    status = api.fails(400, "PATCH", f"{CONFIG_MAPS}/a?fieldManager=me", body, content_type=APPLY)
    assert status["message"] == "metadata.managedFields must be nil"


@pytest.mark.parametrize("value", [[], [{}]])
def test_J18_an_empty_list_resets_ownership(api: Api, value: list[Json]) -> None:
    document = api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}))
    document["metadata"]["managedFields"] = value
    assert "managedFields" not in api.ok("PUT", f"{CONFIG_MAPS}/a", document)["metadata"]


def test_J18_an_absent_list_keeps_ownership(api: Api) -> None:
    document = api.ok("POST", CONFIG_MAPS, config_map("a", data={"x": "1"}))
    del document["metadata"]["managedFields"]
    assert managers(api.ok("PUT", f"{CONFIG_MAPS}/a", document))


def test_J18_yaml_is_what_apply_takes(api: Api) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: '1'}\n"
    assert api.ok("PATCH", f"{CONFIG_MAPS}/a?fieldManager=me", body, content_type=APPLY)["data"] == {"x": "1"}
