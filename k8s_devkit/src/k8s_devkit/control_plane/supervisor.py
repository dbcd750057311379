# SPDX-License-Identifier: Apache-2.0
"""Keeps a group of processes, and ends it with its owner.

A script, not a library: ``ControlPlane`` runs this file by path in a Python of its own (standard library only, nothing
of k8s_core is imported). One process between the owner and the servers makes every ending the same: the owner's end of
our standard input closes, whether by ``stop()``, by an exception, by Ctrl-C or because the owner was killed. The
kernel's "parent death signal" would not do alone: it follows the *thread* that started a process, so servers started in
a worker thread would end with it; here it only covers the death of this script itself.

Usage: ``supervisor.py DIRECTORY``, with ``DIRECTORY/spec.json``: ``{"grace": seconds, "processes": [{name, argv}]}``.
Output and errors of each process go to ``DIRECTORY/NAME.log``. When a process ends by itself, one JSON line on standard
output says so, and the others are ended too. At the end DIRECTORY is removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_POLL = 0.05  # seconds between two looks at the processes
_PR_SET_PDEATHSIG = 1


class _Ended(Exception):
    """The owner is gone, or somebody asks this process to end."""


def _end(signum: int, frame: FrameType | None) -> None:
    raise _Ended


def _prctl() -> Any:
    """The C library's prctl, or None off Linux; looked up before forking, where loading a library is not safe."""
    return getattr(ctypes.CDLL(None), "prctl", None) if sys.platform.startswith("linux") else None


def _start(process: dict[str, Any], directory: Path, prctl: Any) -> subprocess.Popen[bytes]:
    def die_with_parent() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    with (directory / f"{process['name']}.log").open("ab") as log:
        return subprocess.Popen(
            process["argv"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory,
            process_group=0,  # so that a wrapper script's children end with it
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this process has one thread
        )


def _report(**event: object) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def _watch(running: dict[str, subprocess.Popen[bytes]], owner: int) -> None:
    """Return when a process ended by itself; raise _Ended when the owner closed our standard input or died."""
    while True:
        for name, process in running.items():
            if process.poll() is not None:
                _report(process=name, returncode=process.returncode)
                return
        _owner_alive(owner, _POLL)


def _owner_alive(owner: int, timeout: float) -> None:
    # A forked child of the owner may hold the pipe open after the owner's death; then the parent's id tells.
    if os.getppid() != owner:
        raise _Ended
    readable, _, _ = select.select([sys.stdin.fileno()], [], [], timeout)
    if readable and not os.read(sys.stdin.fileno(), 1024):
        raise _Ended


def _kill(process: subprocess.Popen[bytes], signum: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signum)


def _stop(running: dict[str, subprocess.Popen[bytes]], grace: float) -> None:
    """End and forget all of them: politely, and after ``grace`` seconds by force. The last started is asked first."""
    for process in reversed(running.values()):
        _kill(process, signal.SIGTERM)
    deadline = time.monotonic() + grace
    for process in reversed(running.values()):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in running.values():
        _kill(process, signal.SIGKILL)
        process.wait()
    running.clear()  # their ids may belong to others from now on


def main(directory: Path) -> int:
    """Run until the owner is gone. Returns the exit code of the script."""
    owner = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who then closes our standard input
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _end)
    running: dict[str, subprocess.Popen[bytes]] = {}
    grace = 0.0
    try:
        spec = json.loads((directory / "spec.json").read_text(encoding="utf-8"))
        grace = float(spec["grace"])
        prctl = _prctl()
        for process in spec["processes"]:
            try:
                running[process["name"]] = _start(process, directory, prctl)
            except OSError as error:
                _report(process=process["name"], returncode=None, error=str(error))
                break
        else:
            _watch(running, owner)
        _stop(running, grace)
        while True:  # the owner reads the logs first
            _owner_alive(owner, 1.0)
    except (_Ended, BrokenPipeError):
        return 0
    finally:
        for signum in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, signal.SIG_IGN)
        _stop(running, grace)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
