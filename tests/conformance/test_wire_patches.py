# SPDX-License-Identifier: Apache-2.0
"""Patches and server-side apply on the wire (protocol C25-C29, J17, J18, E14)."""

from __future__ import annotations

import copy
import re
from random import Random

import pytest
from wire import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Wire
from wire_documents import DEPLOYMENTS, MAPS, Json, apply, config_map, deployment, quiet

from k8s_core.patches import StrategicMergePatch
from k8s_plugins_builtin.apps.v1 import Deployment


def managers(document: Json) -> dict[tuple[str, str], Json]:
    entries = document["metadata"].get("managedFields", [])
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in entries}


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


@quiet
@pytest.mark.parametrize("seed", range(12))
def test_a_strategic_difference_makes_of_one_what_the_other_is_though_merge_keys_repeat(wire: Wire, seed: int) -> None:
    random = Random(seed)

    def container(name: str) -> Json:
        env = [{"name": random.choice("ABC"), "value": str(n)} for n in range(random.randrange(4))]
        ports = [
            {"containerPort": random.choice([53, 54]), "protocol": protocol}
            for protocol in random.sample(["TCP", "UDP", "SCTP"], random.randrange(4))
        ]
        return {"name": name, "image": "i", "env": env, "ports": ports}

    def template() -> Json:
        return {"containers": [container(name) for name in random.sample(["a", "b", "c"], random.randrange(1, 4))]}

    document = deployment("a")
    document["spec"]["template"]["spec"].update(template())
    before = wire.ok("POST", DEPLOYMENTS, document)
    after = copy.deepcopy(before)
    after["spec"]["template"]["spec"].update(template())
    patch = StrategicMergePatch.diff(Deployment.from_dict(before), Deployment.from_dict(after)).content
    made = wire.ok("PATCH", f"{DEPLOYMENTS}/a", patch, content_type=STRATEGIC_PATCH)
    assert _said(made) == _said(after)


def _said(document: Json) -> list[Json]:
    """What the test set in the containers, without what the server adds."""
    return [
        {key: container[key] for key in ("name", "env", "ports") if container.get(key)}
        for container in document["spec"]["template"]["spec"]["containers"]
    ]


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
