# SPDX-License-Identifier: Apache-2.0
"""The error tree: reasons decide the class, and any body gives a typed error (protocol C37-C40)."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core import errors
from k8s_core.errors import api_error, api_error_from_status
from k8s_core.errors.hints import did_you_mean


def status(code: int, reason: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": "m",
        "reason": reason,
        "code": code,
        **more,
    }


def test_C37_the_status_is_exposed() -> None:
    body = status(
        422,
        "Invalid",
        details={"name": "n", "causes": [{"reason": "FieldValueRequired", "field": "spec"}], "retryAfterSeconds": 3},
    )
    error = api_error(422, json.dumps(body).encode(), method="POST", request="create pods")
    assert isinstance(error, errors.Invalid)
    assert (error.code, error.reason, error.message, error.retry_after_seconds) == (422, "Invalid", "m", 3)
    assert error.causes == [{"reason": "FieldValueRequired", "field": "spec"}]
    assert error.status == body
    assert str(error) == "create pods: m (422 Invalid)"


@pytest.mark.parametrize(
    ("code", "reason", "expected"),
    [
        (409, "AlreadyExists", errors.AlreadyExists),
        (409, "Conflict", errors.Conflict),
        (410, "Expired", errors.Expired),
        (410, "Gone", errors.Gone),
        (500, "ServerTimeout", errors.ServerTimeout),
        (500, "InternalError", errors.InternalError),
        (418, "NotFound", errors.NotFound),
        (404, "SomethingNew", errors.NotFound),
        (409, "", errors.Conflict),
        (429, "SomethingNew", errors.TooManyRequests),
        (599, "", errors.InternalError),
        (418, "", errors.ApiError),
    ],
)
def test_C40_the_reason_decides_and_the_code_only_where_it_is_unknown(code: int, reason: str, expected: type) -> None:
    assert type(api_error(code, json.dumps(status(code, reason)).encode(), method="PUT")) is expected


def test_C40_already_exists_is_no_conflict_and_expired_is_not_gone() -> None:
    assert not issubclass(errors.AlreadyExists, errors.Conflict)
    assert not issubclass(errors.Expired, errors.Gone)


def test_C29_apply_conflicts_list_field_and_owner() -> None:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl" using apps/v1',
            "field": ".spec.replicas",
        }
    ]
    error = api_error_from_status(status(409, "Conflict", details={"causes": causes}))
    assert isinstance(error, errors.ApplyConflict)
    assert error.conflicts[0]["field"] == ".spec.replicas"
    assert error.conflicts[0]["manager"] == "kubectl"


@pytest.mark.parametrize(
    ("code", "method", "expected"),
    [
        (404, "GET", errors.NotFound),
        (409, "POST", errors.AlreadyExists),
        (409, "PUT", errors.Conflict),
        (503, "GET", errors.ServiceUnavailable),
        (504, "GET", errors.Timeout),
        (429, "GET", errors.TooManyRequests),
        (502, "GET", errors.InternalError),
        (401, "GET", errors.Unauthorized),
    ],
)
def test_C39_a_body_that_is_no_status_gives_the_error_of_its_code(code: int, method: str, expected: type) -> None:
    error = api_error(code, b"<html>proxy says no</html>", method=method, content_type="text/html")
    assert type(error) is expected
    assert error.causes == [{"reason": "UnexpectedServerResponse", "message": "<html>proxy says no</html>"}]
    assert "<html>" not in str(error)


def test_C39_the_text_of_a_body_is_bounded() -> None:
    error = api_error(500, b"x" * 1_000_000, method="GET", content_type="text/plain")
    assert len(error.causes[0]["message"]) == 2048
    assert len(str(error)) < 300


def test_the_retry_after_header_wins_over_the_details() -> None:
    body = json.dumps(status(429, "TooManyRequests", details={"retryAfterSeconds": 9})).encode()
    assert api_error(429, body, method="GET", retry_after=2).retry_after_seconds == 2
    assert api_error(429, b"", method="GET", retry_after=2).retry_after_seconds == 2


@given(
    st.integers(100, 999),
    st.binary(max_size=40)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda v: (
            st.lists(v)
            | st.dictionaries(st.sampled_from(["kind", "details", "causes", "code", "reason", "message"]), v)
        ),
        max_leaves=8,
    ).map(lambda v: json.dumps({"kind": "Status", "details": v, "reason": v, "code": v}).encode()),
)
def test_any_body_gives_an_ApiError_that_can_be_pickled(code: int, body: bytes) -> None:
    error = api_error(code, body, method="GET")
    assert isinstance(error, errors.ApiError)
    clone = pickle.loads(pickle.dumps(error))
    assert (type(clone), str(clone), clone.status) == (type(error), str(error), error.status)


def test_the_tree_has_one_root_and_every_name_is_exported() -> None:
    for name in errors.__all__:
        thing = getattr(errors, name)
        if isinstance(thing, type):
            assert issubclass(thing, errors.KubernetesError | Warning)
            assert thing.__doc__
            assert name in (errors.__doc__ or "") or issubclass(thing, Warning)


@pytest.mark.parametrize("number", [True, 0, "404", None, 1.5, [404]])
def test_numbers_of_a_status_that_are_none_are_not_taken(number: Any) -> None:
    body = status(number, "", details={"retryAfterSeconds": number, "causes": [None, 1, {"reason": None}]})
    error = api_error(404, json.dumps(body).encode(), method="GET")
    assert isinstance(error, errors.NotFound)
    assert (error.code, error.retry_after_seconds) == (404, None)


def test_a_pickled_error_keeps_what_was_added_to_it() -> None:
    causes = [{"reason": "FieldManagerConflict", "message": None, "field": None}]
    error = api_error_from_status(status(409, "Conflict", details={"causes": causes}))
    assert isinstance(error, errors.ApplyConflict)
    assert error.conflicts == [{"field": "", "manager": "", "message": ""}]
    error.conflicts[0]["live"] = 1
    invalid = errors.ValidationError({"a": ["b"]}, subject="s")
    for one in (error, invalid):
        one.add_note("while testing")
        twin = pickle.loads(pickle.dumps(one))
        assert (type(twin), str(twin), twin.__notes__) == (type(one), str(one), ["while testing"])
    assert pickle.loads(pickle.dumps(error)).conflicts[0]["live"] == 1


def test_messages_offer_what_comes_near_whatever_its_case() -> None:
    known = ("replicas", "revisionHistoryLimit", "")
    assert did_you_mean("REPLCAS", known) == "; did you mean 'replicas'?"
    assert did_you_mean("revision_history_limit", known) == "; did you mean 'revisionHistoryLimit'?"
    assert did_you_mean("paused", known) == ""
    assert did_you_mean("pod", ("pods", "pod.v1", "Pod"), count=2) == "; did you mean 'Pod' or 'pods'?"
