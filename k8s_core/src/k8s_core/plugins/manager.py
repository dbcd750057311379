# SPDX-License-Identifier: Apache-2.0
"""The typed facade: one method per question that the rest of the SDK asks its plugins."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from k8s_core.errors import KubernetesError, PluginError, PluginLoadError
from k8s_core.plugins.discovery import HOOKS_GROUP, KINDS_GROUP, InstalledPlugin, blocked_names, canonical
from k8s_core.plugins.loader import PluginLoader
from k8s_core.plugins.report import PluginReport, report_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType

    from k8s_core.auth import Credentials
    from k8s_core.configuration import Config  # only a hook's answer needs it (20 modules)
    from k8s_core.plugins.registrar import DeclaredConverter, DeclaredKind
    from k8s_core.transport import Observer, Transport, TransportWrapper

__all__ = ["Plugins", "default_plugins"]

_CREDENTIALS_METHODS = ("headers", "refresh", "client_certificate", "expires_at")
_OBSERVER_METHODS = ("request", "retry", "throttle", "token_refresh", "watch", "relist")


class Plugins:
    """The installed plugins, found by their entry points and loaded when they are needed.

    Making one does nothing. The first question that needs it scans the installed distributions, once per instance.
    Plugins of ``k8s_core.kinds`` load by API group; those of ``k8s_core.plugins`` load all together when the first
    Client is made. Thread-safe.

    Args:
        block: names of entry points or distributions that are not to be imported; None takes them from the
            environment variable ``K8S_CORE_BLOCK_PLUGINS``.
    """

    def __init__(self, *, block: Iterable[str] | None = None) -> None:
        self._loader = PluginLoader(blocked_names() if block is None else frozenset(block))

    def register(self, plugin: object, name: str | None = None) -> None:
        """Add a module or object with hook implementations that has no entry point, for a program or a test.

        Args:
            plugin: its functions marked with ``hookimpl`` count.
            name: for messages; the name of the module or class by default.

        Raises:
            PluginError: a hook or an argument does not exist, nothing is marked, or it is registered already.
        """
        self._loader.register(plugin, name or getattr(plugin, "__name__", None) or type(plugin).__name__)

    # -- kinds

    def groups(self) -> tuple[str, ...]:
        """The API groups for which a plugin is installed and not blocked, sorted; the legacy group is ``""``."""
        found = {plugin.api_group for plugin in self._kind_plugins() if not self._loader.is_blocked(plugin)}
        return tuple(sorted(found | {declared.gvk.group for declared in self._loader.declared()}))

    def declared_kinds(self, group: str) -> tuple[DeclaredKind, ...]:
        """Load the plugins of one API group and return the kinds that they filed in it; no model is imported.

        Raises:
            PluginLoadError: a plugin of this group does not load. Plugins of other groups do not matter.
        """
        self._loader.load(plugin for plugin in self._kind_plugins() if plugin.api_group == group)
        return tuple(declared for declared in self._loader.declared() if declared.gvk.group == group)

    def declared_converters(self, group: str) -> tuple[DeclaredConverter, ...]:
        """Load the plugins of one API group and return the converters that they filed in it.

        Raises:
            PluginLoadError: as ``declared_kinds``.
        """
        self.declared_kinds(group)
        return tuple(found for found in self._loader.converters() if found.gvk.group == group)

    @property
    def blocked(self) -> frozenset[str]:
        """Names of entry points or distributions that are never imported."""
        return self._loader.blocked

    def blocked_for(self, group: str) -> tuple[InstalledPlugin, ...]:
        """The plugins that would provide kinds of this API group if they were not blocked."""
        found = (plugin for plugin in self._kind_plugins() if plugin.api_group == group)
        return tuple(plugin for plugin in found if self._loader.is_blocked(plugin))

    def load_package(self, package: str) -> None:
        """Load the kind plugins that belong to one top-level Python package, for the annotation types they add.

        Raises:
            PluginLoadError: one of them does not load.
        """
        self._loader.load(plugin for plugin in self._kind_plugins() if plugin.package == package)

    def of_package(self, name: str) -> tuple[InstalledPlugin, ...]:
        """The entry points of one distribution (``k8s-crd-crontab``) or Python package (``k8s_crd_crontab``)."""
        installed = self._loader.installed()
        return tuple(p for p in installed if name == p.package or canonical(name) == canonical(p.distribution))

    def kinds_of_package(self, name: str) -> tuple[DeclaredKind, ...]:
        """Load the kind plugins of one distribution or Python package and return what they filed.

        Raises:
            PluginLoadError: one of them does not load.
        """
        mine = [plugin for plugin in self.of_package(name) if plugin.group == KINDS_GROUP]
        self._loader.load(mine)
        return tuple(dict.fromkeys(kind for plugin in mine for kind in self._loader.declared_by(plugin)))

    # -- hooks of a client

    def load_config(self) -> Config | None:
        """Ask ``k8s_load_config``. Raises PluginLoadError or PluginError if any hook plugin is broken."""
        answer = self._call("k8s_load_config")
        if answer is not None:
            from k8s_core.configuration import Config  # noqa: PLC0415  # only a hook's answer needs it (20 modules)

            if not isinstance(answer, Config):
                raise self._bad_answer("k8s_load_config", answer, "a Config or None")
        return answer  # type: ignore[no-any-return]  # checked just above; pluggy's results are untyped

    def credentials(self, config: Config) -> Credentials | None:
        """Ask ``k8s_credentials``. Raises PluginLoadError or PluginError if any hook plugin is broken."""
        answer = self._call("k8s_credentials", config=config)
        missing = [name for name in _CREDENTIALS_METHODS if not callable(getattr(answer, name, None))]
        if answer is not None and missing:
            raise self._bad_answer("k8s_credentials", answer, f"credentials: it has no {', '.join(missing)}")
        return answer  # type: ignore[no-any-return]  # checked just above; pluggy's results are untyped

    def transport_wrappers(self, config: Config) -> list[TransportWrapper]:
        """Ask ``k8s_transport_wrapper``; the outermost wrapper comes first.

        Raises PluginLoadError or PluginError if any hook plugin is broken.
        """
        wrappers = self._call("k8s_transport_wrapper", config=config)
        for wrapper in wrappers:
            if not callable(wrapper):
                raise self._bad_answer("k8s_transport_wrapper", wrapper, "a callable or None")
        return [self._checked(wrapper) for wrapper in wrappers]

    def observers(self, config: Config) -> list[Observer]:
        """Ask ``k8s_observe``. Raises PluginLoadError or PluginError if any hook plugin is broken."""
        observers: list[Observer] = self._call("k8s_observe", config=config)
        for observer in observers:
            if not any(callable(getattr(observer, name, None)) for name in _OBSERVER_METHODS):
                expected = f"an observer with any of {', '.join(_OBSERVER_METHODS)}"
                raise self._bad_answer("k8s_observe", observer, expected)
        return observers

    # -- inspection

    def report(self, *, load: bool = False) -> list[PluginReport]:
        """Describe every installed entry point. Never raises for a broken plugin: its row says why.

        Entry points of ``k8s_core.commands`` and ``k8s_core.servers`` are listed and not loaded: the command and the
        API server for tests load theirs.

        Args:
            load: try to load all others that are not blocked, to learn their kinds and hooks and which are broken.
        """
        for plugin in (*self._loader.installed(KINDS_GROUP), *self._loader.installed(HOOKS_GROUP)) if load else ():
            try:
                self._loader.load([plugin])
            except PluginLoadError:
                # The loader remembers the reason, and the row shows it.
                continue
        return [report_on(self._loader, plugin) for plugin in self._loader.installed()]

    def unused_blocks(self) -> list[str]:
        """Names given to block that no installed plugin has: misspelt, or long uninstalled."""
        installed = self._loader.installed()
        return sorted(name for name in self._loader.blocked if not any(p.is_blocked([name]) for p in installed))

    def _kind_plugins(self) -> tuple[InstalledPlugin, ...]:
        return self._loader.installed(KINDS_GROUP)

    def _call(self, name: str, **arguments: Any) -> Any:
        self._loader.load(self._loader.installed(HOOKS_GROUP))
        try:
            return getattr(self._loader.manager.hook, name)(**arguments)
        except KubernetesError as error:
            error.add_note(f"raised in {name} of plugin {self._culprit(name, error)}")
            raise
        except Exception as error:
            plugin = self._culprit(name, error)
            raise PluginError(f"plugin {plugin} failed in {name}: {type(error).__name__}: {error}") from error

    def _culprit(self, name: str, error: BaseException) -> str:
        """The plugin whose implementation of a hook raised: pluggy does not say, the traceback does."""
        running: set[CodeType] = set()
        traceback = error.__traceback__
        while traceback:
            running.add(traceback.tb_frame.f_code)
            traceback = traceback.tb_next
        impls = getattr(self._loader.manager.hook, name).get_hookimpls()
        found = [impl for impl in impls if getattr(impl.function, "__code__", None) in running] or impls
        return " or ".join(str(self._loader.origin_of(impl.plugin_name)) for impl in found)

    def _bad_answer(self, name: str, answer: object, expected: str) -> PluginError:
        impls = getattr(self._loader.manager.hook, name).get_hookimpls()
        plugins = " or ".join(str(self._loader.origin_of(impl.plugin_name)) for impl in impls)
        return PluginError(f"{name} of plugin {plugins} returned {type(answer).__qualname__!r}, not {expected}")

    def _checked(self, wrapper: Callable[[Any], Any]) -> TransportWrapper:
        def wrap(inner: Transport) -> Transport:
            outer = wrapper(inner)
            if not callable(getattr(outer, "send", None)) or not callable(getattr(outer, "close", None)):
                raise self._bad_answer("k8s_transport_wrapper", outer, "a transport with send and close")
            return outer  # type: ignore[no-any-return]  # checked just above; plugins need not be typed

        return wrap


_default: Plugins | None = None
_default_lock = threading.Lock()


def default_plugins() -> Plugins:
    """The ``Plugins`` of this process, made at the first call; used wherever none is given."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Plugins()
        return _default
