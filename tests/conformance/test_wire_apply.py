# SPDX-License-Identifier: Apache-2.0
"""Server-side apply and ownership of custom resources on the wire (protocol C28, C29, J18)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from wire import APPLY_PATCH, JSON_PATCH, Wire
from wire_things import Things, define_things, owners

if TYPE_CHECKING:
    from conformance_differences import Answers

    from k8s_core import Client

Json = dict[str, Any]
pytestmark = [pytest.mark.custom_resources, pytest.mark.since("1.27")]


@pytest.fixture(scope="session")
def things_group(admin: Client) -> str:
    return define_things(Wire(admin, f"g-{uuid.uuid4().hex[:12]}"))


@pytest.fixture
def things(wire: Wire, things_group: str) -> Things:
    return Things(wire, things_group)


def test_J18_what_an_apply_owns_by_type(things: Things) -> None:
    spec = {
        "part": {"a": "1"},
        "whole": {"a": "1"},
        "map": {"k": "v"},
        "wholeMap": {"k": "v"},
        "set": ["x"],
        "plain": ["x"],
        "items": [{"name": "n", "v": 1}],
        "ports": [{"port": 80}, {"port": 80, "protocol": "UDP", "name": "<&>"}],
        "free": {"deep": {"er": 1}, "list": [{"a": 1}]},
    }
    assert owners(things.apply(spec)) == {
        "me Apply": {
            "f:spec": {
                "f:part": {"f:a": {}},
                "f:whole": {},
                "f:map": {"f:k": {}},
                "f:wholeMap": {},
                "f:set": {'v:"x"': {}},
                "f:plain": {},
                "f:items": {'k:{"name":"n"}': {".": {}, "f:name": {}, "f:v": {}}},
                "f:ports": {
                    'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:port": {}},
                    'k:{"port":80,"protocol":"UDP"}': {".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}},
                },
                "f:free": {"f:deep": {".": {}, "f:er": {}}, "f:list": {}},
            }
        }
    }


def test_J18_what_a_create_owns(things: Things) -> None:
    made = things.wire.ok("POST", things.path() + "?fieldManager=me", things.document({"part": {"a": "1"}, "set": []}))
    assert owners(made) == {"me Update": {"f:spec": {".": {}, "f:part": {".": {}, "f:a": {}}, "f:set": {}}}}


def test_J18_atomic_structures_change_as_a_whole(things: Things) -> None:
    things.apply({"whole": {"a": "1", "b": "2"}, "wholeMap": {"k": "1", "l": "2"}, "plain": ["x", "y"]})
    made = things.apply({"whole": {"a": "1"}, "wholeMap": {"k": "1"}, "plain": ["x"]})
    assert made["spec"] == {"whole": {"a": "1"}, "wholeMap": {"k": "1"}, "plain": ["x"]}
    status = things.refused(409, {"whole": {"b": "3"}, "plain": ["y"]}, "other")
    assert sorted(cause["field"] for cause in status["details"]["causes"]) == [".spec.plain", ".spec.whole"]


def test_J18_what_is_applied_no_longer_goes_with_its_parents(things: Things) -> None:
    spec = {"part": {"a": "1"}, "set": ["x"], "items": [{"name": "n", "v": 1}], "text": "t"}
    things.apply(spec)
    assert things.apply({"text": "t"})["spec"] == {"text": "t"}
    assert "spec" not in things.apply()


def test_J18_what_others_own_or_nobody_owns_stays(things: Things) -> None:
    things.apply({"items": [{"name": "n", "v": 1}, {"name": "m", "v": 1}], "set": ["x", "y"]})
    things.apply({"items": [{"name": "n"}], "set": ["x"]}, "other")
    made = things.apply({"text": "t"})
    assert made["spec"] == {"items": [{"name": "n", "size": 7}], "set": ["x"], "text": "t"}
    assert things.apply({"flag": True}, "other")["spec"] == {"text": "t", "flag": True}


def test_J18_a_map_that_an_apply_empties(things: Things, answers: Answers) -> None:
    things.apply({"part": {"a": "1"}})
    (code,) = answers("status of an apply that empties a map")
    if code == 200:
        assert things.apply({"part": {}})["spec"] == {"part": {}}
        assert things.owners() == {"me Apply": {"f:spec": {"f:part": {}}}}
    else:  # it becomes null, which the schema refuses
        assert "spec.part in body must be of type object" in things.refused(code, {"part": {}})["message"]


def test_J18_shared_values_keep_all_owners(things: Things) -> None:
    first = things.apply({"text": "1", "part": {"a": "1"}})
    made = things.apply({"text": "1"}, "other")
    assert made["metadata"]["resourceVersion"] != first["metadata"]["resourceVersion"]  # who owns it has changed
    assert set(owners(made)) == {"me Apply", "other Apply"}
    again = things.apply({"text": "1"}, "other")
    assert again == made
    assert things.apply({"part": {"a": "1"}})["spec"]["text"] == "1"
    assert "text" not in things.apply({}, "other")["spec"]


def test_J18_a_forced_apply_takes_all_from_the_others(things: Things) -> None:
    things.apply({"text": "1", "flag": True}, "one")
    things.apply({"text": "1"}, "two")
    made = things.apply({"text": "2"}, "three", force=True)
    assert owners(made) == {"one Apply": {"f:spec": {"f:flag": {}}}, "three Apply": {"f:spec": {"f:text": {}}}}


def test_C29_several_conflicts_in_one_message(things: Things) -> None:
    things.apply({"text": "1", "part": {"a": "1"}, "ports": [{"port": 80, "name": "web"}]}, "zoe")
    things.merge({"spec": {"flag": True}}, "ann")
    things.merge({"status": {"ready": True}}, "ann", sub="/status")
    things.merge({"metadata": {"labels": {"l": "1"}}}, "bob")
    spec: Json = {"text": "2", "part": {"a": "2"}, "flag": False, "ports": [{"port": 80, "name": "www"}]}
    status = things.refused(409, spec, metadata={"name": "a", "labels": {"l": "2"}})
    version = f"{things.group}/v1"
    assert status["message"] == (
        f'Apply failed with 5 conflicts: conflicts with "ann" using {version}:\n- .spec.flag\n'
        f'conflicts with "bob" using {version}:\n- .metadata.labels.l\n'
        'conflicts with "zoe":\n- .spec.text\n- .spec.part.a\n- .spec.ports[port=80,protocol="TCP"].name'
    )
    causes = {(cause["reason"], cause["field"], cause["message"]) for cause in status["details"]["causes"]}
    assert ("FieldManagerConflict", ".metadata.labels.l", f'conflict with "bob" using {version}') in causes
    status = things.refused(409, sub="/status", status={"ready": False})
    assert status["message"] == (
        f'Apply failed with 1 conflict: conflict with "ann" with subresource "status" using {version}: .status.ready'
    )


def test_J18_main_and_status_leave_each_other_alone(things: Things) -> None:
    made = things.apply({"text": "1"}, status={"ready": True})
    assert owners(made) == {"me Apply": {"f:spec": {"f:text": {}}}}
    assert "status" not in made
    made = things.apply({"text": "2"}, sub="/status", status={"ready": True})
    assert (made["spec"], made["status"]) == ({"text": "1"}, {"ready": True})
    assert owners(made)["me Apply status"] == {"f:status": {"f:ready": {}}}
    assert things.apply({"text": "1"})["status"] == {"ready": True}
    assert "status" not in things.apply(sub="/status")


def test_J18_versions_share_an_apply_and_not_an_update(things: Things) -> None:
    things.apply({"text": "1", "flag": True})
    made = things.apply({"text": "1"}, version="v2")
    assert made["spec"] == {"text": "1"}
    things.merge({"spec": {"flag": True}})
    path = things.path("a", "v2") + "?fieldManager=editor"
    made = things.wire.ok("PATCH", path, [{"op": "add", "path": "/spec/part", "value": {}}], content_type=JSON_PATCH)
    found = [(entry["manager"], entry["apiVersion"].rpartition("/")[2]) for entry in made["metadata"]["managedFields"]]
    assert sorted(found) == [("editor", "v1"), ("editor", "v2"), ("me", "v2")]


def test_J18_updates_share_no_time_with_what_changes_nothing(things: Things) -> None:
    first = things.merge({"spec": {"text": "2"}}) if things.apply({"text": "1"}) else {}
    assert things.merge({"spec": {"text": "2"}}, "third") == first
    removed = things.merge({"spec": {"text": None}}, "third")
    assert owners(removed) == {}


@pytest.mark.parametrize("value", [[{}]])
def test_J18_the_first_apply_after_a_reset(things: Things, value: list[Json]) -> None:
    things.apply({"text": "1", "part": {"a": "1"}})
    assert owners(things.merge({"metadata": {"managedFields": value}})) == {}
    assert owners(things.merge({"spec": {"flag": True}})) == {}
    made = things.apply({"part": {"a": "1"}})
    spec = {".": {}, "f:flag": {}, "f:part": {".": {}, "f:a": {}}, "f:text": {}}
    assert owners(made) == {
        "before-first-apply Update": {"f:spec": spec},
        "me Apply": {"f:spec": {"f:part": {"f:a": {}}}},
    }
    status = things.refused(409, {"text": "2"})
    assert status["details"]["causes"][0]["message"] == f'conflict with "before-first-apply" using {things.group}/v1'


_TWICE = 'duplicate entries for key [port=1,protocol="TCP"]'
_KEYLESS = (
    'element 0: associative list with keys has an element that omits all key fields ["name"] '
    "(and doesn't have default values for any key fields)"
)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"other": 1}, ".spec.other: field not declared in schema"),
        ({"items": [{"name": "n", "x": 1}]}, '.spec.items[name="n"].x: field not declared in schema'),
        ({"items": [{"name": "n"}, {"name": "n"}]}, '.spec.items: duplicate entries for key [name="n"]'),
        ({"ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]}, f".spec.ports: {_TWICE}"),
        ({"set": ["x", "x"]}, '.spec.set: duplicate entries for key [="x"]'),
        ({"set": [None]}, ".spec.set: element 0: associative list without keys has an element that's an explicit null"),
        ({"items": [{"v": 1}]}, f".spec.items: {_KEYLESS}"),
        ({"text": 1}, ".spec.text: expected string, got &value.valueUnstructured{Value:1}"),
        ({"replicas": "x"}, ".spec.replicas: expected numeric (int or float), got string"),
        ({"flag": "x"}, ".spec.flag: expected boolean, got &{x}"),
        ({"set": {"a": 1}}, ".spec.set: expected list, got &{map[a:1]}"),
        ({"part": ["x", 1]}, ".spec.part: expected map, got &{[x 1]}"),
    ],
)
def test_C28_configurations_that_do_not_fit(things: Things, spec: Json, problem: str) -> None:
    status = things.refused(500, spec)
    subject = f"/a; {things.group}/v1, Kind=Thing"
    assert status["message"] == f"failed to create typed patch object ({subject}): {problem}"
    assert "reason" not in status


def test_C28_what_a_configuration_must_say(things: Things) -> None:
    path = things.path("a") + "?fieldManager=me"

    def message(code: int, document: Any) -> str:
        text: str = things.wire.fails(code, "PATCH", path, document, content_type=APPLY_PATCH)["message"]
        return text

    document = things.document({})
    assert message(400, {**document, "kind": "Other"}) == f"invalid object type: {things.group}/v1, Kind=Other"
    assert message(400, {**document, "apiVersion": "v1"}) == "invalid object type: /v1, Kind=Thing"
    text = "the name of the object (a based on URL) was undeterminable: name must be provided"
    assert message(400, {**document, "metadata": {}}) == text
    text = "the name of the object (b) does not match the name on the URL (a)"
    assert message(400, {**document, "metadata": {"name": "b"}}) == text
    text = "the namespace of the provided object does not match the namespace sent on the request"
    assert message(400, {**document, "metadata": {"name": "a", "namespace": "other"}}) == text
    assert "uid mismatch: the provided object specified uid u, and no existing object was found" in message(
        409, {**document, "metadata": {"name": "a", "uid": "u"}}
    )
    assert things.refused(404, sub="/status", status={})["reason"] == "NotFound"


def test_J18_a_version_in_a_configuration_is_a_condition(things: Things) -> None:
    made = things.apply({"text": "1"})
    metadata = {"name": "a", "resourceVersion": made["metadata"]["resourceVersion"]}
    things.apply({"text": "2"}, metadata=metadata)
    assert "the object has been modified" in things.refused(409, {"text": "3"}, metadata=metadata)["message"]


def test_C31_a_dry_run_of_apply_changes_nothing(things: Things) -> None:
    made = things.apply({"text": "1"})
    path = things.path("a") + "?fieldManager=other&force=true&dryRun=All"
    tried = things.wire.ok("PATCH", path, things.document({"text": "2"}), content_type=APPLY_PATCH)
    assert tried["spec"] == {"text": "2"}
    assert things.wire.ok("GET", things.path("a")) == made


def test_J18_the_scale_of_an_object_in_its_books(things: Things) -> None:
    things.wire.ok("POST", things.path() + "?fieldManager=me", things.document({"replicas": 1, "text": "t"}))
    things.merge({"spec": {"replicas": 2}}, "scaler", sub="/scale")
    mine = {"f:spec": {".": {}, "f:text": {}}}
    assert things.owners() == {"me Update": mine, "scaler Update scale": {"f:spec": {"f:replicas": {}}}}
    status = things.refused(409, {"replicas": 3})
    assert 'conflict with "scaler" with subresource "scale" using' in status["message"]
    things.apply({"replicas": 3}, force=True)
    things.merge({"spec": {"replicas": 4}}, "scaler", sub="/scale")
    assert set(things.owners()) == {"me Update", "scaler Update scale"}
