# SPDX-License-Identifier: Apache-2.0
"""A command that has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

from k8s_core.errors import CommandFailed

__all__ = ["CompletedCommand"]

D = TypeVar("D", str, bytes)


@dataclass(frozen=True, slots=True)
class CompletedCommand(Generic[D]):
    """What a command did; like ``subprocess.CompletedProcess``.

    Attributes:
        command: the program and its arguments.
        exit_code: 0 to 255.
        stdout, stderr: what it wrote, bytes or str as it was asked for. Not shown by ``repr``: it may be secret.
    """

    command: list[str]
    exit_code: int
    stdout: D = field(repr=False)
    stderr: D = field(repr=False)

    def check(self) -> Self:
        """Raise CommandFailed if the exit code is not 0; else return this."""
        if self.exit_code:
            raise failed(self.command, self.exit_code, self.stdout, self.stderr)
        return self


def failed(command: list[str], code: int, stdout: object = None, stderr: object = None) -> CommandFailed:
    """The error for an exit code that is not 0."""
    means = {126: ": it was found, but can't be run", 127: ": a shell did not find it"}.get(code, "")
    if code > 128:
        means = f": ended by signal {code - 128}"
    name = command[0] if command else "the container's process"
    return CommandFailed(
        f"{name} ended with exit code {code}{means}; stdout and stderr of this error have what it wrote",
        command=command,
        exit_code=code,
        stdout=stdout,
        stderr=stderr,
    )
