# SPDX-License-Identifier: Apache-2.0
"""Tables beyond what kubectl shows: types of columns, cells that do not fit them, forms of rows (J27)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire import JSON_PATCH
from wire_documents import CRDS, DEPLOYMENTS, crontab, crontabs, deployment, establish_crontabs
from wire_things import define_things

if TYPE_CHECKING:
    from wire import Wire

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def columns(wire: Wire, path: str) -> dict[str, tuple[str, str]]:
    """Name -> type and format."""
    found = wire.ok("GET", path, accept=TABLE)["columnDefinitions"]
    return {column["name"]: (column["type"], column["format"]) for column in found}


def test_J27_ages_are_texts_and_created_at_is_a_date(wire: Wire) -> None:
    assert columns(wire, "/api/v1/namespaces/{ns}/pods")["Age"] == ("string", "")
    assert columns(wire, "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles")["Created At"] == ("date", "")
    assert columns(wire, "/api/v1/namespaces/{ns}/limitranges")["Created At"] == ("date", "")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/namespaces/{ns}/configmaps", "Name"),
        ("/api/v1/namespaces/{ns}/events", "Name"),
        ("/apis/storage.k8s.io/v1/storageclasses", "Name"),
        ("/apis/storage.k8s.io/v1/volumeattachments", "Attacher"),
    ],
)
def test_J27_columns_with_the_format_of_names(wire: Wire, path: str, name: str) -> None:
    assert columns(wire, path)[name] == ("string", "name")


def test_J27_an_event_without_times(wire: Wire) -> None:
    target = {"kind": "Pod", "namespace": wire.namespace}
    event = {"metadata": {"name": "x"}, "involvedObject": target, "reason": "R", "message": " m \n"}
    wire.ok("POST", "/api/v1/namespaces/{ns}/events", event)
    table = wire.ok("GET", "/api/v1/namespaces/{ns}/events/x", accept=TABLE)
    names = [column["name"] for column in table["columnDefinitions"]]
    cells = dict(zip(names, table["rows"][0]["cells"], strict=True))
    assert (cells["Last Seen"], cells["First Seen"]) == ("<unknown>", "<unknown>")
    assert (cells["Object"], cells["Message"], cells["Count"]) == ("pod", "m", 1)


def test_J27_what_a_row_may_include(wire: Wire) -> None:
    status = wire.fails(400, "GET", "/api/v1/namespaces/{ns}/configmaps?includeObject=Half", accept=TABLE)
    allowed = "must be 'Metadata', 'Object', 'None', or empty"
    problem = f'includeObject: Invalid value: "Half": {allowed}'
    assert status["message"] == f"Unable to convert to Table as requested: {problem}"


FREE: dict[str, Any] = {
    "text": "t",
    "whole": 5,
    "part": 1.5,
    "flag": True,
    "list": ["x", "y"],
    "map": {"b": 1, "a": "z"},
}
CELLS = [
    ("string", "text", "t"),
    ("string", "whole", "5"),
    ("string", "flag", "true"),
    ("string", "list", '["x","y"]'),
    ("string", "list[*]", "x"),
    ("string", "list[1]", "y"),
    ("string", "map", '{"a":"z","b":1}'),
    ("string", "missing", None),
    ("integer", "whole", 5),
    ("integer", "text", None),
    ("number", "part", 1.5),
    ("boolean", "flag", True),
    ("boolean", "text", None),
    ("date", "text", "<invalid>"),
    ("date", "missing", None),
]


@pytest.mark.custom_resources
def test_J27_cells_of_custom_resources_fit_their_columns(wire: Wire) -> None:
    group = establish_crontabs(wire)  # one of its own: other tests look at the columns of the shared one
    declared = [
        {"name": f"C{number}", "type": type_, "jsonPath": f".spec.free.{path}"}
        for number, (type_, path, _) in enumerate(CELLS)
    ]
    patch = [{"op": "replace", "path": "/spec/versions/0/additionalPrinterColumns", "value": declared}]
    wire.ok("PATCH", f"{CRDS}/crontabs.{group}", patch, content_type=JSON_PATCH)
    wire.ok("POST", crontabs(group), crontab(group, free=FREE))

    def cells() -> list[Any]:
        found: list[Any] = wire.ok("GET", f"{crontabs(group)}/a", accept=TABLE)["rows"][0]["cells"]
        return found

    # A real server takes up the change of a CRD a moment later.
    eventually(lambda: len(cells()) == 1 + len(CELLS), "the columns are there")
    assert cells() == ["a", *(cell for _, _, cell in CELLS)]


SCALE = {"Name": ("string", "name"), "Desired": ("integer", ""), "Available": ("integer", "")}


@pytest.mark.since("1.36")
def test_J27_the_scale_of_a_deployment(wire: Wire) -> None:
    wire.ok("POST", DEPLOYMENTS, deployment("a"))
    path = f"{DEPLOYMENTS}/a/scale"
    found = columns(wire, path)
    assert (list(found), {**found, **SCALE}) == ([*SCALE, "Age"], found)
    assert wire.ok("GET", path, accept=TABLE)["rows"][0]["cells"][:3] == ["a", 1, 0]


@pytest.mark.custom_resources
@pytest.mark.since("1.36")
def test_J27_the_scale_of_a_custom_resource(wire: Wire) -> None:
    group = define_things(wire)
    items = f"/apis/{group}/v1/namespaces/{{ns}}/things"
    head = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "a"}}
    wire.ok("POST", items, {**head, "spec": {"replicas": 3}})
    assert columns(wire, f"{items}/a/scale") == {**SCALE, "Age": ("date", "")}
    assert wire.ok("GET", f"{items}/a/scale", accept=TABLE)["rows"][0]["cells"][:3] == ["a", 3, 0]
