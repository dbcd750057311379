# SPDX-License-Identifier: Apache-2.0
"""The frame of the ``k8s-core`` command: finds the sub-commands, turns errors into one line and an exit code.

Sub-commands come from installed packages through the entry-point group ``k8s_core.commands``. An entry point names a
function that takes the ``typer.Typer`` and adds its command.

Exit codes: 0 success, 1 an error of the SDK (``error: …`` on stderr), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import k8s_core
from k8s_core.errors import KubernetesError
from k8s_core.plugins import installed_commands
from k8s_core.redaction import escape_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from k8s_core.plugins import InstalledCommand

__all__ = ["build_app", "main"]

PROGRAM = "k8s-core"
_COMPLETE_VARIABLE = "_K8S_CORE_COMPLETE"

_DISTRIBUTIONS = {
    "crd": "k8s-core-devkit",
    "generate": "'k8s-core-devkit[codegen]'",
    "plugin": "'k8s-core-devkit[codegen]'",
    "serve": "k8s-core-devkit",
}
"""What to install for the sub-commands that people may look for before they have them; it brings the extra `cli`."""


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
        if _only(given) in _DISTRIBUTIONS:
            _exit(f"{PROGRAM} {given[0]}: not installed: pip install {_DISTRIBUTIONS[given[0]]}")
        _exit(f"the {PROGRAM} command needs {error.name}: pip install 'k8s-core[cli]'")
    try:
        build_app(_only(given))(given, prog_name=PROGRAM, complete_var=_COMPLETE_VARIABLE)
    except KubernetesError as error:
        _exit("\n".join([str(error), *(f"  {note}" for note in getattr(error, "__notes__", ()))]))
    except BrokenPipeError:
        # The reader (head, a pager that was quit) has enough. Python would complain once more while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)


def build_app(only: str = "") -> typer.Typer:
    """Make the application.

    Args:
        only: import this sub-command alone, since it is the one that is called; empty imports all of them, for help
            and completion. A sub-command that cannot be imported is then listed with the reason.

    Raises:
        PluginError: ``only`` is provided by two packages, or cannot be imported.
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

    commands = installed_commands()
    if only in commands:
        commands[only].register(app)
        return app
    for command in commands.values():
        _add(app, command)
    for name, distribution in _DISTRIBUTIONS.items():
        if name not in commands:
            _add_unavailable(app, name, f"Not installed: pip install {distribution}")
    return app


def _add(app: typer.Typer, command: InstalledCommand) -> None:
    try:
        command.register(app)
    except KubernetesError as error:
        _add_unavailable(app, command.name, str(error))


def _add_unavailable(app: typer.Typer, name: str, reason: str) -> None:
    """List a sub-command that cannot run, and why; calling it fails with the same words, whatever its arguments."""

    @app.command(
        name,
        help=escape_terminal(reason),
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
    def unavailable() -> None:
        _exit(f"{PROGRAM} {name}: {reason[0].lower()}{reason[1:]}")


def _only(arguments: Sequence[str]) -> str:
    """The sub-command that is called; empty for help and for completion in the shell, which need all of them."""
    return arguments[0] if arguments and _COMPLETE_VARIABLE not in os.environ else ""


def _print_version(wanted: bool) -> None:
    if wanted:
        import typer

        typer.echo(f"{PROGRAM} {k8s_core.__version__}")
        raise typer.Exit


def _exit(message: str) -> NoReturn:
    # Names in it may come from a server or a kubeconfig, and must not drive the terminal (I10).
    sys.stderr.write(f"error: {escape_terminal(message)}\n")
    sys.exit(1)
