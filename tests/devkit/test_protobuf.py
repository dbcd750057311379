# SPDX-License-Identifier: Apache-2.0
"""Protobuf bodies, as clients since 1.32 send them: decoded whole, or refused (J29)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_core import CRDS, DEPLOYMENTS, Api

from k8s_devkit.api_server.requests.protobuf import MAGIC, CannotDecode, decode_protobuf

PROTOBUF = "application/vnd.kubernetes.protobuf"


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def data(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def envelope(api_version: str, kind: str, raw: bytes) -> bytes:
    return MAGIC + data(1, data(1, api_version) + data(2, kind)) + data(2, raw) + data(3, "") + data(4, "")


def entry(key: str, value: str) -> bytes:
    return data(1, key) + data(2, value)


def schema(properties: bytes) -> bytes:
    return data(2, data(7, data(1, "v1") + data(4, data(1, properties))))


def deployment() -> bytes:
    metadata = data(1, "web") + data(2, "") + data(8, b"") + data(11, entry("app", "web"))
    container = (
        data(1, "main") + data(2, "nginx:1") + data(8, b"") + number(16, 0) + data(6, number(3, 80) + data(4, ""))
    )
    template = data(1, data(11, entry("app", "web"))) + data(2, data(2, container) + number(11, 0))
    spec = (
        number(1, 0) + data(2, data(1, entry("app", "web"))) + data(3, template) + data(4, data(1, "")) + number(5, 0)
    )
    return envelope("apps/v1", "Deployment", data(1, metadata) + data(2, spec) + data(3, b""))


def test_J29_a_deployment() -> None:
    assert decode_protobuf(deployment()) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"app": "web"}},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "containers": [
                        {"name": "main", "image": "nginx:1", "ports": [{"containerPort": 80}], "resources": {}}
                    ]
                },
            },
        },
        "status": {},
    }


def test_J29_the_server_takes_it_and_answers_in_json(api: Api) -> None:
    accept = "application/vnd.kubernetes.protobuf,application/json"
    made = api.ok("POST", DEPLOYMENTS, deployment(), content_type=PROTOBUF, accept=accept)
    assert made["spec"]["replicas"] == 0


def test_J29_negative_numbers_bytes_and_times() -> None:
    options = decode_protobuf(envelope("v1", "DeleteOptions", number(1, -5) + number(3, 0) + data(5, "All")))
    assert options == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "gracePeriodSeconds": -5,
        "orphanDependents": False,
        "dryRun": ["All"],
    }
    metadata = data(1, "s") + data(8, number(1, 86_400))
    secret = decode_protobuf(envelope("v1", "Secret", data(1, metadata) + data(2, data(1, "k") + data(2, b"\xff"))))
    assert secret["data"] == {"k": "/w=="}
    assert secret["metadata"]["creationTimestamp"] == "1970-01-02T00:00:00Z"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        MAGIC,
        envelope("v1", "Unheard", b""),
        envelope("v1", "ConfigMap", data(99, "x")),
        envelope("v1", "ConfigMap", b"\x0a\xff"),
        envelope("v1", "ConfigMap", b"\x0d\x00\x00\x00\x00"),
        envelope("v1", "ConfigMap", data(1, data(1, b"\xff"))),
        envelope("v1", "ConfigMap", number(2, 1)),
        envelope("apps/v1", "Deployment", data(2, data(3, data(2, number(99, 1))))),
        # A schema's default may be any JSON, in a message of its own.
        envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", schema(data(8, data(1, "{}")))),
    ],
)
def test_J29_what_cannot_be_read_is_a_415(api: Api, body: bytes) -> None:
    with pytest.raises(CannotDecode):
        decode_protobuf(body)
    assert api.fails(415, "POST", DEPLOYMENTS, body, content_type=PROTOBUF)["reason"] == "UnsupportedMediaType"


@given(st.binary(max_size=60))
def test_J29_no_bytes_crash_the_reader(raw: bytes) -> None:
    for body in (MAGIC + raw, envelope("v1", "ConfigMap", raw)):
        try:
            assert "kind" in decode_protobuf(body)
        except CannotDecode:
            continue


def test_J29_quantities_ports_and_inlined_messages() -> None:
    quota = data(2, data(1, entry("pods", "") + data(2, data(1, "2"))))
    assert decode_protobuf(envelope("v1", "ResourceQuota", quota))["spec"] == {"hard": {"pods": "2"}}
    service = data(2, data(1, number(3, 80) + data(4, number(1, 1) + number(2, 0) + data(3, "http"))))
    assert decode_protobuf(envelope("v1", "Service", service))["spec"]["ports"] == [{"port": 80, "targetPort": "http"}]
    path = data(1, "/") + data(2, data(4, data(1, "web") + data(2, number(2, 80)))) + data(3, "Prefix")
    rule = data(1, "example.org") + data(2, data(1, data(1, path)))
    ingress = decode_protobuf(envelope("networking.k8s.io/v1", "Ingress", data(2, data(3, rule))))
    assert ingress["spec"]["rules"] == [
        {
            "host": "example.org",
            "http": {
                "paths": [
                    {
                        "path": "/",
                        "backend": {"service": {"name": "web", "port": {"number": 80}}},
                        "pathType": "Prefix",
                    }
                ]
            },
        }
    ]


def test_J29_zeros_of_what_is_always_written_and_parts_of_a_second() -> None:
    assert decode_protobuf(envelope("scheduling.k8s.io/v1", "PriorityClass", number(2, 0)))["value"] == 0
    lease = decode_protobuf(
        envelope("coordination.k8s.io/v1", "Lease", data(2, data(3, number(1, 60) + number(2, 5000))))
    )
    assert lease["spec"] == {"acquireTime": "1970-01-01T00:01:00.000005Z"}


def test_J29_a_zero_behind_a_pointer_is_a_value() -> None:
    strategy = data(1, "RollingUpdate") + data(2, data(1, number(1, 0) + number(2, 0)) + data(2, number(2, 1)))
    decoded = decode_protobuf(envelope("apps/v1", "Deployment", data(2, number(1, 0) + data(4, strategy))))
    assert decoded["spec"] == {
        "replicas": 0,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
    }


def test_J29_kinds_that_only_controllers_write() -> None:
    driver = envelope("storage.k8s.io/v1", "CSIDriver", data(1, data(1, "csi")) + data(2, number(1, 0) + data(3, "x")))
    assert decode_protobuf(driver)["spec"] == {"attachRequired": False, "volumeLifecycleModes": ["x"]}
    service = envelope("apiregistration.k8s.io/v1", "APIService", data(2, data(2, "a") + number(7, 9) + number(8, 0)))
    assert decode_protobuf(service)["spec"] == {"group": "a", "groupPriorityMinimum": 9, "versionPriority": 0}
    definition = envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", schema(data(5, "object")))
    assert decode_protobuf(definition)["spec"]["versions"] == [
        {"name": "v1", "schema": {"openAPIV3Schema": {"type": "object"}}}
    ]


@pytest.mark.parametrize("levels", [250, 5000])
def test_J29_messages_that_hold_themselves_too_often(api: Api, levels: int) -> None:
    inner = data(5, "object")
    for _ in range(levels):
        inner = data(28, inner)
    body = envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition", schema(inner))
    assert "this protobuf cannot be read" in api.fails(415, "POST", CRDS, body, content_type=PROTOBUF)["message"]
