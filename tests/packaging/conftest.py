# SPDX-License-Identifier: Apache-2.0
"""The distributions of the repository, built once for all tests here."""

from __future__ import annotations

import fcntl
import os
import tomllib
from typing import TYPE_CHECKING

import pytest
from wheels import ROOT, Environment, Wheel, build, distribution_folders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution and the wheel of each; the workers of pytest-xdist share it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "dist"
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".built").exists():
            build(distribution_folders(), folder)
            (folder / ".built").touch()
    return folder


@pytest.fixture(scope="session")
def wheels(dist: Path) -> dict[str, Wheel]:
    """The wheels, by the folder of the distribution in the repository."""
    built = {wheel.name: wheel for wheel in map(Wheel, dist.glob("*.whl"))}
    found: dict[str, Wheel] = {}
    for folder in distribution_folders():
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        found[folder.relative_to(ROOT).as_posix()] = built.pop(project["name"])
    assert not built
    return found


@pytest.fixture(scope="module")
def complete(wheels: dict[str, Wheel], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """All distributions with all extras."""
    environment = Environment(tmp_path_factory.mktemp("complete"), list(wheels.values()))
    environment.install(*(wheel.requirement(*(wheel.metadata.provides_extra or ())) for wheel in wheels.values()))
    return environment
