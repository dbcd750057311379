# SPDX-License-Identifier: Apache-2.0
"""Marshmallow schemas: derived, cached, with the plugin's own hooks and fields."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import types
from typing import Annotated, Any, Literal

import marshmallow
import marshmallow.validate
import pytest
from marshmallow import fields, post_dump, pre_load, validates_schema

from k8s_core.errors import FieldTypeError, ValidationError
from k8s_core.model import ABSENT, Model, Resource, field, model_fields
from k8s_core.model.annotations import register_type
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.model.scalars import Quantity
from k8s_core.model.schemas import ModelSchema, schema_for


class Port(Model):
    name: str
    number: int | None = None


class WidgetSpec(Model):
    size: int
    limits: dict[str, Quantity] = ABSENT
    ports: list[Port] = ABSENT
    fields: str | None = None
    context: str | None = None
    continue_: str | None = None


class Widget(Resource, group="example.com", version="v1", plural="widgets"):
    spec: WidgetSpec


def document(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "spec": spec}


def test_load_gives_the_typed_object_and_keeps_unknown_fields_in_place() -> None:
    wire = {"kind": "Widget", "new": 1, "apiVersion": "example.com/v1", "spec": {"z": None, "size": 1}}
    widget = Widget.schema().load(wire)
    assert type(widget) is Widget
    assert list(widget.to_dict()) == ["kind", "new", "apiVersion", "spec"]
    assert widget.to_dict() == wire


def test_dump_gives_the_wire_document() -> None:
    wire = document(size=1, limits={"cpu": "1024Mi"}, other=[None])
    assert Widget.schema().dump(Widget.from_dict(wire)) == wire


def test_validate_names_every_path() -> None:
    widget = Widget.from_dict(document(limits={"cpu": "lots"}, ports=[{"name": "a"}, {"number": "x"}], continue_=1))
    assert widget.validate() == {
        "spec.size": ["required field is missing"],
        "spec.limits.cpu": [
            "'lots' is not a quantity: write a number and one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei or an exponent"
        ],
        "spec.ports[1].name": ["required field is missing"],
        "spec.ports[1].number": ["expected int, got str"],
    }
    assert Widget.from_dict(document(size=1)).validate() == {}


def test_validate_tells_a_document_of_another_version() -> None:
    widget = Widget.from_dict(document(size=1) | {"apiVersion": "example.com/v2"})
    assert widget.validate() == {"apiVersion": ["expected 'example.com/v1', got 'example.com/v2'"]}


def test_load_of_bad_data_is_marshmallows_own_error() -> None:
    with pytest.raises(marshmallow.ValidationError) as caught:
        Widget.schema().load(document(size="big"))
    assert caught.value.messages == {"spec": {"size": ["expected int, got str"]}}


def test_schemas_are_cached_and_stay_out_of_marshmallows_registry() -> None:
    assert Widget.schema() is schema_for(Widget)
    with pytest.raises(marshmallow.exceptions.RegistryError):
        marshmallow.class_registry.get_class("WidgetSchema")


def test_fields_named_as_methods_of_a_schema_work() -> None:
    widget = Widget.schema().load(document(size=1, fields="f", context="c"))
    assert (widget.spec.fields, widget.spec.context) == ("f", "c")


class GadgetSchema(ModelSchema):
    """Accepts the old spelling, checks a rule, and marks what it writes."""

    @pre_load
    def accept_old_name(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        if "colour" in data:
            data = dict(data)
            data["color"] = data.pop("colour")
        return data

    @validates_schema
    def check_color(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("color") == "none":
            raise marshmallow.ValidationError("a gadget needs a color", "color")

    @post_dump
    def mark(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return data | {"writtenBy": "schema"}


class Gadget(Resource, group="example.com", version="v1", plural="gadgets", schema=GadgetSchema):
    color: str | None = None


def test_the_hooks_of_a_plugins_schema_run_on_load_and_on_dump() -> None:
    raw = b'{"apiVersion":"example.com/v1","kind":"Gadget","colour":"red","other":1}'
    gadget = load_resource(Gadget, raw)
    assert gadget.color == "red"
    assert decode_json(encode_json(gadget)) == {
        "apiVersion": "example.com/v1",
        "kind": "Gadget",
        "other": 1,
        "color": "red",
        "writtenBy": "schema",
    }


def test_what_a_hook_refuses_is_our_error_with_path_kind_and_name() -> None:
    raw = b'{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"namespace":"ns","name":"a"},"color":"none"}'
    with pytest.raises(ValidationError) as caught:
        load_resource(Gadget, raw)
    assert str(caught.value) == "Gadget ns/a, read through GadgetSchema, is invalid: color: a gadget needs a color"
    assert caught.value.messages == {"color": ["a gadget needs a color"]}
    assert Gadget.from_dict(decode_json(raw)).validate() == {"color": ["a gadget needs a color"]}


class Plain(marshmallow.Schema):
    """A Schema that knows nothing of models."""

    level = fields.Integer(load_default=7)


class Gauge(Resource, group="example.com", version="v1", plural="gauges", schema=Plain):
    level: int | None = None


class Dial(Resource, group="example.com", version="v1", plural="dials", schema=f"{__name__}:Plain"):
    level: int | None = None


@pytest.mark.parametrize("cls", [Gauge, Dial], ids=["class", "import string"])
def test_a_foreign_schema_is_used_and_loses_nothing(cls: type[Gauge | Dial]) -> None:
    document = {"apiVersion": "example.com/v1", "kind": cls.__name__, "new": 1}
    made = load_resource(cls, json.dumps(document).encode())
    assert made.level == 7
    assert decode_json(encode_json(made)) == {**document, "level": 7}


class Address(Model):
    ip: Annotated[ipaddress.IPv4Address, fields.IPv4()] | None = None


def test_an_annotation_may_bring_its_own_marshmallow_field() -> None:
    address = Address.from_dict({"ip": "10.0.0.1"})
    assert address.ip == ipaddress.IPv4Address("10.0.0.1")
    address.ip = ipaddress.IPv4Address("10.0.0.2")
    assert address.to_dict() == {"ip": "10.0.0.2"}
    assert Address.from_dict({"ip": "nope"}).ip == "nope"
    assert set(Address.from_dict({"ip": "nope"}).validate()) == {"ip"}


def test_a_registered_type_converts_like_a_built_in_one() -> None:
    register_type(ipaddress.IPv6Address, fields.IPv6)

    class Host(Model):
        ip: ipaddress.IPv6Address | None = None

    assert Host.from_dict({"ip": "::1"}).ip == ipaddress.IPv6Address("::1")
    with pytest.raises(TypeError, match="is a built-in field type"):
        register_type(str, fields.String())


def test_an_annotation_that_is_no_type_says_what_to_do() -> None:
    class Broken(Model):
        where: complex | None = None

    with pytest.raises(TypeError, match=r"Broken.where: .*registrar.add_type\(complex, field\)"):
        Broken(where=1j)


def test_a_name_that_the_module_does_not_define_says_so() -> None:
    class Broken(Model):
        where: NoSuchName | None = None  # noqa: F821  # that is the point

    with pytest.raises(TypeError, match=r"Broken.where: name 'NoSuchName' is not defined; import it"):
        _ = Broken.from_dict({}).where


def test_a_python_default_is_refused_in_favour_of_the_servers() -> None:
    with pytest.raises(TypeError, match=r"write field\(default=1\)"):

        class Broken(Model):
            replicas: int = 1


def test_E16_a_servers_default_is_declared_and_never_written() -> None:
    class Defaulted(Model):
        replicas: int | None = field(default=1)

    assert Defaulted().to_dict() == {}
    assert Defaulted().replicas is None
    assert model_fields(Defaulted)["replicas"].default == 1


def test_a_kind_needs_its_facts() -> None:
    with pytest.raises(TypeError, match="a kind needs group="):

        class Incomplete(Resource, version="v1"):
            pass


def test_a_schema_that_is_none_is_refused() -> None:
    class Wrong(Model, schema=dict):
        pass

    with pytest.raises(TypeError, match="must be a marshmallow Schema class"):
        schema_for(Wrong)


def test_marshmallow_is_imported_only_when_a_schema_is_asked_for() -> None:
    script = (
        "import sys; from k8s_core.model import Model\n"
        "from k8s_core.meta import ObjectMeta\n"
        "meta = ObjectMeta(name='a'); meta.labels['x'] = 'y'; meta.to_dict(); repr(meta)\n"
        "assert 'marshmallow' not in sys.modules; meta.validate(); assert 'marshmallow' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_checking_an_assignment_needs_no_schema() -> None:
    with pytest.raises(FieldTypeError):
        Port(name=1)


class RenamedSchema(ModelSchema):
    """Fields under names of their own, with the wire name as the key of the data."""

    origin = fields.String(data_key="from", required=True, validate=marshmallow.validate.Length(min=2))


class Renamed(Model, schema=f"{__name__}:RenamedSchema"):
    from_: str
    count: int | None = None


def test_a_plugins_field_may_go_by_another_name_than_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    # The module is found by its name, as an installed one would be.
    monkeypatch.setitem(sys.modules, __name__, types.SimpleNamespace(RenamedSchema=RenamedSchema))
    schema = schema_for(Renamed)
    loaded = schema.load({"x": 1, "from": "here", "count": 2})
    assert list(loaded.to_dict().items()) == [("x", 1), ("from", "here"), ("count", 2)]
    assert schema.dump(loaded) == {"x": 1, "from": "here", "count": 2}
    assert schema.validate({"from": "h"}) == {"from": ["Shorter than minimum length 2."]}
    assert set(schema.validate({})) == {"from"}


class _Opening(fields.Field[Any]):
    """A field that forgets to make JSON of its values."""


def test_what_a_plugins_field_writes_has_to_be_json() -> None:
    class Shop(Model):
        opening: Annotated[object, _Opening()] | None = None

    assert Shop(opening="8:00").to_dict() == {"opening": "8:00"}
    with pytest.raises(FieldTypeError, match=r"^opening: set is not a JSON value"):
        Shop(opening={1})


class Rack(Model):
    gadgets: list[Gadget] = ABSENT


def test_the_type_of_an_object_within_another_is_checked() -> None:
    rack = Rack.from_dict({"gadgets": [{"kind": "Gadget", "color": "red"}, {"apiVersion": [{}], "color": "red"}]})
    assert rack.validate() == {"gadgets[1].apiVersion": ["expected str, got list"]}


FIELDS = {
    "size": (fields.Integer, "IntegerField"),
    "limits": (fields.Dict, "DictField"),
    "ports": (fields.List, "ListField"),
    "fields": (fields.String, "StringField"),
    "continue_": (fields.String, "StringField"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_fields_of_a_derived_schema_are_marshmallows_under_the_names_of_the_attributes(name: str) -> None:
    kind, ours = FIELDS[name]
    found = schema_for(WidgetSpec).fields[name]
    assert isinstance(found, kind)
    assert type(found).__name__ == ours
    assert found.data_key == name.removesuffix("_")


def test_nested_fields_are_the_schemas_of_their_classes() -> None:
    schema = Widget.schema()
    spec = schema.fields["spec"]
    assert isinstance(spec, fields.Nested)
    assert spec.schema is schema_for(WidgetSpec)
    ports = schema_for(WidgetSpec).fields["ports"]
    assert isinstance(ports, fields.List)
    assert isinstance(ports.inner, fields.Nested)
    assert list(schema.fields) == ["apiVersion", "kind", "metadata", "spec"]
    assert (schema.unknown, spec.required, schema.fields["metadata"].required) == (marshmallow.INCLUDE, True, False)


class Choice(Model):
    policy: Literal["Warm", "Cold"] | None = None
    steps: Literal[1, 2] | None = None
    free: Any = ABSENT
    anything: dict[str, Any] = ABSENT
    many: list[str] = ABSENT
    inner: Choice = ABSENT


def test_a_closed_set_of_values_is_checked_strictly_and_read_leniently() -> None:
    assert Choice.from_dict({"policy": "Sometimes"}).policy == "Sometimes"
    assert Choice.from_dict({"policy": "Sometimes", "steps": 3}).validate() == {
        "policy": ["'Sometimes' is not one of 'Warm', 'Cold'"],
        "steps": ["3 is not one of 1, 2"],
    }
    policy = schema_for(Choice).fields["policy"]
    assert [validator.choices for validator in policy.validators] == [("Warm", "Cold")]  # type: ignore[attr-defined]  # OneOf


def test_loading_gives_hooks_python_values_and_keeps_the_wire_text() -> None:
    loaded = schema_for(WidgetSpec).load({"size": 1, "limits": {"memory": "1024Mi"}})
    assert loaded.limits["memory"] == Quantity("1Gi")
    assert loaded.to_dict()["limits"] == {"memory": "1024Mi"}


def test_recursive_types_load_at_any_depth() -> None:
    document: dict[str, Any] = {"policy": "odd"}
    path = "policy"
    for _ in range(12):
        document, path = {"inner": document}, f"inner.{path}"
    assert list(Choice.from_dict(document).validate()) == [path]
    document_of_no_end: dict[str, Any] = {}
    for _ in range(150):
        document_of_no_end = {"inner": document_of_no_end}
    assert Choice.from_dict(document_of_no_end).validate() in ({}, {"": ["nested deeper than 200 levels"]})


def test_a_strict_document_has_the_types_and_required_fields_and_no_others() -> None:
    wrong = document(limits={"cpu": "lots"}, ports=[{"number": "x", "nmae": "a"}], sizes=1)
    with pytest.raises(ValidationError) as caught:
        Widget.from_dict({**wrong, "metadata": {"name": "w"}, "stauts": {}}, strict=True)
    assert caught.value.subject == "Widget w"
    assert caught.value.messages == {
        "spec.size": ["required field is missing"],
        "spec.limits.cpu": [
            "'lots' is not a quantity: write a number and one of n u m k M G T P E, Ki Mi Gi Ti Pi Ei or an exponent"
        ],
        "spec.ports[0].name": ["required field is missing"],
        "spec.ports[0].number": ["expected int, got str"],
        "spec.ports[0].nmae": ["unknown field; did you mean 'name'?"],
        "spec.sizes": ["unknown field; did you mean 'size'?"],
        "stauts": ["unknown field"],
    }


def test_a_strict_document_that_is_right_is_taken_as_it_is() -> None:
    right = document(size=1, fields=None, ports=[{"name": "a"}]) | {"metadata": {"name": "w", "labels": {"any": "x"}}}
    assert Widget.from_dict(right, strict=True).to_dict() == right
    assert Widget.from_dict({"spec": {"size": 1}}, strict=True).kind == "Widget"
    free = {"free": {"a": [1]}, "anything": {"b": None}, "many": ["x"]}
    assert Choice.from_dict(free, strict=True).to_dict() == free
    with pytest.raises(FieldTypeError, match="set is not a JSON value"):
        Choice.from_dict({"free": {1}}, strict=True)


def test_a_strict_document_of_another_kind_is_refused_with_all_else_that_is_wrong() -> None:
    with pytest.raises(ValidationError) as caught:
        Widget.from_dict({"apiVersion": "v1", "kind": "Gadget", "spec": {"size": "x"}}, strict=True)
    assert caught.value.messages == {
        "apiVersion": ["expected 'example.com/v1', got 'v1'"],
        "kind": ["expected 'Widget', got 'Gadget'"],
        "spec.size": ["expected int, got str"],
    }


def test_a_strict_document_goes_through_the_hooks() -> None:
    assert Gadget.from_dict({"colour": "red"}, strict=True).to_dict()["color"] == "red"
    with pytest.raises(ValidationError, match="Gadget is invalid: color: a gadget needs a color"):
        Gadget.from_dict({"color": "none"}, strict=True)


def test_marshmallows_own_ways_with_unknown_fields_are_there_for_those_who_ask() -> None:
    schema = schema_for(WidgetSpec)
    assert schema.load({"size": 1, "new": 1}, unknown=marshmallow.EXCLUDE).to_dict() == {"size": 1}
    with pytest.raises(marshmallow.ValidationError, match="Unknown field"):
        schema.load({"size": 1, "new": 1}, unknown=marshmallow.RAISE)
    assert [each.size for each in schema.load([{"size": 1}, {"size": 2}], many=True)] == [1, 2]
    assert schema.load({"limits": {}}, partial=True).to_dict() == {"limits": {}}


def test_an_object_within_another_may_leave_out_its_type_and_is_not_given_one() -> None:
    document = {"gadgets": [{"color": "red"}, {"kind": "Other", "color": "blue"}]}
    assert schema_for(Rack).load(document).to_dict() == document
    assert Rack.from_dict(document, strict=True).to_dict() == document


def test_a_document_of_another_kind_is_not_loaded() -> None:
    with pytest.raises(marshmallow.ValidationError, match="expected 'Widget', got 'Gadget'"):
        Widget.schema().load({"kind": "Gadget", "spec": {"size": 1}})
    assert list(Widget.schema().load({"spec": {"size": 1}}).to_dict()) == ["apiVersion", "kind", "spec"]
    assert [each.kind for each in Widget.schema().load([{"spec": {"size": 1}}], many=True)] == ["Widget"]
