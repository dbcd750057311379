# SPDX-License-Identifier: Apache-2.0
"""A plugin-extensible Kubernetes SDK: lossless typed objects, watches that never silently stop, kinds as packages.

Importing this package does nothing else: names are imported from their modules when they are first used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  # `import k8s_core` alone needs nothing (3 modules)

        value = getattr(import_module(modules[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return find, names


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
