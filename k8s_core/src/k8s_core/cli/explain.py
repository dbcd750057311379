# SPDX-License-Identifier: Apache-2.0
"""``k8s-core explain``: what the server says of a kind or a field."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from k8s_core.redaction import escape_terminal

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command("explain")(explain)


def explain(
    field: Annotated[str, typer.Argument(help="A kind, or a field of it: deployment, deploy.spec.replicas.")],
    recursive: Annotated[bool, typer.Option("--recursive", help="The fields of the fields too.")] = False,
    api_version: Annotated[str | None, typer.Option(help="Such as apps/v1; without it, the preferred one.")] = None,
    kubeconfig: Annotated[
        Path | None, typer.Option(help="This kubeconfig file only.", dir_okay=False, show_default=False)
    ] = None,
    context: Annotated[str | None, typer.Option(help="This context instead of the current one.")] = None,
) -> None:
    """Explain a kind or a field of it: type, description, what is inside, and what is required.

    The server is asked, so custom resources and older or newer versions are explained as they are served.
    """
    from k8s_core.client import Client
    from k8s_core.configuration import Config

    config = None
    if kubeconfig is not None or context is not None:
        config = Config.from_kubeconfig(None if kubeconfig is None else str(kubeconfig), context=context)
    with Client(config) as client:
        explanation = client.explain(field, api_version=api_version, recursive=recursive)
    # Descriptions come from the server, and must not drive the terminal.
    typer.echo(escape_terminal(str(explanation)))
