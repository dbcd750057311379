# SPDX-License-Identifier: Apache-2.0
"""Lists, resumption, relists and backoff (protocol C7-C12, D10-D16, D22-D24). Pure: no fixtures."""

from __future__ import annotations

from random import Random

import pytest
from simulated_api import FakeClock, status
from state_talk import EXPIRED, GONE, TOO_LARGE, TOO_LARGE_BY_CAUSE, Talk, api_failure, item, list_body, said, started

from k8s_core.backoff import FailureDelays
from k8s_core.errors import ApiError, ConnectionFailed, RequestTimeout, ResponseTruncated
from k8s_core.watch.failures import VeryShortWatch
from k8s_core.watch.instructions import ListPage, OpenWatch, Wait


def test_D10_it_lists_from_0_in_pages_then_watches_from_the_version_of_the_list() -> None:
    talk = Talk()
    first = talk.listing()
    assert (first.resource_version, first.limit, first.continue_token) == ("0", 500, None)
    assert talk.state.next() == first
    assert said(talk.state.page(list_body(item("a", 90), item("b", 3), version=95, continue_="t1"))) == [
        "ADDED a@90",
        "ADDED b@3",
    ]
    second = talk.listing()
    assert (second.resource_version, second.limit, second.continue_token) == (None, 500, "t1")
    assert not talk.state.synced
    assert said(talk.state.page(list_body(item("c", 4), version=95))) == ["ADDED c@4"]
    assert talk.state.synced
    assert talk.watching().resource_version == "95"


def test_C7_pages_may_be_short_or_empty() -> None:
    talk = Talk()
    assert talk.list(version=95, continue_="t1") == []
    assert talk.list(item("a", 1), version=95, continue_="t2") == ["ADDED a@1"]
    assert talk.list(version=95) == []
    assert talk.watching().resource_version == "95"


def test_C9_an_expired_token_means_one_whole_list_of_the_latest_state() -> None:
    talk = Talk()
    assert talk.list(item("a", 1), item("b", 2), version=95, continue_="t1") == ["ADDED a@1", "ADDED b@2"]
    talk.listing()
    talk.state.list_failed(EXPIRED)
    again = talk.listing()
    assert (again.resource_version, again.limit, again.continue_token) == (None, None, None)
    assert said(talk.state.page(list_body(item("b", 2), item("c", 99), version=120))) == ["ADDED c@99", "DELETED a@1?"]
    assert talk.watching().resource_version == "120"


def test_a_page_that_fails_for_a_while_is_asked_again_not_the_whole_list() -> None:
    talk = Talk()
    talk.list(item("a", 1), version=95, continue_="t1")
    for error in (ConnectionFailed("x"), api_failure(503, "ServiceUnavailable"), RequestTimeout("x")):
        talk.listing()
        talk.state.list_failed(error)
        talk.waiting()
        assert talk.listing().continue_token == "t1"


def test_D11_the_server_is_asked_to_end_each_watch_after_300_to_600_seconds() -> None:
    talk = started()
    asked = set()
    for _ in range(200):
        talk.close(after=600)
        asked.add(talk.open().timeout_seconds)
    assert min(asked) >= 300
    assert max(asked) < 600
    assert len(asked) > 50


def test_D12_a_watch_that_ended_normally_goes_on_without_a_list() -> None:
    talk = started(item("a", 3))
    talk.event("MODIFIED", item("a", 11))
    talk.close()
    watch = talk.open()
    assert (watch.resource_version, watch.initial_events) == ("11", False)
    talk.close(after=5, error=ResponseTruncated("reset"))
    assert talk.open().resource_version == "11"


@pytest.mark.parametrize("error", [EXPIRED, GONE])
def test_D13_after_a_410_the_list_is_not_older_than_what_was_seen(error: ApiError) -> None:
    talk = started(item("a", 3))
    talk.event("MODIFIED", item("a", 11))
    talk.close()
    talk.watching()
    talk.state.watch_failed(error)
    page = talk.listing()
    assert (page.resource_version, page.reason) == ("11", "expired")


@pytest.mark.parametrize("error", [EXPIRED, GONE, TOO_LARGE, TOO_LARGE_BY_CAUSE])
def test_D13_if_that_list_fails_too_the_latest_state_is_asked_for(error: ApiError) -> None:
    talk = started(item("a", 3))
    talk.event("ERROR", status(410, "Expired"))
    assert talk.listing().resource_version == "5"
    talk.state.list_failed(error)
    assert talk.listing().resource_version is None
    assert talk.list(item("a", 3), version=20) == []


def test_D13_a_list_that_is_older_than_what_was_seen_is_refused() -> None:
    talk = started(item("a", 3), item("b", 4), version=50)
    talk.event("ERROR", status(410, "Expired"))
    assert talk.list(item("a", 3), version=40) == []
    talk.waiting()
    assert talk.listing().resource_version is None
    assert talk.list(item("a", 3), item("b", 4), version=51) == []


def test_a_server_restored_from_a_backup_is_believed_when_it_says_so_consistently() -> None:
    talk = started(item("a", 30), version=50)
    talk.event("ERROR", status(410, "Expired"))
    talk.listing()
    talk.state.list_failed(TOO_LARGE)
    assert talk.list(item("a", 20), version=21) == ["MODIFIED a@20"]
    assert talk.open().resource_version == "21"
    assert talk.event("MODIFIED", item("a", 22)) == ["MODIFIED a@22"]


def test_a_server_that_always_answers_410_is_not_asked_in_a_hot_loop() -> None:
    talk = started(item("a", 3))
    requests = waited = 0.0
    talk.event("ERROR", status(410, "Expired"))
    while waited < 60:
        instruction = talk.state.next()
        if isinstance(instruction, Wait):
            waited += instruction.seconds
            continue
        requests += 1
        if isinstance(instruction, ListPage):
            talk.state.page(list_body(item("a", 3), version=5))
        else:
            talk.state.watch_failed(EXPIRED)
    assert requests <= 16


@pytest.mark.parametrize(
    "error", [ConnectionFailed("refused"), RequestTimeout("x"), api_failure(429, "TooManyRequests")]
)
def test_D14_no_connection_or_429_means_wait_and_watch_again_from_the_last_version(error: Exception) -> None:
    talk = started(item("a", 3))
    talk.close()
    for _ in range(5):
        talk.watching()
        talk.state.watch_failed(error)
        assert talk.waiting() > 0
    assert talk.watching().resource_version == "5"


@pytest.mark.parametrize(
    "error",
    [
        api_failure(400, "BadRequest"),
        api_failure(403, "Forbidden"),
        api_failure(404, "NotFound"),
        api_failure(422, "Invalid"),
    ],
)
def test_D14_other_failures_mean_wait_and_list_again(error: Exception) -> None:
    talk = started(item("a", 3))
    talk.close()
    talk.watching()
    talk.state.watch_failed(error)
    assert talk.waiting() > 0
    assert talk.listing().resource_version == "5"


def test_D14_trouble_inside_the_server_lists_again_at_every_third_failure() -> None:
    talk = started(item("a", 3))
    talk.close()
    for attempt in range(1, 7):
        talk.watching()
        talk.state.watch_failed(api_failure(500, "InternalError"))
        talk.waiting()
        if attempt % 3 == 0:
            talk.list(item("a", 3), version=5 + attempt)


def test_D14_an_error_event_of_code_500_means_wait_and_list_again() -> None:
    talk = started(item("a", 3))
    talk.event("ERROR", status(500, "InternalError"))
    assert talk.waiting() > 0
    assert talk.listing().reason == "failure"


def test_D15_a_watch_of_less_than_a_second_without_news_is_a_failure() -> None:
    talk = started()
    talk.close(after=0.9)
    wait = talk.state.next()
    assert isinstance(wait, Wait)
    assert isinstance(wait.error, VeryShortWatch)
    assert talk.open().resource_version == "5"
    talk.bookmark(5)
    talk.close(after=0.5, error=ResponseTruncated("reset"))
    assert talk.waiting() > 0
    talk.open()
    talk.event("ADDED", item("a", 6))
    talk.close(after=0.1)
    assert isinstance(talk.state.next(), OpenWatch)


def test_D16_backoff_grows_from_0_8_to_30_seconds_with_up_to_as_much_again_by_chance() -> None:
    clock = FakeClock()
    backoff = FailureDelays(clock.now, Random(3))
    delays = []
    for _ in range(12):
        delays.append(backoff.failed())
        clock.time += delays[-1]
    bases = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6] + [30.0] * 6
    assert all(base <= delay <= 2 * base for base, delay in zip(bases, delays, strict=True))
    assert len({round(delay / base, 3) for base, delay in zip(bases, delays, strict=True)}) > 6


def test_D16_backoff_starts_over_after_two_minutes_without_failure() -> None:
    clock = FakeClock()
    backoff = FailureDelays(clock.now, Random(3))
    for _ in range(8):
        clock.time += backoff.failed()
    clock.time += 119 - 60
    assert backoff.failed() >= 30
    clock.time += 121
    assert backoff.failed() <= 1.6


@pytest.mark.parametrize("seed", range(40))
def test_D16_a_server_that_answers_500_to_every_watch_gets_fewer_than_12_requests_in_a_minute(seed: int) -> None:
    talk = Talk(seed=seed)
    begin, requests = talk.clock.time, 0
    while talk.clock.time - begin < 60:
        instruction = talk.state.next()
        if isinstance(instruction, Wait):
            talk.clock.time += instruction.seconds
        elif isinstance(instruction, ListPage):
            requests += 1
            talk.state.page(list_body(item("a", 3), version=5))
        else:
            requests += 1
            talk.state.watch_failed(api_failure(500, "InternalError"))
    assert 5 <= requests < 12


def test_D18_401_and_403_are_retried_for_ever() -> None:
    talk = started(item("a", 3))
    talk.close()
    for error in [api_failure(401, "Unauthorized"), api_failure(403, "Forbidden")] * 10:
        instruction = talk.state.next()
        if isinstance(instruction, ListPage):
            talk.state.list_failed(error)
        else:
            talk.state.watch_failed(error)
        assert talk.waiting() <= 60
    assert talk.list(item("a", 3), version=9) == []


def test_D22_a_list_after_a_gap_tells_what_changed_came_and_went() -> None:
    talk = started(item("same", 1), item("changed", 2), item("gone", 3))
    talk.event("ERROR", status(410, "Expired"))
    news = talk.list(item("same", 1), item("changed", 8), item("new", 9), version=10)
    assert news == ["MODIFIED changed@8", "ADDED new@9", "DELETED gone@3?"]


def test_D23_another_uid_under_a_name_is_a_deletion_and_an_addition_of_one_replacement() -> None:
    talk = started(item("a", 3, uid="old"))
    talk.event("ERROR", status(410, "Expired"))
    talk.listing()
    changes = talk.state.page(list_body(item("a", 8, uid="new"), version=10))
    assert [(c.type, c.uid, c.replaced) for c in changes] == [("DELETED", "old", True), ("ADDED", "new", False)]


def test_D24_added_for_a_known_object_is_a_modification_modified_for_an_unknown_one_an_addition() -> None:
    talk = started(item("a", 3))
    assert talk.event("ADDED", item("a", 6)) == ["MODIFIED a@6"]
    assert talk.event("MODIFIED", item("b", 7)) == ["ADDED b@7"]
    assert talk.event("DELETED", item("never seen", 8)) == []


def test_repetitions_and_older_versions_are_no_news() -> None:
    talk = started(item("a", 3))
    assert talk.event("ADDED", item("a", 3)) == []
    talk.check(version=5)
    talk.open()
    assert talk.event("MODIFIED", item("a", 6)) == ["MODIFIED a@6"]
    assert talk.event("MODIFIED", item("a", 6)) == []
    assert talk.event("MODIFIED", item("a", 4)) == []
    assert talk.event("DELETED", item("a", 7)) == ["DELETED a@7"]
    assert talk.event("DELETED", item("a", 7)) == []
    # A replay of what happened before the deletion does not bring the object back.
    assert talk.event("ADDED", item("a", 3)) == []
    assert talk.event("MODIFIED", item("a", 6)) == []
    assert talk.event("ADDED", item("a", 8, uid="next")) == ["ADDED a@8"]
    assert talk.state.resource_version == "8"


def test_an_object_that_is_listed_again_in_the_version_of_its_inferred_deletion_is_alive() -> None:
    talk = started(item("a", 3))
    talk.event("ERROR", status(410, "Expired"))
    assert talk.list(version=10) == ["DELETED a@3?"]
    talk.open()
    talk.event("ERROR", status(410, "Expired"))
    talk.waiting()
    assert talk.list(item("a", 3), version=11) == ["ADDED a@3"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"{}",
        b"null",
        b'{"kind":"Status","apiVersion":"v1","status":"Failure","code":500,"reason":"InternalError","message":"x"}',
        b'{"kind":"ConfigMapList","metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"a"}',
        b'{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9"}}',
        b'{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":{}}',
        b'{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":""}',
        b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[]}',
        b'{"kind":"ConfigMapList","apiVersion":"v2","metadata":{"resourceVersion":"9"},"items":null}',
        b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[]}',
    ],
)
def test_C38_an_answer_that_is_no_list_deletes_nothing(body: bytes) -> None:
    talk = started(item("a", 3))
    talk.event("ERROR", status(410, "Expired"))
    talk.listing()
    assert talk.state.page(body) == []
    talk.waiting()
    assert talk.list(item("a", 3), version=10) == []


def test_C38_a_status_of_410_in_a_200_answer_to_a_list_is_a_410() -> None:
    talk = started(item("a", 3))
    talk.event("ERROR", status(410, "Expired"))
    talk.listing()
    talk.state.page(b'{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"reason":"Expired"}')
    assert talk.listing().resource_version is None


def test_C13_null_items_are_an_empty_list() -> None:
    talk = started(item("a", 3))
    talk.event("ERROR", status(410, "Expired"))
    talk.listing()
    body = b'{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":null}'
    assert said(talk.state.page(body)) == ["DELETED a@3?"]


def test_objects_without_order_in_their_versions_are_compared_for_equality() -> None:
    talk = started(item("a", "x1"), version="v1")
    assert talk.event("MODIFIED", item("a", "x1")) == []
    assert talk.event("MODIFIED", item("a", "w0")) == ["MODIFIED a@w0"]
    talk.close()
    assert talk.watching().resource_version == "w0"


@pytest.mark.parametrize("error", [TOO_LARGE, TOO_LARGE_BY_CAUSE])
def test_C12_a_version_that_the_server_has_not_reached_is_recognised_by_cause_or_message(error: ApiError) -> None:
    talk = started(item("a", 3))
    talk.close()
    talk.watching()
    talk.state.watch_failed(error)
    talk.waiting()
    assert talk.listing().resource_version is None
    talk.state.list_failed(error)
    assert talk.waiting() > 0, "the latest state has no version to be too large"
