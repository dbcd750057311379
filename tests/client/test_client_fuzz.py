# SPDX-License-Identifier: Apache-2.0
"""Whatever a server answers, a verb gives an object or one of our own errors (issue 5)."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply

from k8s_core.errors import DecodeError, KubernetesError
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripted_server import RecordedRequest

    from conftest import Connect
    from k8s_core.client import Client

SEED = 20261122
ROUNDS = 400

POD = {
    "kind": "Pod",
    "apiVersion": "v1",
    "metadata": {
        "name": "p",
        "uid": "u",
        "resourceVersion": "1",
        "labels": {"a": "b"},
        "managedFields": [{"manager": "m"}],
    },
    "spec": {"containers": [{"name": "c", "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "1"}}}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}]},
}
DOCUMENTS: list[Any] = [
    POD,
    {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1", "continue": ""}, "items": [POD, POD]},
    {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Conflict", "code": 409,
     "details": {"causes": [{"reason": "FieldManagerConflict", "field": ".a", "message": 'with "x"'}]}},
    {"kind": "Table", "columnDefinitions": [{"name": "Name"}], "rows": [{"cells": ["a"], "object": {}}]},
    {"kind": "APIGroupDiscoveryList", "items": [{"metadata": {"name": "g"}, "versions": [{"version": "v1"}]}]},
]  # fmt: skip
ODD = [None, True, -1, 1.5, "", "text", [], {}, [[]], {"": None}, "\ud800", 10**40, [None, 1, "x", {}], {"kind": 5}]


def mutated(document: Any, chance: random.Random) -> Any:
    """A copy with some values replaced by odd ones, keys dropped and added."""
    if chance.random() < 0.06:
        return chance.choice(ODD)
    if isinstance(document, dict):
        copy = {key: mutated(value, chance) for key, value in document.items() if chance.random() > 0.05}
        if chance.random() < 0.1:
            copy[chance.choice(["metadata", "items", "kind", "x"])] = chance.choice(ODD)
        return copy
    if isinstance(document, list):
        return [mutated(item, chance) for item in document for _ in range(chance.choice([1, 1, 1, 0, 2]))]
    return document


def mangled(body: bytes, chance: random.Random) -> bytes:
    """The bytes, now and then cut, changed, or with invalid UTF-8 inside."""
    how = chance.randrange(8)
    position = chance.randrange(len(body) + 1)
    if how == 0:
        return body[:position]
    if how == 1:
        return body[:position] + bytes([chance.randrange(256)]) + body[position:]
    if how == 2:
        return body[:position] + b"\xff\xfe" + body[position + 2 :]
    if how == 3:
        return body.replace(b"1", b"NaN", 1)
    return body


def touch(obj: Any) -> None:
    """Read what programs read."""
    if isinstance(obj, list):
        for item in obj:
            touch(item)
        return
    repr(obj)
    for path in (("metadata", "labels"), ("spec", "replicas"), ("status", "conditions"), ("details", "causes")):
        # A field of another type than declared is shown as it came.
        getattr(getattr(obj, path[0], None), path[1], None)
    getattr(obj, "to_dict", dict)()


VERBS: list[Callable[[Client], Any]] = [
    lambda c: c.get(Pod, "p"),
    lambda c: c.list(Pod, limit=None),
    lambda c: c.create(ConfigMap(metadata=ObjectMeta(name="x"))),
    lambda c: c.replace(Pod.from_dict({"metadata": {"name": "p"}})),
    lambda c: c.patch(Pod, "p", MergePatch({})),
    lambda c: c.apply(ConfigMap(metadata=ObjectMeta(name="x")), field_manager="m"),
    lambda c: c.delete(Pod, "p"),
    lambda c: c.delete_collection(Pod, everything=True),
    lambda c: c.get_metadata(Pod, "p"),
    lambda c: c.list_metadata(Pod, limit=None),
    lambda c: c.table(Pod),
    lambda c: c.scale(Pod, "p", replicas=1),
    lambda c: Pod(metadata=ObjectMeta(name="p")).evict(wait=0, client=c),
    lambda c: c.edit(
        Pod.from_dict({"metadata": {"name": "p"}}), lambda fresh: setattr(fresh, "status", {"phase": "x"})
    ),
    lambda c: c.resource("g.g"),
    lambda c: c.server_version(),
    lambda c: c.openapi_paths(),
]


def test_fuzzed_answers_raise_typed_errors_only(connect: Connect) -> None:
    chance = random.Random(SEED)
    codes = [200, 200, 200, 201, 202, 204, 304, 400, 404, 409, 410, 422, 429, 500, 503]

    def handler(request: RecordedRequest) -> Any:
        body = json.dumps(mutated(chance.choice(DOCUMENTS), chance)).encode()
        content_type = chance.choice(
            ["application/json", "text/html", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"]
        )
        code = chance.choice(codes)
        return reply(code, b"" if code in (204, 304) else mangled(body, chance), content_type=content_type)

    outcomes = {"object": 0, "error": 0}
    with ScriptedServer(handler=handler) as server:
        client = connect(server)
        for number in range(ROUNDS):
            try:
                touch(VERBS[number % len(VERBS)](client))
                outcomes["object"] += 1
            except KubernetesError:
                outcomes["error"] += 1
    assert min(outcomes.values()) > ROUNDS / 10, outcomes


def test_a_large_object(connect: Connect) -> None:
    data = {f"key-{number}": "x" * 1100 for number in range(3 * 1024)}
    body = json.dumps({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "x"}, "data": data}).encode()
    assert len(body) > 3 << 20
    with ScriptedServer(default=reply(200, body)) as server:
        client = connect(server)
        obj = client.get(ConfigMap, "x")
        assert len(obj.data) == 3 * 1024
        client.replace(obj)
        assert len(server.requests[1].body) > 3 << 20


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_an_error_and_no_crash(connect: Connect, opening: bytes) -> None:
    body = b'{"kind":"Pod","apiVersion":"v1","spec":' + opening * 200_000
    with ScriptedServer(default=reply(200, body)) as server:
        client = connect(server)
        for read in (lambda: client.get(Pod, "x").to_dict(), lambda: client.list(Pod), lambda: client.delete(Pod, "x")):
            with pytest.raises(DecodeError):
                read()


@pytest.mark.parametrize("body", [b'{"kind":"Pod","spec":{"x":NaN}}', b'{"kind":"Pod","spec":{"x":Infinity}}'])
def test_what_is_no_json_number(connect: Connect, body: bytes) -> None:
    with ScriptedServer(default=reply(200, body)) as server, pytest.raises(DecodeError):
        connect(server).get(Pod, "x").to_dict()
