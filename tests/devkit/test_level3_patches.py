# SPDX-License-Identifier: Apache-2.0
"""Level 3 of protocol section J: the three patch kinds."""

from __future__ import annotations

from typing import Any

import pytest
from server_core import CONFIG_MAPS, CRDS, CRONTABS, DEPLOYMENTS, PODS, Api, config_map, crd, crontab, deployment, pod

from k8s_devkit.api_server.kinds.shapes import Shape
from k8s_devkit.api_server.patches.json_patch import PatchFailed, apply_json_patch, merge_patch
from k8s_devkit.api_server.patches.strategic import StrategicError, strategic_merge

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
Json = dict[str, Any]


@pytest.mark.parametrize(
    ("operations", "data"),
    [
        ([{"op": "add", "path": "/y", "value": "3"}], {"x": "1", "a/b~c": "2", "l": [1, 2], "y": "3"}),
        ([{"op": "replace", "path": "/x", "value": None}], {"x": None, "a/b~c": "2", "l": [1, 2]}),
        ([{"op": "remove", "path": "/a~1b~0c"}], {"x": "1", "l": [1, 2]}),
        ([{"op": "move", "from": "/x", "path": "/z"}], {"a/b~c": "2", "l": [1, 2], "z": "1"}),
        ([{"op": "copy", "from": "/l", "path": "/l/-"}], {"x": "1", "a/b~c": "2", "l": [1, 2, [1, 2]]}),
        ([{"op": "add", "path": "/l/0", "value": 0}], {"x": "1", "a/b~c": "2", "l": [0, 1, 2]}),
        (
            [{"op": "test", "path": "/x", "value": "1"}, {"op": "remove", "path": "/l/1"}],
            {"x": "1", "a/b~c": "2", "l": [1]},
        ),
        ([{"op": "replace", "path": "", "value": {"new": 1}}], {"new": 1}),
    ],
)
def test_J17_json_patch_operations(operations: list[Json], data: Json) -> None:
    before = {"x": "1", "a/b~c": "2", "l": [1, 2]}
    assert apply_json_patch(before, operations) == data
    assert before == {"x": "1", "a/b~c": "2", "l": [1, 2]}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/x", "value": "2"},
        {"op": "test", "path": "/x", "value": 1},
        {"op": "remove", "path": "/nope"},
        {"op": "replace", "path": "/nope", "value": 1},
        {"op": "add", "path": "/nope/deeper", "value": 1},
        {"op": "add", "path": "/l/3", "value": 1},
        {"op": "add", "path": "/l/01", "value": 1},
        {"op": "add", "path": "x", "value": 1},
        {"op": "add", "path": "", "value": {}},
        {"op": "move", "from": "/l", "path": "/l/0"},
        {"op": "copy", "path": "/y"},
        {"op": "nonsense", "path": "/x"},
        "no operation",
    ],
)
def test_J17_json_patches_that_do_not_fit(operation: Any) -> None:
    with pytest.raises(PatchFailed):
        apply_json_patch({"x": "1", "l": [1, 2]}, [operation])


@pytest.mark.parametrize("name", ["add", "replace"])
def test_J17_a_value_that_is_not_there_is_null(name: str) -> None:
    assert apply_json_patch({"x": "1"}, [{"op": name, "path": "/x"}]) == {"x": None}


def test_J17_a_failed_json_patch_is_a_422_without_causes(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    operations = [{"op": "test", "path": "/data/x", "value": "1"}]
    status = api.fails(422, "PATCH", f"{CONFIG_MAPS}/a", operations, content_type=JSON)
    assert status["message"] == "the server rejected our request due to an error in our request"
    assert status["reason"] == "Invalid"
    assert "causes" not in status["details"]


def test_J17_too_many_operations_is_a_413(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    operations = [{"op": "test", "path": "/kind", "value": "ConfigMap"}] * 10_001
    api.fails(413, "PATCH", f"{CONFIG_MAPS}/a", operations, content_type=JSON)


def test_J17_merge_patch_is_that_of_the_rfc() -> None:
    target = {"a": "b", "c": {"d": "e", "f": "g"}, "l": [1]}
    assert merge_patch(target, {"a": "z", "c": {"f": None}, "l": [2], "n": {"x": None, "y": 1}}) == {
        "a": "z",
        "c": {"d": "e"},
        "l": [2],
        "n": {"y": 1},
    }
    assert merge_patch([1], {"a": None}) == {}


def test_J17_a_version_in_a_patch_is_a_condition(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    patch = {"metadata": {"resourceVersion": "1"}, "data": {"x": "1"}}
    assert api.fails(409, "PATCH", f"{CONFIG_MAPS}/a", patch, content_type=MERGE)["reason"] == "Conflict"


def test_J17_patch_of_a_missing_object(api: Api) -> None:
    api.fails(404, "PATCH", f"{CONFIG_MAPS}/a", {"data": {}}, content_type=MERGE)


def test_J17_strategic_merge_by_the_keys_of_the_kind(api: Api) -> None:
    api.ok("POST", DEPLOYMENTS, deployment("a"))
    containers = [{"name": "side", "image": "s"}, {"name": "main", "image": "nginx:2"}]
    patch = {"spec": {"template": {"spec": {"containers": containers}}}}
    spec = api.ok("PATCH", f"{DEPLOYMENTS}/a", patch, content_type=STRATEGIC)["spec"]["template"]["spec"]
    assert [(item["name"], item["image"]) for item in spec["containers"]] == [("side", "s"), ("main", "nginx:2")]


def test_J17_strategic_ports_merge_by_container_port(api: Api) -> None:
    document = pod("a")
    document["spec"]["containers"][0]["ports"] = [{"containerPort": 80, "name": "web"}]
    shape = api.core.catalog.find("", "v1", "pods").shape()  # type: ignore[union-attr]  # it is served
    patch = {"spec": {"containers": [{"name": "main", "ports": [{"containerPort": 80, "protocol": "UDP"}]}]}}
    merged = strategic_merge(document, patch, shape)
    assert merged["spec"]["containers"][0]["ports"] == [{"containerPort": 80, "name": "web", "protocol": "UDP"}]


def test_J17_tolerations_are_atomic(api: Api) -> None:
    document = pod("a")
    document["spec"]["tolerations"] = [{"key": "a"}]
    shape = api.core.catalog.find("", "v1", "pods").shape()  # type: ignore[union-attr]  # it is served
    merged = strategic_merge(document, {"spec": {"tolerations": [{"key": "b"}]}}, shape)
    assert merged["spec"]["tolerations"] == [{"key": "b"}]


_ITEM = Shape("object", fields=lambda: {"name": Shape("string"), "v": Shape("integer")})
_SHAPE = Shape(
    "object",
    fields=lambda: {
        "items": Shape("list", item=lambda: _ITEM, merge_key="name", strategy="merge"),
        "set": Shape("list", item=lambda: Shape("string"), strategy="merge"),
        "map": Shape("map", item=lambda: Shape("string")),
        "atomic": Shape("list", item=lambda: _ITEM),
    },
)


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"map": {"$patch": "replace", "z": "1"}}, {"map": {"z": "1"}}),
        ({"map": {"$patch": "delete"}}, {"map": {}}),
        ({"map": {"x": None, "n": "1"}}, {"map": {"y": "2", "n": "1"}}),
        ({"map": None}, {"map": None}),
        ({"map": {"$retainKeys": ["x", "n"], "n": "1"}}, {"map": {"x": "1", "n": "1"}}),
        ({"items": [{"name": "b", "$patch": "delete"}]}, {"items": [{"name": "a", "v": 1}, {"name": "c", "v": 3}]}),
        ({"items": [{"$patch": "replace"}, {"name": "z"}]}, {"items": [{"name": "z"}]}),
        ({"items": [{"name": "b", "$patch": "replace", "w": 1}]}, {"items": []}),
        ({"new": {"$patch": "replace", "z": "1"}}, {"new": None}),
        ({"set": ["z", "y"]}, {"set": ["z", "x", "y"]}),
        ({"$deleteFromPrimitiveList/set": ["x"]}, {"set": ["y"]}),
        (
            {"$setElementOrder/items": [{"name": "c"}, {"name": "b"}, {"name": "a"}], "items": [{"name": "b", "v": 9}]},
            {"items": [{"name": "c", "v": 3}, {"name": "b", "v": 9}, {"name": "a", "v": 1}]},
        ),
        ({"$setElementOrder/set": ["y", "x"]}, {"set": ["y", "x"]}),
        ({"atomic": [{"name": "q"}]}, {"atomic": [{"name": "q"}]}),
    ],
)
def test_J17_strategic_directives(patch: Json, expected: Json) -> None:
    original = {
        "items": [{"name": "a", "v": 1}, {"name": "b", "v": 2}, {"name": "c", "v": 3}],
        "set": ["x", "y"],
        "map": {"x": "1", "y": "2"},
        "atomic": [{"name": "p"}],
    }
    merged = strategic_merge(original, patch, _SHAPE)
    for name, value in expected.items():
        assert merged.get(name) == value


@pytest.mark.parametrize(
    ("patch", "code", "text"),
    [
        ({"items": [{"v": 1}]}, 500, "map: map[v:1] does not contain declared merge key: name"),
        ({"map": {"$patch": "x"}}, 500, "unknown patch type: x in map: map[$patch:x]"),
        ({"map": {"$patch": "merge"}}, 500, "unknown patch type: merge in map: map[$patch:merge]"),
        ({"items": [{"name": "a", "$patch": "x"}]}, 500, "unknown patch type: x in map: map[$patch:x name:a]"),
        ({"items": [{"name": "a", "$patch": "merge"}]}, 500, "merging lists cannot yet be specified in the patch"),
        ({"items": ["x"]}, 500, "list element types are not identical: [[map[name:a]] [x]]"),
        ({"items": [[]]}, 500, "list element types are not identical: [[map[name:a]] [[]]]"),
        ({"map": {"$retainKeys": "x"}}, 400, "invalid patch format of retainKeys"),
        ({"map": {"$retainKeys": ["x"], "y": "1"}}, 400, "invalid patch format of retainKeys"),
        ({"$setElementOrder/items": "x"}, 500, "expected a []interface {}, but received a string"),
        (
            {"$setElementOrder/items": [{"name": "a"}], "items": [{"name": "b"}]},
            500,
            "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
        ),
    ],
)
def test_J17_malformed_strategic_patches(patch: Json, code: int, text: str) -> None:
    with pytest.raises(StrategicError) as caught:
        strategic_merge({"items": [{"name": "a"}], "map": {}}, patch, _SHAPE)
    assert (caught.value.code, str(caught.value)) == (code, text)


def test_J17_a_malformed_strategic_patch_on_the_wire(api: Api) -> None:
    api.ok("POST", DEPLOYMENTS, deployment("a"))
    status = api.fails(500, "PATCH", f"{DEPLOYMENTS}/a", {"metadata": {"$patch": "sideways"}}, content_type=STRATEGIC)
    assert status["message"] == "unknown patch type: sideways in map: map[$patch:sideways]"


def test_J17_other_media_types_are_a_415(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    api.ok("POST", CRONTABS, crontab("a"))
    status = api.fails(415, "PATCH", f"{CRONTABS}/a", {"spec": {}}, content_type=STRATEGIC)
    assert status["message"].startswith(
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json"
    )
    api.ok("POST", PODS, pod("p"))
    api.fails(415, "PATCH", f"{PODS}/p", {"spec": {}}, content_type="application/json")


def test_J17_a_patch_of_the_wrong_form_is_a_400(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    api.fails(400, "PATCH", f"{CONFIG_MAPS}/a", {"data": {}}, content_type=JSON)
    api.fails(400, "PATCH", f"{CONFIG_MAPS}/a", [], content_type=MERGE)
    api.fails(400, "PATCH", f"{CONFIG_MAPS}/a", b"{", content_type=MERGE)
