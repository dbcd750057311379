# SPDX-License-Identifier: Apache-2.0
"""Load plugins one by one, all or nothing: what fails leaves no trace and is named in the error."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import pluggy

from k8s_core.errors import PluginError, PluginLoadError
from k8s_core.plugins import spec
from k8s_core.plugins.discovery import (
    BLOCK_VARIABLE,
    COMMANDS_GROUP,
    HOOKS_GROUP,
    KINDS_GROUP,
    SERVERS_GROUP,
    InstalledPlugin,
    scan,
)
from k8s_core.plugins.registrar import DeclaredConverter, DeclaredKind, KindRegistrar, PluginOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from marshmallow.fields import Field

__all__ = ["PluginLoader"]

_log = logging.getLogger("k8s_core.plugins")


class PluginLoader:
    """Holds the pluggy manager and knows what is installed, what is loaded and what failed.

    Thread-safe: loading is serialised by one lock.

    Args:
        blocked: names of entry points or distributions that are never imported.
    """

    def __init__(self, blocked: frozenset[str]) -> None:
        self.blocked = blocked
        self.manager = pluggy.PluginManager(spec.PROJECT)
        self.manager.add_hookspecs(spec)
        self.manager.add_hookcall_monitoring(_log_call, _log_result)
        self.failures: dict[str, str] = {}
        self._lock = threading.RLock()
        self._installed: tuple[InstalledPlugin, ...] | None = None
        self._registrars: dict[str, KindRegistrar] = {}
        self._types: dict[type, tuple[object, PluginOrigin]] = {}
        self._current = _CurrentRegistrar()
        # Historic: pluggy replays this call to every plugin at the moment when it is registered.
        self.manager.hook.k8s_register_kinds.call_historic(kwargs={"registrar": self._current})

    def installed(self, group: str | None = None) -> tuple[InstalledPlugin, ...]:
        """All installed entry points, or those of one entry-point group. The first call scans; the answer is kept."""
        with self._lock:
            if self._installed is None:
                self._installed = scan(KINDS_GROUP, HOOKS_GROUP, COMMANDS_GROUP, SERVERS_GROUP)
            return tuple(plugin for plugin in self._installed if group is None or plugin.group == group)

    def is_blocked(self, plugin: InstalledPlugin) -> bool:
        """True if the plugin must not be imported."""
        return plugin.is_blocked(self.blocked)

    def is_loaded(self, plugin: InstalledPlugin) -> bool:
        """True once ``load`` succeeded for what the entry point names."""
        return _key(plugin) in self._registrars

    def declared(self) -> list[DeclaredKind]:
        """The kinds of all loaded plugins, in the order in which they were loaded."""
        return [declared for registrar in list(self._registrars.values()) for declared in registrar.kinds]

    def converters(self) -> list[DeclaredConverter]:
        """The converters of all loaded plugins."""
        return [found for registrar in list(self._registrars.values()) for found in registrar.converters]

    def declared_by(self, plugin: InstalledPlugin) -> tuple[DeclaredKind, ...]:
        """The kinds of one plugin; empty unless it is loaded."""
        registrar = self._registrars.get(_key(plugin))
        return registrar.kinds if registrar else ()

    def hooks_of(self, plugin: InstalledPlugin) -> tuple[str, ...]:
        """The hooks that one plugin implements; empty unless it is loaded."""
        loaded = self.manager.get_plugin(_key(plugin))
        callers = self.manager.get_hookcallers(loaded) if loaded is not None else None
        return tuple(sorted(caller.name for caller in callers or ()))

    def load(self, plugins: Iterable[InstalledPlugin]) -> None:
        """Import and register those plugins that are neither blocked nor loaded yet.

        A plugin that failed before is tried again.

        Raises:
            PluginLoadError: for the first that fails; nothing of that one remains registered.
        """
        for plugin in plugins:
            with self._lock:
                if self.is_blocked(plugin) or self.is_loaded(plugin):
                    continue
                try:
                    self._register(plugin.load(), _key(plugin), plugin.origin, self._siblings(plugin))
                except (Exception, SystemExit) as error:
                    text = f"{type(error).__name__}: {error}"
                    self.failures[_key(plugin)] = text
                    raise PluginLoadError(
                        f"plugin {plugin.origin} (entry point {plugin.name!r} = {plugin.value!r} of {plugin.group}) "
                        f"cannot be loaded: {text}. "
                        f"Set {BLOCK_VARIABLE}={plugin.distribution} to run without it."
                    ) from error
                self.failures.pop(_key(plugin), None)

    def failure_of(self, plugin: InstalledPlugin) -> str:
        """Why the last attempt to load this plugin failed; empty if it did not."""
        return self.failures.get(_key(plugin), "")

    def register(self, plugin: object, name: str) -> None:
        """Register a module or object of the program. Raises PluginError if it breaks the contract."""
        with self._lock:
            try:
                self._register(plugin, name, PluginOrigin("", "", name), ())
            except (PluginError, ValueError, pluggy.PluginValidationError) as error:
                raise PluginError(f"plugin {name!r} cannot be registered: {error}") from error

    def origin_of(self, name: str) -> PluginOrigin:
        """The origin of the plugin that pluggy knows as ``name``."""
        return self._registrars[name].origin

    def _siblings(self, plugin: InstalledPlugin) -> tuple[InstalledPlugin, ...]:
        """All entry points that name the same object: one module may serve several groups."""
        return tuple(other for other in self.installed() if _key(other) == _key(plugin))

    def _register(self, plugin: object, key: str, origin: PluginOrigin, entries: tuple[InstalledPlugin, ...]) -> None:
        registrar = KindRegistrar(origin)
        if self.manager.is_registered(plugin):
            # The program registered this very object itself; its kinds are known under that name.
            if entries:
                self._registrars[key] = registrar
                return
            raise PluginError("it is registered already")
        try:
            with self._current.bound_to(registrar):
                self.manager.register(plugin, name=key)
            self.manager.check_pending()
            self._check_hooks(plugin, entries)
            _check_groups(registrar, entries)
            self._publish_types(registrar)
        except BaseException:
            # pluggy keeps a plugin registered whose historic hook raised.
            if self.manager.is_registered(plugin):
                self.manager.unregister(plugin)
            raise
        self._registrars[key] = registrar
        _log.debug("loaded plugin %s", origin)

    def _check_hooks(self, plugin: object, entries: tuple[InstalledPlugin, ...]) -> None:
        known = _hook_names()
        # Hooks of a newer core that the plugin marks as optional are no business of this one.
        hooks = {caller.name for caller in self.manager.get_hookcallers(plugin) or ()}.intersection(known)
        if not hooks:
            raise PluginError(f"it implements none of the hooks (is @hookimpl missing?): {', '.join(known)}")
        groups = {entry.group for entry in entries}
        if not groups:
            return
        for group, misplaced in ((HOOKS_GROUP, hooks - spec.KIND_HOOKS), (KINDS_GROUP, hooks & spec.KIND_HOOKS)):
            # Otherwise it would depend on what was asked for before whether the hook takes part.
            if misplaced and group not in groups:
                raise PluginError(f"it implements {', '.join(sorted(misplaced))}, but has no entry point in {group}")

    def _publish_types(self, registrar: KindRegistrar) -> None:
        for python_type, field in registrar.types.items():
            known, owner = self._types.get(python_type, (field, registrar.origin))
            if known is not field:
                raise PluginError(f"it registers a field for {python_type!r}, which {owner} has registered already")
        for python_type, field in registrar.types.items():
            from k8s_core.model.annotations import register_type  # noqa: PLC0415  # only a package with field types needs it (22 modules)

            register_type(python_type, field)
            self._types[python_type] = (field, registrar.origin)


class _CurrentRegistrar(KindRegistrar):
    """The one registrar that pluggy's historic call holds; it forwards to that of the plugin being loaded."""

    def __init__(self) -> None:
        super().__init__("k8s_core")
        self._target: KindRegistrar | None = None

    def bound_to(self, registrar: KindRegistrar) -> _Binding:
        return _Binding(self, registrar)

    def add_kind(
        self, api_version: str, kind: str, target: str, *, plural: str = "", short_names: Iterable[str] = ()
    ) -> None:
        self._bound().add_kind(api_version, kind, target, plural=plural, short_names=short_names)

    def add_converter(self, api_version: str, kind: str, to: str, target: str) -> None:
        self._bound().add_converter(api_version, kind, to, target)

    def add_type(self, python_type: type, field: type[Field[Any]] | Field[Any]) -> None:
        self._bound().add_type(python_type, field)

    def _bound(self) -> KindRegistrar:
        if self._target is None:
            raise PluginError("a registrar may only be used while k8s_register_kinds runs")
        return self._target


class _Binding:
    """Binds the current registrar for the time of a ``with``; nests, as the import of one plugin may load another."""

    def __init__(self, current: _CurrentRegistrar, registrar: KindRegistrar) -> None:
        self._current = current
        self._registrar = registrar

    def __enter__(self) -> None:
        self._before = self._current._target
        self._current._target = self._registrar

    def __exit__(self, *exc_info: object) -> None:
        self._current._target = self._before


def _key(plugin: InstalledPlugin) -> str:
    """What identifies the object that an entry point names; several entry points may share it."""
    return f"{plugin.distribution}:{plugin.value}"


def _hook_names() -> list[str]:
    return sorted(name for name in spec.__all__ if name.startswith("k8s_"))


def _check_groups(registrar: KindRegistrar, entries: tuple[InstalledPlugin, ...]) -> None:
    """Kinds of a group without an entry point would appear only after another group was asked for."""
    if not entries:
        return
    provided = {entry.api_group for entry in entries if entry.group == KINDS_GROUP}
    filed: list[DeclaredKind | DeclaredConverter] = [*registrar.kinds, *registrar.converters]
    for declared in filed:
        if declared.gvk.group not in provided:
            name = declared.gvk.group or "core"
            raise PluginError(f"it registers {declared.gvk}, but has no entry point named {name!r} in {KINDS_GROUP}")


def _log_call(hook_name: str, impls: object, kwargs: Mapping[str, Any]) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        # By type only: a Config holds secrets.
        arguments = ", ".join(f"{name}: {type(value).__name__}" for name, value in kwargs.items())
        _log.debug("calling %s(%s)", hook_name, arguments)


def _log_result(outcome: Any, hook_name: str, impls: object, kwargs: Mapping[str, Any]) -> None:
    if _log.isEnabledFor(logging.DEBUG):
        failure = outcome.exception
        _log.debug("%s %s", hook_name, f"raised {type(failure).__name__}" if failure else "returned")
