# SPDX-License-Identifier: Apache-2.0
"""Declaring classes: what annotations may say, and mistakes that are found at once."""

# No `from __future__ import annotations` here: annotations are values, and names in them are text where they must be.

from typing import Any, Optional

import pytest

from k8s_core.model import ABSENT, Model, Resource, field, model_fields
from k8s_core.model.base import _annotations
from k8s_core.model.types import ListType, MapType, ModelType


class Tree(Model):
    branches: list["Tree"] = ABSENT
    named: dict[str, "Tree"] = ABSENT
    other: Optional["Leaf"] = None  # what users write who support old Pythons
    whole: "list[Leaf]" = ABSENT


class Leaf(Model):
    color: str | None = None


def test_names_may_be_text_anywhere_in_an_annotation() -> None:
    types = {name: spec.type for name, spec in model_fields(Tree).items()}
    branches, named, other, whole = types.values()
    assert isinstance(branches, ListType)
    assert isinstance(branches.item, ModelType)
    assert branches.item.model is Tree
    assert isinstance(named, MapType)
    assert isinstance(named.value, ModelType)
    assert isinstance(other, ModelType)
    assert other.model is Leaf
    assert isinstance(whole, ListType)
    assert Tree(branches=[Tree(other=Leaf(color="red"))]).branches[0].other.color == "red"  # type: ignore[union-attr]  # set


def test_annotations_that_can_not_be_evaluated_yet_are_taken_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python 3.14 evaluates annotations when they are asked for; its library is imitated here on older ones.
    class Evaluates(type):
        @property
        def __annotations__(cls) -> dict[str, Any]:  # type: ignore[override]  # as a descriptor that raises
            raise NameError("name 'Later' is not defined")

    class Library:
        class Format:
            STRING = "string"

        @staticmethod
        def get_annotations(owner: type, *, format: str) -> dict[str, str]:
            return {"later": f"{owner.__name__} as {format}"}

    monkeypatch.setitem(__import__("sys").modules, "annotationlib", Library)
    assert _annotations(Evaluates("Spec", (), {})) == {"later": "Spec as string"}


@pytest.mark.parametrize("name", ["copy", "validate", "to_dict", "from_yaml"])
def test_a_field_that_would_hide_a_method_is_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(TypeError, match=rf"Spec\.{name} would hide the method Model\.{name}: write {name}_"):
        type(Model)("Spec", (Model,), {"__annotations__": {name: "bool | None"}, name: None})


def test_the_way_out_of_a_hidden_method_works() -> None:
    class Spec(Model):
        copy_: bool | None = None

    assert Spec(copy_=True).copy().to_dict() == {"copy": True}


@pytest.mark.parametrize("keyword", ["short_names", "categories", "verbs", "sensitive"])
def test_text_in_place_of_a_tuple_is_refused(keyword: str) -> None:
    keywords: dict[str, Any] = {keyword: "token"}
    with pytest.raises(TypeError, match=rf"{keyword}= is a tuple: write {keyword}=\('token',\)"):

        class Kind(Resource, group="example.com", version="v1", plural="kinds", **keywords):
            pass


def test_text_in_place_of_list_map_keys_is_refused() -> None:
    with pytest.raises(TypeError, match=r"write list_map_keys=\('name',\)"):
        field(list_type="map", list_map_keys="name")  # type: ignore[arg-type]  # the mistake


def test_the_type_of_a_resource_is_no_argument() -> None:
    class Thing(Resource, group="example.com", version="v1", plural="things"):
        color: str | None = None

    with pytest.raises(TypeError, match="takes no kind: the class has it; use from_dict"):
        Thing(kind="Thing")
