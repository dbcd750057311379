# SPDX-License-Identifier: Apache-2.0
"""Level 3 of protocol section J: CRDs and the resources that they define."""

from __future__ import annotations

from typing import Any

import pytest
from server_core import (
    CONFIG_MAPS,
    CRDS,
    CRONTABS,
    Api,
    config_map,
    crd,
    crontab,
)

Json = dict[str, Any]
MERGE = "application/merge-patch+json"


def _conditions(document: Json) -> list[tuple[str, str, str]]:
    conditions = document.get("status", {}).get("conditions", [])
    return [(item["type"], item["status"], item["reason"]) for item in conditions or []]


_FULL: Json = {
    "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
    "image": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
    "mode": {"type": "string", "enum": ["a", "b"]},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "maybe": {"type": "string", "nullable": True, "default": "x"},
    "port": {"x-kubernetes-int-or-string": True},
    "set": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
    "map": {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "items": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string"}, "v": {"type": "integer", "default": 7}},
        },
    },
    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
}


def test_J23_a_crd_is_established_in_two_steps(api: Api) -> None:
    watch = api.watch(CRDS, resourceVersion=api.core.store.version)
    api.send("POST", CRDS, crd())
    assert api("GET", CRONTABS).status == 404
    api.core.settle()
    _, first, second = [_conditions(event["object"]) for event in watch.events()]
    assert first == [("NamesAccepted", "True", "NoConflicts"), ("Established", "False", "Installing")]
    assert second == [("NamesAccepted", "True", "NoConflicts"), ("Established", "True", "InitialNamesAccepted")]
    assert api.ok("GET", CRONTABS)["kind"] == "CronTabList"


def test_J23_the_name_must_be_plural_and_group(api: Api) -> None:
    document = crd()
    document["metadata"]["name"] = "wrong.batch.example.org"
    status = api.fails(422, "POST", CRDS, document)
    assert 'must be spec.names.plural+"."+spec.group' in status["message"]


def test_J23_deleting_a_crd_deletes_its_instances_first(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    item = crontab("a")
    item["metadata"]["finalizers"] = ["example.com/hold"]
    api.ok("POST", CRONTABS, item)
    deleting = api.ok("DELETE", f"{CRDS}/crontabs.batch.example.org")
    assert deleting["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert ("Terminating", "True", "InstanceDeletionPending") in _conditions(deleting)
    assert "deletionTimestamp" in api.ok("GET", f"{CRONTABS}/a")["metadata"]
    api.ok("PATCH", f"{CRONTABS}/a", {"metadata": {"finalizers": None}}, content_type=MERGE)
    assert api("GET", CRONTABS).status == 404
    api.fails(404, "GET", f"{CRDS}/crontabs.batch.example.org")


def test_J23_only_served_versions_are_reachable(api: Api) -> None:
    document = crd()
    second = {**document["spec"]["versions"][0], "name": "v2", "storage": False}
    third = {**second, "name": "v3", "served": False}
    document["spec"]["versions"] += [second, third]
    api.ok("POST", CRDS, document)
    api.ok("POST", CRONTABS, crontab("a", replicas=1))
    found = api.ok("GET", CRONTABS.replace("/v1/", "/v2/") + "/a")
    assert (found["apiVersion"], found["spec"]) == ("batch.example.org/v2", {"replicas": 1})
    assert api("GET", CRONTABS.replace("/v1/", "/v3/")).status == 404


def test_J23_clashing_names_are_not_accepted(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    document = crd()
    document["metadata"]["name"] = "others.batch.example.org"
    document["spec"]["names"] = {"plural": "others", "kind": "CronTab"}
    api.ok("POST", CRDS, document)
    conditions = _conditions(api.ok("GET", f"{CRDS}/others.batch.example.org"))
    assert ("NamesAccepted", "False", "ListKindConflict") in conditions
    assert ("Established", "False", "NotAccepted") in conditions


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"schema": None}, "Required value"),
        ({"storage": False}, "exactly one version marked as storage version"),
        ({"schema": {"openAPIV3Schema": {"properties": {"a": {}}}}}, "must not be empty"),
    ],
)
def test_J23_bad_definitions_are_refused(api: Api, change: Json, text: str) -> None:
    assert text in api.fails(422, "POST", CRDS, crd(**change))["message"]


def test_J24_prune_default_and_keep(api: Api) -> None:
    api.ok("POST", CRDS, crd(_FULL))
    body = crontab("a", unknown=1, free={"deep": {"x": 1}}, map=[{"name": "m", "gone": 1}], labels={"k": "v"})
    body["metadata"]["nonsense"] = "x"
    body["extra"] = True
    reply = api("POST", CRONTABS, body)
    assert reply.json["spec"] == {
        "free": {"deep": {"x": 1}},
        "map": [{"name": "m", "v": 7}],
        "labels": {"k": "v"},
        "replicas": 1,
        "maybe": "x",
    }
    assert "nonsense" not in reply.json["metadata"]
    assert "extra" not in reply.json


def test_J24_nulls_of_defaulted_fields(api: Api) -> None:
    api.ok("POST", CRDS, crd(_FULL))
    spec = api.ok("POST", CRONTABS, crontab("a", replicas=None, maybe=None))["spec"]
    assert spec == {"replicas": 1, "maybe": None}


def test_J24_defaults_apply_on_read(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    created = api.ok("POST", CRONTABS, crontab("a"))
    document = api.ok("GET", f"{CRDS}/crontabs.batch.example.org")
    spec = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    spec["properties"]["image"]["default"] = "young"
    api.ok("PUT", f"{CRDS}/crontabs.batch.example.org", document)
    found = api.ok("GET", f"{CRONTABS}/a")
    assert found["spec"] == {"image": "young"}
    assert found["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]
    assert api.ok("GET", CRONTABS)["items"][0]["spec"] == {"image": "young"}


@pytest.mark.parametrize(
    ("spec", "field", "reason", "text"),
    [
        (
            {"replicas": "x"},
            "spec.replicas",
            "FieldValueTypeInvalid",
            'spec.replicas in body must be of type integer: "string"',
        ),
        ({"replicas": 11}, "spec.replicas", "FieldValueInvalid", "should be less than or equal to 10"),
        ({"replicas": 0}, "spec.replicas", "FieldValueInvalid", "should be greater than or equal to 1"),
        ({"image": "A"}, "spec.image", "FieldValueInvalid", "spec.image in body should match '^[a-z]+$'"),
        ({"image": "abcdef"}, "spec.image", "FieldValueTooLong", "may not be more than 5"),
        ({"mode": "c"}, "spec.mode", "FieldValueNotSupported", 'Unsupported value: "c": supported values: "a", "b"'),
        ({"set": ["x", "x"]}, "spec.set[1]", "FieldValueDuplicate", 'Duplicate value: "x"'),
        (
            {"map": [{"name": "x"}, {"name": "x"}]},
            "spec.map[1]",
            "FieldValueDuplicate",
            'Duplicate value: {"name":"x"}',
        ),
        ({"map": [{"v": 1}]}, "spec.map[0].name", "FieldValueRequired", "Required value"),
        ({"port": 1.5}, "spec.port", "FieldValueTypeInvalid", "must be of type integer,string"),
        ({"labels": {"k": 1}}, "spec.labels.k", "FieldValueTypeInvalid", "must be of type string"),
    ],
)
def test_J24_validation(api: Api, spec: Json, field: str, reason: str, text: str) -> None:
    api.ok("POST", CRDS, crd(_FULL))
    status = api.fails(422, "POST", CRONTABS, crontab("a", **spec))
    causes = [cause for cause in status["details"]["causes"] if cause["field"] == field]
    assert causes, status
    assert causes[0]["reason"] == reason
    assert text in causes[0]["message"]
    assert status["message"].startswith('CronTab.batch.example.org "a" is invalid: ')


def test_J24_custom_resources_need_api_version_and_kind(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    assert "Object 'Kind' is missing" in api.fails(400, "POST", CRONTABS, {"metadata": {"name": "a"}})["message"]


def test_J24_list_items_carry_their_kind(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    api.ok("POST", CRONTABS, crontab("a"))
    api.ok("POST", CONFIG_MAPS, config_map("a"))
    assert api.ok("GET", CRONTABS)["items"][0]["kind"] == "CronTab"
    assert "kind" not in api.ok("GET", CONFIG_MAPS)["items"][0]


def test_J24_printer_columns(api: Api) -> None:
    columns = [{"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas"}]
    api.ok("POST", CRDS, crd(additionalPrinterColumns=columns))
    api.ok("POST", CRONTABS, crontab("a", replicas=3))
    api.clock.advance(300)
    table = api.ok("GET", CRONTABS, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Replicas"]
    assert table["rows"][0]["cells"] == ["a", 3]


def test_J24_a_crd_without_columns_shows_the_age(api: Api) -> None:
    api.ok("POST", CRDS, crd())
    api.ok("POST", CRONTABS, crontab("a"))
    api.clock.advance(300)
    table = api.ok("GET", CRONTABS, accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    assert table["rows"][0]["cells"] == ["a", "5m"]
