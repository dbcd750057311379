# SPDX-License-Identifier: Apache-2.0
"""How a collection is followed, by whichever of Watcher, Informer and ``Client.wait``."""

from __future__ import annotations

import random as random_module
from typing import TYPE_CHECKING

from msgspec import Struct, field

from k8s_core.watch.clock import Clock, StopSignal, SystemClock
from k8s_core.watch.driver import Driver
from k8s_core.watch.state import WatchState

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_core.watch.target import Target

__all__ = ["WatchOptions"]


class WatchOptions(Struct, frozen=True, kw_only=True):
    """What the three have in common; see the arguments of :class:`~k8s_core.watch.Watcher`."""

    page_size: int = 500
    streaming_list: bool = False
    stream_timeout: float | None = None
    clock: Clock = field(default_factory=SystemClock)
    random: random_module.Random = field(default_factory=random_module.Random)

    def driver(
        self,
        client: Client,
        target: Target,
        stop: StopSignal,
        *,
        resource_version: str | None = None,
        capacity: int | None = None,
        keep_objects: bool = False,
        consistent: bool = False,
        on_error: Callable[[Exception], None] | None = None,
        start_timeout: float | None = None,
        raise_when_expired: bool = False,
        on_synced: Callable[[], None] | None = None,
        announce_sync: bool = False,
    ) -> Driver:
        """A driver over a new state. Arguments are those of :class:`Driver` and :class:`WatchState`."""
        state = WatchState(
            target.resource,
            clock=self.clock.now,
            random=self.random,
            resource_version=resource_version,
            capacity=capacity,
            page_size=self.page_size,
            streaming_list=self.streaming_list,
            keep_objects=keep_objects,
            consistent=consistent,
        )
        return Driver(
            client,
            target,
            state,
            clock=self.clock,
            stop=stop,
            stream_timeout=self.stream_timeout,
            on_error=on_error,
            start_timeout=start_timeout,
            raise_when_expired=raise_when_expired,
            on_synced=on_synced,
            announce_sync=announce_sync,
        )
