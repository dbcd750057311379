# SPDX-License-Identifier: Apache-2.0
"""The data rules of protocol section E, end to end: what a server sends is what it gets back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import ScriptedServer, reply

from k8s_core.errors import Invalid, RequestError
from k8s_core.kinds import APIResource
from k8s_core.meta import ObjectMeta, generic_resource
from k8s_core.model.codec import encode_json, load_resource
from k8s_core.patches import ApplyPatch, MergePatch
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod, Service
from k8s_plugins_builtin.networking.v1 import NetworkPolicy

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import Client

THING = generic_resource(APIResource("x.example", "v1", "Thing", "things"))


def round_trip(connect: Connect, kind: type[Any], document: bytes, change: Any = None) -> str:
    """Read, change, replace; the body that the server got, as text."""
    with ScriptedServer(default=reply(200, document)) as server:
        client = connect(server)
        obj = client.get(kind, "x")
        (change or (lambda fresh: setattr(fresh.metadata, "generation", 7)))(obj)
        client.replace(obj)
        return server.requests[1].body.decode()


def thing(spec: str) -> bytes:
    return f'{{"kind":"Thing","apiVersion":"x.example/v1","metadata":{{"name":"x"}},"spec":{spec}}}'.encode()


@pytest.mark.parametrize(
    "spec",
    [
        '{"n":9223372036854775807,"m":-9223372036854775808}',
        '{"one":1,"float":1.0,"exp":1e3,"small":1e-7}',
        '{"null":null,"empty":{},"list":[],"text":"","zero":0,"no":false}',
        '{"quantity":"1Gi","yes":"yes","time":"2026-01-02T03:04:05Z","number":"010"}',
        '{"Key":1,"key":2,"KEY":3}',
        '{"deep":{"a":[{"b":[[null,{}]]}]},"unicode":"\\u00e4\\ud83d\\ude00"}',
    ],
)
def test_E1_E2_E4_E13_untouched_values_go_back_as_they_came(connect: Connect, spec: str) -> None:
    sent = round_trip(connect, THING, thing(spec))
    assert f'"spec":{spec}' in sent


@pytest.mark.parametrize("spec", ['{"n":9223372036854775807,"one":1,"float":1.0,"null":null,"empty":{},"list":[]}'])
def test_E4_touched_parts_keep_their_numbers(connect: Connect, spec: str) -> None:
    sent = json.loads(round_trip(connect, THING, thing(spec), lambda fresh: setattr(fresh.spec, "added", True)))
    assert json.dumps(sent["spec"]) == json.dumps({**json.loads(spec), "added": True})


def test_E3_the_last_of_duplicate_keys_counts(connect: Connect) -> None:
    document = (
        b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"y"},"metadata":{"name":"x"},'
        b'"data":{"a":"1","a":"2"}}'
    )
    with ScriptedServer(default=reply(200, document)) as server:
        obj = connect(server).get(ConfigMap, "x")
    assert (obj.metadata.name, obj.data) == ("x", {"a": "2"})
    assert "A" not in obj.data


def test_E2_an_empty_selector_is_not_an_absent_one(connect: Connect) -> None:
    everything = NetworkPolicy.from_dict({"metadata": {"name": "x"}, "spec": {"podSelector": {}}})
    with ScriptedServer(default=reply(201, b'{"kind":"NetworkPolicy","apiVersion":"networking.k8s.io/v1"}')) as server:
        connect(server).create(everything)
    assert json.loads(server.requests[0].body)["spec"] == {"podSelector": {}}


def test_E2_null_in_a_merge_patch_is_sent(connect: Connect) -> None:
    with ScriptedServer(default=reply(200, b'{"kind":"ConfigMap","apiVersion":"v1"}')) as server:
        connect(server).patch(ConfigMap, "x", MergePatch({"data": {"a": None}, "metadata": {"labels": {}}}))
    assert server.requests[0].body == b'{"data":{"a":null},"metadata":{"labels":{}}}'


def test_E5_int_or_string_keeps_its_type(connect: Connect) -> None:
    # A scripted server: a real one refuses digits as a name. The client must not make a number of them.
    document = (
        b'{"kind":"Service","apiVersion":"v1","metadata":{"name":"s"},"spec":{"ports":['
        b'{"name":"a","port":80,"targetPort":8080},{"name":"b","port":81,"targetPort":"8080"}]}}'
    )
    read: list[object] = []
    sent = json.loads(
        round_trip(connect, Service, document, lambda service: read.extend(p.targetPort for p in service.spec.ports))
    )
    assert read == [8080, "8080"]
    assert [port["targetPort"] for port in sent["spec"]["ports"]] == [8080, "8080"]


def test_E14_managed_fields_are_never_reset_by_accident(connect: Connect) -> None:
    document = b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x"},"data":{"a":"1"}}'
    sent = json.loads(round_trip(connect, ConfigMap, document, lambda fresh: list(fresh.metadata.managedFields)))
    assert "managedFields" not in sent["metadata"]
    assert (
        "managedFields"
        not in ApplyPatch(ConfigMap.from_dict({"metadata": {"name": "x", "managedFields": []}})).content["metadata"]
    )


def test_E15_resource_versions_are_texts(connect: Connect) -> None:
    with ScriptedServer(
        default=reply(200, b'{"kind":"PodList","metadata":{"resourceVersion":"007"},"items":[]}')
    ) as server:
        client = connect(server)
        assert client.list(Pod).resource_version == "007"
        with pytest.raises(RequestError, match="write '7'"):
            client.list(Pod, resource_version=7)  # type: ignore[call-overload]  # wrong on purpose
    assert len(server.requests) == 1


def test_E16_nothing_is_added_to_what_is_sent(connect: Connect) -> None:
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "x"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80}]}]}},
        },
    }
    obj = Deployment.from_dict(document)
    for touch in (obj.spec.replicas, obj.status.phase if hasattr(obj.status, "phase") else None, obj.metadata.labels):
        assert not touch
    with ScriptedServer(default=reply(201, b'{"kind":"Deployment","apiVersion":"apps/v1"}')) as server:
        client = connect(server)
        client.create(obj)
        client.apply(obj, field_manager="m")
    assert [json.loads(request.body) for request in server.requests] == [document, document]


def test_E17_annotations_that_are_too_large_are_the_servers_to_refuse(client: Client) -> None:
    large = ConfigMap(metadata=ObjectMeta(name="x", annotations={"a": "x" * (256 * 1024 + 1)}))
    with pytest.raises(Invalid, match=r"metadata\.annotations"):
        client.create(large)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@examples(30)
@given(st.dictionaries(st.text(max_size=4), _VALUES, max_size=4))
def test_E1_any_spec_survives_read_modify_write(spec: dict[str, Any]) -> None:
    document = {"kind": "Thing", "apiVersion": "x.example/v1", "metadata": {"name": "x"}, "spec": spec}
    obj = load_resource(THING, json.dumps(document).encode())
    obj.metadata.labels["added"] = "yes"
    expected = {**document, "metadata": {"name": "x", "labels": {"added": "yes"}}}
    assert json.dumps(json.loads(encode_json(obj))) == json.dumps(expected)
