# SPDX-License-Identifier: Apache-2.0
"""Several watches in one loop: several kinds, several namespaces, or both."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from k8s_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from datetime import datetime

    from k8s_core.model import Resource
    from k8s_core.watch.events import WatchEvent
    from k8s_core.watch.watcher import Watcher

__all__ = ["WatcherGroup"]

R = TypeVar("R", bound="Resource")

_JOIN_SECONDS = 5.0
_CAPACITY = 100


class WatcherGroup(Generic[R]):
    """The events of several watchers as one stream; made by ``Watcher.any``.

    Each watcher has a thread; a slow consumer slows all of them, since no more than 100 events wait in between. Events
    of one watcher keep their order; there is none between watchers. What ends one watcher ends the group: the error is
    raised from the loop.
    """

    def __init__(self, watchers: Sequence[tuple[Watcher[Any], dict[str, Any]]]) -> None:
        if not watchers:
            raise RequestError("Watcher.any needs at least one kind")
        self._watchers = list(watchers)
        self._condition = threading.Condition(threading.RLock())
        self._events: deque[WatchEvent[R]] = deque()
        self._failure: BaseException | None = None
        self._alive = 0
        self._stopped = False
        self._running = False

    @property
    def watchers(self) -> list[Watcher[Any]]:
        """The watchers, one per kind and namespace, in the order asked for."""
        return [watcher for watcher, _ in self._watchers]

    def watch(self) -> Generator[WatchEvent[R], None, None]:
        """Yield the events of all watchers for ever. Blocks between them. Leaving the loop stops the group.

        Raises:
            ApiError, TransportError, ConfigError: one watcher failed, as ``Watcher.watch`` says.
            RequestError: the group is iterated already.
        """
        if self._running:
            raise RequestError("this group of watchers is being iterated already")
        self._running = True
        # Made here, so that the client that is active in this thread is used.
        streams = [(watcher, watcher.watch(**arguments)) for watcher, arguments in self._watchers]
        return self._merge(streams)

    def _merge(
        self, streams: list[tuple[Watcher[Any], Generator[WatchEvent[Any], None, None]]]
    ) -> Generator[WatchEvent[R], None, None]:
        self._alive = len(streams)
        threads = [
            threading.Thread(target=self._pump, args=stream, name=f"k8s-watch-{number}", daemon=True)
            for number, stream in enumerate(streams)
        ]
        try:
            for thread in threads:
                thread.start()
            while (event := self._next()) is not None:
                yield event
        finally:
            self.stop()
            for thread in threads:
                if thread.ident is not None:
                    thread.join(_JOIN_SECONDS)

    def _next(self) -> WatchEvent[R] | None:
        with self._condition:
            self._condition.wait_for(lambda: self._events or self._failure or self._stopped or not self._alive)
            if self._stopped:
                return None
            if self._events:
                self._condition.notify_all()
                return self._events.popleft()
            if self._failure is not None:
                raise self._failure
            return None

    def _pump(self, watcher: Watcher[Any], events: Generator[WatchEvent[Any], None, None]) -> None:
        try:
            for event in events:
                with self._condition:
                    self._condition.wait_for(lambda: len(self._events) < _CAPACITY or self._stopped)
                    if self._stopped:
                        return
                    self._events.append(event)
                    self._condition.notify_all()
        except BaseException as error:  # noqa: BLE001  # raised again in the consumer
            with self._condition:
                self._failure = self._failure or error
        finally:
            events.close()  # closes the connection
            with self._condition:
                self._alive -= 1
                self._condition.notify_all()

    def stop(self) -> None:
        """End the loop and all watchers at once. From any thread or a signal handler; repeatable."""
        self._stopped = True
        for watcher, _ in self._watchers:
            watcher.stop()
        with self._condition:
            self._condition.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def synced(self) -> bool:
        """True once everything that existed at the start has been taken from every watcher."""
        return all(watcher.synced for watcher, _ in self._watchers)

    @property
    def last_contact(self) -> datetime | None:
        """When bytes last came for the watcher that has heard nothing for longest; None if one never did."""
        contacts = [watcher.last_contact for watcher, _ in self._watchers]
        return None if None in contacts else min(contact for contact in contacts if contact is not None)

    def healthy(self, max_age: float = 300.0) -> bool:
        """True if every watcher is healthy."""
        return all(watcher.healthy(max_age) for watcher, _ in self._watchers)
