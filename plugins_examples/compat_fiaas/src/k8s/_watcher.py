# SPDX-License-Identifier: Apache-2.0
"""``Watcher`` of fiaas/k8s over that of k8s-core."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from k8s._errors import APIServerError, translated
from k8s._events import SyntheticAddedWatchEvent, WatchEvent
from k8s._verbs import client_of
from k8s_core import ALL_NAMESPACES
from k8s_core import Watcher as CoreWatcher
from k8s_core.watch import UNDECODABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEFAULT_CAPACITY", "APIServerError", "SyntheticAddedWatchEvent", "WatchEvent", "Watcher"]

LOG = logging.getLogger("k8s.watcher")

DEFAULT_CAPACITY: Final = 1000
"""How many objects fiaas/k8s remembers. Here every live one is remembered unless ``capacity`` says otherwise."""


class Watcher:
    """Watches one kind and never ends: it reconnects, and reports nothing twice.

    Args:
        model: the kind.
        capacity: remember at most this many objects. Beyond it an object may be reported as ADDED again after a gap.
    """

    def __init__(self, model: Any, capacity: int | None = None) -> None:
        self._watcher: CoreWatcher[Any] = CoreWatcher(model, capacity=capacity)
        self._model = model

    def watch(self, namespace: str | None = None) -> Iterator[WatchEvent]:
        """Yield the events of a namespace, or of all. What exists already comes first, as ADDED."""
        client_of(self._model)
        where = ALL_NAMESPACES if namespace is None else namespace
        with translated():
            for event in self._watcher.watch(namespace=where):
                if event.type == UNDECODABLE:
                    LOG.warning("an event of %s is left out: its object is not one", self._model.__name__)
                elif event.initial:
                    yield SyntheticAddedWatchEvent(event.object)
                else:
                    yield WatchEvent(_type=event.type, _object=event.object)
