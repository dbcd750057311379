# SPDX-License-Identifier: Apache-2.0
"""What makes a patch fail, and in which words, on the wire (protocol C24, C26, C27, J17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Wire
from wire_documents import DEPLOYMENTS, MAPS, config_map, crontab, crontabs, deployment, quiet

if TYPE_CHECKING:
    from conformance_differences import Answers

Json = dict[str, Any]
REJECTED = "the server rejected our request due to an error in our request"
UNNAMED = "the name of the object (a based on URL) was undeterminable: name must be provided"
ELSEWHERE = "the namespace of the provided object does not match the namespace sent on the request"
LABELS = "into Go struct field ObjectMeta.labels of type"
IN_ORDER = "The order in patch list:\n[map[image:q name:main]]\n doesn't match $setElementOrder list:\n[map[name:x]]\n"
POD = ("spec", "template", "spec")


def patched_pod(wire: Wire, patch: Json) -> Any:
    wire.ok("POST", DEPLOYMENTS, deployment("a"))
    body = {"spec": {"template": {"spec": patch}}}
    return wire("PATCH", f"{DEPLOYMENTS}/a", body, content_type=STRATEGIC_PATCH)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/data/x", "value": "9"},
        {"op": "test", "path": "/data/none", "value": "9"},
        {"op": "remove", "path": "/data/none"},
        {"op": "add", "path": "/no/where", "value": "1"},
        {"op": "move", "from": "/data/none", "path": "/data/x"},
        {"op": "add", "path": "/metadata/finalizers/5", "value": "x.y/z"},
        {"op": "remove", "path": "/metadata/finalizers/-"},
        {"op": "add", "path": "/metadata/finalizers/x", "value": "x.y/z"},
        {"op": "replace", "path": "/metadata/finalizers/7", "value": "x.y/z"},
        {"op": "add", "path": "data", "value": "1"},
        {"op": "add", "path": "", "value": {}},
        {"op": "remove", "path": ""},
    ],
)
def test_C27_operations_that_do_not_fit(wire: Wire, operation: Json) -> None:
    document = config_map("a", data={"x": "1"})
    document["metadata"]["finalizers"] = ["a.b/c"]
    wire.ok("POST", MAPS, document)
    status = wire.fails(422, "PATCH", f"{MAPS}/a", [operation], content_type=JSON_PATCH)
    assert (status["message"], status["reason"]) == (REJECTED, "Invalid")


@pytest.mark.custom_resources
@pytest.mark.since("1.27")
@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([1], "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"),
        ({}, "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        (b"{", "error decoding patch: unexpected end of JSON input"),
        (b"[] x", "error decoding patch: invalid character 'x' after top-level value"),
    ],
)
def test_C27_json_patches_that_cannot_be_read(wire: Wire, group: str, operations: Any, message: str) -> None:
    path = crontabs(group)
    wire.ok("POST", path, crontab(group))
    status = wire.fails(400, "PATCH", f"{path}/a", operations, content_type=JSON_PATCH)
    assert status["message"] == message
    wire.fails(404, "PATCH", f"{path}/none", operations, content_type=JSON_PATCH)


@pytest.mark.custom_resources
@pytest.mark.parametrize(
    "operation", [{"op": "no", "path": "/spec"}, {"path": "/spec"}, {"op": "move", "path": "/spec"}]
)
def test_C27_operations_that_are_malformed(wire: Wire, group: str, operation: Json, answers: Answers) -> None:
    path = crontabs(group)
    wire.ok("POST", path, crontab(group))
    (code,) = answers("code of a malformed operation in a JSON patch")
    status = wire.fails(code, "PATCH", f"{path}/a", [operation], content_type=JSON_PATCH)
    assert code == 400 or (status["message"], status["reason"]) == (REJECTED, "Invalid")
    wire.fails(404, "PATCH", f"{path}/none", [operation], content_type=JSON_PATCH)


@pytest.mark.custom_resources
@pytest.mark.since("1.27")
def test_C27_an_operation_that_adds_no_value_adds_a_null(wire: Wire, group: str, answers: Answers) -> None:
    path = crontabs(group)
    wire.ok("POST", path, crontab(group))
    reply = wire("PATCH", f"{path}/a", [{"op": "add", "path": "/spec"}], content_type=JSON_PATCH)
    assert reply.status in answers("code of a JSON patch that adds no value")
    assert reply.status != 200 or (reply.json["metadata"]["generation"], "spec" in reply.json) == (2, False)


@pytest.mark.custom_resources
@pytest.mark.since("1.27")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "error decoding patch: unexpected end of JSON input"),
        (b"{} x", "error decoding patch: invalid character 'x' after top-level value"),
        (b"null", "Invalid JSON Patch"),
        (b"[]", "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (b'"x"', "error decoding patch: json: cannot unmarshal string into Go value of type map[string]interface {}"),
    ],
)
def test_C27_merge_patches_that_cannot_be_read(wire: Wire, group: str, body: bytes, message: str) -> None:
    path = crontabs(group)
    wire.ok("POST", path, crontab(group))
    assert wire.fails(400, "PATCH", f"{path}/a", body, content_type=MERGE_PATCH)["message"] == message
    wire.fails(404, "PATCH", f"{path}/none", body, content_type=MERGE_PATCH)


@pytest.mark.custom_resources
@pytest.mark.since("1.27")
@pytest.mark.parametrize(
    ("patch", "code", "ending"),
    [
        ({"metadata": {"labels": "x"}}, 422, f"json: cannot unmarshal string {LABELS} map[string]string"),
        ({"metadata": {"labels": {"x": 1}}}, 422, f"json: cannot unmarshal number {LABELS} string"),
        ({"metadata": "x"}, 422, "json: cannot unmarshal string into Go value of type v1.ObjectMeta"),
        ({"metadata": {"creationTimestamp": "x"}}, 422, 'cannot parse "x" as "2006"'),
        ({"metadata": None}, 400, UNNAMED),
        ({"metadata": {"name": None}}, 400, UNNAMED),
        ({"metadata": {"name": "b"}}, 400, "the name of the object (b) does not match the name on the URL (a)"),
        ({"metadata": {"namespace": "x"}}, 400, ELSEWHERE),
        ({"metadata": {"uid": "x"}}, 422, 'metadata.uid: Invalid value: "x": field is immutable'),
        ({"metadata": {"resourceVersion": "1"}}, 409, "please apply your changes to the latest version and try again"),
        ({"metadata": {"resourceVersion": "x"}}, 500, 'strconv.ParseUint: parsing "x": invalid syntax'),
        ({"kind": "Other"}, 422, 'is invalid: kind: Invalid value: "Other": must be CronTab'),
        ({"apiVersion": None}, 500, "Object 'apiVersion' is missing in 'object has no apiVersion field'"),
    ],
    ids=str,
)
def test_J17_outcomes_that_are_no_object_of_the_kind(
    wire: Wire, group: str, patch: Json, code: int, ending: str
) -> None:
    path = crontabs(group)
    wire.ok("POST", path, crontab(group))
    status = wire.fails(code, "PATCH", f"{path}/a", patch, content_type=MERGE_PATCH)
    assert status["message"].endswith(ending)
    if "Go " in ending:
        assert status["message"].startswith(' "" is invalid: patch: Invalid value: "{\\"apiVersion\\"')
        assert [cause["field"] for cause in status["details"]["causes"]] == ["patch"]


@quiet
@pytest.mark.custom_resources
@pytest.mark.since("1.27")
def test_C30_unknown_fields_in_a_strict_patch(wire: Wire, group: str) -> None:
    path = crontabs(group)
    wire.ok("POST", path, crontab(group))
    strict = f"{path}/a?fieldValidation=Strict"
    status = wire.fails(422, "PATCH", strict, {"spec": {"no": 1}}, content_type=MERGE_PATCH)
    assert status["message"].endswith(': strict decoding error: unknown field "spec.no"')
    assert status["message"].startswith(' "" is invalid: patch: Invalid value: "{')


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        ({"containers": [{"image": "x"}]}, 500, "map: map[image:x] does not contain declared merge key: name"),
        ({"containers": [{"name": "x", "$patch": "no"}]}, 500, "unknown patch type: no in map: map[$patch:no name:x]"),
        ({"containers": [{"name": "x", "$patch": "merge"}]}, 500, "merging lists cannot yet be specified in the patch"),
        ({"$patch": "no"}, 500, "unknown patch type: no in map: map[$patch:no]"),
        ({"$patch": "merge"}, 500, "unknown patch type: merge in map: map[$patch:merge]"),
        ({"$retainKeys": "x"}, 400, "invalid patch format of retainKeys"),
        ({"$retainKeys": ["containers"], "dnsPolicy": "Default"}, 400, "invalid patch format of retainKeys"),
        ({"$setElementOrder/containers": "x"}, 500, "expected a []interface {}, but received a string"),
        ({"$setElementOrder/containers": ["x"]}, 500, "value for key 0 is not a map"),
        (
            {"$setElementOrder/containers": [{"name": "x"}], "containers": [{"name": "main", "image": "q"}]},
            500,
            IN_ORDER,
        ),
    ],
    ids=str,
)
def test_J17_malformed_strategic_patches(wire: Wire, patch: Json, code: int, message: str) -> None:
    reply = patched_pod(wire, patch)
    assert (reply.status, reply.json["message"]) == (code, message)


@pytest.mark.parametrize(
    ("patch", "problem"),
    [
        ({"containers": "x"}, "cannot restore slice from string"),
        ({"containers": [{"name": "main", "image": 5}]}, "cannot convert int64 to string"),
        ({"nodeSelector": "x"}, "cannot restore map from string"),
        ({"securityContext": "x"}, "cannot restore struct from: string"),
        ({"priority": "x"}, "unrecognized type: int32"),
        ({"terminationGracePeriodSeconds": "x"}, "unrecognized type: int64"),
    ],
)
def test_J17_strategic_patches_with_wrong_types(wire: Wire, patch: Json, problem: str) -> None:
    reply = patched_pod(wire, patch)
    assert reply.status == 422
    assert reply.json["message"].startswith(
        ' "" is invalid: patch: Invalid value: "map[spec:map[template:map[spec:map['
    )
    assert reply.json["message"].endswith(f'": {problem}')


def test_J17_a_replace_among_items_drops_it_and_all_others(wire: Wire) -> None:
    items = [{"name": "main", "image": "x", "$patch": "replace"}, {"name": "new", "image": "y"}]
    reply = patched_pod(wire, {"containers": items})
    assert reply.status == 200
    found = reply.json
    for name in POD:
        found = found[name]
    assert [(item["name"], item["image"]) for item in found["containers"]] == [("new", "y")]


def test_J17_a_strategic_patch_cannot_change_the_kind(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    patch = {"kind": "Other", "apiVersion": "v9", "data": {"x": "1"}}
    made = wire.ok("PATCH", f"{MAPS}/a", patch, content_type=STRATEGIC_PATCH)
    assert (made["kind"], made["apiVersion"], made["data"]) == ("ConfigMap", "v1", {"x": "1"})


@pytest.mark.parametrize("media_type", [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH])
def test_J17_patches_of_nothing(wire: Wire, media_type: str) -> None:
    for body in ([] if media_type == JSON_PATCH else {}, b"{"):
        status = wire.fails(404, "PATCH", f"{MAPS}/none", body, content_type=media_type)
        assert status["message"] == 'configmaps "none" not found'
    made = wire.ok("POST", MAPS, config_map("a"))
    assert wire.ok("PATCH", f"{MAPS}/a", [] if media_type == JSON_PATCH else {}, content_type=media_type) == made


def test_C26_media_types_are_spelled_in_small_letters(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    wire.fails(415, "PATCH", f"{MAPS}/a", {}, content_type=MERGE_PATCH.upper())
    wire.ok("PATCH", f"{MAPS}/a", {}, content_type=f"{MERGE_PATCH}; charset=utf-8")
    path = f"{MAPS}/a?fieldManager=me"
    wire.ok("PATCH", path, config_map("a"), content_type=f"{APPLY_PATCH}; charset=utf-8")
