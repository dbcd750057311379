# SPDX-License-Identifier: Apache-2.0
"""What a server makes of a new or changed object of every built-in kind (J5-J8): the corpus in defaults/."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from default_cases import FOLDER, expected_answers, load_cases, play, recorded_versions
from recorded_differences import difference_of
from wire_documents import quiet

if TYPE_CHECKING:
    from default_cases import Case
    from wire import Wire

    from k8s_devkit import ApiServer, ControlPlane


def _marks(case: Case) -> list[pytest.MarkDecorator]:
    marks = [pytest.mark.since(case.since)] if case.since else []
    # With ``--server real-custom`` these are what a newer server answers; all others are the older one's.
    return [*marks, pytest.mark.custom_resources] if case.object["kind"] == "CustomResourceDefinition" else marks


def _parameters() -> list[object]:
    return [pytest.param(case, id=case.name, marks=_marks(case)) for case in load_cases()]


@quiet
@pytest.mark.parametrize("case", _parameters())
def test_what_a_server_makes_of(case: Case, wire: Wire, api_server: ApiServer | ControlPlane) -> None:
    version = ".".join(api_server.version.removeprefix("v").split(".")[:2])
    if version not in recorded_versions():
        pytest.skip(f"nothing is recorded of Kubernetes {version}; defaults/README.md tells how to")
    wanted = expected_answers(case, version)
    difference = difference_of(api_server, "defaults", case.name)
    assert play(case, wire) == (difference.answer(wanted) if difference else wanted)


@quiet
@pytest.mark.since("1.36")
def test_what_a_server_warns_of(wire: Wire) -> None:
    """The texts that are new in each case, in the order of the cases: so they were recorded."""
    recorded = json.loads((FOLDER / "warnings-1.36.json").read_text())
    found: dict[str, list[str]] = {}
    seen: set[str] = set()
    for case in load_cases():
        warned: list[str] = []
        play(case, wire, warned)
        if new := [text for text in dict.fromkeys(warned) if text not in seen]:
            found[f"defaults: {case.name}"] = new
            seen.update(new)
    assert found == recorded


def test_zero_values_of_a_custom_resource(wire: Wire, group: str) -> None:
    """Metadata are Go's also here, and all else is kept as it was sent."""
    metadata = {
        "name": "zero",
        "labels": {},
        "annotations": {},
        "finalizers": [],
        "ownerReferences": [],
        "generation": 7,
    }
    spec: dict[str, object] = {"tags": [], "free": {"a": "", "b": {}, "c": False, "d": None}, "replicas": 1}
    document = {"apiVersion": f"{group}/v1", "kind": "CronTab", "metadata": metadata, "spec": spec}
    made = wire.ok("POST", f"/apis/{group}/v1/namespaces/{{ns}}/crontabs", document)
    kept = {"name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"}
    assert set(made["metadata"]) == kept
    assert made["metadata"]["generation"] == 1
    assert made["spec"] == spec
    assert "status" not in made


def test_zero_values_are_those_of_the_version_that_is_read(wire: Wire) -> None:
    old, new = "/api/v1/namespaces/{ns}/events", "/apis/events.k8s.io/v1/namespaces/{ns}/events"
    made = wire.ok("POST", old, {"metadata": {"name": "a"}, "involvedObject": {"namespace": wire.namespace}})
    assert (made["reportingComponent"], made["source"], made["firstTimestamp"]) == ("", {}, None)
    read = wire.ok("GET", f"{new}/a")
    assert "reportingController" not in read
    assert (read["deprecatedSource"], read["deprecatedFirstTimestamp"], read["eventTime"]) == ({}, None, None)


@pytest.mark.since("1.23")
def test_zero_values_of_an_autoscaler_in_its_newer_version(wire: Wire) -> None:
    scalers = "/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers"
    spec = {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"}, "maxReplicas": 3}
    made = wire.ok("POST", scalers, {"metadata": {"name": "a"}, "spec": spec})
    assert made["status"] == {"currentReplicas": 0, "desiredReplicas": 0}
    read = wire.ok("GET", f"{scalers.replace('/v1/', '/v2/')}/a")
    assert read["status"] == {"currentMetrics": None, "desiredReplicas": 0}


def test_what_a_binding_writes(wire: Wire) -> None:
    pods = "/api/v1/namespaces/{ns}/pods"
    wire.ok("POST", pods, {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}]}})
    wire.ok("POST", f"{pods}/a/binding", {"metadata": {"name": "a"}, "target": {"kind": "Node", "name": "n"}})
    (condition,) = wire.ok("GET", f"{pods}/a")["status"]["conditions"]
    assert (condition["type"], condition["lastProbeTime"]) == ("PodScheduled", None)


def test_what_an_update_leaves_out_of_the_name(wire: Wire, group: str) -> None:
    items = f"/apis/{group}/v1/namespaces/{{ns}}/crontabs"
    head = {"apiVersion": f"{group}/v1", "kind": "CronTab"}
    made = wire.ok("POST", items, {**head, "metadata": {"name": "a", "generateName": "x-"}})
    assert made["metadata"]["generateName"] == "x-"
    version = made["metadata"]["resourceVersion"]
    nameless = wire.fails(400, "PUT", f"{items}/a", {**head, "metadata": {"resourceVersion": version}})
    assert nameless["message"] == "the name of the object (a based on URL) was undeterminable: name must be provided"
    updated = wire.ok("PUT", f"{items}/a", {**head, "metadata": {"name": "a", "resourceVersion": version}})
    assert "generateName" not in updated["metadata"]
