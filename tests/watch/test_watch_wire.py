# SPDX-License-Identifier: Apache-2.0
"""What frames of a watch mean (protocol D4-D9, E15). Pure: no fixtures."""

from __future__ import annotations

import json

import pytest
from simulated_api import frame, status
from state_talk import EXPIRED, Talk, api_failure, item, said, started

from k8s_core.errors import ApiError, ResponseTruncated
from k8s_core.watch.identity import is_newer
from k8s_core.watch.instructions import Wait


def test_D1_every_type_of_frame_has_its_meaning() -> None:
    talk = started(item("a", 3))
    assert talk.event("ADDED", item("b", 6)) == ["ADDED b@6"]
    assert talk.event("MODIFIED", item("b", 7)) == ["MODIFIED b@7"]
    assert talk.event("DELETED", item("b", 8)) == ["DELETED b@8"]
    assert talk.bookmark(9) == []
    assert talk.event("ERROR", status(500, "InternalError")) == []
    assert not talk.state.reading


def test_D1_an_unknown_type_ends_the_watch_with_a_decoding_error() -> None:
    talk = started()
    talk.event("PATCHED", item("b", 6))
    wait = talk.state.next()
    assert isinstance(wait, Wait)
    assert "unable to decode an event from the watch stream" in str(wait.error)


def test_D4_a_fragment_at_the_end_is_a_disconnect_and_no_event() -> None:
    whole = frame("ADDED", item("b", 6))
    for cut in range(1, len(whole) - 1):
        talk = started()
        assert said(talk.state.feed(whole[:cut])) == []
        talk.close()
        assert talk.open().resource_version == "5"
        assert said(talk.state.feed(whole)) == ["ADDED b@6"]


def test_D4_invalid_json_is_an_error_of_code_500_and_the_list_is_asked_again() -> None:
    talk = started(item("a", 3))
    assert said(talk.state.feed(frame("ADDED", item("b", 6)) + b'{"type":"ADDED","object":{"a":tru}}\n')) == [
        "ADDED b@6"
    ]
    assert not talk.state.reading
    wait = talk.state.next()
    assert isinstance(wait, Wait)
    assert isinstance(wait.error, ApiError)
    assert wait.error.code == 500
    assert [cause["reason"] for cause in wait.error.causes] == ["ClientWatchDecoding"]
    assert talk.list(item("a", 3), item("b", 6), version=7) == []


@pytest.mark.parametrize("reason", ["Expired", "Gone"])
def test_D5_an_error_event_of_410_in_a_200_answer_means_list_again(reason: str) -> None:
    talk = started(item("a", 3), item("b", 4))
    assert talk.event("ERROR", status(410, reason, "too old resource version: 5 (9)")) == []
    assert not talk.state.reading
    assert talk.list(item("a", 3), item("c", 9), version=10) == ["ADDED c@9", "DELETED b@4?"]


@pytest.mark.parametrize("reason", ["Expired", "Gone"])
def test_D5_an_http_answer_of_410_means_the_same(reason: str) -> None:
    talk = Talk()
    talk.list(item("a", 3), item("b", 4), version=5)
    talk.watching()
    talk.state.watch_failed(api_failure(410, reason))
    assert talk.list(item("a", 3), item("c", 9), version=10) == ["ADDED c@9", "DELETED b@4?"]


def test_D5_a_bare_status_instead_of_events_is_understood() -> None:
    talk = started(item("a", 3))
    talk.state.feed(json.dumps(status(410, "Expired")).encode() + b"\n")
    assert talk.listing().reason == "expired"


def test_D6_a_deletion_carries_the_last_state_and_its_own_version_is_recorded() -> None:
    talk = started(item("a", 3, data={"k": "v"}))
    changes = talk.state.feed(frame("DELETED", item("a", 8, data={"k": "v"})))
    assert said(changes) == ["DELETED a@8"]
    assert json.loads(changes[0].raw)["data"] == {"k": "v"}
    talk.close()
    assert talk.watching().resource_version == "8"


def test_D7_a_bookmark_moves_the_version_and_is_no_event() -> None:
    talk = started(item("a", 3))
    assert talk.bookmark(900) == []
    talk.close()
    assert talk.watching().resource_version == "900"


def test_D7_a_bookmark_needs_nothing_but_its_version() -> None:
    talk = started()
    assert talk.event("BOOKMARK", {"metadata": {"resourceVersion": "12"}}) == []
    assert (
        talk.event("BOOKMARK", {"metadata": {"creationTimestamp": None, "resourceVersion": "13"}, "spec": None}) == []
    )
    assert talk.state.reading
    assert talk.state.resource_version == "13"


def test_D8_a_watch_that_the_server_ends_in_time_is_no_failure() -> None:
    talk = started()
    for _ in range(20):
        talk.close(after=600)
        talk.open()


def test_D9_versions_of_initial_events_are_not_persisted_before_something_else_comes() -> None:
    talk = Talk(resource_version="0")
    assert talk.open().resource_version == "0"
    assert talk.event("ADDED", item("a", 30)) == ["ADDED a@30"]
    assert talk.event("ADDED", item("b", 10)) == ["ADDED b@10"]
    assert talk.state.resource_version == "0"
    assert talk.event("MODIFIED", item("b", 31)) == ["MODIFIED b@31"]
    assert talk.state.resource_version == "31"
    talk.close()
    assert talk.watching().resource_version == "31"


def test_D9_a_watch_from_0_that_breaks_among_its_initial_events_lists_so_that_no_deletion_is_missed() -> None:
    talk = Talk(resource_version="0")
    talk.open()
    talk.event("ADDED", item("a", 30))
    talk.event("ADDED", item("b", 10))
    talk.close(error=ResponseTruncated("x"))
    assert talk.listing().resource_version == "0"
    assert talk.list(item("a", 30), version=33) == ["DELETED b@10?"]


def test_D9_a_watch_from_N_reports_only_what_comes_after() -> None:
    talk = Talk(resource_version="7")
    assert talk.open().resource_version == "7"
    assert talk.event("MODIFIED", item("a", 8)) == ["MODIFIED a@8"]
    assert talk.event("DELETED", item("b", 9)) == ["DELETED b@9"]


def test_an_event_of_a_kind_without_a_status_in_it_is_an_error_all_the_same() -> None:
    for document in (None, [], "x", {"foo": 1}):
        talk = started()
        talk.event("ERROR", document)
        assert not talk.state.reading
        assert isinstance(talk.state.next(), Wait)


def test_an_error_event_of_429_keeps_the_version() -> None:
    talk = started()
    talk.event("ERROR", status(429, "TooManyRequests", retryAfterSeconds=7))
    assert talk.waiting() >= 7
    assert talk.watching().resource_version == "5"


def test_an_absurd_retry_after_does_not_stop_the_watch() -> None:
    talk = started()
    talk.event("ERROR", status(429, "TooManyRequests", retryAfterSeconds=10**9))
    assert talk.waiting() == 300


def test_nothing_is_read_after_the_end() -> None:
    talk = started()
    talk.event("ERROR", status(410, "Expired"))
    assert talk.event("ADDED", item("b", 6)) == []
    talk.state.closed()
    assert talk.listing().reason == "expired"
    assert str(EXPIRED.code) == "410"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("10", "9", True),
        ("9", "10", False),
        ("9", "9", False),
        ("18446744073709551617", "18446744073709551616", True),
        ("0", "1", None),
        ("1", "0", None),
        ("01", "1", None),
        ("", "1", None),
        ("-1", "1", None),
        ("1", "abc", None),
        ("²", "1", None),
        ("\u0661", "1", None),
    ],
)
def test_E15_versions_are_ordered_only_where_they_can_be(one: str, other: str, expected: bool | None) -> None:
    assert is_newer(one, other) is expected
