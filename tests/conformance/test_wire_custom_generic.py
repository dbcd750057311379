# SPDX-License-Identifier: Apache-2.0
"""What all kinds have in common, on a custom resource: here the suite meets 1.36.4 (--server real-custom)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from wire import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, Wire
from wire_documents import Json, apply, crontab, crontabs, quiet

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"


def named(group: str, name: str, **metadata: Any) -> Json:
    document = crontab(group, name)
    document["metadata"].update(metadata)
    return document


def names(listed: Json) -> list[str]:
    return [item["metadata"]["name"] for item in listed["items"]]


def fill(wire: Wire, group: str, count: int) -> None:
    for number in range(count):
        wire.ok("POST", crontabs(group), named(group, f"c{number}", labels={"n": str(number)}))


def managers(document: Json) -> dict[tuple[str, str], Json]:
    entries = document["metadata"].get("managedFields", [])
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in entries}


def test_J5_metadata_of_a_new_object_is_the_servers(wire: Wire, group: str) -> None:
    sent = named(group, "a", uid="mine", generation=7, creationTimestamp="2001-01-01T00:00:00Z", selfLink="/x")
    metadata = wire.ok("POST", crontabs(group), sent)["metadata"]
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", metadata["uid"])
    assert (metadata["generation"], metadata["namespace"]) == (1, wire.namespace)
    assert not metadata["creationTimestamp"].startswith("2001")
    status = wire.fails(409, "POST", crontabs(group), crontab(group))
    assert status["message"] == f'crontabs.{group} "a" already exists'
    assert status["details"] == {"name": "a", "group": group, "kind": "crontabs"}


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({"name": "Not A Name"}, "metadata.name"),
        ({"labels": {"a b": "c"}}, "metadata.labels"),
        ({"labels": {"a": "b c"}}, "metadata.labels"),
        ({"annotations": {"/x": "y"}}, "metadata.annotations"),
        ({"finalizers": ["x y/z"]}, "metadata.finalizers"),
        (
            {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "", "uid": "u"}]},
            "metadata.ownerReferences",
        ),
    ],
)
def test_J4_invalid_metadata(wire: Wire, group: str, metadata: Json, field: str) -> None:
    document = crontab(group)
    document["metadata"].update(metadata)
    status = wire.fails(422, "POST", crontabs(group), document)
    assert any(cause["field"].startswith(field) for cause in status["details"]["causes"])


def test_C20_generated_names(wire: Wire, group: str) -> None:
    document = named(group, "", generateName="x-")
    del document["metadata"]["name"]
    made = wire.ok("POST", crontabs(group), document)
    assert re.fullmatch("x-[bcdfghjklmnpqrstvwxz2456789]{5}", made["metadata"]["name"])
    del document["metadata"]["generateName"]
    status = wire.fails(422, "POST", crontabs(group), document)
    assert "metadata.name: Required value: name or generateName is required" in status["message"]


@quiet
def test_C24_body_and_url_must_agree(wire: Wire, group: str) -> None:
    version = wire.ok("POST", crontabs(group), crontab(group))["metadata"]["resourceVersion"]
    path = crontabs(group)
    status = wire.fails(400, "PUT", f"{path}/b", named(group, "a", resourceVersion=version))
    assert status["message"] == "the name of the object (a) does not match the name on the URL (b)"
    unnamed = named(group, "a", resourceVersion=version)
    del unnamed["metadata"]["name"]
    assert "name must be provided" in wire.fails(400, "PUT", f"{path}/a", unnamed)["message"]
    wire.fails(400, "POST", path, named(group, "c", namespace="elsewhere"))
    status = wire.fails(400, "POST", path, {**crontab(group, "c"), "apiVersion": f"{group}/v2"})
    assert "does not match the expected API version" in status["message"]


def test_another_kind_is_invalid(wire: Wire, group: str) -> None:
    status = wire.fails(422, "POST", crontabs(group), {**crontab(group), "kind": "Other"})
    assert status["message"] == f'Other.{group} "a" is invalid: kind: Invalid value: "Other": must be CronTab'


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
def test_a_status_is_not_made_or_deleted(wire: Wire, group: str, verb: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    assert wire.fails(405, verb, f"{crontabs(group)}/a/status", crontab(group))["reason"] == "MethodNotAllowed"
    wire.ok("GET", f"{crontabs(group)}/a")


@quiet
@pytest.mark.since("1.27")
def test_C30_field_validation(wire: Wire, group: str) -> None:
    document = crontab(group, unknown=1, parts=[{"name": "p", "gone": 1}])
    status = wire.fails(400, "POST", f"{crontabs(group)}?fieldValidation=Strict", document)
    for name in ("spec.unknown", "spec.parts[0].gone"):
        assert f'unknown field "{name}"' in status["message"]
    warning = wire("POST", crontabs(group), document).headers["Warning"]
    assert '299 - "unknown field \\"spec.unknown\\""' in warning
    document["metadata"]["name"] = "b"
    assert "Warning" not in wire("POST", f"{crontabs(group)}?fieldValidation=Ignore", document).headers
    path = f"{crontabs(group)}/a?fieldValidation=Strict"
    wire.fails(422, "PATCH", path, {"spec": {"other": 1}}, content_type=MERGE_PATCH)
    wire.fails(422, "PATCH", path, [{"op": "add", "path": "/spec/other", "value": 1}], content_type=JSON_PATCH)


def test_C31_dry_run(wire: Wire, group: str) -> None:
    path = crontabs(group)
    made = wire("POST", f"{path}?dryRun=All", crontab(group))
    assert (made.status, made.json["spec"]) == (201, {"replicas": 1})
    assert "resourceVersion" not in made.json["metadata"]
    wire.fails(404, "GET", f"{path}/a")
    live = wire.ok("POST", path, crontab(group))
    patched = wire.ok("PATCH", f"{path}/a?dryRun=All", {"spec": {"replicas": 3}}, content_type=MERGE_PATCH)
    assert (patched["spec"]["replicas"], patched["metadata"]["generation"]) == (3, 2)
    applied = crontab(group, mode="a")
    made = wire("PATCH", f"{path}/new?dryRun=All&fieldManager=m", named(group, "new"), content_type=APPLY_PATCH)
    assert made.status == 201
    wire.ok("PATCH", f"{path}/a?dryRun=All&fieldManager=m", applied, content_type=APPLY_PATCH)
    wire.ok("DELETE", f"{path}/a?dryRun=All")
    assert wire.ok("GET", f"{path}/a") == live


def test_J10_pages(wire: Wire, group: str) -> None:
    fill(wire, group, 5)
    first = wire.ok("GET", f"{crontabs(group)}?limit=2")
    assert (names(first), first["metadata"]["remainingItemCount"]) == (["c0", "c1"], 3)
    wire.ok("DELETE", f"{crontabs(group)}/c3")
    second = wire.ok("GET", f"{crontabs(group)}?limit=2&continue={first['metadata']['continue']}")
    assert names(second) == ["c2", "c3"]  # the state of the first page
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    last = wire.ok("GET", f"{crontabs(group)}?continue={second['metadata']['continue']}")
    assert (names(last), last["metadata"].get("continue") or "") == (["c4"], "")
    assert "remainingItemCount" not in wire.ok("GET", f"{crontabs(group)}?limit=1&labelSelector=n")["metadata"]


def test_J9_selectors(wire: Wire, group: str) -> None:
    fill(wire, group, 3)
    assert names(wire.ok("GET", f"{crontabs(group)}?labelSelector=n notin (1)")) == ["c0", "c2"]
    assert names(wire.ok("GET", f"{crontabs(group)}?fieldSelector=metadata.name!=c1")) == ["c0", "c2"]
    status = wire.fails(400, "GET", f"{crontabs(group)}?fieldSelector=spec.replicas=1")
    assert "field label not supported: spec.replicas" in status["message"]


def test_C34_preconditions(wire: Wire, group: str) -> None:
    metadata = wire.ok("POST", crontabs(group), crontab(group))["metadata"]
    path = f"{crontabs(group)}/a"
    status = wire.fails(409, "DELETE", path, {"preconditions": {"uid": "other"}})
    assert f"does not match the UID in record ({metadata['uid']})" in status["message"]
    wire.fails(409, "DELETE", path, {"preconditions": {"resourceVersion": "1"}})
    gone = wire.ok("DELETE", path, {"preconditions": {"resourceVersion": metadata["resourceVersion"]}})
    assert gone["status"] == "Success"
    assert gone["details"] == {"name": "a", "group": group, "kind": "crontabs", "uid": metadata["uid"]}


def test_H8_finalizers(wire: Wire, group: str) -> None:
    path = f"{crontabs(group)}/a"
    wire.ok("POST", crontabs(group), named(group, "a", finalizers=["example.com/hold"]))
    held = wire.ok("DELETE", path)["metadata"]
    assert (held["deletionGracePeriodSeconds"], held["generation"]) == (0, 2)
    more = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    status = wire.fails(422, "PATCH", path, more, content_type=MERGE_PATCH)
    assert "no new finalizers can be added if the object is being deleted" in status["message"]
    wire.ok("PATCH", path, {"spec": {"replicas": 4}}, content_type=MERGE_PATCH)
    wire.ok("PATCH", path, {"metadata": {"finalizers": None}}, content_type=MERGE_PATCH)
    wire.fails(404, "GET", path)


def test_J11_delete_collection(wire: Wire, group: str) -> None:
    fill(wire, group, 3)
    listed = wire.ok("DELETE", f"{crontabs(group)}?labelSelector=n=1")
    assert (listed["kind"], names(listed)) == ("CronTabList", ["c1"])
    assert names(wire.ok("GET", crontabs(group))) == ["c0", "c2"]


def test_D1_history_then_live(wire: Wire, group: str) -> None:
    start = wire.ok("GET", crontabs(group))["metadata"]["resourceVersion"]
    fill(wire, group, 2)
    patch = {"metadata": {"labels": {"n": "9"}}}
    changed = wire.ok("PATCH", f"{crontabs(group)}/c0", patch, content_type=MERGE_PATCH)
    wire.ok("DELETE", f"{crontabs(group)}/c1")
    events = list(wire.watch(f"{crontabs(group)}?resourceVersion={start}", seconds=1))
    seen = [(event["type"], event["object"]["metadata"]["name"]) for event in events]
    assert seen == [("ADDED", "c0"), ("ADDED", "c1"), ("MODIFIED", "c0"), ("DELETED", "c1")]
    events = list(wire.watch(f"{crontabs(group)}?resourceVersion={start}&labelSelector=n=0", seconds=1))
    assert [event["type"] for event in events] == ["ADDED", "DELETED"]
    assert events[1]["object"]["metadata"]["resourceVersion"] == changed["metadata"]["resourceVersion"]
    assert events[1]["object"]["metadata"]["labels"] == {"n": "0"}


@pytest.mark.since("1.27")
def test_D20_streaming_list(wire: Wire, group: str) -> None:
    fill(wire, group, 2)
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    events = list(wire.watch(f"{crontabs(group)}?{query}", seconds=1))
    assert [event["type"] for event in events][:3] == ["ADDED", "ADDED", "BOOKMARK"]
    end = events[2]["object"]
    assert (end["kind"], end["apiVersion"]) == ("CronTab", f"{group}/v1")
    assert end["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    wire.fails(422, "GET", f"{crontabs(group)}?watch=1&sendInitialEvents=true")


def test_J27_representations(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    table = wire.ok("GET", crontabs(group), accept=TABLE)
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    path = f"{crontabs(group)}?includeObject="
    assert wire.ok("GET", f"{path}None", accept=TABLE)["rows"][0]["object"] is None
    assert wire.ok("GET", f"{path}Object", accept=TABLE)["rows"][0]["object"]["spec"] == {"replicas": 1}
    one = wire.ok("GET", f"{crontabs(group)}/a", accept=PARTIAL)
    assert (one["kind"], one["apiVersion"], "spec" in one) == ("PartialObjectMetadata", "meta.k8s.io/v1", False)
    wire.fails(406, "GET", crontabs(group), accept="application/json;as=Nope;v=v1;g=meta.k8s.io")


def test_J17_json_patch(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group, tags=["x", "y"], free={"a": {"b": [1, 2]}}))
    operations = [
        {"op": "test", "path": "/spec/free/a/b", "value": [1, 2]},
        {"op": "move", "from": "/spec/free/a", "path": "/spec/free/q~1~0"},
        {"op": "copy", "from": "/spec/free/q~1~0", "path": "/spec/free/r"},
        {"op": "add", "path": "/spec/tags/1", "value": "new"},
        {"op": "add", "path": "/spec/tags/-", "value": "z"},
        {"op": "replace", "path": "/spec/replicas", "value": 5},
    ]
    spec = wire.ok("PATCH", f"{crontabs(group)}/a", operations, content_type=JSON_PATCH)["spec"]
    assert spec == {
        "replicas": 5,
        "tags": ["x", "new", "y", "z"],
        "free": {"q/~": {"b": [1, 2]}, "r": {"b": [1, 2]}},
    }
    for operation in ({"op": "remove", "path": "/spec/none"}, {"op": "add", "path": "/spec/tags/9", "value": "w"}):
        status = wire.fails(422, "PATCH", f"{crontabs(group)}/a", [operation], content_type=JSON_PATCH)
        assert status["message"] == "the server rejected our request due to an error in our request"


def test_J17_merge_patch(wire: Wire, group: str) -> None:
    path = f"{crontabs(group)}/a"
    wire.ok("POST", crontabs(group), crontab(group, replicas=4, tags=["x"], free={"a": 1, "b": {"c": 1}}))
    patch = {"spec": {"replicas": None, "tags": ["y"], "free": {"a": None, "b": {"d": 2}}}}
    spec = wire.ok("PATCH", path, patch, content_type=MERGE_PATCH)["spec"]
    assert spec == {"replicas": 1, "tags": ["y"], "free": {"b": {"c": 1, "d": 2}}}
    wire.fails(409, "PATCH", path, {"metadata": {"resourceVersion": "1"}}, content_type=MERGE_PATCH)
    wire.fails(422, "PATCH", path, {"spec": {"replicas": 99}}, content_type=MERGE_PATCH)


def test_C29_conflicts_name_all_fields(wire: Wire, group: str) -> None:
    path = f"{crontabs(group)}/a"
    wire.ok("POST", f"{crontabs(group)}?fieldManager=u", crontab(group, replicas=2, image="abc", tags=["x"]))
    wanted = crontab(group, replicas=3, image="abd", tags=["x"])
    status = wire.fails(409, "PATCH", f"{path}?fieldManager=m", wanted, content_type=APPLY_PATCH)
    causes = [(cause["reason"], cause["field"]) for cause in status["details"]["causes"]]
    assert causes == [("FieldManagerConflict", ".spec.image"), ("FieldManagerConflict", ".spec.replicas")]
    made = apply(wire, path, wanted, "m", force=True)
    assert managers(made)["m", "Apply"] == {"f:spec": {"f:image": {}, "f:replicas": {}, "f:tags": {'v:"x"': {}}}}
    left = managers(made)["u", "Update"]
    assert left == {"f:spec": {".": {}, "f:tags": {".": {}, 'v:"x"': {}}}}
    # What only "m" has goes; what "u" has too stays.
    spec = apply(wire, path, crontab(group), "m")["spec"]
    assert spec == {"replicas": 1, "tags": ["x"]}


@pytest.mark.since("1.22")
def test_J18_apply_of_a_status_is_an_owner_of_its_own(wire: Wire, group: str) -> None:
    path = f"{crontabs(group)}/a"
    apply(wire, path, crontab(group, replicas=2))
    made = apply(wire, f"{path}/status", {**crontab(group, replicas=9), "status": {"x": 1}})
    assert (made["spec"], made["status"]) == ({"replicas": 2}, {"x": 1})
    entries = made["metadata"]["managedFields"]
    assert sorted(entry.get("subresource", "") for entry in entries) == ["", "status"]
    made = apply(wire, path, crontab(group, replicas=3))
    assert (made["spec"], made["status"]) == ({"replicas": 3}, {"x": 1})


@pytest.mark.since("1.27")
def test_C30_duplicate_fields_are_named_by_their_path(wire: Wire, group: str) -> None:
    body = (
        f'{{"apiVersion":"{group}/v1","kind":"CronTab","metadata":{{"name":"a","name":"a"}},'
        '"spec":{"image":"a","image":"b"}}'
    ).encode()
    status = wire.fails(400, "POST", f"{crontabs(group)}?fieldValidation=Strict", body)
    assert 'duplicate field "metadata.name"' in status["message"]
    assert 'duplicate field "spec.image"' in status["message"]


@quiet
@pytest.mark.since("1.27")
def test_H8_a_finalizer_without_a_domain_is_warned_of(wire: Wire, group: str) -> None:
    answer = wire("POST", crontabs(group), named(group, "a", finalizers=["x"]))
    assert answer.status == 201
    assert r"metadata.finalizers: \"x\": prefer a domain-qualified finalizer name" in answer.headers["Warning"]


@pytest.mark.since("1.27")
def test_H9_a_finalizer_that_comes_too_late_has_two_causes(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), named(group, "a", finalizers=["example.com/x"]))
    wire.ok("DELETE", f"{crontabs(group)}/a")
    patch = {"metadata": {"finalizers": ["example.com/x", "example.com/y"]}}
    status = wire.fails(422, "PATCH", f"{crontabs(group)}/a", patch, content_type=MERGE_PATCH)
    assert status["message"].count("no new finalizers can be added") == 1
    assert [cause["field"] for cause in status["details"]["causes"]] == ["metadata.finalizers"] * 2


@pytest.mark.since("1.33")
def test_J29_media_types_that_a_body_may_have(wire: Wire, group: str) -> None:
    answer = wire("POST", crontabs(group), crontab(group), content_type="text/plain")
    assert answer.status == 415
    accepted = "application/json, application/yaml, application/vnd.kubernetes.protobuf"
    assert answer.json["message"].endswith(f"accepted media types include: {accepted}")
