# SPDX-License-Identifier: Apache-2.0
"""Answers that are no success: protocol C37-C40, as the client's verbs raise them."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, reply, status_body

from k8s_core.errors import (
    AlreadyExists,
    ApiError,
    Conflict,
    DecodeError,
    Expired,
    Gone,
    InternalError,
    Invalid,
    NotFound,
    RequestEntityTooLarge,
    ServerTimeout,
    ServiceUnavailable,
    Timeout,
    TooManyRequests,
)
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from conftest import Connect


def test_C37_a_status_is_parsed(connect: Connect) -> None:
    causes = [{"reason": "FieldValueRequired", "message": "Required value", "field": "spec.a"}]
    details = {"name": "x", "group": "apps", "kind": "Deployment", "uid": "u", "causes": causes}
    body = status_body(422, "Invalid", 'Deployment.apps "x" is invalid', **details)
    with ScriptedServer(reply(422, body)) as server, pytest.raises(Invalid) as caught:
        connect(server).create(ConfigMap(metadata=ObjectMeta(name="x")))
    error = caught.value
    assert (error.code, error.reason, error.message) == (422, "Invalid", 'Deployment.apps "x" is invalid')
    assert (error.details["name"], error.details["uid"], error.causes) == ("x", "u", causes)
    assert error.request == "POST /api/v1/namespaces/default/configmaps"
    assert error.request in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.causes) == (Invalid, causes)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 206])
def test_C37_the_range_of_success(connect: Connect, status: int) -> None:
    with ScriptedServer(reply(status, b'{"kind":"ConfigMap","apiVersion":"v1"}')) as server:
        assert connect(server).get(ConfigMap, "x").kind == "ConfigMap"


def test_C38_a_failure_with_a_status_of_success_is_an_error(connect: Connect) -> None:
    body = status_body(500, "InternalError", "This pod has more than one PodDisruptionBudget")
    with ScriptedServer(reply(201, body), reply(200, body)) as server:
        client = connect(server)
        with pytest.raises(InternalError) as caught:
            client.create(ConfigMap(metadata=ObjectMeta(name="x")))
        assert caught.value.code == 500
        with pytest.raises(InternalError):
            client.get(ConfigMap, "x")


def test_C38_an_object_that_contains_the_words_is_no_failure(connect: Connect) -> None:
    document = {"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "Failure", "b": "Status"}}
    with ScriptedServer(reply(200, json.dumps(document).encode())) as server:
        assert connect(server).get(ConfigMap, "x").data == {"a": "Failure", "b": "Status"}


@pytest.mark.parametrize(
    ("code", "expected", "reason"),
    [
        (404, NotFound, "NotFound"),
        (409, Conflict, "Conflict"),
        (410, Gone, "Gone"),
        (413, RequestEntityTooLarge, "RequestEntityTooLarge"),
        (429, TooManyRequests, "TooManyRequests"),
        (500, InternalError, "InternalError"),
        (502, InternalError, "InternalError"),
        (503, ServiceUnavailable, "ServiceUnavailable"),
        (504, Timeout, "Timeout"),
    ],
)
def test_C39_bodies_that_are_no_status(connect: Connect, code: int, expected: type[ApiError], reason: str) -> None:
    for body in (b"", b"<html><body>proxy</body></html>", b"404 page not found\n", b'{"kind":"Pod"}', b"\xff\xfe"):
        with ScriptedServer(reply(code, body, content_type="text/html")) as server, pytest.raises(expected) as caught:
            connect(server).replace(ConfigMap(metadata=ObjectMeta(name="x")))
        assert (caught.value.code, caught.value.reason) == (code, reason)


def test_C39_a_conflict_without_a_status_depends_on_the_method(connect: Connect) -> None:
    obj = ConfigMap(metadata=ObjectMeta(name="x"))
    with ScriptedServer(default=reply(409)) as server:
        client = connect(server)
        with pytest.raises(AlreadyExists):
            client.create(obj)
        with pytest.raises(Conflict):
            client.replace(obj)


def test_C39_a_bounded_part_of_the_body_is_kept(connect: Connect) -> None:
    with (
        ScriptedServer(reply(500, b"x" * 100_000, content_type="text/plain")) as server,
        pytest.raises(InternalError) as caught,
    ):
        connect(server).get(ConfigMap, "x")
    [cause] = caught.value.causes
    assert (cause["reason"], len(cause["message"])) == ("UnexpectedServerResponse", 2048)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (409, "AlreadyExists", AlreadyExists),
        (410, "Expired", Expired),
        (500, "ServerTimeout", ServerTimeout),
        (418, "NotFound", NotFound),
        (404, "SomethingNew", NotFound),
        (418, "SomethingNew", ApiError),
        (599, "SomethingNew", InternalError),
    ],
)
def test_C40_the_reason_decides(connect: Connect, code: int, reason: str, expected: type[ApiError]) -> None:
    with ScriptedServer(reply(code, status_body(code, reason))) as server, pytest.raises(ApiError) as caught:
        connect(server).get(ConfigMap, "x")
    assert type(caught.value) is expected
    if reason == "AlreadyExists":
        assert not isinstance(caught.value, Conflict)
    if reason == "Expired":
        assert not isinstance(caught.value, Gone)


def test_control_characters_of_a_server_are_visible_in_messages_and_drive_no_terminal(connect: Connect) -> None:
    document = {"kind": "Status", "status": "Failure", "code": 400, "message": "no\x1b[2J\x07\x9b\nline two"}
    with ScriptedServer(reply(400, json.dumps(document).encode())) as server, pytest.raises(ApiError) as caught:
        connect(server).get(ConfigMap, "x")
    assert "noU+001B[2JU+0007U+009B\nline two" in str(caught.value)
    assert caught.value.status["message"] == document["message"]


@pytest.mark.parametrize("value", ["7", "Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1.5", "9" * 5000])
def test_retry_after_is_known_where_it_is_whole_seconds(connect: Connect, value: str) -> None:
    with (
        ScriptedServer(reply(404, status_body(404, "NotFound"), {"Retry-After": value})) as server,
        pytest.raises(NotFound) as caught,
    ):
        connect(server).get(ConfigMap, "x")
    assert caught.value.retry_after_seconds == (7 if value == "7" else None)


@pytest.mark.parametrize("body", [b"", b"<html>login</html>", b"[]", b"null", b'{"kind":', b'"text"', b"\xff{}"])
def test_an_answer_of_success_that_is_no_object(connect: Connect, body: bytes) -> None:
    with ScriptedServer(default=reply(200, body)) as server:
        client = connect(server)
        for read in (
            lambda: client.get(ConfigMap, "x"),
            lambda: client.list(ConfigMap),
            lambda: client.table(ConfigMap),
        ):
            with pytest.raises(DecodeError):
                read()


def test_the_connection_is_free_after_an_error(connect: Connect) -> None:
    with ScriptedServer(default=reply(404, status_body(404, "NotFound"))) as server:
        client = connect(server)
        for _ in range(5):
            with pytest.raises(NotFound):
                client.get(ConfigMap, "x")
        assert server.connections == 1
