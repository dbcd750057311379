# SPDX-License-Identifier: Apache-2.0
"""Bodies that cannot be read, or not into their kind (protocol C30, J22): codes and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_documents import MAPS, PODS, deployment, quiet

if TYPE_CHECKING:
    from conformance_differences import Answers
    from wire import Wire

BEFORE = "the object provided is unrecognized (must be of type ConfigMap): "
PARSE = f"{BEFORE}couldn't get version/kind; json parse error: "
STRUCT = r'Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }'  # noqa: E501  # one text
UNREADABLE = {
    b"": f"{PARSE}unexpected end of JSON input (<empty>)",
    b"x": f"{PARSE}invalid character 'x' looking for beginning of value (78)",
    b"[1]": f"{PARSE}json: cannot unmarshal array into {STRUCT} (5b315d)",
    b'"a"': f"{PARSE}json: cannot unmarshal string into {STRUCT} (226122)",
    b'{"a":1': f'{PARSE}unexpected end of JSON input ({{"a":1)',
    b'{"kind":1}': f'{PARSE}json: cannot unmarshal number into Go struct field .kind of type string ({{"kind":1}})',
    b'{"apiVersion":"x/y/z","kind":"ConfigMap"}': f"{BEFORE}unexpected GroupVersion string: x/y/z "
    '({"apiVersion":"x/y/z","kind":" ...)',
    b'{"kind":"Other"}': 'Other in version "v1" cannot be handled as a ConfigMap: no kind "Other" is registered for '
    'version "v1" in scheme "{scheme}"',
}


@pytest.mark.parametrize("body", UNREADABLE)
def test_C30_unreadable_bodies(wire: Wire, body: bytes, answers: Answers) -> None:
    status = wire.fails(400, "POST", MAPS, body)
    (scheme,) = answers("scheme in the error of an unknown kind")
    assert (status["reason"], status["message"]) == ("BadRequest", UNREADABLE[body].replace("{scheme}", scheme))


def container(**fields: Any) -> Any:
    return {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a", **fields}]}}


NULLS = [
    ({"metadata": {"name": "a"}, "spec": {"containers": [None]}}, "spec.containers[0].name: Required value"),
    (container(env=[None]), "spec.containers[0].env[0].name: Required value"),
    (container(volumeMounts=[None]), "spec.containers[0].volumeMounts[0].name: Required value"),
    (container() | {"metadata": {"name": "a", "finalizers": [None]}}, "metadata.finalizers: Invalid value"),
]


@pytest.mark.parametrize(("document", "text"), NULLS)
def test_J22_nulls_in_lists_are_zero_values(wire: Wire, document: Any, text: str) -> None:
    assert text in wire.fails(422, "POST", PODS, document)["message"]


@quiet
def test_C39_a_refusal_warns_as_well(wire: Wire, answers: Answers) -> None:
    document = {"metadata": {"name": "a", "finalizers": [None]}, **container()["spec"]}
    reply = wire("POST", PODS, document)
    assert reply.status == 422
    assert reply.warnings in answers("warning of an unknown field of a Pod")


@pytest.mark.parametrize("value", [1.5, 1.0, 2**31, -(2**31) - 1, 2**70, "1", True, [], {}])
def test_J22_replicas_are_a_whole_number_of_32_bits(wire: Wire, value: Any) -> None:
    document = deployment("a")
    document["spec"]["replicas"] = value
    status = wire.fails(400, "POST", "/apis/apps/v1/namespaces/{ns}/deployments", document)
    assert status["message"].startswith('Deployment in version "v1" cannot be handled as a Deployment: ')


@pytest.mark.parametrize("metadata", ["x", [], 1, {"name": 1}, {"name": "a", "labels": ["a"]}, {"generation": 2**64}])
def test_J22_metadata_of_another_type(wire: Wire, metadata: Any) -> None:
    assert wire.fails(400, "POST", MAPS, {"metadata": metadata})["reason"] == "BadRequest"
