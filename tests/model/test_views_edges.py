# SPDX-License-Identifier: Apache-2.0
"""Views where it is easy to go wrong: absence that is copied, parts that are their own, half-parsed documents."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from typing import Any

import pytest

from k8s_core.errors import DecodeError, FieldTypeError
from k8s_core.kinds import APIResource
from k8s_core.meta import GenericResource, ObjectMeta, generic_resource
from k8s_core.model import ABSENT, Model, Resource
from k8s_core.model.codec import adopt, encode_json, load_resource
from k8s_core.model.scalars import IntOrString


class Dir(Model):
    medium: str | None = None


class Spec(Model):
    replicas: int | None = None
    ratio: float | None = None
    port: IntOrString | None = None
    dir: Dir = ABSENT
    args: list[str] = ABSENT
    labels: dict[str, str] = ABSENT
    matrix: list[list[int]] = ABSENT
    raws: list[Any] = ABSENT
    raw: Any = ABSENT


class Part(Resource, group="example.com", version="v1", plural="parts"):
    spec: Spec = ABSENT
    template: ObjectMeta = ABSENT
    rules: list[Dir] = ABSENT


class PartList(Model):
    items: list[Part] = ABSENT


Generic = generic_resource(APIResource(group="example.com", version="v1", kind="Thing", plural="things"))


def load(document: Any) -> Part:
    return load_resource(Part, json.dumps({"apiVersion": "example.com/v1", "kind": "Part", **document}).encode())


def test_E2_assigning_what_is_absent_elsewhere_leaves_it_absent() -> None:
    source, target = Spec(), Spec(dir=Dir(), args=["a"], labels={"a": "b"})
    target.dir, target.args, target.labels = source.dir, source.args, source.labels
    assert target.to_dict() == {}
    assert Spec(dir=source.dir, labels=source.labels).to_dict() == {}
    target.dir, target.args = Dir(), []
    assert target.to_dict() == {"dir": {}, "args": []}


def test_assigning_a_part_to_its_own_place_keeps_its_views_live() -> None:
    part = Part(spec=Spec(replicas=1, args=["a"]))
    spec, args = part.spec, part.spec.args
    part.spec = spec
    part.spec.args += ["b"]
    spec.replicas = 2
    args.append("c")
    assert part.spec.to_dict() == {"replicas": 2, "args": ["a", "b", "c"]}


def test_E2_writing_nothing_attaches_nothing() -> None:
    spec = Spec()
    spec.args.extend([])
    spec.args.sort()
    thing = Generic()
    thing.spec.x = None
    del thing.spec.x
    with pytest.raises(KeyError):
        del thing.spec["x"]
    assert spec.to_dict() == {}
    assert "spec" not in thing


def test_deep_copies_of_lists_share_nothing_at_any_depth() -> None:
    spec = Spec(matrix=[[1]], raws=[{"a": 1}])
    matrix, raws = copy.deepcopy(spec.matrix), copy.deepcopy(spec.raws)
    matrix[0].append(2)
    raws[0]["a"] = 2
    assert spec.to_dict() == {"matrix": [[1]], "raws": [{"a": 1}]}


def test_only_metadata_stays_half_parsed() -> None:
    part = load({"metadata": {"labels": {"a": "b"}}, "template": {"labels": {"c": "d"}}})
    part.metadata.name, part.template.name  # noqa: B018  # reading is what splits them
    assert part == Part.from_dict(part.to_dict())
    assert "Raw" not in repr(part)


def test_views_of_top_level_lists_stay_live_after_a_save() -> None:
    part = load({"rules": [{"medium": "a"}]})
    rules = part.rules
    assert len(rules) == 1
    adopt(part, load({"rules": [{"medium": "b"}]}))
    rules.append(Dir(medium="c"))
    assert part.to_dict()["rules"] == [{"medium": "b"}, {"medium": "c"}]


def test_an_item_of_a_list_that_is_saved_changes_in_the_list() -> None:
    parts = PartList.from_dict({"items": [{"metadata": {"name": "a"}}]})
    item = parts.items[0]
    assert item.metadata.name == "a"
    adopt(item, Part(metadata=ObjectMeta(name="a", resourceVersion="2")))
    assert parts.to_dict()["items"][0]["metadata"] == {"name": "a", "resourceVersion": "2"}
    assert parts == PartList.from_dict(parts.to_dict())


@pytest.mark.parametrize("metadata", [None, [], "text", 5, {}])
def test_metadata_of_any_shape_comes_and_goes(metadata: Any) -> None:
    part = load({"metadata": metadata})
    part.metadata  # noqa: B018  # reading must not raise
    assert part.to_dict()["metadata"] == metadata
    saved = load({"metadata": {"name": "a"}})
    assert saved.metadata.name == "a"
    adopt(saved, part)
    assert saved.to_dict()["metadata"] == metadata


def test_an_answer_that_is_no_json_leaves_the_object_as_it_was() -> None:
    part = load({"metadata": {"name": "a"}})
    assert part.metadata.name == "a"
    with pytest.raises(DecodeError):
        adopt(part, load_resource(Part, b'{"metada'))
    assert part.metadata.name == "a"


def test_a_null_kind_is_the_kind_of_the_class() -> None:
    part = load_resource(Part, b'{"apiVersion": null, "kind": null}')
    assert (part.apiVersion, part.kind) == ("example.com/v1", "Part")


@pytest.mark.parametrize("cls", [Part, GenericResource])
def test_what_the_server_sent_can_be_copied_and_pickled_whatever_it_is(cls: type[Resource]) -> None:
    odd = load_resource(cls, b'{"apiVersion":"v1","kind":"Other","data":{"a":"b"}}')
    for twin in (odd.copy(), copy.deepcopy(odd), pickle.loads(pickle.dumps(odd))):
        assert type(twin) is cls
        assert twin == odd
        assert twin.to_dict() == {"apiVersion": "v1", "kind": "Other", "data": {"a": "b"}}


def test_a_first_read_that_comes_second_keeps_the_first_ones_document() -> None:
    part = load({"spec": {"replicas": 1}})
    second_splits, first_is_done = threading.Event(), threading.Event()
    split = Part._split

    class Slow(Part):
        def _split(self, raw: bytes) -> Any:
            wire = split(self, raw)
            if threading.current_thread() is not threading.main_thread():
                second_splits.set()
                assert first_is_done.wait(30)
            return wire

    slow = load_resource(Slow, encode_json(part))
    seen: list[int | None] = []
    thread = threading.Thread(target=lambda: seen.append(slow.spec.replicas))
    thread.start()
    assert second_splits.wait(30)
    spec = slow.spec
    first_is_done.set()
    thread.join(30)
    spec.replicas = 2
    assert seen == [1]
    assert slow.to_dict()["spec"] == {"replicas": 2}


def test_a_reader_that_finds_the_bytes_gone_finds_the_fields() -> None:
    part = load({"spec": {"replicas": 1}})
    assert part.spec.replicas == 1
    # What a reader calls that saw no fields a moment before another one stored them.
    assert part._bind()["spec"] == {"replicas": 1}
    assert part.spec.replicas == 1


def test_values_in_error_messages_may_be_secrets() -> None:
    with pytest.raises(FieldTypeError, match=r"^data\.password: bytes is not a JSON value: write its base64 string$"):
        Generic(data={"password": b"hunter2"})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_json_lacks_are_refused_by_path(value: float) -> None:
    with pytest.raises(FieldTypeError, match=r"^spec\.ratio: .* is not a JSON number"):
        Part().spec.ratio = value


def test_subclasses_of_numbers_go_out_as_numbers() -> None:
    class Ratio(float):
        pass

    spec = Spec(ratio=Ratio(0.5), raw=[Ratio(1.5)])
    assert [type(spec.ratio), type(spec.raw[0])] == [float, float]


def test_E18_attributes_of_json_objects_drop_a_trailing_underscore_when_written_too() -> None:
    thing = Generic(spec={"continue": "x"})
    thing.spec.from_ = 1
    thing.spec.continue_ = "y"
    assert thing.spec.to_dict() == {"continue": "y", "from": 1}
    del thing.spec.continue_
    thing.spec["odd_"] = 1
    thing.spec.odd_ = 2
    assert thing.spec.to_dict() == {"from": 1, "odd_": 2}
    assert Generic(from_="x").to_dict()["from"] == "x"


def test_known_fields_of_generic_resources_are_checked_and_attached() -> None:
    meta = ObjectMeta(name="a")
    thing = Generic(metadata=meta)
    meta.namespace = "b"
    assert thing.metadata.namespace == "b"
    with pytest.raises(FieldTypeError, match="metadata: expected ObjectMeta, got str"):
        Generic(metadata="a")


def test_json_objects_fit_where_maps_are_expected() -> None:
    thing = Generic(spec={"labels": {"a": "b"}})
    assert Spec(labels=thing.spec.labels).to_dict() == {"labels": {"a": "b"}}


def test_paths_of_items_say_where_they_were_meant_to_go() -> None:
    spec = Spec(args=["a", "b"])
    wrong: Any = 5
    with pytest.raises(FieldTypeError, match=r"^args\[0\]: "):
        spec.args.insert(0, wrong)
    with pytest.raises(FieldTypeError, match=r"^args\[1\]: "):
        spec.args[-1] = wrong
    with pytest.raises(IndexError):
        spec.args[2] = "c"
    spec.args.insert(-1, "x")
    spec.args.insert(99, "z")
    spec.args[-1] = "y"
    assert spec.args == ["a", "x", "b", "y"]


def test_a_document_of_an_unknown_kind_is_taken_as_it_is() -> None:
    document = {"kind": "Anything", "spec": {"a": 1}}
    assert GenericResource.from_dict(document).to_dict() == document
