# SPDX-License-Identifier: Apache-2.0
"""``.ci/run`` and its matrix: which parts decide, what is skipped, and what the end tells."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MATRIX: list[dict[str, Any]] = json.loads((ROOT / ".ci/matrix.json").read_text(encoding="utf-8"))["include"]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


# --- the matrix -------------------------------------------------------------------------------------------------
def test_all_but_latest_decides() -> None:
    assert {row["deps"]: row["gate"] for row in MATRIX} == {"locked": True, "lowest": True, "latest": False}


def test_every_python_that_a_distribution_declares_is_tested_as_locked() -> None:
    declared = set()
    for path in (*ROOT.glob("*/pyproject.toml"), *ROOT.glob("plugins_examples/*/pyproject.toml")):
        declared |= set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', path.read_text(encoding="utf-8")))
    assert declared
    assert declared <= {row["python"] for row in MATRIX if row["deps"] == "locked"}


def test_the_first_row_is_the_whole_gate_and_one_row_has_the_packaging_tests() -> None:
    assert (MATRIX[0]["deps"], MATRIX[0]["targets"]) == ("locked", "check test")
    assert sum("packaging" in row["targets"] for row in MATRIX) == 1


def test_targets_of_the_matrix_are_makes() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {target for row in MATRIX for target in row["targets"].split()} <= set(phony.split())


def test_workflows_take_the_matrix_from_the_file() -> None:
    workflows = [path.read_text(encoding="utf-8") for path in ROOT.glob(".github/workflows/*.y*ml")]
    if not workflows:
        pytest.skip("there are no workflows")
    assert any(".ci/matrix.json" in workflow for workflow in workflows)
    assert not any("deps: [" in workflow or "python: [" in workflow for workflow in workflows)


# --- the run ----------------------------------------------------------------------------------------------------
MAKEFILE = """
%:
	@echo "make $@ deps=$(DEPS) venv=$(VENV) args=$(ARGS)"
	@test "$@ $(DEPS)" != "$$FAILS"

install:
	@test "$@ $(DEPS)" != "$$FAILS"
	@mkdir -p .venv/bin && printf '#!/bin/sh\\necho pytest "$$@"\\ntest "$$FAILS" != pytest\\n' > .venv/bin/python
	@chmod +x .venv/bin/python
"""
ROWS = [
    {"python": "3.11", "deps": "locked", "targets": "check test", "gate": True},
    {"python": "3.11", "deps": "lowest", "targets": "unit packaging", "gate": True},
    {"python": "3.11", "deps": "latest", "targets": "unit", "gate": False},
    {"python": "3.99", "deps": "locked", "targets": "unit", "gate": True},
]


@dataclass(frozen=True)
class Run:
    """How ``.ci/run`` ended."""

    status: int
    output: str

    @property
    def commands(self) -> list[str]:
        return [line for line in self.output.splitlines() if line.startswith(("make ", "pytest "))]

    @property
    def parts(self) -> dict[str, str]:
        """The results in the table at the end, by part."""
        return dict(re.findall(r"^(\S.*?) +\d+ s(?:  (.*))?$", self.output.partition("caches at")[2], re.MULTILINE))


class Clone:
    """A repository whose make targets only tell that they were called, and whose servers are there at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci/run", folder / ".ci/run")
        self.write(".ci/matrix.json", json.dumps({"include": ROWS}))
        self.write("Makefile", MAKEFILE)
        self.script(".ci/kube-apiserver", "pwd")
        self.script(".ci/apiextensions-apiserver", "pwd")
        self.script("pythons/python3.11", f'exec {sys.executable} "$@"')

    def write(self, name: str, content: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def script(self, name: str, content: str) -> None:
        self.write(name, f"#!/bin/sh\n{textwrap.dedent(content)}\n").chmod(0o755)

    def run(self, fails: str = "") -> Run:
        path = f"{self.folder}/pythons:{os.environ['PATH']}"
        places = {"PATH": path, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.folder / "cache")}
        done = subprocess.run(
            [str(self.folder / ".ci/run")], env={**places, "FAILS": fails}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return Run(done.returncode, done.stdout)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_every_part_runs_in_its_environment(clone: Clone) -> None:
    assert clone.run().commands == [
        "make check deps=locked venv=.venv args=",
        "make test deps=locked venv=.venv args=--ignore=tests/packaging",
        "make unit deps=lowest venv= args=",
        "make packaging deps=lowest venv= args=",
        "make unit deps=latest venv= args=",
        "make outdated deps= venv=.venv args=",
        "pytest -m pytest -q tests/conformance tests/devkit/test_go_types.py --server real-custom",
        "pytest -m pytest -q tests -m conformance or control_plane or kubectl --server real",
    ]


def test_the_end_is_a_table_and_the_exit_code(clone: Clone) -> None:
    run = clone.run()
    assert run.status == 0
    assert set(run.parts.values()) == {"ok", ""}
    assert list(run.parts)[:3] == ["environment 3.11 locked", "check 3.11 locked", "test 3.11 locked"]
    assert list(run.parts)[-1] == "all"
    assert run.output.splitlines()[-1] == "exit code 0"


def test_a_python_that_is_not_there_is_named(clone: Clone) -> None:
    assert "skipped: 3.99 locked (no python3.99)" in clone.run().output.splitlines()


@pytest.mark.parametrize(
    ("fails", "part"),
    [
        ("check locked", "check 3.11 locked"),
        ("unit lowest", "unit 3.11 lowest"),
        ("install lowest", "environment 3.11 lowest"),
        ("pytest", "conformance on the kube-apiserver"),
    ],
)
def test_what_fails_fails_the_run_and_stops_nothing_else(clone: Clone, fails: str, part: str) -> None:
    run = clone.run(fails)
    assert run.status == 1
    assert run.parts[part] == "FAILED"
    assert run.parts["unit 3.11 latest"] == "ok"
    assert run.output.splitlines()[-1] == "exit code 1"
    assert any(line.startswith("failed: ") and part in line for line in run.output.splitlines())


@pytest.mark.parametrize("fails", ["unit latest", "install latest", "outdated "])
def test_what_fails_with_the_latest_versions_is_reported_only(clone: Clone, fails: str) -> None:
    run = clone.run(fails)
    assert run.status == 0
    assert "failed, which is reported only" in run.parts.values()


def test_a_server_that_can_not_be_built_fails_the_run(clone: Clone) -> None:
    clone.script(".ci/kube-apiserver", "echo 'no source package' >&2; exit 1")
    run = clone.run()
    assert run.status == 1
    assert run.parts["kube-apiserver, beside the others"] == "FAILED"
    assert "no source package" in run.output
    assert not any(command.startswith("pytest") for command in run.commands)


def test_a_newer_server_that_can_not_be_had_is_skipped_and_named(clone: Clone) -> None:
    clone.script(".ci/apiextensions-apiserver", "echo 'Debian moved on' >&2; exit 3")
    run = clone.run()
    assert run.status == 0
    assert "skipped: custom resources on 1.36.4 (Debian moved on)" in run.output.splitlines()


def test_a_build_that_still_runs_ends_with_the_run(clone: Clone) -> None:
    """Its pipe has an end of file when the last process that holds it is gone."""
    os.mkfifo(clone.folder / "pipe")
    clone.script(".ci/apiextensions-apiserver", "exec > pipe; echo building; exec sleep 1000")
    clone.script(".ci/kube-apiserver", "read line < started; exit 1")
    os.mkfifo(clone.folder / "started")
    ended = []

    def follow() -> None:
        with (clone.folder / "pipe").open() as pipe:
            assert pipe.readline() == "building\n"
            (clone.folder / "started").write_text("go\n")
            ended.append(pipe.read())

    follower = threading.Thread(target=follow)
    follower.start()
    assert clone.run().status == 1
    follower.join(timeout=30)
    assert ended == [""]


def test_caches_that_are_there_are_told_from_those_that_are_not(clone: Clone) -> None:
    assert "caches at the start: packages cold, kube-apiserver cold, apiextensions-apiserver cold" in clone.run().output
    for name in ("uv/something", "k8s-core/kube-apiserver-1.20.2-3/kube-apiserver"):
        path = clone.folder / "cache" / name
        path.parent.mkdir(parents=True)
        path.touch()
    assert "caches at the start: packages warm, kube-apiserver warm, apiextensions-apiserver cold" in clone.run().output
