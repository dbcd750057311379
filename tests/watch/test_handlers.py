# SPDX-License-Identifier: Apache-2.0
"""Handlers of an informer: order, isolation, bounded queues, resync (protocol D25-D28, D30)."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_api import LiveApi
from watch_consumer import Thing

from k8s_core.errors import RequestError
from k8s_core.watch import ADDED, DELETED, MODIFIED, Informer, Notification
from k8s_core.watch.clock import SystemClock
from k8s_core.watch.handlers import Handler, Note

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20.0


@pytest.fixture
def api() -> LiveApi:
    return LiveApi()


@pytest.fixture
def informer(api: LiveApi) -> Iterator[Informer[Thing]]:
    informer = Informer(Thing, client=api, clock=api.clock)  # type: ignore[arg-type]  # stands in for a Client
    yield informer
    informer.stop()


class Log:
    """What happened, in order, and waiting for it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.changed = threading.Condition()

    def __call__(self, line: str) -> None:
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    def wait_for(self, *lines: str) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.lines == list(lines), SECONDS), self.lines


def describe(event: Notification[Thing]) -> str:
    flags = "".join(flag[0] for flag in ("initial", "resync") if getattr(event, flag))
    return f"{event.type} {event.object.metadata.name}{' ' + flags if flags else ''}"


def test_D25_the_cache_has_changed_before_a_handler_is_told(api: LiveApi, informer: Informer[Thing]) -> None:
    log = Log()
    informer.add_handler(
        add=lambda thing: log(f"add {informer.get('a', 'ns') is not None}"),
        delete=lambda thing: log(f"delete {informer.get('a', 'ns') is None}"),
    )
    informer.start()
    api.do(lambda: api.create("ns/a"))
    log.wait_for("add True")
    api.do(lambda: api.delete("ns/a"))
    log.wait_for("add True", "delete True")


def test_D25_each_object_s_notifications_come_in_order_one_at_a_time(api: LiveApi, informer: Informer[Thing]) -> None:
    log = Log()
    inside = threading.Semaphore(1)

    def note(event: Notification[Thing]) -> None:
        assert inside.acquire(blocking=False), "two callbacks of one handler at once"
        log(f"{event.type} {event.object.metadata.resourceVersion}")
        inside.release()

    informer.add_handler(event=note)
    informer.start()
    api.do(lambda: api.create("ns/a"))
    for _ in range(50):
        api.do(lambda: api.update("ns/a"))
    api.do(lambda: api.delete("ns/a"))
    log.wait_for("ADDED 101", *[f"MODIFIED {102 + n}" for n in range(50)], "DELETED 152")


def test_D26_a_late_handler_gets_what_is_cached_and_is_synced_after_delivery(
    api: LiveApi, informer: Informer[Thing]
) -> None:
    api.create("ns/a")
    api.create("ns/b")
    informer.start()
    informer.wait_synced(SECONDS)
    log, proceed = Log(), threading.Event()

    def slow(event: Notification[Thing]) -> None:
        assert proceed.wait(SECONDS)
        log(describe(event))

    handler = informer.add_handler(event=slow)
    assert informer.synced
    assert not handler.synced, "nothing was delivered yet"
    proceed.set()
    assert handler.wait_synced(SECONDS)
    assert log.lines == ["ADDED a i", "ADDED b i"]
    api.do(lambda: api.create("ns/c"))
    log.wait_for("ADDED a i", "ADDED b i", "ADDED c")


def test_D26_a_handler_from_the_start_is_synced_after_the_first_list(api: LiveApi, informer: Informer[Thing]) -> None:
    api.create("ns/a")
    log = Log()
    handler = informer.add_handler(event=lambda event: log(describe(event)))
    assert not handler.synced
    informer.start()
    assert handler.wait_synced(SECONDS)
    assert log.lines == ["ADDED a i"]


def test_D26_a_handler_of_an_empty_collection_is_synced_too(informer: Informer[Thing]) -> None:
    handler = informer.add_handler()
    informer.start()
    assert handler.wait_synced(SECONDS)


def test_D27_a_resync_reminds_only_the_handler_that_asked_and_asks_the_server_nothing(
    api: LiveApi, informer: Informer[Thing]
) -> None:
    api.create("ns/a")
    asked, other = Log(), Log()
    plain = informer.add_handler(event=lambda event: other(describe(event)))
    handler = informer.add_handler(
        event=lambda event: asked(describe(event)),
        update=lambda old, new: asked(f"same {old == new}"),
        resync=3600.0,
    )
    informer.start()
    assert handler.wait_synced(SECONDS)
    assert plain.wait_synced(SECONDS)
    assert api.watching.wait(SECONDS)
    requests = len(api.requests)
    handler.resync_now()
    asked.wait_for("ADDED a i", "MODIFIED a r", "same True")
    assert other.lines == ["ADDED a i"]
    assert len(api.requests) == requests


def test_D27_resync_happens_by_itself_and_not_more_often_than_each_second(api: LiveApi) -> None:
    api.create("ns/a")
    informer = Informer(Thing, client=api)  # type: ignore[arg-type]  # stands in for a Client
    log = Log()
    with pytest.raises(RequestError, match="at least 1 second"):
        informer.add_handler(resync=0.5)
    informer.add_handler(event=lambda event: log(describe(event)), resync=1.0)
    with informer:
        log.wait_for("ADDED a i", "MODIFIED a r")


def test_D28_a_handler_that_raises_is_reported_and_survives(
    api: LiveApi, informer: Informer[Thing], caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()

    def bad(thing: Thing) -> None:
        raise RuntimeError(f"no {thing.metadata.name}")

    informer.add_handler(add=bad, event=lambda event: log("bad was called"))
    informer.add_handler(add=lambda thing: log(f"good {thing.metadata.name}"))
    with caplog.at_level(logging.ERROR, "k8s_core.watch"):
        informer.start()
        api.do(lambda: api.create("ns/a"))
        with log.changed:
            assert log.changed.wait_for(lambda: len(log.lines) == 2, SECONDS)
        api.do(lambda: api.create("ns/b"))
        with log.changed:
            assert log.changed.wait_for(lambda: len(log.lines) == 4, SECONDS)
    assert sorted(log.lines) == ["bad was called", "bad was called", "good a", "good b"]
    assert "no a" in caplog.text


def test_D28_a_slow_handler_stops_neither_the_cache_nor_the_others(api: LiveApi, informer: Informer[Thing]) -> None:
    blocked, release, log = threading.Event(), threading.Event(), Log()

    def stuck(thing: Thing) -> None:
        blocked.set()
        assert release.wait(SECONDS)

    slow = informer.add_handler(add=stuck)
    informer.add_handler(add=lambda thing: log(thing.metadata.name))
    informer.start()
    for name in ("a", "b", "c"):
        api.do(lambda name=name: api.create(f"ns/{name}"))  # type: ignore[misc]  # mypy does not infer defaults of lambdas
    log.wait_for("a", "b", "c")
    assert blocked.wait(SECONDS)
    assert len(informer) == 3
    assert slow.backlog >= 1
    assert slow.busy_since is not None
    release.set()


def test_D28_the_queue_of_a_slow_handler_is_bounded_by_merging(api: LiveApi, informer: Informer[Thing]) -> None:
    blocked, release, log, marker = threading.Event(), threading.Event(), Log(), Log()

    def stuck(event: Notification[Thing]) -> None:
        blocked.set()
        assert release.wait(SECONDS)
        old = event.old.metadata.resourceVersion if event.old is not None else "-"
        log(f"{event.type} {event.object.metadata.name} {old}->{event.object.metadata.resourceVersion}")

    slow = informer.add_handler(event=stuck, queue_limit=2)
    informer.add_handler(add=lambda thing: marker(thing.metadata.name))
    informer.start()
    api.do(lambda: api.create("ns/first"))
    assert blocked.wait(SECONDS)
    api.do(lambda: api.create("ns/a"))
    for _ in range(500):
        api.do(lambda: api.update("ns/a"))
    api.do(lambda: api.create("ns/last"))
    marker.wait_for("first", "a", "last")
    assert slow.backlog <= 4
    release.set()
    log.wait_for("ADDED first -->101", "ADDED a -->102", "MODIFIED a 102->602", "ADDED last -->603")


def test_D30_a_removed_handler_hears_nothing_more(api: LiveApi, informer: Informer[Thing]) -> None:
    log, others = Log(), Log()
    handler = informer.add_handler(add=lambda thing: log(thing.metadata.name))
    informer.add_handler(add=lambda thing: others(thing.metadata.name))
    informer.start()
    api.do(lambda: api.create("ns/a"))
    log.wait_for("a")
    informer.remove_handler(handler)
    informer.remove_handler(handler)
    api.do(lambda: api.create("ns/b"))
    others.wait_for("a", "b")
    handler.join(SECONDS)
    assert log.lines == ["a"]
    assert not handler.wait_synced(0) or handler.synced


def test_D30_stopping_from_a_callback_does_not_deadlock(api: LiveApi, informer: Informer[Thing]) -> None:
    stopped = threading.Event()

    def stop(_: Thing) -> None:
        informer.stop()
        stopped.set()

    informer.add_handler(add=stop)
    api.create("ns/a")
    informer.start()
    assert stopped.wait(SECONDS)


def test_mistakes_are_refused(informer: Informer[Thing]) -> None:
    with pytest.raises(RequestError, match="queue_limit"):
        informer.add_handler(queue_limit=0)


# ---- merging, in the abstract -----------------------------------------------------------------------------------


def collected(notes: list[tuple[str, str, int]], limit: int) -> list[tuple[str, str, int]]:
    """What a handler gets that is asked for nothing before all of it is queued."""
    got: list[tuple[str, str, int]] = []
    done = threading.Event()

    def call(note: Note) -> None:
        if note.key == "end":
            done.set()
            return
        old = None if note.old is None else int(json.loads(note.old))
        assert (note.type == MODIFIED) == (old is not None)
        got.append((note.type, note.key, int(json.loads(note.new))))

    handler: Handler[Any] = Handler(
        "test",
        call,
        pytest.fail,
        pytest.fail,
        queue_limit=limit,
        resync=None,
        snapshot=list,
        clock=SystemClock(),  # type: ignore[arg-type]  # never called
    )
    for kind, key, version in notes:
        raw = str(version).encode()
        handler.put(Note(kind, key, raw, b"0" if kind == MODIFIED else None))
    handler.put(Note(ADDED, "end", b"0"))
    handler.start()
    assert done.wait(SECONDS)
    handler.stop()
    handler.join(SECONDS)
    return got


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40), st.integers(1, 6))
def test_D25_whatever_is_merged_a_handler_can_rebuild_the_final_state(
    steps: list[tuple[str, bool]], limit: int
) -> None:
    live: dict[str, int] = {}
    notes: list[tuple[str, str, int]] = []
    for version, (key, remove) in enumerate(steps, 1):
        if remove and key in live:
            notes.append((DELETED, key, live.pop(key)))
        else:
            notes.append((MODIFIED if key in live else ADDED, key, version))
            live[key] = version
    seen: dict[str, int] = {}
    last: dict[str, int] = {}
    got = collected(notes, limit)
    for kind, key, version in got:
        assert (key in seen) == (kind != ADDED), got
        assert version >= last.get(key, 0), "versions of a key do not go back"
        last[key] = version
        if kind == DELETED:
            del seen[key]
        else:
            seen[key] = version
    assert seen == live
    assert len(got) <= len(notes)
