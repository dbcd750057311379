# SPDX-License-Identifier: Apache-2.0
"""CRDs and custom resources on the wire (protocol C22, C26, J8, J18, J23, J24, J27)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire import MERGE_PATCH, STRATEGIC_PATCH, Wire
from wire_documents import CRDS, Json, apply, crontab, crontabs, establish_crontabs, quiet

if TYPE_CHECKING:
    from collections.abc import Callable


@quiet
def test_J24_prune_and_default(wire: Wire, group: str) -> None:
    document = crontab(group, unknown=1, free={"deep": [1]}, parts=[{"name": "m", "gone": 1}])
    document["extra"] = True
    document["metadata"]["nonsense"] = "x"
    made = wire.ok("POST", crontabs(group), document)
    assert made["spec"] == {"replicas": 1, "free": {"deep": [1]}, "parts": [{"name": "m", "size": 7}]}
    assert "extra" not in made
    assert "nonsense" not in made["metadata"]
    assert made["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"replicas": "x"}, "spec.replicas"),
        ({"replicas": 11}, "spec.replicas"),
        ({"image": "A"}, "spec.image"),
        ({"mode": "c"}, "spec.mode"),
        ({"tags": ["x", "x"]}, "spec.tags[1]"),
        ({"parts": [{"name": "x"}, {"name": "x"}]}, "spec.parts[1]"),
    ],
)
def test_J24_validation(wire: Wire, group: str, spec: Json, field: str) -> None:
    status = wire.fails(422, "POST", crontabs(group), crontab(group, **spec))
    fields = {cause["field"] for cause in status["details"]["causes"]}
    assert field in fields, fields
    assert status["message"].startswith(f'CronTab.{group} "a" is invalid: ')


def test_J24_paths_below_lists(wire: Wire, group: str, answers: Callable[[str], tuple[Any, ...]]) -> None:
    status = wire.fails(422, "POST", crontabs(group), crontab(group, parts=[{"size": 1}]))
    fields = {cause["field"] for cause in status["details"]["causes"]}
    assert fields & set(answers("path of an item's error in a custom resource")), fields


def test_C22_custom_resources_need_a_version(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    status = wire.fails(422, "PUT", f"{crontabs(group)}/a", crontab(group))
    # The resource stands for the kind here, and 1.20 writes the number in hexadecimal.
    assert re.fullmatch(
        rf'crontabs\.{group} "a" is invalid: '
        r"metadata\.resourceVersion: Invalid value: (0|0x0): must be specified for an update",
        status["message"],
    )


def test_C26_custom_resources_take_no_strategic_merge(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    wire.fails(415, "PATCH", f"{crontabs(group)}/a", {"spec": {}}, content_type=STRATEGIC_PATCH)


def test_J8_status_of_custom_resources(wire: Wire, group: str) -> None:
    made = wire.ok("POST", crontabs(group), {**crontab(group, replicas=2), "status": {"x": 1}})
    assert "status" not in made
    patch = {"status": {"replicas": 1}, "spec": {"replicas": 9}, "metadata": {"labels": {"a": "b"}}}
    changed = wire.ok("PATCH", f"{crontabs(group)}/a/status", patch, content_type=MERGE_PATCH)
    assert (changed["status"], changed["spec"]["replicas"]) == ({"replicas": 1}, 2)
    assert "labels" not in changed["metadata"]
    assert changed["metadata"]["generation"] == 1
    scale = wire.ok("GET", f"{crontabs(group)}/a/scale")
    assert (scale["spec"], scale["status"]["replicas"]) == ({"replicas": 2}, 1)
    wire.ok("PATCH", f"{crontabs(group)}/a/scale", {"spec": {"replicas": 3}}, content_type=MERGE_PATCH)
    changed = wire.ok("GET", f"{crontabs(group)}/a")
    assert (changed["spec"]["replicas"], changed["metadata"]["generation"]) == (3, 2)


def test_J18_apply_of_custom_resources(wire: Wire, group: str) -> None:
    path = f"{crontabs(group)}/a"
    apply(wire, path, crontab(group, tags=["x"], parts=[{"name": "p"}]))
    made = apply(wire, path, crontab(group, tags=["y"], parts=[{"name": "q"}]), "other")
    assert sorted(made["spec"]["tags"]) == ["x", "y"]
    assert sorted(part["name"] for part in made["spec"]["parts"]) == ["p", "q"]
    made = apply(wire, path, crontab(group, tags=[]))
    assert made["spec"]["tags"] == ["y"]
    assert [part["name"] for part in made["spec"]["parts"]] == ["q"]


def test_J27_printer_columns(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group, replicas=3))
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
    table = wire.ok("GET", crontabs(group), accept=accept)
    columns = [column["name"] for column in table["columnDefinitions"]]
    assert columns == ["Name", "Replicas"]
    assert table["rows"][0]["cells"] == ["a", 3]


def test_J24_custom_lists_carry_their_kind(wire: Wire, group: str) -> None:
    wire.ok("POST", crontabs(group), crontab(group))
    listed = wire.ok("GET", crontabs(group))
    assert (listed["kind"], listed["items"][0]["kind"]) == ("CronTabList", "CronTab")
    wire.fails(400, "POST", crontabs(group), {"metadata": {"name": "b"}})


@pytest.mark.custom_resources
def test_J23_a_crd_and_its_instances_go(wire: Wire) -> None:
    group = establish_crontabs(wire)
    wire.ok("POST", crontabs(group), crontab(group))
    deleting = wire.ok("DELETE", f"{CRDS}/crontabs.{group}")
    assert "customresourcecleanup.apiextensions.k8s.io" in deleting["metadata"]["finalizers"]
    for path in (f"{CRDS}/crontabs.{group}", crontabs(group)):
        eventually(lambda path=path: wire("GET", path).status == 404, f"{path} is gone")  # type: ignore[misc]  # bound now


@pytest.mark.custom_resources
@pytest.mark.parametrize("change", ["name", "schema", "storage"])
def test_J23_bad_definitions(wire: Wire, change: str) -> None:
    group = f"{wire.namespace}.example.com"
    version: Json = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    if change == "schema":
        del version["schema"]
    if change == "storage":
        version["storage"] = False
    name = f"{'other' if change == 'name' else 'things'}.{group}"
    spec = {"group": group, "scope": "Cluster", "names": {"plural": "things", "kind": "Thing"}, "versions": [version]}
    document = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": name},
        "spec": spec,
    }
    wire.fails(422, "POST", CRDS, document)
