# SPDX-License-Identifier: Apache-2.0
"""Marshmallow schemas: derived, cached, with the plugin's own hooks and fields."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import sys
import types
from typing import Annotated, Any

import marshmallow
import marshmallow.validate
import pytest
from marshmallow import fields, post_dump, pre_load, validates_schema

from k8s_core.errors import FieldTypeError
from k8s_core.model import ABSENT, Model, Resource, field
from k8s_core.model.annotations import register_type
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.model.scalars import Quantity
from k8s_core.model.schema import ModelSchema, schema_for


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


class Gadget(Resource, group="example.com", version="v1", plural="gadgets"):
    __schema__ = GadgetSchema

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


def test_data_of_the_server_is_never_refused_by_a_plugins_schema() -> None:
    raw = b'{"apiVersion":"example.com/v1","kind":"Gadget","color":"none"}'
    assert load_resource(Gadget, raw).color == "none"
    assert Gadget.from_dict(decode_json(raw)).validate() == {"color": ["a gadget needs a color"]}


class Plain(marshmallow.Schema):
    """A Schema that knows nothing of models."""

    level = fields.Integer(load_default=7)


class Gauge(Resource, group="example.com", version="v1", plural="gauges"):
    __schema__ = Plain
    level: int | None = None


class Dial(Resource, group="example.com", version="v1", plural="dials"):
    __schema__ = f"{__name__}:Plain"
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
    assert Defaulted.__model_fields__()["replicas"].default == 1


def test_a_kind_needs_its_facts() -> None:
    with pytest.raises(TypeError, match="a kind needs group="):

        class Incomplete(Resource, version="v1"):
            pass


def test_a_schema_that_is_none_is_refused() -> None:
    class Wrong(Model):
        __schema__ = dict

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


class Renamed(Model):
    __schema__ = f"{__name__}:RenamedSchema"

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
