# SPDX-License-Identifier: Apache-2.0
"""The Schemas of the built-in kinds in the eyes of other tools: the JSON Schemas that apispec makes of them accept what
the API accepts, and refuse a wrong type in every field."""

from __future__ import annotations

import copy
import functools
import random
from typing import TYPE_CHECKING, Any

import pytest
from model_documents import document_of
from openapi_documents import INPUT, definition_of, document_for, inject_unknown, kinds_in_paths
from validation_corpus import FOLDER
from yaml import safe_load

from k8s_core.kinds import format_api_version
from k8s_core.meta import GenericResource
from k8s_core.model import Model, Resource, model_fields
from k8s_core.model.hooked import nested_model
from k8s_core.model.schemas import schema_for
from k8s_core.model.types import FieldType, ListType, LiteralType, MapType, ModelType, ScalarType
from k8s_core.registry import Registry
from k8s_plugins_builtin.apiextensions.v1 import CustomResourceDefinition, JSONSchemaProps
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ResourceRequirements, ServicePort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from marshmallow import Schema

jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
apispec = pytest.importorskip("apispec", reason="apispec is not installed")
marshmallow_plugin = pytest.importorskip("apispec.ext.marshmallow")

REGISTRY = Registry()
KINDS = sorted(
    {REGISTRY.get(gvk.api_version, gvk.kind) for gvk in REGISTRY.kinds()}, key=lambda cls: str(cls.api_resource)
)
SERVED = [gvk for gvk in kinds_in_paths() if definition_of(*gvk)] if INPUT.is_dir() else []
WRONG: dict[str, Any] = {"str": 5, "int": "5", "float": "0.5", "bool": "true", "bytes": 5, "Quantity": {}}
WRONG |= {"IntOrString": 0.5, "Time": 5, "MicroTime": 5, "Duration": 5}


def test_the_kinds_are_those_of_the_package() -> None:
    assert len(KINDS) > 60


@functools.cache
def components() -> dict[str, Any]:
    """The JSON Schemas of all kinds and of all classes below them, as apispec makes them for OpenAPI 3.1."""
    plugin = marshmallow_plugin.MarshmallowPlugin(schema_name_resolver=name_of)
    spec = apispec.APISpec("Kubernetes", "v1.36", "3.1.0", plugins=[plugin])
    for cls in KINDS:
        if name_of(cls.schema()) not in spec.components.schemas:
            spec.components.schema(name_of(cls.schema()), schema=cls.schema())
    found: dict[str, Any] = spec.to_dict()["components"]
    return found


def name_of(schema: Schema) -> str:
    """Class names repeat across API groups."""
    return f"{type(schema).__module__}.{type(schema).__name__}"


def findings(cls: type[Model], document: Any) -> list[str]:
    """What a JSON Schema validator says of a document."""
    schema = {"$ref": f"#/components/schemas/{name_of(schema_for(cls))}", "components": components()}
    return [
        f"{error.json_path}: {error.message}" for error in jsonschema.Draft202012Validator(schema).iter_errors(document)
    ]


def models_of(kinds: Iterable[type[Model]]) -> Iterator[type[Model]]:
    seen: set[type[Model]] = set()
    waiting = list(kinds)
    while waiting:
        cls = waiting.pop()
        if cls not in seen:
            seen.add(cls)
            yield cls
            waiting += [found for spec in model_fields(cls).values() if (found := nested_model(spec.type))]


MODELS = sorted(models_of(KINDS), key=lambda cls: f"{cls.__module__}.{cls.__name__}")


@pytest.mark.parametrize("cls", KINDS, ids=lambda cls: str(cls.api_resource.gvk))
def test_objects_that_the_classes_declare_are_accepted(cls: type[Resource]) -> None:
    rng = random.Random(cls.__name__)
    for _ in range(3):
        document = document_of(cls, rng)
        assert findings(cls, document) == []


@pytest.mark.skipif(not INPUT.is_dir(), reason="the OpenAPI documents are not here")
@pytest.mark.parametrize("gvk", SERVED, ids=".".join)
def test_objects_that_the_servers_schemas_declare_are_accepted(gvk: tuple[str, str, str]) -> None:
    rng = random.Random(".".join(gvk))
    document = document_for(*gvk, rng)
    cls = REGISTRY.get(format_api_version(gvk[0], gvk[1]), gvk[2])
    assert findings(cls, document) == []
    inject_unknown(document, rng, str(definition_of(*gvk)))
    assert findings(cls, document) == []


BASES = [
    (path.stem, name, base)
    for path in sorted(FOLDER.glob("*.yaml"))
    for name, base in safe_load(path.read_text())["bases"].items()
]


@pytest.mark.parametrize("base", [base for _, _, base in BASES], ids=[f"{stem}: {name}" for stem, name, _ in BASES])
def test_the_valid_objects_of_the_conformance_corpus_are_accepted(base: dict[str, Any]) -> None:
    cls = REGISTRY.get(base["apiVersion"], base["kind"])
    assert findings(cls, base) == []
    assert cls.from_dict(base, strict=True).to_dict() == base


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: f"{cls.__module__.removeprefix('k8s_')}.{cls.__name__}")
def test_a_wrong_type_is_refused_in_every_field(cls: type[Model]) -> None:
    rng = random.Random(0)
    # Beyond the depth at which optional fields are left out.
    right = document_of(cls, rng, depth=99)
    assert findings(cls, right) == []
    for name, spec in model_fields(cls).items():
        for wrong in wrong_values(spec.type):
            document = {**copy.deepcopy(right), name: wrong}
            assert findings(cls, document), f"{cls.__name__}.{name} = {wrong!r}"
            assert cls.from_dict(document).validate(), f"{cls.__name__}.{name} = {wrong!r}"


def wrong_values(field_type: FieldType) -> Iterator[Any]:
    match field_type:
        case ModelType():
            yield "text"
            yield []
        case ListType():
            yield {}
            yield from ([wrong] for wrong in wrong_values(field_type.item))
        case MapType():
            yield []
            yield from ({"key": wrong} for wrong in wrong_values(field_type.value))
        case LiteralType():
            yield "no such value"
        case ScalarType():
            yield WRONG[field_type.name]
            yield []


def test_what_json_has_two_types_for_is_one_of_them() -> None:
    schemas = components()["schemas"]
    port = schemas[f"{ServicePort.__module__}.ServicePortSchema"]["properties"]["targetPort"]
    assert port["oneOf"] == [{"type": "integer"}, {"type": "string"}, {"type": "null"}]
    limits = schemas[f"{ResourceRequirements.__module__}.ResourceRequirementsSchema"]["properties"]["limits"]
    assert limits["additionalProperties"]["oneOf"] == [{"type": "string"}, {"type": "number"}, {"type": "null"}]


def test_types_that_contain_themselves_are_references() -> None:
    name = f"{JSONSchemaProps.__module__}.JSONSchemaPropsSchema"
    properties = components()["schemas"][name]["properties"]
    reference = {"$ref": f"#/components/schemas/{name}"}
    assert properties["not"] == {"anyOf": [reference, {"type": "null"}]}
    assert properties["properties"]["additionalProperties"] == {"anyOf": [reference, {"type": "null"}]}
    deep: dict[str, Any] = {"type": 5}
    for _ in range(20):
        deep = {"properties": {"a": deep}}
    assert findings(JSONSchemaProps, deep)


def test_fields_that_no_class_knows_are_allowed_at_every_depth() -> None:
    assert all(schema["additionalProperties"] is True for schema in components()["schemas"].values())


def test_a_kind_without_a_class_may_hold_anything() -> None:
    assert GenericResource.from_dict({"spec": {"a": [1]}, "status": {}, "x": 1}).validate() == {}
    assert set(GenericResource.from_dict({"spec": [], "metadata": 5}).validate()) == {"spec", "metadata"}


@pytest.mark.parametrize("cls", [Deployment, CustomResourceDefinition])
def test_marshmallow_jsonschema_reads_the_schemas_as_well(cls: type[Resource]) -> None:
    tool = pytest.importorskip("marshmallow_jsonschema", reason="marshmallow-jsonschema is not installed")
    schema = tool.JSONSchema().dump(cls.schema())
    validator = jsonschema.Draft7Validator(schema)
    document = document_of(cls, random.Random(1))
    assert [error.message for error in validator.iter_errors(document)] == []
    assert list(validator.iter_errors({**document, "metadata": {"labels": {"a": 5}}}))
