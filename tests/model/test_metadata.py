# SPDX-License-Identifier: Apache-2.0
"""``metadata`` is declared on ``Resource``: what kinds have without a line, and how they say something else."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest

from k8s_core import meta, model
from k8s_core.errors import ValidationError
from k8s_core.meta import ManagedFieldsEntry, ObjectMeta, OwnerReference
from k8s_core.model import ABSENT, Model, Resource, check_required, field, model_fields
from k8s_core.model.types import ModelType
from k8s_plugins_builtin.core.v1 import Event, Pod, PodExecOptions, PodSpec


class LampSpec(Model):
    watts: int | None = None


class Lamp(Resource, group="example.com", version="v1", plural="lamps"):
    """A lamp."""

    spec: LampSpec = ABSENT


class WrittenOut(Resource, group="example.com", version="v1", plural="lamps", kind="Lamp"):
    """A lamp."""

    metadata: ObjectMeta = ABSENT
    spec: LampSpec = ABSENT


class Named(Resource, group="example.com", version="v1", plural="named"):
    spec: LampSpec = ABSENT
    metadata: ObjectMeta = field(schema={"type": "object", "properties": {"name": {"maxLength": 8}}})
    status: LampSpec = ABSENT


class NamedByTen(Named, group="example.com", version="v10", plural="named", kind="Named"):
    extra: str | None = None


class Options(Resource, group="example.com", version="v1", plural="", verbs=()):
    metadata = ABSENT
    path: str | None = None


class MoreOptions(Options):
    verbose: bool | None = None


@pytest.mark.parametrize("name", ["ManagedFieldsEntry", "ObjectMeta", "OwnerReference"])
def test_the_classes_of_model_and_meta_are_the_same(name: str) -> None:
    assert getattr(meta, name) is getattr(model, name)


def test_a_kind_that_does_not_mention_metadata_has_it() -> None:
    lamp = Lamp(metadata=ObjectMeta(name="a", labels={"x": "y"}), spec=LampSpec(watts=4))
    assert (lamp.metadata.name, lamp.metadata.labels["x"]) == ("a", "y")
    empty = Lamp()
    assert not empty.metadata
    empty.metadata.annotations["new"] = "1"
    assert empty.to_dict() == {
        "apiVersion": "example.com/v1",
        "kind": "Lamp",
        "metadata": {"annotations": {"new": "1"}},
    }
    assert "metadata" not in vars(Lamp)


def test_a_function_for_any_resource_reads_its_metadata() -> None:
    def name_of(obj: Resource) -> str | None:
        return obj.metadata.name

    assert [name_of(obj) for obj in (Lamp(metadata=ObjectMeta(name="a")), Pod(metadata=ObjectMeta(name="b")))] == [
        "a",
        "b",
    ]


def test_new_objects_keep_the_order_of_their_keys() -> None:
    pod = Pod(metadata=ObjectMeta(name="a"), spec=PodSpec(containers=[]))
    assert list(pod.to_dict()) == ["apiVersion", "kind", "metadata", "spec"]
    assert list(Lamp(spec=LampSpec(), metadata=ObjectMeta()).to_dict()) == ["apiVersion", "kind", "spec", "metadata"]


def test_metadata_is_the_first_field_unless_the_kind_puts_it_elsewhere() -> None:
    assert list(model_fields(Lamp)) == list(model_fields(WrittenOut)) == ["metadata", "spec"]
    assert list(model_fields(Pod)) == ["metadata", "spec", "status"]
    assert list(model_fields(Named)) == ["spec", "metadata", "status"]
    assert list(model_fields(NamedByTen)) == ["spec", "metadata", "status", "extra"]
    assert list(model_fields(Event)).index("metadata") == list(model_fields(Event)).index("message") + 1


def test_a_kind_may_declare_its_metadata_again() -> None:
    for cls in (Named, NamedByTen, Event):
        assert model_fields(cls)["metadata"].required
    assert not model_fields(Lamp)["metadata"].required
    with pytest.raises(ValidationError, match="metadata: required field is missing"):
        check_required(Named())  # type: ignore[call-arg]  # missing on purpose
    check_required(Lamp())


def test_the_last_class_that_declares_a_field_decides_for_those_that_inherit_it_twice() -> None:
    class Plain(Lamp):
        plain: str | None = None

    class Both(Plain, Named):
        """``Named`` stands behind ``Plain``, and before what both inherit."""

    assert model_fields(Both)["metadata"].required
    assert Both.metadata is Named.metadata


def test_a_kind_without_metadata_has_no_such_field() -> None:
    for cls in (Options, MoreOptions, PodExecOptions):
        assert "metadata" not in model_fields(cls)
        assert "metadata" not in cls.schema().fields
        with pytest.raises(TypeError, match=f"{cls.__name__} has no field 'metadata'"):
            cls(metadata=ObjectMeta())
        with pytest.raises(AttributeError):
            cls().metadata = ObjectMeta(name="a")
        facts = cls.api_resource
        document = {"apiVersion": facts.api_version, "kind": facts.kind, "metadata": {"name": "kept"}}
        assert cls.from_dict(document).to_dict() == document
    assert MoreOptions(path="/", verbose=True).to_dict() == {
        "apiVersion": "example.com/v1",
        "kind": "Options",
        "path": "/",
        "verbose": True,
    }


def test_crds_are_the_same_whether_a_kind_writes_metadata_or_not() -> None:
    assert Lamp.crd() == WrittenOut.crd()
    version = Lamp.crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert list(version["properties"]) == ["apiVersion", "kind", "metadata", "spec"]
    assert version["properties"]["metadata"] == {"type": "object"}
    named = Named.crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert named["required"] == ["metadata"]
    assert named["properties"]["metadata"]["properties"] == {"name": {"maxLength": 8}}


def test_signature_and_repr_are_the_same_whether_a_kind_writes_metadata_or_not() -> None:
    assert inspect.signature(Lamp) == inspect.signature(WrittenOut)
    shown = repr(WrittenOut(metadata=ObjectMeta(name="a"))).removeprefix("WrittenOut")
    assert repr(Lamp(metadata=ObjectMeta(name="a"))) == f"Lamp{shown}" == "Lamp(metadata=ObjectMeta(name='a'))"


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "obj",
    [
        ObjectMeta(name="a", labels={"x": "y"}),
        OwnerReference(apiVersion="v1", kind="Pod", name="a", uid="u"),
        ManagedFieldsEntry(manager="m", fieldsV1={"f:spec": {}}),
        Pod(metadata=ObjectMeta(name="a"), spec=PodSpec(containers=[])),
    ],
)
def test_objects_come_back_from_pickles(obj: Model, protocol: int) -> None:
    again = pickle.loads(pickle.dumps(obj, protocol))
    assert type(again) is type(obj)
    assert list(again.to_dict().items()) == list(obj.to_dict().items())


@pytest.mark.parametrize("cls", [ObjectMeta, OwnerReference, ManagedFieldsEntry])
def test_pickles_that_name_the_classes_by_their_public_path_are_read(cls: type[Model]) -> None:
    # Protocol 0 spells modules out: this is what a pickle says that was made while the classes were in k8s_core.meta.
    made = pickle.dumps(cls.from_dict({"name": "a"}), 0).replace(cls.__module__.encode(), b"k8s_core.meta")
    again = pickle.loads(made)
    assert type(again) is cls
    assert again.to_dict() == {"name": "a"}


def test_the_field_holds_one_class_everywhere() -> None:
    kinds: list[Any] = [Lamp, Named, Pod, Event, meta.GenericResource, meta.PartialObjectMetadata]
    for cls in kinds:
        found = model_fields(cls)["metadata"].type
        assert isinstance(found, ModelType)
        assert found.model is ObjectMeta
