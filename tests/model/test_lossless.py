# SPDX-License-Identifier: Apache-2.0
"""No field is ever lost: whatever the wire holds survives load, touching everything, and dump (protocol E1-E4, E13)."""

from __future__ import annotations

import json
from typing import Any

from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.kinds import APIResource
from k8s_core.meta import ObjectMeta, Table, generic_resource
from k8s_core.model import Model, Resource, model_fields
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.model.views import JsonObject, ListView, MapView
from k8s_core.registry import Registry
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod, Secret
from k8s_plugins_builtin.networking.v1 import Ingress

REGISTRY = Registry()
KINDS: list[type[Resource]] = [
    *(REGISTRY.get(gvk.api_version, gvk.kind) for gvk in REGISTRY.kinds()),
    generic_resource(APIResource("a.b", "v1", "Foo", "foos")),
]

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = (
    st.none()
    | st.booleans()
    | numbers
    | st.text(max_size=8)
    | st.sampled_from(["1024Mi", "2006-01-02T15:04:05+01:00", "yes", "80"])
)


def known_names(cls: type[Model], depth: int = 3) -> set[str]:
    names = set(model_fields(cls))
    if depth:
        for spec in model_fields(cls).values():
            names |= known_names(spec.type.model, depth - 1) if hasattr(spec.type, "model") else set()
    return names


# Known field names at random depths with values of any shape, and unknown ones between them.
NAMES = sorted({name for cls in (Deployment, Pod, Secret, Ingress) for name in known_names(cls)})
keys = st.sampled_from(NAMES) | st.text(max_size=6)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=25
)
documents = st.dictionaries(st.sampled_from(["metadata", "spec", "status", "data", "x"]), values, max_size=4)


def touch(value: Any) -> None:
    """Read everything that can be read."""
    if isinstance(value, Model):
        bool(value)
        repr(value)
        for spec in model_fields(type(value)).values():
            if spec.name in value:
                touch(getattr(value, spec.name))
            else:
                absent = getattr(value, spec.name)
                assert absent is None or not absent
    if isinstance(value, JsonObject | MapView):
        for key in value:
            touch(value[key])
    elif isinstance(value, ListView):
        for item in value:
            touch(item)


def same(left: Any, right: Any) -> bool:
    """Equal with types: 1, 1.0 and True differ, and so does the order of keys."""
    return json.dumps(left) == json.dumps(right)


@examples(300)
@given(st.sampled_from(KINDS), documents)
def test_E1_any_document_survives_load_touch_and_dump(cls: type[Resource], document: dict[str, Any]) -> None:
    wire = {"apiVersion": cls.api_resource.api_version, "kind": cls.api_resource.kind, **document}
    for obj in (cls.from_dict(wire), load_resource(cls, json.dumps(wire).encode())):
        touch(obj)
        assert same(obj.to_dict(), wire)
        assert same(decode_json(encode_json(obj)), wire)
        assert cls.from_dict(obj.to_dict()) == obj


@given(st.sampled_from([kind for kind in KINDS if "metadata" in model_fields(kind)]), documents)
def test_E1_a_change_in_one_place_changes_nothing_else(cls: type[Resource], document: dict[str, Any]) -> None:
    document = {key: value for key, value in document.items() if key != "metadata"}
    wire = {
        "apiVersion": cls.api_resource.api_version,
        "kind": cls.api_resource.kind,
        "metadata": {"zz": [None]},
        **document,
    }
    obj = load_resource(cls, json.dumps(wire).encode())
    obj.metadata.labels["added"] = "1"
    expected = wire | {"metadata": {"zz": [None], "labels": {"added": "1"}}}
    assert same(decode_json(encode_json(obj)), expected)
    assert same(obj.to_dict(), expected)


def test_E4_integers_and_floats_stay_what_they_are() -> None:
    raw = b'{"apiVersion":"v1","kind":"ConfigMap","x":[9223372036854775807,1,1.0,18446744073709551616,-0.0,1e300]}'
    obj = load_resource(ConfigMap, raw)
    assert [repr(number) for number in obj.to_dict()["x"]] == [
        "9223372036854775807",
        "1",
        "1.0",
        "18446744073709551616",
        "-0.0",
        "1e+300",
    ]


def test_E3_keys_are_case_sensitive_and_the_last_duplicate_wins() -> None:
    obj = load_resource(
        ConfigMap, b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"Name":"no","name":"a","name":"b"}}'
    )
    assert obj.metadata.name == "b"
    assert obj.metadata.to_dict() == {"Name": "no", "name": "b"}


def test_E13_opaque_values_are_never_coerced() -> None:
    document = {"fieldsV1": {"f:spec": {".": {}}, "v": ["1Gi", "yes", "2006-01-02T15:04:05Z", None]}}
    meta = ObjectMeta.from_dict({"managedFields": [document]})
    assert meta.managedFields[0].fieldsV1 == document["fieldsV1"]
    assert meta.to_dict() == {"managedFields": [document]}


def test_an_untouched_object_goes_out_as_the_bytes_that_came_in() -> None:
    raw = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a" , "b":1e5},"data":{"x":"\\u0041"}}'
    assert encode_json(load_resource(ConfigMap, raw)) is raw


def test_untouched_parts_of_a_changed_object_keep_their_bytes() -> None:
    raw = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","annotations":{"x":"\\u0041"}},"odd":[1e5 ,2]}'
    obj = load_resource(ConfigMap, raw)
    obj.metadata.name = "b"
    assert encode_json(obj) == (
        b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"b","annotations":{"x":"\\u0041"}},"odd":[1e5 ,2]}'
    )


def test_list_items_get_their_type_back() -> None:
    obj = load_resource(Pod, b'{"metadata":{"name":"a"}}')
    assert (obj.apiVersion, obj.kind) == ("v1", "Pod")
    assert encode_json(obj) == b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}'


def test_tables_keep_cells_of_any_type() -> None:
    table = Table.from_dict(
        {"columnDefinitions": [], "rows": [{"cells": [1, "a", None, {"b": 2.5}], "object": {"metadata": {}}}]}
    )
    assert table.rows[0].cells == [1, "a", None, {"b": 2.5}]
    assert table.rows[0].object.metadata == {}
