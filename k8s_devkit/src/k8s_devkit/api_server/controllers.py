# SPDX-License-Identifier: Apache-2.0
"""Runs what packages bring: controllers, and the `reconcile` of strategies that a test switches on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.context import WritingContext
from k8s_devkit.api_server.kinds.servers import import_target
from k8s_devkit.api_server.store import ADDED, DELETED, EVERYTHING, Change
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.store import StoreKey
    from k8s_devkit.strategy.controllers import Controller
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.registrar import DeclaredController, ServerRegistrar

__all__ = ["Controllers"]


class Controllers:
    """The controllers of one server: those that always run, and those that were switched on."""

    def __init__(self, core: ApiCore) -> None:
        self._core = core
        self._declared: list[tuple[DeclaredController, ServerRegistrar]] = []
        self._running: set[str] = set()
        self._names: set[str] = set()
        self._everything = False

    def group_loaded(self, registrar: ServerRegistrar) -> None:
        """Take over what a package registered for an API group, when that is first served."""
        for target in registrar.objects:
            self._seed_later(import_target(target, registrar))
        for declared in registrar.controllers:
            self._declared.append((declared, registrar))
            if declared.always or self._everything or declared.name in self._names:
                self._start(declared, registrar)

    def _seed_later(self, document: Document) -> None:
        # Not now: the group that it belongs to is still being loaded.
        def seed() -> None:
            self._core.seed(document)

        self._core.later(seed)

    def simulate(self, names: tuple[str, ...]) -> None:
        """Switch simulations on, all of them if no name is given.

        Raises:
            ValueError: a name that no kind has, or whose kind does nothing by itself.
        """
        if not names:
            self._everything = True
            self._core.store.listen(EVERYTHING, self._reconcile_any)
            for key in self._core.store.resources():
                self._reconcile_existing(key)
        else:
            for name in names:
                self._simulate_one(name)
        for declared, registrar in self._declared:
            if self._everything or declared.name in self._names:
                self._start(declared, registrar)

    def _simulate_one(self, name: str) -> None:
        kind = self._kind_of(name)
        has_controller = any(declared.name == name and not declared.always for declared, _ in self._declared)
        if kind is None and not has_controller:
            raise ValueError(f"no kind called {name!r} is served: simulate() takes plurals, such as 'pods'")
        self._names.add(name)
        if kind is not None and _reconciles(kind.strategy):
            key = kind.key
            self._core.store.listen(key, self._reconcile_changed)
            self._reconcile_existing(key)
        elif not has_controller:
            raise ValueError(f"nothing simulates {name!r}: its strategy has no reconcile()")

    def _kind_of(self, name: str) -> Kind | None:
        plural, _, group = name.partition(".")
        return self._core.catalog.of_plural(plural, group if "." in name else None)

    # Strategies

    def _reconcile_any(self, change: Change) -> None:
        kind = self._core.catalog.of_store(change.resource)
        if kind is not None and _reconciles(kind.strategy):
            self._reconcile_changed(change)

    def _reconcile_changed(self, change: Change) -> None:
        if change.type != DELETED:
            self._reconcile_later(change.resource, change.entry.key)

    def _reconcile_later(self, resource: StoreKey, key: str) -> None:
        self._core.later(lambda: self._reconcile(resource, key))

    def _reconcile_existing(self, resource: StoreKey) -> None:
        kind = self._core.catalog.of_store(resource)
        if kind is None or not _reconciles(kind.strategy):
            return
        for entry in self._core.store.entries(resource):
            self._reconcile_later(resource, entry.key)

    def _reconcile(self, resource: StoreKey, key: str) -> None:
        core = self._core
        entry, kind = core.store.get(resource, key), core.catalog.of_store(resource)
        if entry is None or kind is None:
            return
        ctx = WritingContext(core, kind, key=key)
        document = entry.document()
        if document["metadata"].get("deletionTimestamp"):
            kind.strategy.reconcile_deleted(document, ctx)
        else:
            core.update_status(kind, entry, lambda state: kind.strategy.reconcile(state, ctx))

    # Controllers

    def _start(self, declared: DeclaredController, registrar: ServerRegistrar) -> None:
        if declared.target in self._running:
            return
        self._running.add(declared.target)
        controller: Controller | None = None

        def run(resource: StoreKey, change: Change) -> None:
            nonlocal controller
            if controller is None:
                controller = import_target(declared.target, registrar)()
            ctx = WritingContext(self._core, self._core.catalog.of_store(resource))
            controller.changed(resource, change.entry.document(), ctx, deleted=change.type == DELETED)

        def changed(change: Change) -> None:
            self._core.later(lambda: run(change.resource, change))

        for resource in declared.watches:
            self._core.store.listen(resource, changed)
            for entry in self._core.store.entries(resource):
                changed(Change(entry.version, ADDED, resource, entry, None))


def _reconciles(strategy: Strategy) -> bool:
    return type(strategy).reconcile is not Strategy.reconcile
