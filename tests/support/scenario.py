# SPDX-License-Identifier: Apache-2.0
"""Random histories by seed: what writers do, what breaks, and when everything is quiet again."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from simulated_api import FakeClock, Faults, SimulatedApi
from watch_consumer import Consumer, Thing

from k8s_core.errors import KubernetesError, TransportError
from k8s_core.watch import WatchState
from k8s_core.watch.instructions import CheckHistory, ListPage, OpenWatch, Wait

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = [f"ns/p{number}" for number in range(8)]
_CHANCES = (0.0, 0.0, 0.05, 0.2)
_QUIET_ATTEMPTS = 60


class Scenario:
    """One simulated API with writers and faults. The same seed is the same scenario."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.clock = FakeClock()
        self.selector = "app=web" if random.random() < 0.3 else None
        self.page_size = random.choice([1, 2, 3, 500])
        self.api = SimulatedApi(
            Thing.api_resource,
            seed=seed,
            faults=Faults(*(random.choice(_CHANCES) for _ in range(12))),
            clock=self.clock,
            streaming_lists=random.random() < 0.7,
        )
        self.api.faults.interleave = 0.5
        self.api.faults.refuse = random.choice([0.0, 0.1, 0.3])
        self.api.faults.status = random.choice([0.0, 0.1, 0.3])
        self.compaction = random.choice([0.0, 0.05, 0.3])
        self.losses = random.choice([0, 0, 0, 1, 3])
        if self.losses:
            # A restored history that has passed the version that was seen can't be told from the old one.
            self.api.version = 10**6
        for name in NAMES[: random.randrange(8)]:
            self.api.create(name, self.labels())
        self.left = random.randrange(5, 60)
        self.quiet = 0
        self.done: Callable[[], bool] = lambda: True
        self.stop: Callable[[], None] = lambda: None
        self.api.step = self.step
        self.clock.on_sleep = self.while_sleeping

    def labels(self) -> dict[str, str]:
        return {"app": self.random.choice(["web", "db"])}

    def wanted(self) -> dict[str, tuple[str, int]]:
        """The live objects of the server that the watch is to see."""
        query = {"labelSelector": self.selector or ""}
        return {
            name: (document["metadata"]["uid"], int(document["metadata"]["resourceVersion"]))
            for name, document in self.api.objects.items()
            if self.api._selected(query, document)
        }

    def write(self) -> bool:
        """A few random changes; False when the writers have finished."""
        if self.left <= 0:
            return False
        self.left -= 1
        for _ in range(self.random.randrange(1, 4)):
            chance, alive = self.random.random(), list(self.api.objects)
            free = [name for name in NAMES if name not in self.api.objects]
            if chance < 0.35 and free:
                self.api.create(self.random.choice(free), self.labels())
            elif chance < 0.65 and alive:
                self.api.update(self.random.choice(alive), self.labels() if self.random.random() < 0.5 else None)
            elif chance < 0.85 and alive:
                self.api.delete(self.random.choice(alive))
            elif alive:
                victim = self.random.choice(alive)
                self.api.delete(victim)
                self.api.create(victim, self.labels())
        if self.random.random() < self.compaction:
            self.api.compact()
        if self.losses and self.random.random() < 0.1:
            self.losses -= 1
            alive = list(self.api.objects)
            keep = self.random.sample(alive, self.random.randrange(len(alive) + 1))
            self.api.restore(self.api.version // 10, keep)
        return True

    def while_sleeping(self) -> None:
        if self.random.random() < 0.5:
            self.write()

    def step(self) -> bool:
        """What happens when a stream has nothing to send: see ``SimulatedApi.step``."""
        if self.write():
            return True
        self.api.faults = Faults()
        if self.done():
            self.stop()
            return False
        self.quiet += 1
        assert self.quiet < _QUIET_ATTEMPTS, "it does not arrive at the state of the server"
        return False


def run_state(seed: int, *, streaming: bool) -> Consumer:
    """A scenario for the pure state, without the Watcher around it: fast enough for thousands."""
    scenario = Scenario(seed)
    consumer = Consumer(selecting=scenario.selector is not None, lives=lambda: scenario.api.life)
    state = WatchState(
        Thing.api_resource,
        clock=scenario.clock.now,
        random=Random(seed),
        page_size=scenario.page_size,
        streaming_list=streaming,
    )
    running = [True]
    scenario.done = lambda: consumer.live == scenario.wanted()
    scenario.stop = running.clear
    while running:
        assert len(scenario.api.requests) < 5000, "it asks and asks"
        instruction = state.next()
        if isinstance(instruction, Wait):
            scenario.clock.time += instruction.seconds
            scenario.clock.on_sleep()
        elif isinstance(instruction, ListPage):
            _list(scenario, state, instruction, consumer)
        elif isinstance(instruction, CheckHistory):
            _check(scenario, state)
        else:
            _watch(scenario, state, instruction, consumer)
    return consumer


def _query(scenario: Scenario, **parameters: Any) -> Any:
    if scenario.selector:
        parameters["labelSelector"] = scenario.selector

    class Request:
        query = tuple((key, str(value)) for key, value in parameters.items() if value is not None)

    return Request


def _list(scenario: Scenario, state: WatchState, page: ListPage, consumer: Consumer) -> None:
    version: dict[str, str | None]
    if page.continue_token:
        version = {"continue": page.continue_token}
    else:
        match = "NotOlderThan" if page.resource_version not in (None, "0") else None
        version = {"resourceVersion": page.resource_version, "resourceVersionMatch": match}
    try:
        body = b"".join(scenario.api.request(_query(scenario, limit=page.limit, **version)).stream())
    except KubernetesError as error:
        state.list_failed(error)
        return
    _believe(consumer, state.page(body))


def _check(scenario: Scenario, state: WatchState) -> None:
    try:
        body = b"".join(scenario.api.request(_query(scenario, limit=1)).stream())
    except KubernetesError as error:
        state.check_failed(error)
        return
    state.checked(body)


def _watch(scenario: Scenario, state: WatchState, watch: OpenWatch, consumer: Consumer) -> None:
    initial = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"} if watch.initial_events else {}
    initial["allowWatchBookmarks"] = "true"
    try:
        response = scenario.api.request(
            _query(scenario, watch="true", resourceVersion=watch.resource_version, **initial)
        )
    except KubernetesError as error:
        state.watch_failed(error)
        return
    state.opened()
    ended: TransportError | None = None
    try:
        for chunk in response.stream():
            _believe(consumer, state.feed(chunk))
            if not state.reading:
                break
    except TransportError as error:
        ended = error
    state.closed(ended)


def _believe(consumer: Consumer, changes: list[Any]) -> None:
    for change in changes:
        consumer.believe(change.type, change.key, change.uid, int(change.resource_version))
