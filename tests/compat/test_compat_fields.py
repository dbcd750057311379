# SPDX-License-Identifier: Apache-2.0
"""``k8s.fields`` and the documents of ``k8s.base.Model``, as the documentation of fiaas/k8s describes them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from k8s import base, fields
from k8s.base import Model, SelfModel
from k8s.fields import Field, JSONField, ListField, OnceField, ReadOnlyField, RequiredField, WriteOnlyField
from k8s.models.common import ObjectMeta
from k8s.models.pod import PodSpec
from k8s_core.model.codec import outgoing

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


class Port(Model):
    number = Field(int)
    protocol = Field(str, "TCP")


class Thing(Model):
    class Meta:
        url_template = "/apis/example.com/v1/namespaces/{namespace}/things/{name}"

    metadata = Field(ObjectMeta)
    size = Field(int, 3)
    port = Field(Port)
    ports = ListField(Port)
    target = Field(str, alt_type=int)
    since = Field(datetime.datetime)
    settings = Field(dict)
    anything = JSONField()
    inner = Field(SelfModel)
    _not = Field(str)
    exec_ = Field(str)
    schema = Field(str, name="$schema")
    once = OnceField(str)
    seen = ReadOnlyField(str)
    password = WriteOnlyField(str)


class Wanting(Model):
    name = RequiredField(str)


def thing(**values: Any) -> Any:
    return Thing(metadata=ObjectMeta(name="a"), **values)


def test_a_default_is_sent() -> None:
    assert Port(number=80).as_dict() == {"number": 80, "protocol": "TCP"}
    assert Port(number=80).to_dict() == {"number": 80, "protocol": "TCP"}
    assert PodSpec(containers=[]).as_dict()["restartPolicy"] == "Always"


def test_a_default_is_shown_but_not_added_to_what_a_server_said() -> None:
    read = Thing.from_dict({"metadata": {"name": "a"}})
    assert read.size == 3
    assert "size" not in read.to_dict()
    assert read.as_dict()["size"] == 3


def test_each_object_has_a_default_of_its_own() -> None:
    class Listed(Model):
        names = ListField(str, ["a"])

    first, second = Listed(), Listed()
    first.names.append("b")
    assert (list(first.names), list(second.names)) == (["a", "b"], ["a"])


def test_an_absent_field_is_None_an_absent_model_is_empty_and_an_absent_list_too() -> None:
    empty = Thing.from_dict({})
    assert (empty.settings, empty.target, empty.anything, empty.since) == (None, None, None, None)
    assert (empty.port.number, list(empty.ports)) == (None, [])
    empty.port.number = 1
    empty.ports.append(Port(number=2))
    assert empty.to_dict()["port"]["number"] == 1
    assert empty.to_dict()["ports"] == [{"number": 2, "protocol": "TCP"}]


def test_a_model_is_true_even_if_it_is_empty() -> None:
    assert Thing.from_dict({}).port
    assert Port()


def test_alt_type_is_the_other_type_of_a_value() -> None:
    assert (thing(target="http").target, thing(target=80).target) == ("http", 80)
    assert Thing._meta.fields[4].alt_type is int


def test_a_value_of_another_type_is_left_to_the_API_server() -> None:
    assert thing(size="7").as_dict()["size"] == "7"
    with pytest.raises(TypeError):
        thing(anything=object())


def test_times_are_datetimes_and_texts_on_the_wire() -> None:
    made = thing(since=NOON)
    assert made.as_dict()["since"] == "2026-01-01T12:00:00Z"
    assert Thing.from_dict({"since": "2026-01-01T12:00:00Z"}).since == NOON


def test_names_that_python_cannot_spell() -> None:
    document = {"not": "a", "exec": "b", "$schema": "c"}
    made = Thing.from_dict(document)
    assert (made._not, made.exec_, made.schema) == ("a", "b", "c")
    assert thing(_not="a", exec_="b", schema="c").as_dict().items() >= document.items()


def test_SelfModel_is_the_class_itself() -> None:
    made = thing(inner=Thing(size=4))
    assert isinstance(made.inner, Thing)
    assert made.inner.inner.size == 3


def test_JSONField_keeps_any_value() -> None:
    for value in (True, 1, 1.5, "a", [1, {"b": None}], {"a": [1]}):
        assert thing(anything=value).as_dict()["anything"] == value


def test_ListField_is_sent_empty_unless_told() -> None:
    class Told(Model):
        some = ListField(str)
        none = ListField(str, empty_as_none=True)

    assert Told().as_dict() == {"some": []}
    assert Told().none is None


def test_RequiredField_is_wanted_by_the_constructor_and_not_of_a_server() -> None:
    with pytest.raises(TypeError, match=r"Wanting\(name=…\) is required"):
        Wanting()
    assert Wanting.from_dict({}).name is None


def test_ReadOnlyField_is_what_the_server_said() -> None:
    made = Thing.from_dict({"seen": "server"})
    made.seen = "me"
    assert made.seen == "server"
    assert thing(seen="me").seen is None


def test_WriteOnlyField_is_sent_and_not_read() -> None:
    assert thing(password="p").as_dict()["password"] == "p"
    assert Thing.from_dict({"password": "p"}).password is None


def test_OnceField_is_set_until_the_server_has_the_object() -> None:
    made = thing(once="a")
    made.once = "b"
    assert made.once == "b"
    read = Thing.from_dict({"metadata": {"name": "a", "uid": "1"}, "once": "a"})
    read.once = "b"
    assert read.once == "a"


def test_a_field_says_what_it_is() -> None:
    field = Thing._meta.fields[1]
    assert (field.name, field.attr_name, field.type, field.default_value, field.alt_type) == (
        "size",
        "size",
        int,
        3,
        None,
    )
    assert (field.is_set(thing()), field.is_set(thing(size=4)), field.dump(thing())) == (False, True, 3)


def test_every_field_of_the_module_is_a_Field() -> None:
    assert all(issubclass(getattr(fields, name), Field) for name in fields.__all__)


# --- models ------------------------------------------------------------------------------------------------------


def test_meta_has_the_fields_in_order_and_the_addresses() -> None:
    assert Thing._meta.field_names[:4] == ["metadata", "size", "port", "ports"]
    assert Thing._meta.url_template == "/apis/example.com/v1/namespaces/{namespace}/things/{name}"
    assert (Thing._meta.list_url, Thing._meta.watch_list_url, Thing._meta.watch_list_url_template) == ("", "", "")
    assert Port._meta.url_template == ""


def test_a_class_may_be_called_anything_and_kind_says_what_it_is() -> None:
    class Named(Model):
        class Meta:
            url_template = "/apis/example.com/v1/clusterthings/{name}"

        apiVersion = Field(str, "example.com/v1")
        kind = Field(str, "ClusterThing")
        metadata = Field(ObjectMeta)

    made = Named(metadata=ObjectMeta(name="a"))
    assert (made.apiVersion, made.kind) == ("example.com/v1", "ClusterThing")
    assert made.as_dict().items() >= {"apiVersion": "example.com/v1", "kind": "ClusterThing"}.items()
    assert not Named.api_resource.namespaced
    assert "kind" not in thing().as_dict()


@pytest.mark.parametrize(
    ("template", "collection", "one"),
    [
        ("/things/{name}", "/things", "/things/a"),
        ("/apis/v1/things/{name}", "/apis/v1/things", "/apis/v1/things/a"),
        ("/proxy/api/v1/namespaces/{namespace}/things", "/proxy/api/v1/things", "/proxy/api/v1/namespaces/n/things/a"),
        ("/api/v1/namespaces/{namespace}/things/{name}", "/api/v1/things", "/api/v1/namespaces/n/things/a"),
    ],
)
def test_a_kind_is_found_at_its_address_whatever_that_is(template: str, collection: str, one: str) -> None:
    kind: Any = type(Thing)("Odd", (Model,), {"Meta": type("Meta", (), {"url_template": template})})
    resource = kind.api_resource
    assert resource.path() == collection
    assert resource.path("n" if resource.namespaced else None, "a") == one
    assert kind._meta.url_template == template


def test_an_unknown_argument_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(TypeError, match="protocol"):
        Port(protokol="UDP")


def test_a_dict_may_stand_for_a_model() -> None:
    assert thing(port={"number": 1}).port.number == 1
    assert PodSpec(containers=[{"name": "a"}]).containers[0].name == "a"


def test_equality_is_that_of_content() -> None:
    assert Port(number=1) == Port(number=1, protocol="TCP")
    assert Port(number=1) == Port.from_dict({"number": 1})
    assert Port(number=1) != Port(number=2)
    assert Port(number=1) != "port"


def test_update_from_dict_makes_it_what_the_document_says() -> None:
    made = thing(size=4, settings={"a": 1})
    made.update_from_dict({"metadata": {"name": "b"}, "port": {"number": 1}, "new": 1})
    assert (made.metadata.name, made.size, made.settings, made.port.number) == ("b", 3, None, 1)
    assert made.to_dict()["new"] == 1


def test_merge_takes_all_but_what_is_read_only() -> None:
    mine = Thing.from_dict(
        {"metadata": {"name": "a", "resourceVersion": "5", "labels": {"x": "1"}}, "size": 1, "new": 1}
    )
    mine.merge(thing(settings={"b": 1}))
    assert mine.metadata.resourceVersion == "5"
    assert (mine.metadata.labels, mine.size, mine.settings) == (None, 3, {"b": 1})
    assert mine.to_dict()["new"] == 1


def test_two_objects_never_share_a_part() -> None:
    shared = ObjectMeta(name="a")
    first, second = Thing(metadata=shared), Thing(metadata=shared)
    second.metadata.name = "b"
    assert (first.metadata.name, second.metadata.name) == ("a", "b")


def test_new_says_whether_the_server_has_it() -> None:
    assert Thing.from_dict({"metadata": {"name": "a"}})._new is False
    assert (thing()._new, thing(new=False)._new, Thing(False)._new) == (True, False, False)


def test_what_the_server_has_is_sent_without_defaults() -> None:
    document = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "port": {"number": 1}}
    known = Thing.from_dict(document)
    assert outgoing(known) == document
    known.port = {"number": 2}
    assert outgoing(known)["port"] == {"number": 2}
    assert outgoing(thing(port={"number": 1}))["port"] == {"number": 1, "protocol": "TCP"}


def test_unknown_fields_survive_reading_and_changing() -> None:
    document = {
        "metadata": {"name": "a", "newer": {"x": 1}, "labels": {"k": "v"}},
        "ports": [{"number": 1, "newer": None}],
        "newer": [1, {"a": None}],
    }
    read = Thing.from_dict(document)
    read.metadata.labels["k"] = "w"
    read.ports[0].number = 2
    found = read.to_dict()
    assert (found["newer"], found["metadata"]["newer"]) == ([1, {"a": None}], {"x": 1})
    assert found["ports"] == [{"number": 2, "newer": None}]


def test_the_names_of_base_are_there() -> None:
    assert {name for name in base.__all__ if not hasattr(base, name)} == set()
