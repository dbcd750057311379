# SPDX-License-Identifier: Apache-2.0
"""``client.explain``: what kubectl's explain shows, from the server's OpenAPI documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.client.explaining import _fields, _type
from k8s_core.errors import InvalidName, RequestError, UnknownKindError
from k8s_plugins_builtin.apps.v1 import Deployment

if TYPE_CHECKING:
    from k8s_core import Client
    from k8s_devkit import ApiServer

LONG = (
    "How large it is. This is a description that is too long for a line of a terminal, with a link to "
    "https://example.com/a/page/whose/address/is/longer/than/a/line/should/be/and/is/not-broken-by-hyphens-or-anything"
)
PROPERTIES: dict[str, Any] = {
    "size": {"type": "integer", "description": LONG},
    "colour": {
        "type": "string",
        "enum": ["red", "blue"],
        "description": "Its colour.\n\nDefaults to red:\n - red\n - blue",
    },
    "parts": {
        "type": "array",
        "description": "Its parts.",
        "items": {
            "type": "object",
            "description": "One part.",
            "required": ["name"],
            "properties": {
                "name": {"type": "string"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    },
}


@pytest.fixture(scope="module")
def _widgets(api: ApiServer) -> None:
    spec = {"type": "object", "description": "What it should be.", "required": ["size"], "properties": PROPERTIES}
    schema = {"openAPIV3Schema": {"type": "object", "description": "A widget.", "properties": {"spec": spec}}}
    versions = [
        {"name": "v1", "served": True, "storage": True, "schema": schema},
        {"name": "v1beta1", "served": True, "storage": False, "schema": {"openAPIV3Schema": {"type": "object"}}},
    ]
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wdg"]}
    with api.client() as client:
        crd = client.create(
            {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {"name": "widgets.example.com"},
                "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": versions},
            }
        )
        client.wait(crd, "condition=Established")


usefixtures = pytest.mark.usefixtures("_widgets")


@usefixtures
def test_a_field_with_fields_prints_as_kubectl_prints_it(client: Client) -> None:
    assert (
        str(client.explain("widget.spec"))
        == f"""\
GROUP:      example.com
KIND:       Widget
VERSION:    v1

FIELD: spec <Object>

DESCRIPTION:
    What it should be.

FIELDS:
  colour\t<string>
  enum: red, blue
    Its colour.

    Defaults to red:
     - red
     - blue

  parts\t<[]Object>
    Its parts.

  size\t<integer> -required-
    How large it is. This is a description that is too long for a line of a
    terminal, with a link to
    {LONG.rpartition(" ")[2]}"""
    )


@usefixtures
def test_recursive_lists_the_fields_of_the_fields(client: Client) -> None:
    _, _, fields = str(client.explain("wdg.spec", recursive=True)).partition("FIELDS:\n")
    assert (
        fields
        == """\
  colour\t<string>
  enum: red, blue
  parts\t<[]Object>
    labels\t<map[string]string>
    name\t<string> -required-
  size\t<integer> -required-"""
    )


@usefixtures
def test_a_field_without_fields_prints_its_values(client: Client) -> None:
    assert (
        str(client.explain("widget.spec.colour"))
        == """\
GROUP:      example.com
KIND:       Widget
VERSION:    v1

FIELD: colour <string>
ENUM:
    red
    blue

DESCRIPTION:
    Its colour.

    Defaults to red:
     - red
     - blue"""
    )


@usefixtures
def test_the_path_leads_through_lists_and_the_description_is_also_that_of_the_items(client: Client) -> None:
    parts = client.explain("widget.spec.parts")
    assert parts.description == "Its parts.\nOne part."
    assert [(field.name, field.type, field.required) for field in parts.fields] == [
        ("labels", "map[string]string", False),
        ("name", "string", True),
    ]
    assert client.explain("widget.spec.parts.labels").path == ("spec", "parts", "labels")


def test_a_kind_of_the_legacy_group_has_no_group(client: Client) -> None:
    text = str(client.explain("po"))
    assert text.startswith("KIND:       Pod\nVERSION:    v1\n\nDESCRIPTION:\n")
    assert "\n  spec\t<PodSpec>\n" in text


@pytest.mark.parametrize("name", ["deployment", "deploy", "Deployment", "deployments.apps"])
def test_a_kind_by_each_of_its_names(client: Client, name: str) -> None:
    assert client.explain(name) == client.explain(Deployment)
    replicas = client.explain(f"{name}.spec.replicas")
    assert (replicas.group, replicas.kind, replicas.type) == ("apps", "Deployment", "integer")


def test_types_by_reference_have_their_names(client: Client) -> None:
    fields = {field.name: field for field in client.explain("deployment.spec").fields}
    assert fields["template"].type == "PodTemplateSpec"
    assert fields["selector"].required
    assert client.explain("pod.spec.containers").type == "[]Container"
    assert client.explain("pod.spec.containers.ports.containerPort").type == "integer"
    assert client.explain("pod.metadata.labels").type == "map[string]string"
    assert client.explain("pod.metadata.creationTimestamp").type == "string"
    assert client.explain("pod.status.podIPs.ip").type == "string"
    assert client.explain("service.spec.ports.targetPort").type == "IntOrString"


def test_the_same_name_in_two_groups(client: Client) -> None:
    assert client.explain("events").group == ""
    assert client.explain("events.events.k8s.io.regarding.name").group == "events.k8s.io"


@usefixtures
def test_another_version_than_the_preferred_one(client: Client) -> None:
    assert client.explain("widget", api_version="example.com/v1beta1").version == "v1beta1"
    assert client.explain("widget", api_version="example.com/v1").version == "v1"
    with pytest.raises(RequestError, match=r"does not serve Widget in 'example\.com/v2'"):
        client.explain("widget", api_version="example.com/v2")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("deployment.spec.replica", r"Deployment\.spec has no field 'replica'; did you mean 'replicas'"),
        ("deployment.nothing", r"Deployment has no field 'nothing'; it has apiVersion, kind, metadata, spec, status"),
        ("configmap.data.a", r"ConfigMap\.data has no field 'a'$"),
        ("pod.spec..containers", r"Pod\.spec has no field ''"),
    ],
)
def test_a_field_that_does_not_exist(client: Client, name: str, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        client.explain(name)


def test_a_kind_that_does_not_exist(client: Client) -> None:
    with pytest.raises(UnknownKindError, match="did you mean 'deployments'"):
        client.explain("deploymint.spec")
    with pytest.raises(InvalidName):
        client.explain("")


# -- schemas that no document here has

REFERENCE = "#/components/schemas/io.example."


def test_a_type_within_itself_ends() -> None:
    schemas = {"io.example.Node": {"properties": {"child": {"$ref": f"{REFERENCE}Node"}, "name": {"type": "string"}}}}
    (child, name) = _fields({"$ref": f"{REFERENCE}Node"}, schemas, recursive=True)
    assert (child.type, child.fields, name.name) == ("Node", (), "name")


def test_references_in_a_circle_and_to_nothing() -> None:
    schemas = {"io.example.A": {"$ref": f"{REFERENCE}A"}}
    assert _fields({"$ref": f"{REFERENCE}A"}, schemas, recursive=True) == ()
    assert _fields({"$ref": f"{REFERENCE}B"}, schemas, recursive=False) == ()
    assert _type({"$ref": f"{REFERENCE}B"}, schemas) == "B"
