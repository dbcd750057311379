# SPDX-License-Identifier: Apache-2.0
"""Streaming lists and their fallback (protocol D19-D21). Pure: no fixtures."""

from __future__ import annotations

import pytest
from simulated_api import status
from state_talk import EXPIRED, TOO_LARGE, Talk, api_failure, item

from k8s_core.errors import ApiError, ConnectionFailed, RequestTimeout, ResponseTruncated
from k8s_core.watch.instructions import ListPage, OpenWatch, Wait


def streaming() -> Talk:
    return Talk(streaming_list=True)


def synced_at(version: int) -> Talk:
    talk = streaming()
    talk.open()
    talk.event("ADDED", item("a", 3))
    talk.event("ADDED", item("b", 4))
    talk.bookmark(version, end=True)
    return talk


def test_D19_it_asks_for_the_initial_events_not_older_than_what_was_seen() -> None:
    talk = streaming()
    watch = talk.watching()
    assert (watch.initial_events, watch.resource_version) == (True, None)
    talk = synced_at(9)
    talk.event("ERROR", status(410, "Expired"))
    watch = talk.watching()
    assert (watch.initial_events, watch.resource_version) == (True, "9")


def test_D20_nothing_is_told_before_the_annotated_bookmark_and_the_same_stream_goes_on() -> None:
    talk = streaming()
    talk.open()
    assert talk.event("ADDED", item("b", 40)) == []
    assert talk.event("ADDED", item("a", 3)) == []
    assert talk.event("MODIFIED", item("a", 50)) == []
    assert talk.event("ADDED", item("c", 4)) == []
    assert talk.event("DELETED", item("c", 51)) == []
    assert talk.bookmark(45) == []
    assert not talk.state.synced
    assert talk.bookmark(51, end=True) == ["ADDED b@40", "ADDED a@50"]
    assert talk.state.synced
    assert talk.state.reading
    assert talk.event("MODIFIED", item("b", 52)) == ["MODIFIED b@52"]
    talk.close()
    watch = talk.watching()
    assert (watch.initial_events, watch.resource_version) == (False, "52")


def test_D20_the_bookmark_of_an_empty_collection_is_enough() -> None:
    talk = streaming()
    talk.open()
    assert talk.bookmark(7, end=True) == []
    assert talk.state.synced


def test_D20_after_a_gap_the_old_set_is_replaced_at_once() -> None:
    talk = synced_at(9)
    talk.event("ERROR", status(410, "Expired"))
    talk.open()
    assert talk.event("ADDED", item("c", 11)) == []
    assert talk.event("ADDED", item("b", 4)) == []
    assert talk.bookmark(12, end=True) == ["ADDED c@11", "DELETED a@3?"]


@pytest.mark.parametrize("error", [None, ResponseTruncated("x")])
def test_D21_a_stream_that_ends_before_the_bookmark_has_told_nothing(error: Exception | None) -> None:
    talk = streaming()
    talk.open()
    talk.event("ADDED", item("a", 3))
    talk.close(after=0.1, error=error)
    talk.waiting()
    assert talk.open().initial_events
    talk.event("ADDED", item("b", 4))
    assert talk.bookmark(9, end=True) == ["ADDED b@4"]


@pytest.mark.parametrize("error", [EXPIRED, TOO_LARGE])
def test_D21_a_version_that_can_not_be_had_means_again_without_one(error: ApiError) -> None:
    talk = synced_at(9)
    talk.event("ERROR", status(410, "Expired"))
    talk.watching()
    talk.state.watch_failed(error)
    watch = talk.watching()
    assert (watch.initial_events, watch.resource_version) == (True, None)


@pytest.mark.parametrize(
    "error",
    [
        api_failure(422, "Invalid"),
        api_failure(400, "BadRequest"),
        api_failure(403, "Forbidden"),
        api_failure(406, "NotAcceptable"),
    ],
)
def test_D21_a_server_that_does_not_know_it_is_listed_in_the_same_attempt(error: ApiError) -> None:
    talk = streaming()
    talk.watching()
    talk.state.watch_failed(error)
    assert talk.list(item("a", 3), version=5) == ["ADDED a@3"]
    talk.open()
    talk.event("ERROR", status(410, "Expired"))
    assert isinstance(talk.state.next(), ListPage), "and is not asked for it again"


def test_D21_an_error_event_before_the_bookmark_falls_back_as_well() -> None:
    talk = streaming()
    talk.open()
    talk.event("ADDED", item("a", 3))
    talk.event("ERROR", status(400, "BadRequest"))
    assert talk.list(item("a", 3), version=5) == ["ADDED a@3"]


def test_D21_connection_trouble_is_no_reason_to_fall_back() -> None:
    talk = streaming()
    for _ in range(5):
        assert talk.watching().initial_events
        talk.state.watch_failed(ConnectionFailed("x"))
        talk.waiting()


@pytest.mark.parametrize("error", [None, RequestTimeout("silence")])
def test_a_server_that_ignores_the_parameter_is_noticed_when_the_bookmark_never_comes(error: Exception | None) -> None:
    talk = streaming()
    talk.open()
    talk.event("ADDED", item("a", 3))
    talk.bookmark(7)
    talk.close(after=300, error=error)
    assert isinstance(talk.state.next(), ListPage)


def test_streams_that_always_break_before_the_bookmark_are_given_up_for_lists() -> None:
    talk = streaming()
    for _ in range(2):
        talk.open()
        talk.event("ADDED", item("a", 3))
        talk.close(after=20, error=ResponseTruncated("x"))
    instruction = talk.state.next()
    if isinstance(instruction, Wait):
        instruction = talk.state.next()
    assert isinstance(instruction, ListPage)


def test_trouble_inside_the_server_waits_before_the_list() -> None:
    talk = streaming()
    talk.watching()
    talk.state.watch_failed(api_failure(500, "InternalError"))
    assert talk.waiting() > 0
    assert isinstance(talk.state.next(), ListPage)


def test_a_normal_resumption_does_not_stream_the_list_again() -> None:
    talk = synced_at(9)
    talk.close()
    instruction = talk.state.next()
    assert isinstance(instruction, OpenWatch)
    assert not instruction.initial_events
