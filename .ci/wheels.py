# SPDX-License-Identifier: Apache-2.0
"""The distributions as users get them: built, and installed into environments that know nothing of the repository.

Shared by ``make release`` and ``tests/packaging``. Each ``pyproject.toml`` that ``distribution_folders`` finds is one
distribution; nothing here names one.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from locks import pip_index
from packaging.metadata import Metadata
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
UV = Path(sys.executable).with_name("uv")
# Taken at once, before a test moves HOME, where uv keeps its cache. UV_PYTHON would name our own environment.
_KEPT_OUT = ("PYTHON", "VIRTUAL_ENV", "UV_PROJECT", "UV_PYTHON", "UV_CONSTRAINT", "UV_BUILD_CONSTRAINT")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(_KEPT_OUT)}


class CommandError(Exception):
    """A command failed; the message is what it printed."""


@dataclass(frozen=True)
class Wheel:
    """A built distribution."""

    path: Path

    @property
    def name(self) -> str:
        """The normalised name of the distribution, such as ``k8s-core``."""
        return str(parse_wheel_filename(self.path.name)[0])

    @property
    def version(self) -> str:
        return str(parse_wheel_filename(self.path.name)[1])

    @property
    def metadata(self) -> Metadata:
        """What an index would show."""
        with zipfile.ZipFile(self.path) as archive:
            [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            return Metadata.from_email(archive.read(name))

    def requirement(self, *extras: str) -> str:
        """A requirement that no index can answer."""
        return f"{self.name}[{','.join(extras)}] @ {self.path.as_uri()}"

    def readme_requirements(self) -> list[str]:
        """What its README tells to install: the arguments of the first ``pip install``."""
        found = re.search(r"^\$ pip install (.+)$", self.metadata.description or "", re.MULTILINE)
        if found is None:
            raise CommandError(f"{self.name}: the README has no line `$ pip install ...`")
        return shlex.split(found[1])


def distribution_folders(root: Path = ROOT) -> list[Path]:
    """The folders that are one distribution each."""
    found = [*root.glob("*/pyproject.toml"), *root.glob("plugins_examples/*/pyproject.toml")]
    return sorted(path.parent for path in found)


def build(folders: list[Path], into: Path) -> list[Wheel]:
    """Build source distributions, and wheels from them, as an installer without our checkout would.

    The build backend is that of the environment that runs this, so its version is locked. Times in the archives are
    that of the last commit: the same commit gives the same bytes.
    """
    epoch = run("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()
    options = ("--quiet", "--no-create-gitignore", "--no-build-isolation", "--python", sys.executable)
    command = (UV, "build", *options, "--out-dir", into)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda folder: run(*command, folder, cwd=into, SOURCE_DATE_EPOCH=epoch), folders))
    return [Wheel(path) for path in sorted(into.glob("*.whl"))]


class Environment:
    """A virtual environment in which our distributions are the given wheels, and all others come from wheels too.

    The others have the versions of the environment that runs this, where it has them.
    """

    def __init__(self, folder: Path, wheels: list[Wheel], python: str | Path = sys.executable) -> None:
        self.folder = folder
        run(UV, "venv", "--quiet", "--python", python, folder / "venv", cwd=folder)
        self.bin = folder / "venv" / "bin"
        self.python = self.bin / "python"
        self._constraints = folder / "constraints.txt"
        ours = {wheel.name: f"{wheel.name} @ {wheel.path.as_uri()}" for wheel in wheels}
        freeze = run(UV, "pip", "freeze", "--quiet", "--exclude-editable", "--python", sys.executable, cwd=folder)
        others = [line for line in freeze.splitlines() if canonicalize_name(line.partition("=")[0]) not in ours]
        self._constraints.write_text("\n".join([*ours.values(), *others]), encoding="utf-8")

    def install(self, *requirements: str) -> None:
        """Install from wheels only; a constraint answers for each name of ours, whatever an index has."""
        options = ("--quiet", "--only-binary", ":all:", "--constraints", self._constraints)
        command = (UV, "pip", "install", *options, "--python", self.python, *requirements)
        run(*command, cwd=self.folder, **package_index())

    def run(self, *arguments: object) -> str:
        """Run its Python, isolated, with warnings as errors; returns what was printed."""
        return run(self.python, "-I", "-W", "error", *arguments, cwd=self.folder)


@cache
def package_index() -> dict[str, str]:
    """Where uv is told to look, if only pip is."""
    told = {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & ENVIRONMENT.keys()
    return {} if told or not (mirror := pip_index()) else {"UV_DEFAULT_INDEX": mirror}


def run(*command: object, cwd: Path, **environment: str) -> str:
    """Run a command and return its output.

    Raises:
        CommandError: it failed.
    """
    parts = [str(part) for part in command]
    done = subprocess.run(
        parts, cwd=cwd, env={**ENVIRONMENT, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(f"{' '.join(parts)}\nfailed with exit code {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
