# SPDX-License-Identifier: Apache-2.0
"""``k8s-core generate kinds``: OpenAPI v3 documents, from a directory or a cluster, to a plugin package's modules."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003  # typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_devkit.codegen.documents import Documents
    from k8s_devkit.codegen.overlay import Overlay
    from k8s_devkit.codegen.write import Changes

    Progress = Callable[[str, int, int], None]

__all__ = ["generate_kinds", "register"]


def register(app: typer.Typer) -> None:
    """Add the sub-command."""
    generate = typer.Typer(no_args_is_help=True)
    app.add_typer(generate, name="generate", help="Generate classes for kinds from what an API server says of itself.")

    # With a callback typer keeps the name of the only command below it.
    generate.callback()(_group)
    generate.command("kinds")(generate_kinds)


def _group() -> None:
    """Generate classes for kinds from what an API server says of itself."""


def generate_kinds(
    package: Annotated[str, typer.Argument(help="Dotted name of the package, such as k8s_plugins_builtin.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The directory that holds the package (src).")],
    source: Annotated[
        Path | None, typer.Option("--from", help="A directory of OpenAPI v3 documents (*.json).", metavar="DIR")
    ] = None,
    cluster: Annotated[bool, typer.Option("--cluster", help="Ask the cluster in use for /openapi/v3.")] = False,
    context: Annotated[str | None, typer.Option(help="With --cluster: the kubeconfig's context.")] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(help="With --cluster: only this API group ('core' is the legacy one); repeat it."),
    ] = None,
    overlay: Annotated[
        Path | None, typer.Option(help="A TOML file with short names, categories, sensitive fields.")
    ] = None,
    pyproject: Annotated[Path | None, typer.Option(help="A pyproject.toml to keep the entry points of.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if anything would change.")
    ] = False,
) -> None:
    """Write one module for each API group and version, and what registers their kinds.

    Hand-written files stay: a class DeploymentBehaviour in apps/_behaviour.py becomes a base of apps.v1.Deployment.
    Nothing is written unless everything can be.
    """
    from k8s_devkit.codegen import Overlay, apply_changes, load_overlay, plan, read_directory

    if (source is None) is not cluster:
        raise typer.BadParameter("give one of --from DIR and --cluster")
    facts = load_overlay(overlay) if overlay else Overlay()
    with _progress() as progress:
        if source is None:
            documents, facts = _read_cluster(context, group or [], facts, progress)
        else:
            documents = read_directory(source, progress)
        described, changes = plan(documents, package, output, overlay=facts, pyproject=pyproject, progress=progress)
    if not check:
        apply_changes(changes)
    classes = sum(len(module.classes) for module in described.modules)
    kinds = sum(len(module.kinds) for module in described.modules)
    typer.echo(f"{len(described.modules)} modules, {classes} classes, {kinds} kinds; {_summary(changes, check)}")
    if check and changes:
        raise typer.Exit(1)


def _read_cluster(
    context: str | None, groups: list[str], facts: Overlay, progress: Progress
) -> tuple[Documents, Overlay]:
    from k8s_core.client import Client
    from k8s_core.configuration import Config
    from k8s_devkit.codegen import CodegenError, discover_facts, read_cluster

    config = Config.from_kubeconfig(context=context) if context else None
    with Client(config) as client:
        documents = read_cluster(client, frozenset(groups), progress)
        if not documents:
            raise CodegenError(f"the cluster serves none of the API groups {', '.join(groups)}", source="/openapi/v3")
        return documents, discover_facts(client, documents).updated(facts)


def _summary(changes: Changes, check: bool) -> str:
    if not changes:
        return "everything is up to date"
    for path in (*changes.write, *changes.remove):
        typer.echo(str(path))
    verb = "would be " if check else ""
    return f"{len(changes.write)} files {verb}written, {len(changes.remove)} {verb}removed"


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on stderr in a terminal; silence otherwise."""
    if not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
