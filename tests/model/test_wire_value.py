# SPDX-License-Identifier: Apache-2.0
"""Objects, lists and maps in other encoders; dicts beside objects."""

from __future__ import annotations

import copy
import datetime
import json
from typing import Any

import msgspec
import pytest
import yaml

from k8s_core.errors import FieldTypeError
from k8s_core.model import Model, wire_value
from k8s_core.model.scalars import Quantity
from k8s_core.patches import ApplyPatch, JsonPatch, MergePatch, StrategicMergePatch
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod

POD = Pod.from_dict(
    {
        "metadata": {"name": "p", "labels": {"a": "b"}},
        "spec": {
            "containers": [
                {"name": "c", "env": [{"name": "A", "value": "1"}], "resources": {"limits": {"cpu": "1500m"}}}
            ]
        },
    }
)
CONTAINER = POD.spec.containers[0]
VALUES = [
    (POD, POD.to_dict()),
    (POD.metadata.labels, {"a": "b"}),
    (CONTAINER.env, [{"name": "A", "value": "1"}]),
    (CONTAINER.resources.limits, {"cpu": "1500m"}),
    (CONTAINER.args, []),
    (ConfigMap().data, {}),
    (Quantity("1.5"), "1500m"),
    (datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2026-01-02T03:04:05Z"),
    (datetime.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC), "2026-01-02T03:04:05.000006Z"),
    (datetime.timedelta(minutes=90), "1h30m0s"),
    (b"abc", "YWJj"),
]


@pytest.mark.parametrize(("value", "wire"), VALUES)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_writes_the_wire_form(value: Any, wire: Any, indent: int | None) -> None:
    written = json.dumps({"it": value}, default=wire_value, indent=indent)
    assert written == json.dumps({"it": wire}, indent=indent)


@pytest.mark.parametrize(("value", "wire"), VALUES[:-4])
def test_msgspec_yaml_and_copy_do_as_well(value: Any, wire: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode([value], enc_hook=wire_value)) == [wire]
    assert yaml.safe_load(yaml.safe_dump(wire_value(value))) == wire
    assert wire_value(copy.deepcopy(value)) == wire if isinstance(value, Model) else copy.deepcopy(value) == value


def test_what_it_gives_is_a_copy() -> None:
    given = wire_value(POD.metadata.labels)
    given["x"] = "y"
    assert POD.metadata.labels == {"a": "b"}


def test_json_never_writes_an_empty_object_for_a_map_that_has_items() -> None:
    with pytest.raises(TypeError, match="MapView is not JSON serializable"):
        json.dumps(POD.metadata.labels)


@pytest.mark.parametrize("value", [object(), {1}, complex(1)])
def test_other_types_are_refused_as_encoders_expect(value: Any) -> None:
    with pytest.raises(TypeError, match="has no form on the wire"):
        json.dumps([value], default=wire_value)


# -- dicts beside objects


def test_a_dict_that_a_list_would_append_is_found_in_it() -> None:
    env = POD.copy().spec.containers[0].env
    env.append({"name": "B"})
    env.append({"name": "A", "value": "1"})
    assert {"name": "B"} in env
    assert {"name": "C"} not in env
    assert {1: "B"} not in env
    assert env.index({"name": "B"}) == 1
    assert env.count({"name": "A", "value": "1"}) == 2
    assert env == [{"name": "A", "value": "1"}, {"name": "B"}, {"name": "A", "value": "1"}]
    env.remove({"name": "A", "value": "1"})
    assert [each.name for each in env] == ["B", "A"]
    with pytest.raises(ValueError, match=r"not in list|^$"):
        env.remove({"name": "C"})


def test_an_object_equals_its_document() -> None:
    assert CONTAINER.to_dict() == CONTAINER
    assert CONTAINER.to_dict() == CONTAINER
    assert POD.to_dict() == POD
    assert CONTAINER != {"name": "c"}
    assert CONTAINER.env[0] != {"name": object()}
    assert {key: value for key, value in POD.to_dict().items() if key != "kind"} != POD


# -- quantities and others without a field that would convert them


@pytest.mark.parametrize("patch", [MergePatch, StrategicMergePatch])
def test_a_bare_quantity_in_a_patch_is_its_string(patch: Any) -> None:
    assert patch({"spec": {"size": Quantity("1.5Gi")}}).content == {"spec": {"size": "1536Mi"}}


def test_a_bare_quantity_in_other_documents_too() -> None:
    document = {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "a"}, "size": Quantity("1")}
    assert ApplyPatch(document).content["size"] == "1"
    assert Pod.from_dict({"spec": {"overhead": {"cpu": Quantity("250m")}}}).spec.overhead["cpu"] == Quantity("0.25")
    [operation] = JsonPatch([{"op": "add", "path": "/size", "value": [Quantity("2k")]}]).content
    assert operation["value"] == ["2k"]


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "write a string such as '2026-01-01T00:00:00Z'"),
        (datetime.timedelta(1), "write a string such as '1h30m0s'"),
        (b"x", "write its base64 string"),
    ],
)
def test_what_has_two_forms_on_the_wire_is_refused_with_the_way_out(value: Any, advice: str) -> None:
    with pytest.raises(FieldTypeError, match=f"spec.x: {type(value).__name__} is not a JSON value: {advice}"):
        MergePatch({"spec": {"x": value}})
