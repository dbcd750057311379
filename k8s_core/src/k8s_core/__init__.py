# SPDX-License-Identifier: Apache-2.0
"""A plugin-extensible Kubernetes SDK: lossless typed objects, watches that never silently stop, kinds as packages.

Importing this package does nothing else: names are imported from their modules when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core import config as config
    from k8s_core.behaviour import client_for
    from k8s_core.client import ALL_NAMESPACES, Client
    from k8s_core.config import Config
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

_MODULES = {
    "ABSENT": "k8s_core.model",
    "ALL_NAMESPACES": "k8s_core.client",
    "Client": "k8s_core.client",
    "Config": "k8s_core.config",
    "Informer": "k8s_core.watch",
    "KindRegistrar": "k8s_core.plugins",
    "Model": "k8s_core.model",
    "Registry": "k8s_core.registry",
    "Resource": "k8s_core.model",
    "WatchEvent": "k8s_core.watch",
    "Watcher": "k8s_core.watch",
    "client_for": "k8s_core.behaviour",
    "field": "k8s_core.model",
    "hookimpl": "k8s_core.plugins",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name == "config":
        # The package of that name is itself the settings object of the tutorial (see k8s_core.config).
        return importlib.import_module("k8s_core.config")
    if name in _MODULES:
        value = getattr(importlib.import_module(_MODULES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
