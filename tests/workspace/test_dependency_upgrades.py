# SPDX-License-Identifier: Apache-2.0
"""How locks are written and environments made from them, on a machine whose pip has a folder in the place of PyPI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """
[build-system]
requires = ["builder"]
[project]
name = "{name}"
dependencies = {dependencies}
"""
GROUPS = """
[dependency-groups]
dev = ["pytest", "tool>=1"]
checks = ["checker"]
uv = ["uv"]
build = []
docs = ["tool"]
bench-ours = []
bench-lightkube = []
bench-kubernetes = []
bench-kr8s = ["library>=1"]
"""


class Repository:
    """Two distributions with ``.ci/locks.py``, and the packages that there are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "an-index"
        self.index.mkdir()
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci/locks.py", folder / ".ci")
        (folder / "requirements").mkdir()
        (folder / "pyproject.toml").write_text(GROUPS)
        self.declare("k8s-core", "library>=1")
        self.declare("k8s-plugins-builtin", "k8s-core")
        for name in ("builder", "checker", "deeper", "pytest", "tool", "uv"):
            self.publish(name, "1.0")
        self.publish("library", "1.0", "deeper")

    def declare(self, name: str, *dependencies: str) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "pyproject.toml").write_text(PROJECT.format(name=name, dependencies=list(dependencies)))

    def publish(self, name: str, version: str, *requires: str) -> None:
        info = f"{name}-{version}.dist-info"
        metadata = [
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}",
            *map("Requires-Dist: {}".format, requires),
        ]
        page = self.index / name / "index.html"
        page.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(page.parent / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", "\n".join(metadata) + "\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
        page.write_text(
            "\n".join(f'<a href="{file.name}">{file.name}</a>' for file in sorted(page.parent.glob("*.whl")))
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``locks.py`` with these arguments."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
        machine = {"PIP_INDEX_URL": self.index.as_uri(), "UV_CACHE_DIR": str(self.folder / "cache")}
        command = [sys.executable, str(self.folder / ".ci/locks.py"), *arguments]
        return subprocess.run(command, env={**inherited, **machine}, capture_output=True, text=True, check=False)

    def locks(self, *arguments: str) -> list[str]:
        """The lines that it prints."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def lock(self, name: str) -> str:
        return (self.folder / "requirements" / f"{name}.txt").read_text()

    def pins(self, name: str) -> list[str]:
        return [line.removesuffix(" \\") for line in self.lock(name).splitlines() if line[0].isalpha()]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.locks("lock")
    return made


def test_each_environment_has_what_it_asks_for_and_what_that_needs(repository: Repository) -> None:
    assert repository.pins("dev") == [
        f"{name}==1.0" for name in ("builder", "checker", "deeper", "library", "pytest", "tool")
    ]
    assert repository.pins("bench-ours") == ["deeper==1.0", "library==1.0"]
    assert repository.pins("docs") == ["tool==1.0"]
    assert repository.pins("uv") == ["uv==1.0"]


def test_no_lock_tells_where_the_packages_came_from(repository: Repository) -> None:
    assert "--hash=sha256:" in repository.lock("dev")
    assert "an-index" not in repository.lock("dev")
    assert "file:" not in repository.lock("dev")


def test_a_new_version_is_shown_when_asked_and_taken_on_upgrade_only(repository: Repository) -> None:
    repository.publish("tool", "1.1")
    before = repository.lock("dev")
    assert repository.locks("lock") == ["No version differs."]
    table = ["package  locked  newest  in", "tool     1.0     1.1     dev, docs"]
    assert repository.locks("outdated") == table
    assert repository.lock("dev") == before
    assert repository.locks("upgrade") == [table[0], "tool     1.0     1.1     dev, lowest, docs"]
    assert "tool==1.1" in repository.pins("dev")


def test_what_is_asked_for_by_now_is_added_and_nothing_else_moves(repository: Repository) -> None:
    repository.publish("tool", "1.1")
    repository.publish("other", "3.0")
    repository.declare("k8s-plugins-builtin", "k8s-core", "other")
    assert repository.locks("lock") == [
        "package  locked  newest  in",
        "other    -       3.0     dev, lowest, bench-ours",
    ]
    assert repository.locks("check") == []


def test_lowest_has_our_lower_bounds_beside_the_tools_of_the_others(repository: Repository) -> None:
    for version in ("1.1", "1.2"):
        repository.publish("library", version, "deeper")
        repository.publish("tool", version)
        repository.publish("pytest", version)
    repository.declare("k8s-core", "library>=1.1", "pytest>=1")
    repository.locks("upgrade")
    assert repository.pins("lowest") == ["builder==1.0", "deeper==1.0", "library==1.1", "pytest==1.2", "tool==1.2"]
    repository.declare("k8s-core", "library>=1.0", "pytest>=1")
    repository.locks("lock")
    assert "library==1.0" in repository.pins("lowest")


def test_an_environment_holds_its_lock_and_nothing_else(repository: Repository) -> None:
    repository.publish("other", "3.0")
    environment = repository.folder / "environment"
    installed = environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    repository.locks("sync", "docs", str(environment))
    assert [path.name for path in installed.glob("*.dist-info")] == ["tool-1.0.dist-info"]
    repository.locks("sync", "bench-kr8s", str(environment))
    assert {path.name for path in installed.glob("*.dist-info")} == {"library-1.0.dist-info", "deeper-1.0.dist-info"}


def test_a_package_that_is_not_what_was_locked_is_refused(repository: Repository) -> None:
    repository.publish("tool", "1.0", "deeper")
    shutil.rmtree(repository.folder / "cache")  # it has what was locked, and would install that
    done = repository.run("sync", "docs", str(repository.folder / "environment"))
    assert done.returncode == 1
    assert "Hash mismatch for `tool==1.0`" in done.stderr


def test_a_command_that_there_is_not_shows_those_that_there_are(repository: Repository) -> None:
    done = repository.run("renew")
    assert done.returncode == 2
    assert "locks.py upgrade" in done.stdout
