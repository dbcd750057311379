# SPDX-License-Identifier: Apache-2.0
"""The sub-commands of ``k8s-core``, which installed packages bring through entry points of ``k8s_core.commands``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import PluginError, PluginLoadError
from k8s_core.plugins.discovery import BLOCK_VARIABLE, COMMANDS_GROUP, InstalledPlugin, blocked_names, scan

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["InstalledCommand", "installed_commands"]


class InstalledCommand:
    """One sub-command, and the packages that bring it: more than one is a conflict.

    Attributes:
        name: what people type.
        providers: the entry points of that name, in the order of their distributions.
    """

    def __init__(self, name: str, providers: Iterable[InstalledPlugin]) -> None:
        self.name = name
        self.providers = tuple(providers)

    def register(self, app: Any) -> None:
        """Import the sub-command and add it to the application. Blocks for as long as its import takes.

        Args:
            app: the ``typer.Typer`` that the function named by the entry point is called with.

        Raises:
            PluginError: two packages bring it.
            PluginLoadError: it cannot be imported, or its function raised; names the package and the way to block it.
        """
        if len(self.providers) > 1:
            owners = " and ".join(str(provider.origin) for provider in self.providers)
            raise PluginError(
                f"the sub-command {self.name!r} is provided by {owners}: uninstall one of them, "
                f"or set {BLOCK_VARIABLE}={self.providers[-1].distribution}"
            )
        provider = self.providers[0]
        try:
            provider.load()(app)
        except (Exception, SystemExit) as error:
            raise PluginLoadError(
                f"the sub-command {self.name!r} of {provider.origin} cannot be loaded from {provider.value!r}: "
                f"{type(error).__name__}: {error}. Set {BLOCK_VARIABLE}={provider.distribution} to run without it."
            ) from error


def installed_commands() -> dict[str, InstalledCommand]:
    """The installed sub-commands that are not blocked, by name, those of one package together. Imports none of them."""
    blocked = blocked_names()
    found: dict[str, list[InstalledPlugin]] = {}
    for plugin in scan(COMMANDS_GROUP):
        if not plugin.is_blocked(blocked):
            found.setdefault(plugin.name, []).append(plugin)
    return {name: InstalledCommand(name, providers) for name, providers in found.items()}
