# SPDX-License-Identifier: Apache-2.0
"""A plugin-extensible Kubernetes SDK: lossless typed objects, watches that never silently stop, kinds as packages.

Importing this package does nothing else: names are imported from their modules when they are first used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from k8s_core.behaviour import client_for
    from k8s_core.client import ALL_NAMESPACES, Client
    from k8s_core.configuration import Config, config
    from k8s_core.model import ABSENT, Model, Resource, field
    from k8s_core.plugins import KindRegistrar, hookimpl
    from k8s_core.registry import Registry
    from k8s_core.watch import Informer, Watcher, WatchEvent

__all__ = [
    "ABSENT",
    "ALL_NAMESPACES",
    "Client",
    "Config",
    "Informer",
    "KindRegistrar",
    "Model",
    "Registry",
    "Resource",
    "WatchEvent",
    "Watcher",
    "client_for",
    "config",
    "field",
    "hookimpl",
]

__version__ = "0.1.0"


def lazy_attributes(
    package: str, names_by_module: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` for a package whose names are imported when they are first used (PEP 562).

    Args:
        package: its ``__name__``.
        names_by_module: the names that each of its modules has; ``".model"`` is a module of the package.
    """
    modules = {name: module for module, names in names_by_module.items() for name in names}

    def find(name: str) -> Any:
        if name not in modules:
            raise _no_name(package, name, sys._getframe(1))
        from importlib import import_module  # noqa: PLC0415  # `import k8s_core` alone needs nothing (3 modules)

        value = getattr(import_module(modules[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return find, names


def elsewhere(module: str) -> Callable[[str], Any]:
    """``__getattr__`` for a module of classes: an error for a name that it lacks says which module has it.

    Args:
        module: its ``__name__``.
    """

    def find(name: str) -> Any:
        raise _no_name(module, name, sys._getframe(1))

    return find


def _no_name(module: str, name: str, caller: FrameType) -> Exception:
    from k8s_core.errors.habits import no_name  # noqa: PLC0415  # only a mistake needs it

    return no_name(module, name, _places, caller)


_PUBLIC = (".meta", ".errors", ".selectors", ".patches", ".model", ".model.scalars", ".client", ".watch")


def _places(name: str) -> list[str]:
    """The import statements that find a name: in this package, else in the installed packages of kinds."""
    from importlib import import_module  # noqa: PLC0415  # as above

    from k8s_core.seam import registry  # noqa: PLC0415  # as above

    for module in (__name__, *(__name__ + public for public in _PUBLIC)):
        if name in import_module(module).__all__:
            return [f"from {module} import {name}"]
    return registry.default_registry().imports(name)


__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".behaviour": ("client_for",),
        ".client": ("ALL_NAMESPACES", "Client"),
        ".configuration": ("Config", "config"),
        ".model": ("ABSENT", "Model", "Resource", "field"),
        ".plugins": ("KindRegistrar", "hookimpl"),
        ".registry": ("Registry",),
        ".watch": ("Informer", "WatchEvent", "Watcher"),
    },
)
