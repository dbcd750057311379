# SPDX-License-Identifier: Apache-2.0
"""``k8s-core plugins``: what is installed, loaded, blocked and broken, and why."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from k8s_core.cli.output import Output, print_json, print_table

if TYPE_CHECKING:
    from k8s_core.plugins import PluginReport

__all__ = ["register"]

_STYLES = {"loaded": "green", "blocked": "yellow", "broken": "bold red", "available": "dim"}


def register(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command("plugins")(list_plugins)


def list_plugins(
    load: Annotated[
        bool, typer.Option("--load", help="Import all plugins that are not blocked, to find broken ones.")
    ] = False,
    output: Annotated[Output, typer.Option("--output", "-o", help="Format of the list.")] = Output.TABLE,
) -> None:
    """List the installed plugins: entry point, package, state and why, hooks and kinds.

    Nothing is imported unless you say --load; until then hooks and kinds are unknown. Sub-commands and server sides
    are listed and never imported. Ends with exit code 1 if a plugin is broken.
    """
    from k8s_core.plugins import BLOCK_VARIABLE, HOOKS_GROUP, KINDS_GROUP, Plugins

    plugins = Plugins()
    rows = plugins.report(load=load)
    if output is Output.JSON:
        print_json([dataclasses.asdict(row) for row in rows])
    else:
        columns = ("Entry point", "Distribution", "Version", "State", "Hooks", "Reason", "Kinds")
        print_table(columns, [_cells(row) for row in rows], title="Plugins", styles=_STYLES)
    if not any(row.group in (KINDS_GROUP, HOOKS_GROUP) for row in rows):
        typer.echo("No plugins are installed. Kinds, logins and transports come from packages.", err=True)
    for name in plugins.unused_blocks():
        typer.echo(f"warning: {BLOCK_VARIABLE} names {name!r}, which is not an installed plugin", err=True)
    if any(row.state == "broken" for row in rows):
        raise typer.Exit(1)


def _cells(row: PluginReport) -> tuple[str, ...]:
    return (
        f"{row.group.removeprefix('k8s_core.')}/{row.name}",
        row.distribution,
        row.version,
        row.state,
        ", ".join(row.hooks),
        row.reason,
        _kinds(row),
    )


def _kinds(row: PluginReport) -> str:
    """``v1: Deployment, ReplicaSet; v1beta1: Deployment``. The API group is the entry point's name."""
    versions: dict[str, list[str]] = {}
    for api_version, kind in (listed.split(" ") for listed in row.kinds):
        versions.setdefault(api_version.rpartition("/")[2], []).append(kind)
    return "; ".join(f"{version}: {', '.join(kinds)}" for version, kinds in versions.items())
