# SPDX-License-Identifier: Apache-2.0
"""The frame of the ``k8s-core`` command: finds the sub-commands, turns errors into one line and an exit code.

Exit codes: 0 success, 1 an error of the SDK (``error: …`` on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import k8s_core
from k8s_core.errors import KubernetesError
from k8s_core.redaction import escape_terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import typer

__all__ = ["COMMANDS", "build_app", "main"]

COMMANDS = ("plugins", "serve", "doctor", "generate", "crd", "plugin")
"""The sub-commands, in the order of ``--help``. Each is the module ``k8s_core.cli.NAME`` with ``register(app)``."""

PROGRAM = "k8s-core"
_COMPLETE_VARIABLE = "_K8S_CORE_COMPLETE"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit.

    Args:
        arguments: without the program's name; None takes those of the process.

    Raises:
        SystemExit: always; see the module for the codes.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        import rich  # noqa: F401  # asked here, so that its absence is one line and no traceback
        import typer  # noqa: F401
    except ModuleNotFoundError as error:
        _exit(f"the {PROGRAM} command needs {error.name}: pip install 'k8s-core[cli]'")
    try:
        build_app(_needed(given))(given, prog_name=PROGRAM, complete_var=_COMPLETE_VARIABLE)
    except KubernetesError as error:
        _exit("\n".join([str(error), *(f"  {note}" for note in getattr(error, "__notes__", ()))]))
    except BrokenPipeError:
        # The reader (head, a pager that was quit) has enough. Python would complain once more while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def build_app(commands: Iterable[str] = COMMANDS) -> typer.Typer:
    """Make the application with some sub-commands; each one's module is imported now.

    Args:
        commands: names out of ``COMMANDS``.
    """
    import typer

    app = typer.Typer(
        name=PROGRAM,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        # Boxes and colours are for people: what goes into a pipe or file is plain text.
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def options(
        version: bool = typer.Option(
            False, "--version", help="Show the version.", callback=_print_version, is_eager=True
        ),
    ) -> None:
        """Tools for k8s-core: see what is installed, serve an API for development, check and generate packages."""

    for name in commands:
        importlib.import_module(f"k8s_core.cli.{name}").register(app)
    return app


def _needed(arguments: Sequence[str]) -> Iterable[str]:
    """Only the module of the sub-command that is called; all of them for help and for completion in the shell."""
    if arguments and arguments[0] in COMMANDS and _COMPLETE_VARIABLE not in os.environ:
        return (arguments[0],)
    return COMMANDS


def _print_version(wanted: bool) -> None:
    if wanted:
        import typer

        typer.echo(f"{PROGRAM} {k8s_core.__version__}")
        raise typer.Exit


def _exit(message: str) -> NoReturn:
    # Names in it may come from a server or a kubeconfig, and must not drive the terminal (I10).
    sys.stderr.write(f"error: {escape_terminal(message)}\n")
    sys.exit(1)
