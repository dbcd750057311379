# SPDX-License-Identifier: Apache-2.0
"""The Makefile: a cluster is touched only if make's own command line names it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def plan(*arguments: str, **environment: str) -> str:
    """What make would run."""
    command = ["make", "--dry-run", "--assume-old=.venv/.ready", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        command, cwd=ROOT, env={**inherited, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_demo_uses_the_embedded_server() -> None:
    command = plan("demo").splitlines()[-1]
    assert command.startswith(".venv/bin/python ")
    assert "--kubeconfig" not in command


def test_demo_uses_the_cluster_of_the_command_line() -> None:
    assert f"--kubeconfig {ROOT}/some/config" in plan("demo", "KUBECONFIG=some/config")
    assert "--kubeconfig /etc/config" in plan("demo", "KUBECONFIG=/etc/config")


def test_demo_ignores_the_cluster_of_the_environment() -> None:
    assert "--kubeconfig" not in plan("demo", KUBECONFIG="/etc/config")


def test_help_is_the_default() -> None:
    done = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("make demo [KUBECONFIG=path]")
