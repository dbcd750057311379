# SPDX-License-Identifier: Apache-2.0
"""Deeply nested bodies: taken up to 200 levels, refused beyond with a 400 or 422, in every encoding and patch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from server_core import CRDS, CRONTABS, Api, crd, crontab

BOUND = 200
APPLY, MERGE, JSON = "application/apply-patch+yaml", "application/merge-patch+json", "application/json-patch+json"


@pytest.fixture
def api() -> Api:
    """A server with CronTabs whose spec takes anything below ``any``, and one called ``a``."""
    api = Api()
    api.ok("POST", CRDS, crd({"any": {"x-kubernetes-preserve-unknown-fields": True}}))
    api.ok("POST", CRONTABS, crontab())
    return api


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def document(name: str, levels: int) -> bytes:
    text = json.dumps(crontab(name, any="?")).replace('"?"', nested(levels - 2))
    return text.encode()


@pytest.mark.parametrize("content_type", ["application/json", "application/yaml"])
def test_bodies_up_to_the_bound_are_stored(api: Api, content_type: str) -> None:
    assert api.send("POST", CRONTABS, document("b", BOUND), content_type=content_type).status == 201
    stored = api.ok("GET", f"{CRONTABS}/b")
    assert json.dumps(stored["spec"]["any"]) == nested(BOUND - 2)
    assert api.send("PATCH", f"{CRONTABS}/a?fieldManager=m", document("a", BOUND), content_type=APPLY).status == 200
    for _ in range(2):
        assert api.send("PATCH", f"{CRONTABS}/a", document("a", BOUND), content_type=MERGE).status == 200


@pytest.mark.parametrize("levels", [BOUND + 1, 1_200, 100_000])
def test_deeper_bodies_are_bad_requests(api: Api, levels: int) -> None:
    name = f"{CRONTABS}/a"
    for method, path, content_type in (
        ("POST", CRONTABS, "application/json"),
        ("POST", CRONTABS, "application/yaml"),
        ("PUT", name, "application/json"),
        ("PATCH", name, MERGE),
        ("PATCH", f"{name}?fieldManager=m", APPLY),
        ("DELETE", name, "application/json"),
    ):
        answer = api.send(method, path, document("a", levels), content_type=content_type)
        assert answer.status == 400, (method, content_type, answer.body)
        assert b"exceeded max depth" in answer.body or b"nested deeper than 200 levels" in answer.body


def test_a_json_patch_cannot_make_an_object_deeper(api: Api) -> None:
    def patch(*operations: dict[str, Any]) -> int:
        return api.send("PATCH", f"{CRONTABS}/a", list(operations), content_type=JSON).status

    value = json.loads(nested(BOUND - 10))
    end = "/spec/any" + "/0" * (BOUND - 11)
    assert patch({"op": "add", "path": "/spec/any", "value": value}) == 200
    assert patch({"op": "add", "path": f"{end}/-", "value": json.loads(nested(8))}) == 200
    assert patch({"op": "add", "path": f"{end}/-", "value": json.loads(nested(9))}) == 422
    assert patch({"op": "copy", "from": "/spec/any", "path": f"{end}/-"}) == 422
    assert patch({"op": "replace", "path": f"{end}/0", "value": value}) == 422


def test_the_copies_of_a_json_patch_are_bounded(api: Api) -> None:
    grow = [{"op": "copy", "from": "/spec", "path": f"/spec/any/{index}"} for index in range(60)]
    answer = api.send(
        "PATCH",
        f"{CRONTABS}/a",
        [{"op": "add", "path": "/spec/any", "value": {"text": "x" * 1000}}, *grow],
        content_type=JSON,
    )
    assert answer.status == 422


def test_strings_that_hold_json_are_bounded_as_well(api: Api) -> None:
    deep = nested(50_000)
    last_applied = {"kubectl.kubernetes.io/last-applied-configuration": deep}
    api.ok("PATCH", f"{CRONTABS}/a", {"metadata": {"annotations": last_applied}}, content_type=MERGE)
    configuration = crontab("a", any="x")
    assert api.send("PATCH", f"{CRONTABS}/a?fieldManager=kubectl", configuration, content_type=APPLY).status in (
        200,
        409,
    )
    managers = [
        {
            "manager": "m",
            "operation": "Update",
            "apiVersion": "batch.example.org/v1",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:spec": {f"v:{deep}": {}}},
        }
    ]
    assert (
        api.send("PUT", f"{CRONTABS}/a", {**crontab("a"), "metadata": {"name": "a", "managedFields": managers}}).status
        < 500
    )
    assert api.send("GET", f"{CRONTABS}?continue={deep[:9000]}").status == 400
