# SPDX-License-Identifier: Apache-2.0
"""Every kind, with documents made from the OpenAPI schemas: lossless, typed, accepted; refused at the exact path."""

from __future__ import annotations

import datetime
import json
import random
from typing import Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from openapi_documents import (
    INPUT,
    definition_of,
    document_for,
    inject_unknown,
    kinds_in_paths,
    spoil,
)

from k8s_core.kinds import format_api_version
from k8s_core.model import Model, Resource, model_fields
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.model.scalars import Quantity
from k8s_core.model.types import FieldType, ListType, LiteralType, MapType, ModelType, OpaqueType, ScalarType
from k8s_core.model.views import ListView, MapView
from k8s_core.registry import Registry

pytestmark = pytest.mark.skipif(not INPUT.is_dir(), reason="the OpenAPI documents are not here")

KINDS = [gvk for gvk in kinds_in_paths() if definition_of(*gvk)] if INPUT.is_dir() else []
REGISTRY = Registry()
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "bytes": (bytes,),
    "Quantity": (Quantity,),
    "IntOrString": (int, str),
    "Time": (datetime.datetime,),
    "MicroTime": (datetime.datetime,),
    "Duration": (datetime.timedelta,),
}

seeds = st.integers(0, 2**32 - 1)
every_kind = pytest.mark.parametrize("gvk", KINDS, ids=lambda gvk: ".".join(part for part in reversed(gvk) if part))
few = examples(4)


def class_of(gvk: tuple[str, str, str]) -> type[Resource]:
    return REGISTRY.get(format_api_version(gvk[0], gvk[1]), gvk[2])


def check_values(value: Any, field_type: FieldType) -> None:
    """Touch a value and everything in it: each is of the Python type that its annotation promises."""
    match field_type:
        case ModelType():
            assert isinstance(value, field_type.model)
            for spec in model_fields(field_type.model).values():
                inner = getattr(value, spec.name)
                if spec.name in value and inner is not None:
                    check_values(inner, spec.type)
        case ListType():
            assert isinstance(value, ListView)
            for item in value:
                check_values(item, field_type.item)
        case MapType():
            assert isinstance(value, MapView)
            for key in value:
                check_values(value[key], field_type.value)
        case LiteralType():
            assert value in field_type.values
        case ScalarType():
            assert isinstance(value, PYTHON_TYPES[field_type.name]), (value, field_type.name)
            assert not (field_type.name == "int" and isinstance(value, bool))
        case _:
            assert isinstance(field_type, OpaqueType)


def check_whole(obj: Model) -> None:
    check_values(obj, ModelType(type(obj)))
    repr(obj)


def text_of(path: tuple[Any, ...]) -> str:
    text = ""
    for step in path:
        plain = isinstance(step, str) and all(part.isalnum() for part in step.replace("$", "").split("-"))
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if plain else f"[{step!r}]"
    return text.removeprefix(".")


@every_kind
@few
@given(seed=seeds)
def test_every_kind_is_lossless_and_typed(gvk: tuple[str, str, str], seed: int) -> None:
    cls, rng = class_of(gvk), random.Random(seed)
    document = document_for(*gvk, rng)
    for unknown in (False, True):
        if unknown:
            inject_unknown(document, rng, str(definition_of(*gvk)))
        before = json.dumps(document)
        assert cls.from_dict(document).validate() == {}
        for obj in (cls.from_dict(document), load_resource(cls, before.encode())):
            check_whole(obj)
            assert json.dumps(obj.to_dict()) == before
            assert json.dumps(decode_json(encode_json(obj))) == before


@every_kind
@few
@given(seed=seeds)
def test_one_wrong_field_is_refused_with_its_path(gvk: tuple[str, str, str], seed: int) -> None:
    cls, rng = class_of(gvk), random.Random(seed)
    document = document_for(*gvk, rng)
    spoiled = spoil(document, rng, str(definition_of(*gvk)))
    if spoiled is None:
        return
    findings = cls.from_dict(document).validate()
    assert list(findings) == [text_of(spoiled.path)], (spoiled, findings)
    assert findings[text_of(spoiled.path)][0]
