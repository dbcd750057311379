# SPDX-License-Identifier: Apache-2.0
"""Hooks of other distributions: an entry-point group of their own, with the core's rules for loading."""

from __future__ import annotations

import sys
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import pluggy

from k8s_core.errors import KubernetesError, PluginError, PluginLoadError
from k8s_core.plugins.discovery import BLOCK_VARIABLE, InstalledPlugin, blocked_names, scan
from k8s_core.plugins.spec import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from k8s_core.plugins.registrar import PluginOrigin

__all__ = ["HookGroup", "declare_hooks"]

_Registrar = TypeVar("_Registrar")


class HookGroup:
    """The plugins of one entry-point group, and the hooks that they implement.

    A plugin is imported when an entry point of its name is asked for, and never if it is blocked. Thread-safe.

    Attributes:
        entry_points: the entry-point group.
    """

    def __init__(self, entry_points: str, specs: ModuleType | type, blocked: Iterable[str]) -> None:
        self.entry_points = entry_points
        self._specs = specs
        self._blocked = frozenset(blocked)
        self._installed: tuple[InstalledPlugin, ...] | None = None
        self._managers: dict[str, pluggy.PluginManager] = {}
        self._lock = threading.RLock()

    def names(self) -> tuple[str, ...]:
        """The names of the installed entry points that are not blocked, sorted. Scans once; imports nothing."""
        return tuple(sorted({plugin.name for plugin in self._available()}))

    def collect(self, hook: str, name: str, registrar: Callable[[PluginOrigin], _Registrar]) -> list[_Registrar]:
        """Import the plugins with the entry point ``name`` and call one hook of each.

        Args:
            hook: a hook of the specifications; it takes the one argument ``registrar``.
            name: of the entry points.
            registrar: makes what a plugin gets; called with the plugin's origin.

        Returns:
            What ``registrar`` made, one for each plugin, in the order of their distributions.

        Raises:
            PluginLoadError: a plugin cannot be imported, or breaks the contract; names it and the way to block it.
            PluginError: the hook itself raised, or refused something that was registered.
        """
        with self._lock:
            return [
                self._call(plugin, hook, registrar(plugin.origin))
                for plugin in self._available()
                if plugin.name == name
            ]

    def _available(self) -> tuple[InstalledPlugin, ...]:
        with self._lock:
            if self._installed is None:
                found = scan(self.entry_points)
                self._installed = tuple(plugin for plugin in found if not plugin.is_blocked(self._blocked))
            return self._installed

    def _call(self, plugin: InstalledPlugin, hook: str, registrar: _Registrar) -> _Registrar:
        if plugin.value not in self._managers:
            self._managers[plugin.value] = self._loaded(plugin)
        try:
            getattr(self._managers[plugin.value].hook, hook)(registrar=registrar)
        except KubernetesError:
            raise
        except Exception as error:
            raise PluginError(f"plugin {plugin.origin} failed in {hook}: {type(error).__name__}: {error}") from error
        return registrar

    def _loaded(self, plugin: InstalledPlugin) -> pluggy.PluginManager:
        """A manager for one plugin alone, so that a hook can be called in its name."""
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(self._specs)
        try:
            module = plugin.load()
            manager.register(module, name=plugin.value)
            manager.check_pending()
            if not manager.get_hookcallers(module):
                raise PluginError(f"it implements no hook of {self.entry_points} (is @hookimpl missing?)")
        except (Exception, SystemExit) as error:
            raise PluginLoadError(_loading(plugin, self.entry_points, error)) from error
        return manager


def _loading(plugin: InstalledPlugin, group: str, error: BaseException) -> str:
    return (
        f"plugin {plugin.origin} (entry point {plugin.name!r} = {plugin.value!r} of {group}) cannot be loaded: "
        f"{type(error).__name__}: {error}. Set {BLOCK_VARIABLE}={plugin.distribution} to run without it."
    )


def declare_hooks(entry_points: str, specs: ModuleType | type, *, block: Iterable[str] | None = None) -> HookGroup:
    """Declare hooks of your own, which other packages implement with ``k8s_core.hookimpl``.

    Declaring imports and scans nothing. The same arguments give the same group while ``sys.path`` stays as it is, so
    that a process scans and imports packages once.

    Args:
        entry_points: the entry-point group in which packages name their implementations, such as ``k8s_core.servers``.
        specs: a module or class with functions marked by ``k8s_core.plugins.hookspec``; each takes ``registrar``.
        block: names of entry points or distributions that are never imported; None takes ``K8S_CORE_BLOCK_PLUGINS``.
    """
    blocked = blocked_names() if block is None else frozenset(block)
    return _declared(entry_points, specs, blocked, tuple(sys.path))


@lru_cache(maxsize=16)
def _declared(entry_points: str, specs: ModuleType | type, blocked: frozenset[str], path: tuple[str, ...]) -> HookGroup:
    """One group for each search path of the process: tests make a server each, and all want the same packages."""
    return HookGroup(entry_points, specs, blocked)
