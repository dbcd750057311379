# SPDX-License-Identifier: Apache-2.0
"""Fields that classes declare by descriptors of their own, tried with a small other way to declare models."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

import pytest

from k8s_core import ABSENT, Model, Resource
from k8s_core.errors import FieldTypeError, ValidationError
from k8s_core.meta import ObjectMeta
from k8s_core.model import FieldDescriptor, check_required, fields_of, model_fields, root_of
from k8s_core.model.codec import encode_json, load_resource, outgoing
from k8s_core.model.schemas import schema_for
from k8s_core.patches import ApplyPatch


class Percent(FieldDescriptor):
    """A number from 0 to 1 in Python, and ``"25%"`` on the wire."""

    def __init__(self, start: float | None = None) -> None:
        super().__init__(str)
        self.start = start

    def get(self, obj: Model) -> Any:
        value = fields_of(obj).get(self.wire_name)
        return None if value is None else float(value.removesuffix("%")) / 100

    def set(self, obj: Model, value: Any) -> None:
        fields_of(obj)[self.wire_name] = f"{value * 100:g}%"

    def default(self) -> Any:
        return ABSENT if self.start is None else self.start


class Counted(FieldDescriptor):
    """How many items the list beside it has, written whenever the object is sent."""

    def __init__(self, of: str) -> None:
        super().__init__(int)
        self.of = of

    def before_sending(self, obj: Model, root: Model) -> None:
        fields = fields_of(obj)
        fields[self.wire_name] = len(fields.read(self.of))


class Step(Model):
    weight = Percent(0.25)
    after: list[str] = ABSENT


class Plan(Model):
    steps = FieldDescriptor(list[Step])
    stepCount = Counted("steps")
    spare = FieldDescriptor(Self, "x-spare")
    started = FieldDescriptor(datetime.datetime)
    note: str | None = None


class Rollout(Resource, group="example.com", version="v1", plural="rollouts"):
    spec = FieldDescriptor(Plan, required=True)


def test_a_descriptor_reads_and_writes_as_it_likes() -> None:
    step = Step(weight=0.5)
    assert step.to_dict() == {"weight": "50%"}
    step.weight = 0.1
    assert (step.weight, step.to_dict()) == (0.1, {"weight": "10%"})
    del step.weight
    assert (step.weight, "weight" in step) == (None, False)


def test_a_plain_descriptor_is_as_good_as_an_annotation() -> None:
    plan = Plan(note="a", started="2026-01-01T00:00:00Z")
    assert plan.started == datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    plan.steps.append(Step(after=["b"]))
    plan.spare.note = "c"
    assert plan.to_dict()["x-spare"] == {"note": "c"}
    assert plan.steps[0].after == ["b"]
    plan.steps = None
    assert plan.steps == []
    with pytest.raises(FieldTypeError, match="x-spare"):
        plan.spare = "text"


def test_new_objects_have_defaults_and_read_ones_have_not() -> None:
    assert Step().to_dict() == {"weight": "25%"}
    assert Step.from_dict({}).to_dict() == {}
    assert Step.from_dict({}).weight is None


def test_a_subclass_inherits_descriptors_and_may_replace_them() -> None:
    class Last(Step):
        weight: ClassVar[Any] = Percent(1)

    class Plain(Step):
        weight: str | None = None  # type: ignore[assignment]  # another declaration of the same field

    class Heavier(Step):
        reason: str | None = None

    assert [cls().to_dict() for cls in (Last, Plain, Heavier)] == [{"weight": "100%"}, {}, {"weight": "25%"}]
    assert set(model_fields(Heavier)) == {"weight", "after", "reason"}


def test_a_descriptor_may_not_hide_a_method() -> None:
    with pytest.raises(TypeError, match=r"Bad\.copy would hide the method"):
        type("Bad", (Model,), {"copy": FieldDescriptor(str)})


def test_a_field_can_be_declared_like_one_of_another_class() -> None:
    class Copied(Model):
        started = FieldDescriptor(model_fields(Plan)["started"])

    assert Copied(started="2026-01-01T00:00:00Z").started == datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_the_step_before_sending_changes_what_is_sent_and_not_the_object() -> None:
    rollout = Rollout(metadata=ObjectMeta(name="a"), spec=Plan(steps=[Step(), Step()], spare=Plan()))
    before = rollout.to_dict()
    sent = outgoing(rollout)
    assert (sent["spec"]["stepCount"], sent["spec"]["x-spare"]) == (2, {"stepCount": 0})
    assert rollout.to_dict() == before
    assert b'"stepCount":2' in encode_json(rollout)
    assert ApplyPatch(rollout).content["spec"]["stepCount"] == 2
    assert outgoing({"items": [rollout]})["items"][0]["spec"]["stepCount"] == 2


def test_a_class_without_steps_is_sent_as_it_came() -> None:
    class Quiet(Resource, group="example.com", version="v1", plural="quiets"):
        spec = FieldDescriptor(Step)

    raw = b'{"kind":"Quiet",  "apiVersion":"example.com/v1"}'
    assert encode_json(load_resource(Quiet, raw)) is raw


def test_what_is_not_of_the_declared_shape_is_sent_as_it_is() -> None:
    odd = {"apiVersion": "example.com/v1", "kind": "Rollout", "spec": {"steps": "none", "x-spare": 3}}
    assert outgoing(Rollout.from_dict(odd))["spec"] == {"steps": "none", "x-spare": 3, "stepCount": 4}


def test_unknown_fields_survive_beside_descriptors() -> None:
    document = {"weight": "1%", "colour": {"name": "red"}, "after": None}
    step = Step.from_dict(document)
    step.weight = 0.02
    assert step.to_dict() == document | {"weight": "2%"}


def test_the_schema_and_the_required_check_know_descriptors() -> None:
    assert schema_for(Step).validate({"weight": 3}) == {"weight": ["expected str, got int"]}
    with pytest.raises(ValidationError, match="spec"):
        check_required(Rollout(metadata=ObjectMeta(name="a")))


# --- the document as a mapping -----------------------------------------------------------------------------------


def test_fields_are_a_mapping_by_wire_names() -> None:
    plan = Plan.from_dict({"note": "a", "x-spare": {"note": "b"}, "new": {"x": [1]}, "gone": None})
    fields = fields_of(plan)
    assert list(fields) == ["note", "x-spare", "new", "gone"]
    assert (len(fields), "new" in fields, "steps" in fields) == (4, True, False)
    assert (fields["note"], fields["x-spare"].note, fields["new"].x[0], fields["gone"]) == ("a", "b", 1, None)
    with pytest.raises(KeyError):
        fields["steps"]
    assert fields.read("steps") == []
    del fields["new"]
    fields["note"] = "c"
    fields["more"] = {"y": 1}
    fields.set_json("gone", None)
    assert plan.to_dict() == {"note": "c", "x-spare": {"note": "b"}, "gone": None, "more": {"y": 1}}
    with pytest.raises(KeyError):
        del fields["new"]
    with pytest.raises(FieldTypeError, match="note"):
        fields["note"] = 3
    with pytest.raises(FieldTypeError, match="more"):
        fields["more"] = object()


def test_fields_never_hand_out_the_document() -> None:
    plan = Plan.from_dict({"new": {"x": [1]}, "steps": [{"after": ["a"]}]})
    found = [fields_of(plan)["new"], fields_of(plan)["new"]["x"], fields_of(plan)["steps"], *fields_of(plan).values()]
    assert [type(value).__name__ for value in found if type(value) in (dict, list)] == []
    fields_of(plan)["new"]["x"].append(2)
    assert plan.to_dict()["new"] == {"x": [1, 2]}


def test_the_fields_of_something_absent_attach_on_the_first_write() -> None:
    plan = Plan()
    fields = fields_of(plan.spare)
    assert (list(fields), plan.to_dict()) == ([], {})
    fields["note"] = "a"
    assert plan.to_dict() == {"x-spare": {"note": "a"}}


def test_the_root_of_a_part_is_the_whole_object() -> None:
    rollout = Rollout(spec=Plan(steps=[Step()]))
    assert root_of(rollout.spec.steps[0]).to_dict() == rollout.to_dict()
    assert root_of(rollout) is rollout
