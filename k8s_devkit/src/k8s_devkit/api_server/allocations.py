# SPDX-License-Identifier: Apache-2.0
"""Which objects hold the values that only one object can have, such as addresses and ports."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from k8s_devkit.api_server.store import DELETED

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.store import Change, Entry, StoreKey

__all__ = ["Allocations"]


class Allocations:
    """An index of the store, by what `Strategy.allocated` says: made for a kind when it is first asked for.

    Since it follows the store, a write that is refused or a dry run holds nothing, and a deletion frees everything.
    """

    def __init__(self, core: ApiCore) -> None:
        self._core = core
        self._holders: dict[StoreKey, dict[tuple[str, Hashable], set[str]]] = {}

    def available(self, resource: StoreKey, pool: str, value: Hashable, key: str) -> bool:
        """Whether no object holds a value, or the one with this key in the store does."""
        if resource not in self._holders:
            self._holders[resource] = defaultdict(set)
            for entry in self._core.store.entries(resource):
                self._add(resource, entry)
            self._core.store.listen(resource, self._changed)
        holders = self._holders[resource].get((pool, value))
        return not holders or key in holders

    def _changed(self, change: Change) -> None:
        if change.previous is not None:
            for held in self._allocated(change.resource, change.previous):
                self._holders[change.resource][held].discard(change.previous.key)
        if change.type != DELETED:
            self._add(change.resource, change.entry)

    def _add(self, resource: StoreKey, entry: Entry) -> None:
        for held in self._allocated(resource, entry):
            self._holders[resource][held].add(entry.key)

    def _allocated(self, resource: StoreKey, entry: Entry) -> Iterable[tuple[str, Hashable]]:
        kind = self._core.catalog.of_store(resource)
        return kind.strategy.allocated(entry.document()) if kind is not None else ()
