# SPDX-License-Identifier: Apache-2.0
"""What a watcher remembers: capacity, last states, undecodable objects, resumption without a list. Pure."""

from __future__ import annotations

import json

import pytest
from simulated_api import frame, status
from state_talk import EXPIRED, Talk, item, list_body, said, started


def test_the_default_remembers_everything() -> None:
    items = [item(f"p{n}", n + 1) for n in range(3000)]
    talk = started(*items, version=3001)
    talk.event("ERROR", status(410, "Expired"))
    assert talk.list(*items[1:], version=3002) == ["DELETED p0@1?"]


def test_with_a_capacity_the_oldest_are_forgotten_and_that_is_the_price() -> None:
    items = [item(f"p{n}", n + 1) for n in range(5)]
    talk = started(*items, version=6, capacity=3)
    assert talk.state.known == 3
    talk.event("ERROR", status(410, "Expired"))
    # p0 and p1 were forgotten: p1 is told again, and that p0 vanished is not.
    assert talk.list(*items[1:], version=7)[:1] == ["ADDED p1@2"]
    assert talk.state.known == 3


def test_with_a_capacity_the_type_of_an_unknown_object_is_the_servers() -> None:
    items = [item(f"p{n}", n + 1) for n in range(5)]
    talk = started(*items, version=6, capacity=3)
    assert talk.event("MODIFIED", item("p0", 7)) == ["MODIFIED p0@7"]
    assert talk.event("DELETED", item("p1", 8)) == ["DELETED p1@8"]


def test_a_capacity_that_suffices_has_no_price() -> None:
    items = [item(f"p{n}", n + 1) for n in range(3)]
    talk = started(*items, version=6, capacity=3)
    assert talk.event("MODIFIED", item("p0", 7)) == ["MODIFIED p0@7"]
    assert talk.event("DELETED", item("stranger", 8)) == []
    talk.event("ERROR", status(410, "Expired"))
    assert talk.list(item("p0", 7), item("p2", 3), version=9) == ["DELETED p1@2?"]


def test_a_list_that_fits_again_restores_certainty() -> None:
    items = [item(f"p{n}", n + 1) for n in range(5)]
    talk = started(*items, version=6, capacity=3)
    talk.event("ERROR", status(410, "Expired"))
    talk.list(items[3], items[4], version=9)
    talk.open()
    assert talk.event("MODIFIED", item("new", 10)) == ["ADDED new@10"]


def test_capacity_below_1_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Talk(capacity=0)


def deletion_after_gap(**options: bool) -> dict[str, object]:
    talk = started(item("a", 3, data={"k": "v"}), **options)
    talk.event("ERROR", status(410, "Expired"))
    talk.listing()
    (change,) = talk.state.page(list_body(version=10))
    assert change.unseen
    document: dict[str, object] = json.loads(change.raw)
    return document


def test_an_inferred_deletion_names_the_object() -> None:
    assert deletion_after_gap() == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "ns", "uid": "u-a", "resourceVersion": "3"},
    }


def test_with_kept_objects_an_inferred_deletion_has_the_last_state() -> None:
    assert deletion_after_gap(keep_objects=True)["data"] == {"k": "v"}


def test_a_resumed_watch_takes_the_servers_word_for_objects_it_never_saw() -> None:
    talk = Talk(resource_version="7")
    assert talk.state.synced
    talk.open()
    assert talk.event("MODIFIED", item("a", 8)) == ["MODIFIED a@8"]
    assert talk.event("MODIFIED", item("a", 8)) == []
    assert talk.event("DELETED", item("a", 9)) == ["DELETED a@9"]
    assert talk.event("DELETED", item("a", 9)) == []
    assert talk.event("DELETED", item("b", 10)) == ["DELETED b@10"]


def test_a_resumed_watch_whose_version_has_expired_says_that_history_is_lost() -> None:
    talk = Talk(resource_version="7")
    talk.watching()
    talk.state.watch_failed(EXPIRED)
    assert talk.state.history_lost is EXPIRED
    assert talk.listing().resource_version == "7"
    assert talk.list(item("a", 3), version=10) == ["ADDED a@3"]


@pytest.mark.parametrize(
    "document",
    [
        5,
        "text",
        [],
        None,
        {},
        {"metadata": None},
        {"metadata": {}},
        {"metadata": {"name": ""}},
        {"metadata": {"name": 5}},
        {"metadata": {"name": "a", "uid": {}}},
        {"metadata": []},
    ],
)
def test_an_event_whose_object_is_none_is_delivered_as_undecodable_with_its_bytes(document: object) -> None:
    talk = started()
    (change,) = talk.state.feed(frame("ADDED", document))
    assert (change.type, change.original_type) == ("UNDECODABLE", "ADDED")
    assert json.loads(change.raw) == document
    assert "Kubernetes object" in str(change.error) or "metadata" in str(change.error)
    assert talk.state.reading
    assert talk.event("ADDED", item("next", 6)) == ["ADDED next@6"]


def test_text_that_is_not_utf_8_is_undecodable_not_fatal() -> None:
    talk = started()
    raw = frame("ADDED", item("a", 6, data="@@")).replace(b"@@", b"\xff\xfe")
    (change,) = talk.state.feed(raw)
    assert change.type == "UNDECODABLE"
    assert talk.state.resource_version == "6"
    assert talk.state.reading


def test_an_undecodable_object_moves_the_version_on_if_it_has_one() -> None:
    talk = started()
    talk.state.feed(frame("ADDED", {"metadata": {"name": 5, "resourceVersion": "8"}}))
    talk.close()
    assert talk.watching().resource_version == "8"


def test_an_undecodable_object_is_told_once() -> None:
    talk = started()
    broken = frame("ADDED", {"metadata": {"name": 5}})
    assert len(talk.state.feed(broken)) == 1
    talk.close()
    talk.open()
    assert talk.state.feed(broken) == []
    assert len(talk.state.feed(frame("ADDED", {"metadata": {"name": 6}}))) == 1


def test_a_known_object_that_becomes_undecodable_in_a_list_is_not_declared_gone() -> None:
    talk = started(item("a", 3), item("b", 4))
    talk.event("ERROR", status(410, "Expired"))
    broken = item("a", 8)
    broken["metadata"]["uid"] = 17
    news = talk.list(broken, item("b", 4), version=10)
    assert news == ["UNDECODABLE a@"]


def test_undecodable_items_of_a_streamed_list_are_told_too() -> None:
    talk = Talk(streaming_list=True)
    talk.open()
    assert talk.event("ADDED", {"metadata": {"name": 5}}) == []
    assert talk.event("ADDED", item("a", 3)) == []
    assert talk.bookmark(9, end=True) == ["UNDECODABLE @", "ADDED a@3"]


def test_what_was_delivered_says_where_to_resume() -> None:
    talk = Talk()
    talk.listing()
    changes = talk.state.page(list_body(item("a", 90), item("b", 3), version=95))
    # Items of a list come in no order of versions: only behind the last one a resumption is safe.
    assert [change.position for change in changes] == ["", "95"]
    talk.open()
    changes = talk.state.feed(frame("ADDED", item("c", 96)) + frame("DELETED", item("a", 97)))
    assert [change.position for change in changes] == ["96", "97"]
    assert said(changes) == ["ADDED c@96", "DELETED a@97"]
