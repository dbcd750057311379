# SPDX-License-Identifier: Apache-2.0
"""Hooks, and the one typed facade through which the rest of the SDK reaches plugins.

Only this package imports pluggy and importlib_metadata (the latter when the first scan happens).
"""

from __future__ import annotations

from k8s_core.plugins.commands import InstalledCommand, installed_commands
from k8s_core.plugins.discovery import BLOCK_VARIABLE, HOOKS_GROUP, KINDS_GROUP, SERVERS_GROUP, InstalledPlugin
from k8s_core.plugins.hooks import HookGroup, declare_hooks
from k8s_core.plugins.manager import Plugins, default_plugins
from k8s_core.plugins.registrar import DeclaredConverter, DeclaredKind, KindRegistrar, PluginOrigin
from k8s_core.plugins.report import PluginReport
from k8s_core.plugins.spec import hookimpl, hookspec

__all__ = [
    "BLOCK_VARIABLE",
    "HOOKS_GROUP",
    "KINDS_GROUP",
    "SERVERS_GROUP",
    "DeclaredConverter",
    "DeclaredKind",
    "HookGroup",
    "InstalledCommand",
    "InstalledPlugin",
    "KindRegistrar",
    "PluginOrigin",
    "PluginReport",
    "Plugins",
    "declare_hooks",
    "default_plugins",
    "hookimpl",
    "hookspec",
    "installed_commands",
]
