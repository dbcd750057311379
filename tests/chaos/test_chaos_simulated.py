# SPDX-License-Identifier: Apache-2.0
"""Thousands of random histories with faults, in one thread and without sockets (issue 6, protocol section D).

A failure names its seed; ``CHAOS_SEED=<seed> pytest tests/chaos -k one_seed`` runs that one alone, and
``CHAOS_SCENARIOS=<n>`` runs more of them.
"""

from __future__ import annotations

import logging
import os
import threading
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from scenario import Scenario, run_state
from waiting import eventually
from watch_consumer import Consumer, Thing

from k8s_core.watch import Informer, Notification, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.chaos

SCENARIOS = int(os.environ.get("CHAOS_SCENARIOS", "3200"))
BATCHES = 16


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    # Every scenario makes dozens of warnings; formatting them would take longer than the scenario.
    caplog.set_level(logging.CRITICAL, "k8s_core.watch")


def each_seed(first: int, count: int, run: Callable[[int], Any]) -> None:
    for seed in range(first, first + count):
        try:
            run(seed)
        except BaseException as error:
            error.add_note(f"chaos seed {seed}")
            raise


def run_watcher(seed: int) -> Consumer:
    scenario = Scenario(seed)
    consumer = Consumer(selecting=scenario.selector is not None, lives=lambda: scenario.api.life)
    watcher = Watcher(
        Thing,
        client=scenario.api,  # type: ignore[arg-type]  # stands in for a Client
        clock=scenario.clock,
        random=Random(seed),
        page_size=scenario.page_size,
        streaming_list=seed % 2 == 0,
        keep_objects=seed % 3 == 0,
        on_error=lambda _: None,
        start_timeout=None,
    )
    scenario.done = lambda: consumer.live == scenario.wanted()
    scenario.stop = watcher.stop
    restart = scenario.random.choice([None, None, 3, 20])
    while not watcher.stopped:
        for number, event in enumerate(watcher.watch(labels=scenario.selector), 1):
            consumer.take(event)
            if number == restart:
                break  # the next loop goes on where this one was left
    return consumer


def cached(informer: Informer[Thing]) -> dict[str, tuple[str, int]]:
    found = {}
    for key in list(informer.keys()):
        thing = informer.get_by_key(key)
        if thing is not None:
            found[key] = (thing.metadata.uid or "", int(thing.metadata.resourceVersion or 0))
    return found


def run_informer(seed: int) -> None:
    scenario = Scenario(seed)
    consumer = Consumer(selecting=scenario.selector is not None, lives=lambda: scenario.api.life)
    informer = Informer(
        Thing,
        client=scenario.api,  # type: ignore[arg-type]  # stands in for a Client
        clock=scenario.clock,
        random=Random(seed),
        labels=scenario.selector,
        page_size=scenario.page_size,
        streaming_list=seed % 2 == 0,
        on_error=lambda _: None,
    )
    finished = threading.Event()
    failures: list[BaseException] = []

    def believe(event: Notification[Thing]) -> None:
        try:
            meta = event.object.metadata
            uid, version = meta.uid or "", int(meta.resourceVersion or 0)
            if event.old is not None and event.old.metadata.uid != uid:
                # Deleted and created anew in between (D23).
                old = event.old.metadata
                consumer.believe("DELETED", event.key, old.uid or "", int(old.resourceVersion or 0))
                consumer.believe("ADDED", event.key, uid, version)
            else:
                consumer.believe(event.type, event.key, uid, version)
        except BaseException as error:
            failures.append(error)
            raise

    scenario.done = lambda: cached(informer) == scenario.wanted()
    scenario.stop = finished.set
    # The whole scenario happens in the informer's thread; it ends by holding the last stream open.
    original = scenario.api.step
    release = threading.Event()

    def step() -> bool:
        more = original()
        if finished.is_set():
            assert release.wait(30)
        return more

    scenario.api.step = step
    handler = informer.add_handler(event=believe)
    informer.start()
    try:
        while not finished.wait(0.01):
            informer.keys()  # raises if the informer's thread has died
        # Until the handler has delivered everything that was queued for it.
        eventually(lambda: handler.backlog == 0 and handler.busy_since is None)
        assert cached(informer) == scenario.wanted()
    finally:
        release.set()
        informer.stop()
    if failures:
        raise failures[0]
    assert consumer.live == scenario.wanted()


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("streaming", [False, True], ids=["list", "stream"])
def test_the_state_arrives_at_what_the_server_has_and_tells_everything_once(batch: int, streaming: bool) -> None:
    count = SCENARIOS // BATCHES // 2
    each_seed(batch * count, count, lambda seed: run_state(seed, streaming=streaming))


@pytest.mark.parametrize("batch", range(4))
def test_the_watcher_does_too_and_loops_that_are_left_and_taken_up_again(batch: int) -> None:
    count = SCENARIOS // 64
    each_seed(100_000 + batch * count, count, run_watcher)


@pytest.mark.parametrize("batch", range(4))
def test_the_informer_and_its_handlers_do_too(batch: int) -> None:
    count = SCENARIOS // 160
    each_seed(200_000 + batch * count, count, run_informer)


@pytest.mark.skipif("CHAOS_SEED" not in os.environ, reason="runs one seed, given as CHAOS_SEED")
def test_one_seed() -> None:
    seed = int(os.environ["CHAOS_SEED"])
    run_state(seed, streaming=False)
    run_state(seed, streaming=True)
    run_watcher(seed)
    run_informer(seed)
