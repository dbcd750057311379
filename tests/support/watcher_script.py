# SPDX-License-Identifier: Apache-2.0
"""A Watcher over a simulated API, with a script of what happens."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from simulated_api import FakeClock, SimulatedApi
from watch_consumer import Thing

from k8s_core.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.watch import WatchEvent


class Script:
    """Steps that happen one after the other whenever the watcher would block; then the watcher is stopped."""

    def __init__(self, api: SimulatedApi, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)
        self.watcher: Watcher[Thing] | None = None
        api.step = self.step

    def step(self) -> bool:
        if not self.steps:
            assert self.watcher is not None
            self.watcher.stop()
            return False
        return self.steps.pop(0)() is not False


def make(api: SimulatedApi, *steps: Callable[[], object], **options: Any) -> Watcher[Thing]:
    script = Script(api, *steps)
    options.setdefault("random", Random(5))
    script.watcher = Watcher(Thing, client=api, clock=api.clock, **options)  # type: ignore[arg-type]  # stands in for a Client
    return script.watcher


def new_api(**options: Any) -> SimulatedApi:
    return SimulatedApi(Thing.api_resource, clock=FakeClock(), **options)


def texts(events: list[WatchEvent[Thing]]) -> list[str]:
    return [f"{event.type} {event.object.metadata.name}" for event in events]
