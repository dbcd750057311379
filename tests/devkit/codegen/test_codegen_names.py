# SPDX-License-Identifier: Apache-2.0
"""Python names for Kubernetes' names."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_devkit.codegen.names import (
    attribute_name,
    class_name,
    group_labels,
    implied_wire_name,
    version_priority,
)


@pytest.mark.parametrize(
    ("wire_name", "attribute"),
    [
        ("containerPort", "containerPort"),
        ("from", "from_"),
        ("except", "except_"),
        ("list", "list_"),
        ("str", "str_"),
        ("copy", "copy_"),
        ("type", "type"),
        ("$ref", "ref"),
        ("x-kubernetes-list-type", "x_kubernetes_list_type"),
        ("9lives", "n9lives"),
        ("_private", "private"),
        ("a.b/c", "a_b_c"),
        ("größe", "größe"),
        ("-", "field"),
    ],
)
def test_attributes(wire_name: str, attribute: str) -> None:
    assert attribute_name(wire_name) == attribute


def test_an_attribute_must_not_hide_the_class_that_its_annotation_names() -> None:
    assert attribute_name("Selector", {"Selector"}) == "Selector_"
    assert attribute_name("selector", {"Selector"}) == "selector"


@given(st.text(max_size=12))
def test_every_wire_name_gets_an_identifier(wire_name: str) -> None:
    name = attribute_name(wire_name)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert not name.startswith("_")


def test_the_wire_name_that_the_model_implies() -> None:
    assert implied_wire_name("from_") == "from"
    assert implied_wire_name("image") == "image"


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("CronTabSpec", "jobTemplate"), "CronTabSpecJobTemplate"),
        (("x-y_z",), "XYZ"),
        (("9",), "N9"),
        (("-",), "Model"),
        (("none",), "None_"),
        (("x\ny", "z)"), "XYZ"),
    ],
)
def test_classes(parts: tuple[str, ...], name: str) -> None:
    assert class_name(*parts) == name


@given(st.text(max_size=12))
def test_every_text_gets_a_class_name(text: str) -> None:
    name = class_name(text)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)


def test_groups_with_the_same_first_label() -> None:
    assert group_labels(
        ["apps", "", "apps.openshift.io", "networking.k8s.io", "networking.istio.io", "cert-manager.io"]
    ) == {
        "": "core",
        "apps": "apps",
        "apps.openshift.io": "apps_openshift_io",
        "networking.k8s.io": "networking",
        "networking.istio.io": "networking_istio_io",
        "cert-manager.io": "cert_manager",
    }


def test_versions_are_ordered_as_kubernetes_prefers_them() -> None:
    versions = ["foo1", "v1alpha1", "v1", "v2beta1", "v10", "v1beta2", "v2", "bar"]
    assert sorted(versions, key=version_priority) == [
        "v10",
        "v2",
        "v1",
        "v2beta1",
        "v1beta2",
        "v1alpha1",
        "bar",
        "foo1",
    ]
