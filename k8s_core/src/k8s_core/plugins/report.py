# SPDX-License-Identifier: Apache-2.0
"""What ``k8s-core plugins`` shows: one row for each installed entry point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from k8s_core.plugins.discovery import BLOCK_VARIABLE, InstalledPlugin

if TYPE_CHECKING:
    from k8s_core.plugins.loader import PluginLoader

__all__ = ["PluginReport", "PluginState", "report_on"]

PluginState = Literal["available", "loaded", "blocked", "broken"]


@dataclass(frozen=True, slots=True)
class PluginReport:
    """One entry point: what it is, and what became of it.

    ``kinds`` (``"stable.example.com/v1 CronTab"``) and ``hooks`` are known for loaded plugins only. ``reason`` says
    why a plugin is blocked or broken.
    """

    group: str
    name: str
    value: str
    distribution: str
    version: str
    state: PluginState
    reason: str = ""
    kinds: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()


def report_on(loader: PluginLoader, plugin: InstalledPlugin) -> PluginReport:
    """Describe one plugin as it is now. Imports nothing."""
    state, reason = _state(loader, plugin)
    return PluginReport(
        plugin.group,
        plugin.name,
        plugin.value,
        plugin.distribution,
        plugin.version,
        state,
        reason,
        tuple(str(declared.gvk) for declared in loader.declared_by(plugin) if declared.gvk.group == plugin.api_group),
        loader.hooks_of(plugin),
    )


def _state(loader: PluginLoader, plugin: InstalledPlugin) -> tuple[PluginState, str]:
    if loader.is_blocked(plugin):
        return "blocked", f"named in {BLOCK_VARIABLE}"
    if loader.is_loaded(plugin):
        return "loaded", ""
    failure = loader.failure_of(plugin)
    return ("broken", failure) if failure else ("available", "")
