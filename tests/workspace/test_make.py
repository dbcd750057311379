# SPDX-License-Identifier: Apache-2.0
"""The Makefile: a cluster is touched only if it is named there, and no environment but the one asked for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def plan(*arguments: str, **environment: str) -> str:
    """What make would run."""
    done = make("--dry-run", "--assume-old=.venv/.ready", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env={**inherited, **environment}, capture_output=True, text=True, check=False
    )


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
    assert make("-s").stdout.startswith("make demo [KUBECONFIG=path]")


def test_help_tells_of_every_target() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = set(re.findall(r"[\w-]+", " ".join(line[:30] for line in make("-s", "help").stdout.splitlines())))
    assert set(phony.split()) - told == {"help", "now"}


# --- environments -------------------------------------------------------------------------------------------
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.mark.parametrize(
    ("arguments", "folder", "lock"),
    [
        ([], ".venv", "dev"),
        (["DEPS=locked"], ".venv", "dev"),
        (["DEPS=lowest"], ".venv-lowest", "lowest"),
        (["DEPS=latest"], ".venv-latest", "latest"),
        ([f"PYTHON={sys.executable}"], f".venv-{HERE}", "dev"),
        ([f"PYTHON={sys.executable}", "DEPS=lowest"], f".venv-{HERE}-lowest", "lowest"),
        (["VENV=mine"], "mine", "dev"),
    ],
)
def test_each_python_and_choice_of_dependencies_has_an_environment(
    arguments: list[str], folder: str, lock: str
) -> None:
    first, *_ = make("--dry-run", "--assume-new=pyproject.toml", "install", *arguments).stdout.splitlines()
    assert re.fullmatch(rf'\.ci/install \S+ "{re.escape(folder)}" {lock}', first)


@pytest.mark.parametrize(
    "changed", ["pyproject.toml", "k8s_core/pyproject.toml", "requirements/dev.txt", ".ci/locks.py"]
)
def test_an_environment_is_renewed_when_something_it_is_made_from_changed(changed: str) -> None:
    assert ".ci/install" in make("--dry-run", f"--assume-new={changed}", "unit").stdout


def test_latest_is_looked_up_each_time(tmp_path: Path) -> None:
    (tmp_path / ".ready").touch()
    assert ".ci/install" in plan("unit", "DEPS=latest", f"VENV={tmp_path}")
    assert ".ci/install" not in plan("unit", "DEPS=lowest", f"VENV={tmp_path}")


def test_the_environments_that_tests_make_have_the_same_versions() -> None:
    script = "print-constraints:;@echo $$UV_CONSTRAINT $$UV_BUILD_CONSTRAINT"
    for deps, path in (
        ("locked", "requirements/dev"),
        ("lowest", "requirements/lowest"),
        ("latest", ".venv-latest/latest"),
    ):
        done = make("-s", f"--eval={script}", "print-constraints", f"DEPS={deps}")
        assert done.stdout.split() == [f"{ROOT}/{path}.txt"] * 2


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("DEPS=newest", 'DEPS is locked, latest or lowest, not "newest"'),
        ("PYTHON=/no/such/python", "PYTHON=/no/such/python is not a Python >= 3.11 that runs"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(argument: str, message: str) -> None:
    done = make("--dry-run", "unit", argument)
    assert done.returncode == 2
    assert message in done.stderr
