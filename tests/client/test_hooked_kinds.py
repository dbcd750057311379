# SPDX-License-Identifier: Apache-2.0
"""Kinds with Schemas of their own on their way to a server and back: each verb reads and writes through the hooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import marshmallow
import pytest
from marshmallow import post_dump, pre_load

from k8s_core.errors import ValidationError
from k8s_core.meta import ObjectMeta
from k8s_core.model import ABSENT, Model, Resource
from k8s_core.model.schemas import ModelSchema
from k8s_core.patches import MergePatch
from k8s_core.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.client import Client


class DoorSchema(ModelSchema):
    """In the cluster doors have a ``paint``, as they always had; in programs a ``color``."""

    @pre_load
    def from_cluster(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        if data.get("paint") == "peeling":
            raise marshmallow.ValidationError("paint it first", "paint")
        return {("color" if key == "paint" else key): value for key, value in data.items()}

    @post_dump
    def to_cluster(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {("paint" if key == "color" else key): value for key, value in data.items()}


class Door(Model, schema=DoorSchema):
    color: str | None = None
    paint: str | None = None


class HouseSpec(Model):
    doors: list[Door] = ABSENT


class House(Resource, group="example.com", version="v1", plural="houses"):
    metadata: ObjectMeta = ABSENT
    spec: HouseSpec = ABSENT


@pytest.fixture
def houses(client: Client) -> Iterator[Client]:
    """A client of a server that serves houses, in which no color is ever stored."""
    client.wait(client.apply(House.crd(), field_manager="tests"), "condition=Established")
    yield client
    for stored in client.list("houses.example.com"):
        assert all(set(door) <= {"paint"} for door in stored["spec"]["doors"])


def house(name: str, *colors: str) -> House:
    return House(metadata=ObjectMeta(name=name), spec=HouseSpec(doors=[Door(color=color) for color in colors]))


def colors(found: House) -> list[str | None]:
    return [door.color for door in found.spec.doors]


def test_create_get_list_replace_patch_and_apply_go_through_the_hooks(houses: Client) -> None:
    made = houses.create(house("a", "red"))
    assert colors(made) == ["red"]
    assert colors(houses.get(House, "a")) == ["red"]
    assert [colors(each) for each in houses.list(House)] == [["red"]]
    made.spec.doors.append(Door(color="blue"))
    assert colors(houses.replace(made)) == ["red", "blue"]
    assert colors(houses.patch(House, "a", MergePatch({"spec": HouseSpec(doors=[Door(color="green")])}))) == ["green"]
    assert colors(houses.patch(House, "a", MergePatch({"spec": {"doors": [Door(color="black")]}}))) == ["black"]
    assert colors(houses.apply(house("a", "white"), field_manager="painter", force=True)) == ["white"]
    assert colors(houses.edit(made, lambda fresh: setattr(fresh.spec.doors[0], "color", "grey"))) == ["grey"]


def test_a_saved_object_has_what_its_schema_reads_in_the_answer(houses: Client) -> None:
    mine = house("saved", "red")
    door = mine.spec.doors[0]
    with houses.active():
        mine.metadata.namespace = houses.namespace
        mine.save()
        assert (colors(mine), door.color, bool(mine.metadata.uid)) == (["red"], "red", True)
        mine.spec.doors[0].color = "blue"
        mine.save()
        assert (colors(mine), door.color) == (["blue"], "blue")


def test_a_watch_reads_through_the_hooks_and_delivers_what_they_refuse_as_undecodable(houses: Client) -> None:
    houses.create(house("a", "red"))
    with Watcher(House, client=houses) as watcher:
        events = watcher.watch(namespace=houses.namespace)
        first = next(events)
        assert (first.type, colors(first.object)) == ("ADDED", ["red"])
        refused = MergePatch({"spec": {"doors": [{"paint": "peeling"}]}})
        with pytest.raises(ValidationError, match=r"House .*/a, read through HouseSchema, is invalid: spec.doors\[0\]"):
            houses.patch(House, "a", refused)
        second = next(events)
        assert (second.type, second.original_type) == ("UNDECODABLE", "MODIFIED")
        assert isinstance(second.error, ValidationError)
        assert second.error.messages == {"spec.doors[0].paint": ["paint it first"]}
        with pytest.raises(ValidationError):
            houses.list(House)
