# SPDX-License-Identifier: Apache-2.0
"""``k8s-core plugin new`` and ``k8s-core plugin check``: from CRDs to a package, and whether a package is sound."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s_core.cli.output import Output, print_json, print_table

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_devkit.codegen.write import Changes

__all__ = ["register"]

_STYLES = {"ok": "green", "warning": "yellow", "error": "bold red", "skipped": "dim"}


def register(app: typer.Typer) -> None:
    """Add the sub-commands."""
    group = typer.Typer(name="plugin", no_args_is_help=True, help="Make and check plugin packages.")
    group.command("new")(new)
    group.command("check")(check)
    app.add_typer(group)


def new(
    name: Annotated[str, typer.Argument(help="Name of the package to publish, such as k8s-crd-widgets.")],
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="CRDs: a YAML file, a directory, a URL, or cluster:GROUP. Default: those that the package has.",
            show_default=False,
        ),
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", "-C", help="The package's folder; default ./NAME.", show_default=False)
    ] = None,
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if something would be.")
    ] = False,
) -> None:
    """Write a complete plugin package from CRDs, or bring one that was made so up to date.

    The package has typed models of every served version, the entry points, a README, a test and py.typed. What people
    changed or added stays as it is.
    """
    from k8s_devkit.codegen.crd_package import find_project, plan_project, write_project
    from k8s_devkit.codegen.crd_sources import read_crd_source
    from k8s_devkit.codegen.errors import CodegenError

    project = find_project(name, directory or Path(name))
    if source is None:
        if not project.exists:
            raise CodegenError("a new package needs --from: a CRD file, a directory, a URL or cluster:GROUP")
        source = str(project.source_root / project.package / "crds")
    changes = plan_project(project, read_crd_source(source, _client))
    if check_only:
        _list(changes, "would write", "would remove")
        raise typer.Exit(1 if changes else 0)
    write_project(project, changes)
    _list(changes, "wrote", "removed")
    if not project.exists:
        typer.echo(f"Next: pip install -e '{project.root}[test]' && pytest {project.root}", err=True)


def check(
    package: Annotated[str, typer.Argument(help="Distribution or Python package; it must be installed.")],
    wheel: Annotated[Path | None, typer.Option(help="Look into this built wheel.", show_default=False)] = None,
    live: Annotated[bool, typer.Option("--live/--no-live", help="Try the kinds on an embedded API server.")] = True,
    output: Annotated[Output, typer.Option("--output", "-o", help="Format of the report.")] = Output.TABLE,
) -> None:
    """Try everything that a plugin package promises, and say how to put right what it does not keep.

    Ends with exit code 1 if a promise is broken; warnings are only shown.
    """
    from k8s_devkit import check_plugin

    report = check_plugin(package, wheel=wheel, live=live)
    if output is Output.JSON:
        print_json({"package": report.package, "findings": [dataclasses.asdict(each) for each in report.findings]})
    else:
        columns = ("Check", "State", "About", "Finding", "Fix")
        rows = [(each.check, each.state, each.subject, each.message, each.fix) for each in report.findings]
        print_table(columns, rows, title=report.package, styles=_STYLES)
    if not report.ok:
        raise typer.Exit(1)


def _client() -> Client:
    from k8s_core.client import Client

    return Client()


def _list(changes: Changes, wrote: str, removed: str) -> None:
    for file in sorted(changes.write):
        typer.echo(f"{wrote} {file}")
    for file in changes.remove:
        typer.echo(f"{removed} {file}")
    if not changes:
        typer.echo("nothing to do", err=True)
