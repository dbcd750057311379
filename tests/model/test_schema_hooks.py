# SPDX-License-Identifier: Apache-2.0
"""Schemas of one's own: their hooks run at every depth, in any order of names, and what they say counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import marshmallow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import fields, post_dump, post_load, pre_dump, pre_load, validates, validates_schema

from k8s_core.errors import DecodeError, FieldTypeError, ValidationError
from k8s_core.meta import ObjectMeta
from k8s_core.model import ABSENT, Model, Resource
from k8s_core.model.codec import adopt, encode_json, load_resource
from k8s_core.model.hooked import is_hooked
from k8s_core.model.scalars import Quantity, Time
from k8s_core.model.schemas import ModelSchema, schema_for
from k8s_core.patches import ApplyPatch, JsonPatch, MergePatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = {"apiVersion": "example.com/v1"}


class ShadeSchema(ModelSchema):
    """Reads the old spelling, and writes a mark."""

    @pre_load
    def accept_old_name(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {("tone" if key == "hue" else key): value for key, value in data.items()}

    @post_dump
    def mark(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return data | {"marked": True}


class Shade(Model, schema=ShadeSchema):
    tone: str
    from_: str | None = None


class LampSpec(Model):
    shade: Shade = ABSENT
    shades: list[Shade] = ABSENT
    rooms: dict[str, list[Shade]] = ABSENT
    power: Quantity | None = None
    inner: LampSpec = ABSENT
    until: Time | None = None


class Lamp(Resource, group="example.com", version="v1", plural="lamps"):
    metadata: ObjectMeta = ABSENT
    spec: LampSpec = ABSENT


class Candle(Resource, group="example.com", version="v1", plural="candles"):
    metadata: ObjectMeta = ABSENT
    height: int | None = None


def lamp(**spec: Any) -> dict[str, Any]:
    return {**HEAD, "kind": "Lamp", "spec": spec}


def machine_of(schema: Any) -> type[Any]:
    """A kind with parts that have the Schema."""
    part = _class("Part", Model, {"name": str | None, "tone": str | None}, schema=schema)
    annotations = {"metadata": ObjectMeta, "part": part, "parts": dict[str, list[part]]}  # type: ignore[valid-type]  # made here
    return _class("Machine", Resource, annotations, group="example.com", version="v1", plural="machines")


def _class(name: str, base: type, annotations: dict[str, Any], **keywords: Any) -> type[Any]:
    # Annotations that are strings find no classes of a function.
    metaclass: Any = type(base)
    members = {"__module__": __name__, "__annotations__": annotations, **dict.fromkeys(annotations, ABSENT)}
    return metaclass(name, (base,), members, **keywords)  # type: ignore[no-any-return]  # a class


def read(cls: type[Any], document: Any) -> Any:
    return load_resource(cls, json.dumps(document).encode())


def sent(obj: Any) -> Any:
    return json.loads(encode_json(obj))


# -- which classes -----------------------------------------------------------------------------------------------------


def test_a_class_is_hooked_if_a_schema_stands_below_it() -> None:
    assert is_hooked(Shade)
    assert is_hooked(LampSpec)
    assert is_hooked(Lamp)
    assert not is_hooked(Candle)
    assert not is_hooked(ObjectMeta)


class Loop(Model):
    next: Loop = ABSENT
    other: Spiral = ABSENT


class Spiral(Model):
    loop: Loop = ABSENT


class LoopWithShade(Model):
    loop: LoopWithShade = ABSENT
    shades: dict[str, Shade] = ABSENT


def test_recursive_types_are_walked_once() -> None:
    assert not is_hooked(Loop)
    assert not is_hooked(Spiral)
    assert is_hooked(LoopWithShade)


class Unresolved(Model):
    where: Nowhere | None = None  # noqa: F821  # that is the point
    shade: Shade = ABSENT


def test_a_class_whose_annotations_do_not_resolve_says_so_when_it_is_read_and_not_before() -> None:
    assert not is_hooked(Unresolved)
    with pytest.raises(TypeError, match="name 'Nowhere' is not defined"):
        Unresolved.from_dict({}).where  # noqa: B018  # reading is what raises


def test_subclasses_inherit_the_schema() -> None:
    class Tinted(Shade):
        alpha: int | None = None

    assert is_hooked(Tinted)
    assert schema_for(Tinted).load({"hue": "red", "alpha": 1}).tone == "red"


LAZY = """
import sys
from k8s_core.model import ABSENT, Model
from k8s_core.model.hooked import is_hooked
LAZY_IMPORTS = {"Far": "far_away"}
class Plain(Model):
    a: str | None = None
class Near(Model):
    far: "Far" = ABSENT
assert is_hooked(Near)
assert not is_hooked(Plain)
assert "marshmallow" not in sys.modules
"""


def test_classes_that_are_imported_lazily_are_found_without_marshmallow(tmp_path: Path) -> None:
    far = "from k8s_core.model import Model\nclass Far(Model, schema='far_schemas:Far'):\n    a: str | None = None\n"
    (tmp_path / "far_away.py").write_text(far)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", LAZY], check=True, timeout=60, env=environment)


ORDINARY = """
import sys
from k8s_plugins_builtin.core.v1 import Pod, Container
from k8s_core.model.codec import encode_json, load_resource
pod = load_resource(Pod, b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{"containers":[]}}')
assert pod.metadata.name == "a" and encode_json(pod)
assert Container._specs is None, "no annotation is resolved that nothing reads"
class Other(Container, schema="some:Schema"):
    pass
assert load_resource(Pod, encode_json(pod)).metadata.name == "a"
assert Container._specs is not None, "now it has to be known"
assert "marshmallow" not in sys.modules
"""


def test_ordinary_kinds_import_no_marshmallow_and_resolve_nothing_while_there_is_no_schema() -> None:
    subprocess.run([sys.executable, "-c", ORDINARY], check=True, timeout=60)


# -- reading and writing -----------------------------------------------------------------------------------------------


PLACES: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "field": ({"shade": {"hue": "red"}}, lambda spec: spec.shade),
    "list": ({"shades": [{"tone": "a"}, {"hue": "red"}]}, lambda spec: spec.shades[1]),
    "map of lists": ({"rooms": {"hall": [{"hue": "red"}]}}, lambda spec: spec.rooms["hall"][0]),
    "recursive": ({"inner": {"inner": {"shade": {"hue": "red"}}}}, lambda spec: spec.inner.inner.shade),
}


@pytest.mark.parametrize("place", PLACES)
def test_hooks_of_a_nested_class_run_wherever_it_stands(place: str) -> None:
    spec, find = PLACES[place]
    read_one = read(Lamp, lamp(**spec))
    assert find(read_one.spec).tone == "red"
    assert '"marked": true' in json.dumps(sent(read_one))
    assert '"hue"' not in json.dumps(sent(read_one))


def test_what_is_sent_in_patches_and_applied_is_dumped_as_well() -> None:
    shade = Shade(tone="red")
    expected = {"tone": "red", "marked": True}
    assert json.loads(MergePatch({"spec": {"shade": shade}}).encode()) == {"spec": {"shade": expected}}
    operation = {"op": "add", "path": "/spec/shade", "value": shade}
    assert json.loads(JsonPatch([operation]).encode()) == [{**operation, "value": expected}]
    applied = Lamp(metadata=ObjectMeta(name="a"), spec=LampSpec(shade=shade))
    assert json.loads(ApplyPatch(applied).encode())["spec"] == {"shade": expected}
    assert sent([{"shades": (shade,)}]) == [{"shades": [expected]}]


def test_a_saved_object_takes_over_the_answer_as_it_was_read() -> None:
    mine = Lamp(metadata=ObjectMeta(name="a"), spec=LampSpec(shade=Shade(tone="red")))
    shade = mine.spec.shade
    adopt(mine, read(Lamp, {**lamp(shade={"hue": "blue"}), "metadata": {"name": "a", "resourceVersion": "2"}}))
    assert (mine.spec.shade.tone, shade.tone, mine.metadata.resourceVersion) == ("blue", "blue", "2")


def test_dumping_changes_nothing_in_the_object() -> None:
    class Fading(ModelSchema):
        @pre_dump
        def fade(self, obj: Any, **kwargs: Any) -> Any:
            obj.tone = "grey"
            return obj

    machine = machine_of(Fading)
    made = read(machine, {"part": {"tone": "red"}})
    assert sent(made)["part"] == {"tone": "grey"}
    assert made.part.tone == "red"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(["tone", "from", "from_", "fields", "load", "model", "new", "x-y", "shade"])
SHADES = st.dictionaries(NAMES, JSON, max_size=5)


@given(shade=SHADES, extra=st.dictionaries(NAMES, JSON, max_size=3))
def test_unknown_keys_nulls_and_odd_values_survive_a_nested_schema(shade: Any, extra: Any) -> None:
    spec = {**extra, "shade": shade, "shades": [shade, None, 5], "rooms": {"": [shade], "x": None}}
    document = lamp(**spec)
    loaded = read(Lamp, document)
    assert loaded.to_dict() == document
    assert list(loaded.to_dict()["spec"]["shade"]) == list(shade)
    marked = {**shade, "marked": True}
    expected = {**spec, "shade": marked, "shades": [marked, None, 5], "rooms": {"": [marked], "x": None}}
    assert sent(loaded) == lamp(**expected)


@given(spec=SHADES)
def test_a_schema_loads_and_dumps_what_it_is_given_key_by_key(spec: Any) -> None:
    document = {**HEAD, "kind": "Candle", **{key: value for key, value in spec.items() if key != "tone"}}
    loaded = Candle.schema().load(document)
    assert list(loaded.to_dict().items()) == list(document.items())
    assert list(Candle.schema().dump(loaded).items()) == list(document.items())


def test_the_wire_text_of_a_quantity_is_kept_through_a_hooked_class() -> None:
    document = lamp(power="1024Mi", until="2020-01-01T00:00:00.5Z", shade={"tone": "a"})
    loaded = read(Lamp, document)
    assert loaded.spec.power == Quantity("1Gi")
    assert loaded.to_dict() == document
    assert sent(loaded)["spec"]["power"] == "1024Mi"
    assert sent(loaded)["spec"]["until"] == "2020-01-01T00:00:00.5Z"


def test_items_of_lists_get_their_type_before_hooks_see_them() -> None:
    seen = []

    class Seeing(ModelSchema):
        @pre_load
        def look(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
            seen.append((data["apiVersion"], data["kind"]))
            return data

    class Eye(Resource, group="example.com", version="v1", plural="eyes", schema=Seeing):
        metadata: ObjectMeta = ABSENT

    load_resource(Eye, b"{}")
    assert seen == [("example.com/v1", "Eye")]


@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"5", b"{", b""])
def test_what_is_not_an_object_is_our_error(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        load_resource(Lamp, raw)


# -- hooks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a_first", "keep_unknown", "make_object", "zz_last"])
def test_hooks_work_whatever_their_name(name: str) -> None:
    def after_dump(self: Any, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {key: value for key, value in data.items() if key != "new"} | {"dumped": True}

    def before_load(self: Any, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {"tone": "red", "new": 1}

    def after_load(self: Any, obj: Any, **kwargs: Any) -> Any:
        obj.tone += "dish"
        return obj

    members = {
        f"{name}_1": post_dump(after_dump),
        f"{name}_2": pre_load(before_load),
        f"{name}_3": post_load(after_load),
    }
    schema: Any = type("AnySchema", (ModelSchema,), members)

    class Paint(Model, schema=schema):
        tone: str

    loaded = schema_for(Paint).load({"ignored": True})
    assert loaded == Paint.from_dict({"tone": "reddish", "new": 1})
    assert schema_for(Paint).dump(loaded) == {"tone": "reddish", "dumped": True}


class RuleSchema(ModelSchema):
    @validates("limit")
    def check_limit(self, value: Any, data_key: str) -> None:
        if value is not None and value > Quantity("1"):
            raise marshmallow.ValidationError(f"{data_key} is too large")

    @validates_schema
    def check_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["low"] > data["high"]:
            raise marshmallow.ValidationError("low is above high", "low")


class Rule(Model, schema=RuleSchema):
    low: int
    high: int
    limit: Quantity | None = None


class Rules(Resource, group="example.com", version="v1", plural="rules"):
    metadata: ObjectMeta = ABSENT
    rules: list[Rule] = ABSENT


def test_validators_get_python_values_and_their_findings_have_paths() -> None:
    document = {"rules": [{"low": 1, "high": 2, "limit": "2000m"}, {"low": 3, "high": 2}]}
    findings = {"rules[0].limit": ["limit is too large"], "rules[1].low": ["low is above high"]}
    assert Rules.from_dict(document).validate() == findings
    with pytest.raises(ValidationError) as caught:
        read(Rules, {**document, "metadata": {"name": "a"}})
    assert caught.value.messages == findings
    assert str(caught.value).startswith("Rules a, read through RulesSchema, is invalid: rules[0].limit: ")


def test_a_servers_object_is_not_refused_for_its_fields_and_no_rule_sees_half_of_it() -> None:
    document = {"rules": [{"low": "x", "high": 1}, {"high": None}, {}, "odd"]}
    assert read(Rules, document).rules[0].low == "x"
    assert sent(read(Rules, document))["rules"] == document["rules"]
    assert set(Rules.from_dict(document).validate()) == {
        "rules[0].low", "rules[1].low", "rules[1].high", "rules[2].low", "rules[2].high", "rules[3]",
    }  # fmt: skip


HOOKS = {"pre_load": pre_load, "post_load": post_load, "validates_schema": validates_schema}


@pytest.mark.parametrize("hook", HOOKS)
def test_an_error_in_a_hook_is_visible_and_says_where(hook: str) -> None:
    def fail(self: Any, data: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError("oops")

    schema: Any = type("FailingSchema", (ModelSchema,), {"fail": HOOKS[hook](fail)})

    with pytest.raises(ZeroDivisionError) as caught:
        read(machine_of(schema), {"metadata": {"name": "m"}, "part": {"name": "p"}})
    assert caught.value.__notes__ == ["raised for Machine m, read through MachineSchema"]


@pytest.mark.parametrize("hook", ["pre_load", "post_load"])
def test_a_refusal_of_any_hook_has_the_path_of_its_object(hook: str) -> None:
    def refuse(self: Any, data: Any, **kwargs: Any) -> Any:
        raise marshmallow.ValidationError("no")

    schema: Any = type("RefusingSchema", (ModelSchema,), {"refuse": HOOKS[hook](refuse)})

    with pytest.raises(ValidationError) as caught:
        read(machine_of(schema), {"parts": {"a": [{"name": "p"}]}})
    assert caught.value.messages == {"parts.a[0]": ["no"]}


def test_a_hook_that_refuses_to_dump_is_our_error() -> None:
    class Refusing(ModelSchema):
        @post_dump
        def refuse(self, data: Any, **kwargs: Any) -> Any:
            raise marshmallow.ValidationError("never", "name")

    machine = read(machine_of(Refusing), {"parts": {"a": [{"name": "p"}]}})
    with pytest.raises(ValidationError) as caught:
        encode_json(machine)
    assert str(caught.value) == "Machine, dumped through MachineSchema, is invalid: parts.a[0].name: never"


@pytest.mark.parametrize("result", [None, [1], "x"])
def test_a_dump_that_is_not_an_object_is_our_error(result: Any) -> None:
    class Odd(ModelSchema):
        @post_dump
        def replace(self, data: Any, **kwargs: Any) -> Any:
            return result

    class Thing(Model, schema=Odd):
        name: str

    with pytest.raises(FieldTypeError, match=r"ThingSchema\.dump gave .*, not a dict"):
        encode_json(Thing(name="a"))


def test_a_post_load_hook_that_forgets_to_return_is_told_so() -> None:
    class Forgetful(ModelSchema):
        @post_load
        def forget(self, obj: Any, **kwargs: Any) -> None:
            obj.name = "b"

    class Note(Model, schema=Forgetful):
        name: str

    with pytest.raises(TypeError, match="the post_load hooks of NoteSchema returned NoneType: they get the Note"):
        schema_for(Note).load({"name": "a"})


# -- fields of one's own -----------------------------------------------------------------------------------------------


class LowerCase(fields.String):
    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return super()._deserialize(value, *args, **kwargs).lower()


class OwnFieldsSchema(ModelSchema):
    class Meta:
        # A Meta of one's own need not say what is said of unknown fields already.
        load_only = ("secret",)

    name = LowerCase(required=True)
    day = fields.Date()
    start = fields.String(data_key="begin", load_default="today")
    secret = fields.String()
    shown = fields.Method("show")

    def show(self, obj: Any) -> str:
        return f"<{obj.name}>"


class OwnFields(Model, schema=OwnFieldsSchema):
    name: str
    day: str | None = None
    begin: str | None = None
    count: int | None = None
    start: int | None = None


def test_fields_of_ones_own_write_what_they_make_of_a_value() -> None:
    schema = schema_for(OwnFields)
    loaded = schema.load({"name": "ABC", "day": "2020-01-02", "secret": "s", "start": 5})
    assert loaded.to_dict() == {"name": "abc", "day": "2020-01-02", "secret": "s", "start": 5, "begin": "today"}
    assert schema.dump(loaded) == {
        "name": "abc", "day": "2020-01-02", "start": 5, "begin": "today", "shown": "<abc>",
    }  # fmt: skip
    assert schema.validate({"day": "x", "count": "y"}) == {
        "name": ["Missing data for required field."],
        "day": ["Not a valid date."],
        "count": ["expected int, got str"],
    }


def test_a_value_that_a_field_of_ones_own_does_not_take_is_kept_when_a_server_sent_it() -> None:
    class Diary(Resource, group="example.com", version="v1", plural="diaries"):
        metadata: ObjectMeta = ABSENT
        entry: OwnFields = ABSENT

    document = {**HEAD, "kind": "Diary", "entry": {"day": "x", "name": None, "begin": None}}
    assert read(Diary, document).to_dict() == document
    assert sent(read(Diary, document))["entry"] == {**document["entry"], "shown": "<None>"}  # type: ignore[dict-item]  # a dict


def test_a_selection_of_fields_dumps_no_others() -> None:
    schema = type(schema_for(OwnFields))(only=("name",))
    assert schema.dump(OwnFields(name="a", count=1)) == {"name": "a"}


# -- the class line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("__schema__", ShadeSchema, r"write class Old\(…, schema=ShadeSchema\)"),
        ("__map_type__", "atomic", r"write class Old\(…, map_type='atomic'\)"),
        ("__options__", {"min_properties": 1}, r"write class Old\(…, options={'min_properties': 1}\)"),
        ("__crd__", {"served": False}, r"write class Old\(…, crd={'served': False}\)"),
        ("__sensitive__", ("data",), r"write class Old\(…, sensitive=\('data',\)\)"),
    ],
)
def test_the_old_spelling_names_the_new_one(name: str, value: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        type(Model)("Old", (Model,), {name: value})


@pytest.mark.parametrize("schema", [5, "module.Class", ShadeSchema()])
def test_a_schema_that_is_neither_a_class_nor_an_import_string_is_refused(schema: Any) -> None:
    with pytest.raises(TypeError, match="schema= is a marshmallow Schema class or 'module:Class'"):

        class Wrong(Model, schema=schema):
            pass
