# SPDX-License-Identifier: Apache-2.0
"""What installed packages say about how their kinds are served, loaded by API group when a group is first served."""

from __future__ import annotations

import contextlib
import importlib
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from k8s_core.errors import PluginError, PluginLoadError
from k8s_core.kinds import GroupVersionKind
from k8s_core.plugins import declare_hooks
from k8s_devkit.api_server.custom.definition_strategy import DefinitionStrategy
from k8s_devkit.api_server.custom.kind import CustomKind
from k8s_devkit.api_server.custom.strategy import CustomStrategy
from k8s_devkit.api_server.custom.version import CustomVersion
from k8s_devkit.api_server.kinds.kind import Kind
from k8s_devkit.api_server.namespace_strategy import NamespaceStrategy
from k8s_devkit.strategy import hooks
from k8s_devkit.strategy.registrar import ServerRegistrar
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource
    from k8s_core.model import Resource
    from k8s_core.plugins import HookGroup
    from k8s_devkit.strategy.authorization import Authorizer

__all__ = ["Servers", "import_target"]

_log = logging.getLogger("k8s_devkit")
_LEGACY_GROUP = "core"
_CRD_PRIORITY = 1000
_OWN: dict[GroupVersionKind, type[Strategy]] = {
    GroupVersionKind("", "v1", "Namespace"): NamespaceStrategy,
    GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"): DefinitionStrategy,
}
"""The kinds that the machinery itself is about."""


class Servers:
    """The strategies and controllers of one server, by API group.

    Args:
        plugins: where they come from; None takes the installed packages.
    """

    def __init__(self, plugins: HookGroup | None = None) -> None:
        self._plugins = plugins or declare_hooks(hooks.SERVERS_GROUP, hooks)
        self._groups: dict[str, tuple[ServerRegistrar, ...]] = {}
        self.listeners: list[Callable[[ServerRegistrar], None]] = []

    def groups(self) -> list[str]:
        """The API groups for which a package is installed; nothing is loaded."""
        return ["" if name == _LEGACY_GROUP else name for name in self._plugins.names()]

    def of_group(self, group: str) -> tuple[ServerRegistrar, ...]:
        """What the packages of one API group registered. Raises PluginLoadError for a package that does not load."""
        if group not in self._groups:
            found = self._groups[group] = _registered(self._plugins, group or _LEGACY_GROUP)
            for registrar in found:
                for listener in self.listeners:
                    listener(registrar)
        return self._groups[group]

    def listen(self, listener: Callable[[ServerRegistrar], None]) -> None:
        """Call ``listener`` with what each package registered, now and when further groups are loaded."""
        self.listeners.append(listener)
        for registrars in list(self._groups.values()):
            for registrar in registrars:
                listener(registrar)

    def priority(self, group: str) -> int:
        """The ``groupPriorityMinimum`` of an API group: that of groups of CRDs where no package sets one."""
        return max((each.priorities.get(group, 0) for each in self.of_group(group)), default=0) or _CRD_PRIORITY

    def kind(self, resource: APIResource, model: type[Resource] | None = None) -> Kind:
        """A kind of the registry, or one that is known by its description.

        Raises:
            PluginLoadError: its strategy cannot be imported.
            PluginError: it is not a Strategy, or two packages register one.
        """
        found = _OWN.get(resource.gvk) or self._strategy_class(resource)
        if found is not None and not issubclass(found, CustomStrategy):
            return Kind(resource, found(resource), model)
        version = None if model is None or resource.strategic_merge else _version_of(model)
        return CustomKind(resource, (found or CustomStrategy)(resource, version), model)

    def custom_kind(self, resource: APIResource, version: CustomVersion) -> CustomKind:
        """A kind of a CRD. Raises as `kind`."""
        found = self._strategy_class(resource)
        chosen = found if found is not None and issubclass(found, CustomStrategy) else CustomStrategy
        return CustomKind(resource, chosen(resource, version))

    def authorizer(self, mode: str) -> type[Authorizer]:
        """The authorizer of a mode, whichever package brings it.

        Raises:
            PluginLoadError: it cannot be imported.
            PluginError: no installed package brings one.
        """
        for group in self.groups():
            registrars: tuple[ServerRegistrar, ...] = ()
            with contextlib.suppress(PluginError):  # told when something of that group is served
                registrars = _registered(self._plugins, group or _LEGACY_GROUP)
            for registrar in registrars:
                if mode in registrar.authorizers:
                    found: type[Authorizer] = import_target(registrar.authorizers[mode], registrar)
                    return found
        raise PluginError(f"no installed package brings an authorizer for {mode}: install k8s-plugins-builtin[server]")

    def _strategy_class(self, resource: APIResource) -> type[Strategy] | None:
        self.of_group(resource.group)  # so that what else the packages registered is heard of
        return _strategy_class(self._plugins, resource.gvk)


@lru_cache(maxsize=256)
def _registered(plugins: HookGroup, name: str) -> tuple[ServerRegistrar, ...]:
    """What packages register is the same for each of the many servers that tests start in a process."""
    return tuple(plugins.collect("k8s_serve_kinds", name, ServerRegistrar))


@lru_cache(maxsize=256)
def _version_of(model: type[Resource]) -> CustomVersion | None:
    """What the CRD of a package's class says; None, so that any document is taken, where a CRD can't say it."""
    try:
        spec = model.crd()["spec"]
    except TypeError as error:
        _log.warning("the embedded API server takes any %s: %s", model.api_resource.gvk, error)
        return None
    return CustomVersion(spec, spec["versions"][0])


@lru_cache(maxsize=1024)
def _strategy_class(plugins: HookGroup, gvk: GroupVersionKind) -> type[Strategy] | None:
    registrars = [each for each in _registered(plugins, gvk.group or _LEGACY_GROUP) if gvk in each.strategies]
    if len(registrars) > 1:
        owners = " and ".join(str(each.origin) for each in registrars)
        raise PluginError(f"{owners} register a strategy for {gvk}: uninstall one of them, or block it")
    if not registrars:
        return None
    target = registrars[0].strategies[gvk]
    found = import_target(target, registrars[0])
    if not isinstance(found, type) or not issubclass(found, Strategy):
        raise PluginError(f"plugin {registrars[0].origin}: {target} is not a subclass of Strategy")
    return found


def import_target(target: str, registrar: ServerRegistrar) -> Any:
    """What an import string names. Raises PluginLoadError, naming the plugin that registered it."""
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        raise PluginLoadError(
            f"plugin {registrar.origin} registers {target!r}, which cannot be imported: {type(error).__name__}: {error}"
        ) from error
