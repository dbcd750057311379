# SPDX-License-Identifier: Apache-2.0
"""Reading and writing through models: absence, attaching, conversion, lists and maps."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any, Literal

import pytest

from k8s_core.errors import FieldTypeError, ValidationError
from k8s_core.meta import ObjectMeta
from k8s_core.model import ABSENT, Model, Resource, check_required, field
from k8s_core.model.codec import encode_json
from k8s_core.model.scalars import Quantity


class EmptyDir(Model):
    medium: str | None = None


class Volume(Model):
    name: str
    emptyDir: EmptyDir = ABSENT


class Spec(Model):
    schedule: str
    replicas: int | None = None
    ratio: float | None = None
    paused: bool | None = None
    policy: Literal["Allow", "Forbid"] | None = None
    limits: dict[str, Quantity] = ABSENT
    args: list[str] = ABSENT
    matrix: list[list[int]] = ABSENT
    volumes: list[Volume] = ABSENT
    byName: dict[str, Volume] = ABSENT
    from_: str | None = None
    preserve: bool | None = field("x-kubernetes-preserve", default=None)
    raw: Any = ABSENT
    nested: Spec = ABSENT  # resolved when the class is first used


class Job(Resource, group="example.com", version="v1", plural="jobs", scope="Namespaced", sensitive=("token",)):
    spec: Spec
    token: str | None = None


def test_absent_scalars_are_none_and_absent_containers_are_empty_and_falsy() -> None:
    job = Job()
    assert job.spec.replicas is None
    assert job.metadata.labels == {}
    assert job.spec.volumes == []
    assert not job.spec.volumes
    assert not job.spec
    assert job.spec.nested.nested.volumes == []
    assert job.to_dict() == {"apiVersion": "example.com/v1", "kind": "Job"}


def test_the_first_write_attaches_every_level_above() -> None:
    job = Job()
    job.spec.nested.nested.limits["cpu"] = Quantity("1")
    assert job.to_dict()["spec"] == {"nested": {"nested": {"limits": {"cpu": "1"}}}}


def test_two_empty_views_of_one_place_do_not_lose_each_others_writes() -> None:
    job = Job()
    first, second = job.metadata, job.metadata
    first.labels["a"] = "1"
    assert second.labels == {"a": "1"}
    second.labels["b"] = "2"
    assert job.metadata.labels == {"a": "1", "b": "2"}


def test_truth_is_presence() -> None:
    volume = Volume.from_dict({"name": "v", "emptyDir": {}})
    assert volume.emptyDir
    assert not Volume(name="v").emptyDir
    assert not Volume.from_dict({"name": "v", "emptyDir": None}).emptyDir


def test_contains_asks_for_the_key_even_if_it_is_null() -> None:
    volume = Volume.from_dict({"name": "v", "emptyDir": None})
    assert "emptyDir" in volume
    assert "medium" not in volume.emptyDir
    assert "from_" in Spec.from_dict({"from": "x"})


def test_none_and_del_remove_a_field() -> None:
    spec = Spec(schedule="*", replicas=0)
    assert spec.to_dict() == {"schedule": "*", "replicas": 0}
    spec.replicas = None
    assert "replicas" not in spec
    del spec.schedule
    del spec.schedule
    assert spec.to_dict() == {}


def test_falsy_values_that_were_set_are_kept() -> None:
    spec = Spec(
        schedule="", replicas=0, paused=False, args=[], limits={}, volumes=[Volume(name="v", emptyDir=EmptyDir())]
    )
    assert spec.to_dict() == {
        "schedule": "",
        "replicas": 0,
        "paused": False,
        "args": [],
        "limits": {},
        "volumes": [{"name": "v", "emptyDir": {}}],
    }


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("replicas", "two", "spec.replicas: expected int, got str"),
        ("replicas", True, "spec.replicas: expected int, got bool"),
        ("paused", 1, "spec.paused: expected bool, got int"),
        ("schedule", 5, "spec.schedule: expected str, got int"),
        ("ratio", "1", "spec.ratio: expected float, got str"),
        ("ratio", float("nan"), "is not a JSON number"),
        ("policy", "Maybe", "spec.policy: 'Maybe' is not one of 'Allow', 'Forbid'"),
        ("args", "abc", "spec.args: expected a list, got str"),
        ("args", ["a", 1], r"spec.args\[1\]: expected str, got int"),
        ("matrix", [[1], ["x"]], r"spec.matrix\[1\]\[0\]: expected int, got str"),
        ("volumes", [EmptyDir()], r"spec.volumes\[0\]: expected Volume, got EmptyDir"),
        ("limits", {"cpu": "1x"}, r"spec.limits\['cpu'\]: '1x' is not a quantity"),
        ("limits", {1: "1"}, "spec.limits: JSON object keys must be strings, got int: 1"),
        ("raw", {"a": {1, 2}}, "spec.raw.a: set"),
    ],
)
def test_assigning_a_wrong_type_names_the_path_and_changes_nothing(name: str, value: Any, message: str) -> None:
    job = Job(spec=Spec(schedule="*"))
    before = job.to_dict()
    with pytest.raises(FieldTypeError, match=message) as caught:
        setattr(job.spec, name, value)
    assert isinstance(caught.value, (TypeError, ValueError))
    assert job.to_dict() == before


def test_an_unknown_keyword_raises_with_the_nearest_name() -> None:
    with pytest.raises(TypeError, match="Spec has no field 'replcas'; did you mean 'replicas'"):
        Spec(schedule="*", replcas=1)
    with pytest.raises(TypeError, match="did you mean 'emptyDir'"):
        Volume(name="v", empty_dir=EmptyDir())


def test_a_positional_argument_raises_and_says_what_to_write() -> None:
    with pytest.raises(
        TypeError, match=r"Volume\(\) takes keyword arguments only: write Volume\(emptyDir=EmptyDir\(…\)\)"
    ):
        Volume(EmptyDir())


def test_a_misspelt_attribute_is_an_error() -> None:
    job = Job()
    with pytest.raises(AttributeError, match="spce"):
        job.spce = Spec(schedule="*")
    with pytest.raises(AttributeError, match="spce"):
        _ = job.spce  # type: ignore[attr-defined]  # that is the point


def test_a_model_without_a_parent_is_attached_and_one_with_a_parent_is_copied() -> None:
    metadata = ObjectMeta(name="shared")
    first = Job(metadata=metadata)
    metadata.labels["a"] = "1"
    assert first.metadata.labels == {"a": "1"}
    second = Job(metadata=metadata)
    second.metadata.labels["b"] = "2"
    assert first.metadata.labels == {"a": "1"}
    first.metadata = second.metadata
    first.metadata.name = "first"
    assert second.metadata.name == "shared"


def test_a_model_inside_a_list_is_attached_once_and_copied_after() -> None:
    volume = Volume(name="v")
    spec = Spec(schedule="*", volumes=[volume, volume])
    spec.volumes[1].name = "w"
    assert [item.name for item in spec.volumes] == ["v", "w"]


def test_a_model_can_not_contain_itself() -> None:
    spec = Spec(schedule="*")
    spec.nested = spec
    assert spec.to_dict() == {"schedule": "*", "nested": {"schedule": "*"}}
    spec.nested.nested = spec.nested
    assert spec.to_dict()["nested"] == {"schedule": "*", "nested": {"schedule": "*"}}


def test_a_mapping_may_stand_for_a_model_and_is_copied() -> None:
    document: dict[str, Any] = {"name": "v", "new": [1]}
    spec = Spec(schedule="*", volumes=[document])
    document["new"].append(2)
    assert spec.volumes[0].to_dict() == {"name": "v", "new": [1]}


def test_lists_behave_as_lists() -> None:
    spec = Spec(schedule="*", args=["c", "a"])
    spec.args.append("b")
    spec.args += ["d"]
    spec.args.insert(0, "z")
    assert spec.args == ["z", "c", "a", "b", "d"]
    assert spec.args[1:3] == ["c", "a"]
    assert spec.args[-1] == "d"
    assert spec.args + ["e"] == ["z", "c", "a", "b", "d", "e"]  # noqa: RUF005  # the operator is under test
    assert ["y"] + spec.args == ["y", "z", "c", "a", "b", "d"]  # noqa: RUF005  # the operator is under test
    spec.args.sort()
    assert list(reversed(spec.args)) == ["z", "d", "c", "b", "a"]
    spec.args[0:2] = ["x"]
    del spec.args[-1]
    spec.args.remove("c")
    assert spec.to_dict()["args"] == ["x", "d"]
    assert spec.args.copy() == ["x", "d"]
    assert spec.args.index("d") == 1
    with pytest.raises(IndexError):
        spec.args[7]
    with pytest.raises(IndexError):
        Spec(schedule="*").args[0] = "x"
    assert repr(spec.args) == "['x', 'd']"


def test_items_of_lists_and_maps_are_views() -> None:
    spec = Spec.from_dict({"volumes": [{"name": "a", "extra": 1}], "byName": {"b": {"name": "b"}}})
    spec.volumes[0].emptyDir.medium = "Memory"
    spec.byName["b"].name = "c"
    assert spec.to_dict() == {
        "volumes": [{"name": "a", "extra": 1, "emptyDir": {"medium": "Memory"}}],
        "byName": {"b": {"name": "c"}},
    }


def test_extending_with_a_wrong_item_adds_nothing() -> None:
    spec = Spec(schedule="*", args=["a"])
    with pytest.raises(FieldTypeError, match=r"args\[2\]"):
        spec.args.extend(["b", 1])
    assert spec.args == ["a"]


def test_maps_behave_as_dicts() -> None:
    meta = ObjectMeta()
    assert "a" not in meta.labels
    meta.labels.update(a="1", b="2")
    assert meta.labels | {"c": "3"} == {"a": "1", "b": "2", "c": "3"}
    assert {"c": "3"} | meta.labels == {"c": "3", "a": "1", "b": "2"}
    meta.labels |= {"d": "4"}
    assert meta.labels.setdefault("a", "9") == "1"
    assert meta.labels.pop("b") == "2"
    assert dict(meta.labels) == {"a": "1", "d": "4"}
    assert meta.labels.copy() == {"a": "1", "d": "4"}
    with pytest.raises(KeyError):
        meta.labels["zz"]
    with pytest.raises(KeyError):
        del meta.annotations["zz"]
    with pytest.raises(FieldTypeError, match=r"labels\['n'\]: expected str, got int"):
        meta.labels["n"] = 1
    with pytest.raises(TypeError, match="JSON object keys must be strings, got int: 1"):
        meta.labels[1] = "x"


def test_E2_a_null_is_legal_where_keys_are_free() -> None:
    meta = ObjectMeta(labels={"gone": None})
    assert meta.to_dict() == {"labels": {"gone": None}}


def test_quantities_keep_their_text_when_a_map_is_assigned_to_another() -> None:
    source = Spec.from_dict({"limits": {"memory": "1024Mi"}})
    target = Spec(schedule="*", limits=source.limits)
    assert target.to_dict()["limits"] == {"memory": "1024Mi"}
    assert target.limits["memory"] == Quantity("1Gi")


def test_E18_awkward_names_keep_their_json_names() -> None:
    spec = Spec(schedule="*", from_="here", preserve=True)
    assert spec.to_dict() == {"schedule": "*", "from": "here", "x-kubernetes-preserve": True}
    assert Spec.from_dict(spec.to_dict()).from_ == "here"


def test_reading_odd_server_data_gives_it_as_it_is() -> None:
    spec = Spec.from_dict(
        {"replicas": "two", "volumes": {"not": "a list"}, "nested": 5, "limits": {"cpu": "lots"}, "args": None}
    )
    assert spec.replicas == "two"
    assert spec.volumes == {"not": "a list"}
    assert spec.nested == 5
    assert spec.limits["cpu"] == "lots"
    assert spec.args == []
    spec.args.append("x")
    assert spec.to_dict()["args"] == ["x"]


def test_documents_are_copied_in_and_out() -> None:
    document: dict[str, Any] = {"schedule": "*", "raw": {"list": [1]}}
    spec = Spec.from_dict(document)
    document["raw"]["list"].append(2)
    out = spec.to_dict()
    out["raw"]["list"].append(3)
    assert spec.raw == {"list": [1]}


def test_from_dict_names_the_path_of_what_json_can_not_hold() -> None:
    with pytest.raises(FieldTypeError, match=r"a\[1\].b: set"):
        Spec.from_dict({"a": [1, {"b": {1}}]})
    with pytest.raises(FieldTypeError, match="expected a mapping, got list"):
        Spec.from_dict([])  # type: ignore[arg-type]  # bad input on purpose


def test_from_dict_of_another_kind_is_refused() -> None:
    with pytest.raises(FieldTypeError, match="kind: the document is a 'Pod', not a Job"):
        Job.from_dict({"apiVersion": "v1", "kind": "Pod"})


def test_equality_is_by_document_and_class() -> None:
    assert Spec(schedule="*", replicas=1) == Spec(replicas=1, schedule="*")
    assert Spec(schedule="*") != Spec(schedule="+")
    assert EmptyDir() != Volume.from_dict({})
    with pytest.raises(TypeError, match="unhashable"):
        hash(Spec(schedule="*"))


@pytest.mark.parametrize(
    "clone",
    [copy.copy, copy.deepcopy, lambda obj: obj.copy(), lambda obj: pickle.loads(pickle.dumps(obj))],
    ids=["copy", "deepcopy", "method", "pickle"],
)
def test_copies_share_nothing(clone: Any) -> None:
    job = Job(metadata=ObjectMeta(name="a"), spec=Spec(schedule="*", limits={"cpu": "1"}))
    other = clone(job)
    assert other == job
    assert type(other) is Job
    other.spec.limits["cpu"] = "2"
    other.metadata.labels["x"] = "y"
    assert job.spec.limits["cpu"] == 1
    assert "labels" not in job.metadata


def test_required_fields_are_reported_all_at_once() -> None:
    job = Job(spec=Spec.from_dict({"volumes": [{"name": "a"}, {}], "byName": {"x": {}}}))
    with pytest.raises(ValidationError) as caught:
        check_required(job)
    assert list(caught.value.messages) == ["spec.schedule", "spec.volumes[1].name", "spec.byName['x'].name"]
    assert str(caught.value).startswith("Job is invalid: spec.schedule: required field is missing; ")
    assert pickle.loads(pickle.dumps(caught.value)).messages == caught.value.messages


def test_repr_reads_as_it_is_written_and_redacts() -> None:
    job = Job(spec=Spec(schedule="*", volumes=[Volume(name="v")]), metadata=ObjectMeta(name="a"), token="hunter2")
    assert repr(job) == (
        "Job(spec=Spec(schedule='*', volumes=[Volume(name='v')]), metadata=ObjectMeta(name='a'), token='***')"
    )


def test_repr_shows_unknown_fields_and_folds_managed_fields() -> None:
    meta = ObjectMeta.from_dict({"name": "a", "managedFields": [{}, {}], "newer": {"x": 1}})
    assert repr(meta) == "ObjectMeta(name='a', managedFields=<2 entries>, **{'newer': {'x': 1}})"


def test_yaml_starts_with_the_type_and_has_no_nulls() -> None:
    job = Job(spec=Spec(schedule="*/5 * * * *", args=["yes", "010"]), metadata=ObjectMeta(name="a"))
    assert job.to_yaml() == (
        "apiVersion: example.com/v1\nkind: Job\nmetadata:\n  name: a\n"
        'spec:\n  schedule: \'*/5 * * * *\'\n  args:\n  - "yes"\n  - "010"\n'
    )
    assert Job.from_yaml(job.to_yaml()) == job


def test_json_of_a_model_is_its_document() -> None:
    spec = Spec(schedule="*", raw={"big": 2**70, "lone": "\ud800"})
    assert json.loads(encode_json(spec)) == spec.to_dict()
