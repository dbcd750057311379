# SPDX-License-Identifier: Apache-2.0
"""Running a login program: no shell, bounded output, bounded time, nothing left behind (A32, A34, A39, A41, I5, I7)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from k8s_core.configuration.values import has_separator
from k8s_core.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.configuration import ExecPolicy

__all__ = ["MAX_OUTPUT", "ProgramMissing", "check_policy", "run_program", "stdin_is_terminal"]

MAX_OUTPUT: Final = 1024 * 1024
"""Bytes that a program may print; a certificate with key and chain has a few thousand."""


class ProgramMissing(CredentialsError):
    """There is no such program, or it can't be run."""


def stdin_is_terminal() -> bool:
    """Whether standard input is a terminal: that of the process, whatever ``sys.stdin`` was replaced with (A34)."""
    try:
        return os.isatty(0)
    except OSError:
        return False


def _resolve(command: str) -> str | None:
    """The program's file, looked up on this process's PATH; never one that only the current directory provides."""
    found = shutil.which(command)
    if found is None or has_separator(command):
        return found
    return found if Path(found).is_absolute() else None


def check_policy(command: str, policy: ExecPolicy | None) -> None:
    """Raise CredentialsError unless ``policy`` lets ``command`` run; looks at PATH, runs nothing (A41)."""
    if policy is None or policy.mode == "AllowAll":
        return
    if policy.mode == "DenyAll":
        raise CredentialsError(f'plugin "{command}" not allowed: policy set to "DenyAll"', option="exec_policy")
    cleaned, resolved = os.path.normpath(command), _resolve(command)
    for entry in policy.allowlist:
        if os.path.normpath(entry) == cleaned:
            return
        allowed = entry if has_separator(entry) else _resolve(entry)
        if resolved is not None and allowed is not None and os.path.normpath(allowed) == os.path.normpath(resolved):
            return
    message = f'plugin path "{command}" is not permitted by the credential plugin allowlist'
    raise CredentialsError(message, option="exec_policy")


def run_program(
    command: str,
    args: tuple[str, ...],
    environ: Mapping[str, str],
    *,
    interactive: bool,
    timeout: float | None,
) -> bytes:
    """Run a program to its end and return what it printed. Blocks. Its standard error is this process's.

    Args:
        environ: its whole environment.
        interactive: hand it this process's standard input, and wait as long as its user takes; else it reads nothing.
        timeout: seconds, for a program that is not interactive; it and its children are killed then.

    Raises:
        ProgramMissing: it can't be started.
        CredentialsError: exit code other than 0, more output than :data:`MAX_OUTPUT`, or too slow.
    """
    file = _resolve(command)
    if file is None:
        raise ProgramMissing(f"exec: executable {command} not found")
    # A group of its own lets a timeout reach the program's children. With a terminal it has to stay in ours: a
    # background group may not read from it.
    options: dict[str, Any] = {} if interactive or os.name == "nt" else {"process_group": 0}
    try:
        process = subprocess.Popen(
            [file, *args],
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=dict(environ),
            **options,
        )
    except OSError as error:
        raise ProgramMissing(f"exec: executable {command} can't be run: {error.strerror or 'error'}") from error
    except ValueError:  # a NUL; the message of Python says no more
        raise CredentialsError(f"exec: arguments or environment of {command} contain a NUL character") from None
    try:
        output = _collect(process, None if interactive else timeout, command)
    finally:
        _stop(process, group=bool(options))
    if process.returncode != 0:
        raise CredentialsError(f"exec: executable {command} failed with exit code {process.returncode}")
    return output


def _collect(process: subprocess.Popen[bytes], timeout: float | None, command: str) -> bytes:
    assert process.stdout is not None
    reader = _Reader(process.stdout)
    reader.start()
    end = None if timeout is None else time.monotonic() + timeout
    reader.join(timeout)
    if reader.is_alive():
        raise CredentialsError(f"exec: executable {command} did not finish within {timeout:g} s")
    if reader.overflow:
        raise CredentialsError(f"exec: executable {command} printed more than {MAX_OUTPUT} bytes")
    try:
        process.wait(None if end is None else max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise CredentialsError(f"exec: executable {command} did not finish within {timeout:g} s") from None
    return b"".join(reader.chunks)


class _Reader(threading.Thread):
    """Reads a pipe to its end, or until it gave too much. A thread, because Windows can't wait for a pipe in time."""

    def __init__(self, pipe: IO[bytes]) -> None:
        super().__init__(name="k8s-core exec plugin output", daemon=True)
        self._pipe = pipe
        self.chunks: list[bytes] = []
        self.overflow = False

    def run(self) -> None:
        total = 0
        with suppress(OSError, ValueError), self._pipe:
            while chunk := os.read(self._pipe.fileno(), 65536):
                total += len(chunk)
                if total > MAX_OUTPUT:
                    self.overflow = True
                    return
                self.chunks.append(chunk)


def _stop(process: subprocess.Popen[bytes], *, group: bool) -> None:
    """End the program if it still runs; the reader then sees the end of the pipe and closes it."""
    if process.poll() is not None:
        return
    with suppress(OSError):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()
