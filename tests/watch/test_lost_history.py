# SPDX-License-Identifier: Apache-2.0
"""A server whose history was lost: etcd wiped or restored from a backup, or another server at the same address."""

from __future__ import annotations

import pytest
from state_talk import Talk, api_failure, item, list_body, said, started
from waiting import eventually
from watcher_script import make, new_api, texts

from k8s_core import Client, Config
from k8s_core.errors import ConnectionFailed, Expired, ResponseTruncated
from k8s_core.watch import Informer
from k8s_core.watch.instructions import CheckHistory, OpenWatch
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap

RESUMPTION = 20


def resumed(talk: Talk) -> OpenWatch:
    """The stream breaks, and a new one is opened."""
    talk.close(after=100, error=ResponseTruncated("reset"))
    return talk.open()


def test_a_stream_that_is_silent_after_a_disconnection_leads_to_a_look_at_the_latest_state() -> None:
    talk = started(item("a", 600), item("b", 601), version=606)
    watch = resumed(talk)
    assert (watch.resource_version, watch.timeout_seconds) == ("606", RESUMPTION)
    before = talk.clock.time
    talk.close(after=RESUMPTION)
    talk.check(version=65)
    page = talk.listing()
    assert (page.resource_version, page.reason) == (None, "lost")
    assert talk.clock.time - before <= 30
    body = list_body(item("b", 60), item("c", 61), version=65)
    assert said(talk.state.page(body)) == ["MODIFIED b@60", "ADDED c@61", "DELETED a@600?"]
    assert talk.open().resource_version == "65"
    assert talk.event("MODIFIED", item("b", 66)) == ["MODIFIED b@66"]


def test_a_history_that_goes_on_is_looked_at_once_for_each_disconnection() -> None:
    talk = started(item("a", 3))
    resumed(talk)
    talk.close(after=RESUMPTION)
    talk.check(version=5)
    assert talk.open().timeout_seconds >= 300
    talk.close(after=600)
    assert talk.open().timeout_seconds >= 300, "a stream that ended as agreed says nothing"


@pytest.mark.parametrize("version", ["6", "5", "", "x"])
def test_what_is_not_below_our_version_proves_nothing(version: str) -> None:
    talk = started(item("a", 3))
    resumed(talk)
    talk.close(after=RESUMPTION)
    talk.check(version=version)
    assert talk.open().resource_version == "5"


def test_news_after_a_disconnection_need_no_look() -> None:
    talk = started(item("a", 3))
    resumed(talk)
    assert talk.event("MODIFIED", item("a", 7)) == ["MODIFIED a@7"]
    talk.close(after=RESUMPTION)
    assert talk.open().resource_version == "7"


@pytest.mark.parametrize("error", [ConnectionFailed("refused"), api_failure(503, "ServiceUnavailable")])
def test_a_server_that_was_away_is_one_that_may_have_lost_its_history(error: Exception) -> None:
    talk = started(item("a", 3))
    talk.close(after=600)
    talk.watching()
    talk.state.watch_failed(error)
    talk.waiting()
    assert talk.open().timeout_seconds == RESUMPTION
    talk.close(after=RESUMPTION)
    talk.check(version=2)
    assert talk.listing().reason == "lost"


def test_an_older_bookmark_or_event_leads_to_a_look_at_once_but_not_again_and_again() -> None:
    talk = started(item("a", 600), version=606)
    assert talk.bookmark(40) == []
    assert not talk.state.reading
    talk.check(version=606)
    talk.open()
    assert talk.event("MODIFIED", item("a", 50)) == []
    assert talk.state.reading, "a proxy that repeats what it sent costs one look a minute"
    talk.clock.time += 60
    talk.bookmark(40)
    talk.check(version=41)
    assert talk.listing().reason == "lost"


def test_a_server_that_lags_behind_deletes_nothing() -> None:
    talk = started(item("a", 600), version=606)
    talk.event("ERROR", api_failure(410, "Expired").status)
    # The list may be answered by another server, which has not seen all yet; what it lacks is not gone.
    page = talk.listing()
    assert page.resource_version == "606"
    assert talk.state.page(list_body(version=590)) == []
    talk.waiting()
    assert talk.listing().resource_version is None


@pytest.mark.parametrize("error", [ConnectionFailed("x"), api_failure(500, "InternalError")])
def test_a_look_that_fails_is_repeated(error: Exception) -> None:
    talk = started(item("a", 3))
    resumed(talk)
    talk.close(after=RESUMPTION)
    assert isinstance(talk.state.next(), CheckHistory)
    talk.state.check_failed(error)
    talk.waiting()
    talk.check(version=2)
    assert talk.listing().reason == "lost"


def test_a_look_that_is_refused_leaves_it_to_the_watch() -> None:
    talk = started(item("a", 3))
    resumed(talk)
    talk.close(after=RESUMPTION)
    assert isinstance(talk.state.next(), CheckHistory)
    talk.state.check_failed(api_failure(403, "Forbidden"))
    assert talk.open().resource_version == "5"


def test_an_answer_that_is_not_a_list_is_asked_for_again() -> None:
    talk = started(item("a", 3))
    resumed(talk)
    talk.close(after=RESUMPTION)
    assert isinstance(talk.state.next(), CheckHistory)
    talk.state.checked(b"{}")
    talk.waiting()
    talk.check(version=5)
    talk.open()


def test_a_deletion_in_the_lost_history_hides_nothing_in_the_new_one() -> None:
    talk = started(item("a", 600), version=606)
    assert talk.event("DELETED", item("a", 610)) == ["DELETED a@610"]
    talk.bookmark(40)
    talk.check(version=41)
    assert talk.list(version=41) == []
    talk.open()
    assert talk.event("ADDED", item("a", 42)) == ["ADDED a@42"]


def test_a_watcher_that_was_given_a_version_raises_if_it_is_to() -> None:
    api = new_api()
    api.create("ns/a")

    def lose() -> bool:
        api.restore(50)
        return False

    watcher = make(api, lose, lambda: False, on_expired="raise")
    with pytest.raises(Expired, match="its history was lost or replaced"):
        list(watcher.watch(resource_version="101"))


def test_a_watcher_sees_what_is_gone_and_what_is_new() -> None:
    api = new_api()
    api.create("ns/a")
    api.create("ns/b")

    def lose() -> bool:
        api.restore(50, keep=["ns/b"])
        api.create("ns/c")
        return False

    watcher = make(api, lose, lambda: False, lambda: api.create("ns/d"))
    seen = texts(list(watcher.watch()))
    assert seen[:2] == ["ADDED a", "ADDED b"]
    assert sorted(seen[2:]) == ["ADDED c", "ADDED d", "DELETED a", "MODIFIED b"]


def test_an_informer_follows_an_embedded_server_that_was_replaced_by_another() -> None:
    def put(server: ApiServer, *names: str) -> None:
        with Client(server.config()) as client:
            for name in names:
                client.create(ConfigMap(metadata={"name": name}))

    with ApiServer() as old:
        put(old, *(f"old{number}" for number in range(30)))
        port = int(old.url.rpartition(":")[2])
        client = Client(Config(server=old.url))
        informer = Informer(ConfigMap, client=client)
        informer.start()
        informer.wait_synced(20)
        assert len(informer) == 30
    try:
        with ApiServer(port=port, bookmark_interval=0.1) as new:
            put(new, "new")
            eventually(lambda: informer.keys() == ["default/new"], within=60)
    finally:
        informer.stop()
        client.close()
