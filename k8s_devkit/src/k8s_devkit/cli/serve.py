# SPDX-License-Identifier: Apache-2.0
"""``k8s-core serve``: the embedded API server for people, with a kubeconfig written for it."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k8s_core.configuration.writing import write_kubeconfig
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from k8s_devkit import ApiServer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the sub-command."""
    app.command("serve")(serve)


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on 127.0.0.1; 0 takes a free one.")] = 8001,
    kubeconfig: Annotated[
        Path, typer.Option(help="Where the kubeconfig for this server is written.", dir_okay=False)
    ] = Path("k8s-core.kubeconfig"),
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS, with a certificate that the kubeconfig trusts.")
    ] = False,
    token: Annotated[str, typer.Option(help="Require this bearer token; the kubeconfig has it.")] = "",
    data: Annotated[
        Path | None,
        typer.Option(help="A directory of YAML files: loaded at start, written at every change.", file_okay=False),
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Do what controllers do: Deployments get ready, Jobs complete.")
    ] = False,
    rbac: Annotated[
        bool,
        typer.Option(
            "--rbac", help="Let Roles and bindings decide; the kubeconfig is the administrator's. Serves HTTPS."
        ),
    ] = False,
) -> None:
    """Run an embedded API server until Ctrl-C. Its state is in memory unless --data is given."""
    from k8s_devkit import ApiServer, User

    groups = ("system:masters",) if rbac else ()
    tokens = {token: User("kubernetes-admin", groups=groups)} if token else None
    # Clients send the credentials of a kubeconfig over HTTPS only.
    server = ApiServer(port=port, tls=tls or rbac, tokens=tokens, data=data, rbac=rbac)
    if simulate:
        server.simulate()
    try:
        server.start()
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"cannot listen on 127.0.0.1:{port}: {reason}; choose another --port") from error
    ended = _ended_by_signals()  # before anything tells that the server is there: it may be stopped at once
    try:
        write_kubeconfig(kubeconfig, server.kubeconfig())
        _announce(server, kubeconfig)
        # A wait without a timeout cannot be interrupted by signals on every platform.
        while not ended.wait(1.0):
            pass
    finally:
        server.stop()


def _announce(server: ApiServer, kubeconfig: Path) -> None:
    kinds = server.kind_count
    lines = (
        ("server", server.url),
        ("kinds", f"{kinds}, from the installed packages"),
        ("kubeconfig", str(kubeconfig)),
        ("try", f"kubectl --kubeconfig {kubeconfig} get namespaces"),
        ("stop", "Ctrl-C"),
    )
    if not sys.stdout.isatty():
        sys.stdout.write("".join(f"{name}: {value}\n" for name, value in lines))
        sys.stdout.flush()
        return
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for name, value in lines:
        table.add_row(f"[dim]{name}[/dim]", value)
    Console().print(Panel(table, title="[bold]k8s-core[/bold] embedded API server", expand=False, border_style="blue"))


def _ended_by_signals() -> threading.Event:
    """An event that SIGINT and SIGTERM set from now on."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended
