# SPDX-License-Identifier: Apache-2.0
"""What the packages say about themselves is in step: versions in one place, Pythons as tested, one address."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from wheels import ROOT, distribution_folders

import k8s_core
from k8s_core.transport.encode import default_user_agent

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = {folder.relative_to(ROOT).as_posix(): folder for folder in distribution_folders()}
PROJECTS: dict[str, dict[str, Any]] = {
    path: tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")) for path, folder in FOLDERS.items()
}
HOMEPAGE = PROJECTS["k8s_core"]["project"]["urls"]["Homepage"]
VERSION = re.compile(r"^__version__ = \"(.+)\"$", re.MULTILINE)


def version_file(path: str) -> Path | None:
    """The file that hatch reads the version from, if it is not in ``pyproject.toml``."""
    dynamic = PROJECTS[path]["tool"]["hatch"].get("version")
    return FOLDERS[path] / dynamic["path"] if dynamic else None


def version(path: str) -> str:
    source = version_file(path)
    if source is None:
        return str(PROJECTS[path]["project"]["version"])
    [found] = VERSION.findall(source.read_text(encoding="utf-8"))
    return str(found)


VERSIONS = {str(canonicalize_name(PROJECTS[path]["project"]["name"])): version(path) for path in FOLDERS}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


# --- versions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FOLDERS)
def test_a_version_is_written_once(path: str) -> None:
    source = version_file(path)
    assert ("version" in PROJECTS[path]["project"]) == (source is None)
    written = [file for file in (FOLDERS[path] / "src").rglob("*.py") if "__version__ =" in file.read_text("utf-8")]
    assert written == ([source] if source else [])


def test_the_core_knows_its_version() -> None:
    assert k8s_core.__version__ == VERSIONS["k8s-core"]
    assert f" k8s-core/{VERSIONS['k8s-core']}" in default_user_agent()
    assert installed_version("k8s-core") == k8s_core.__version__, "run: touch k8s_core/pyproject.toml; make install"


def test_no_page_and_no_code_repeats_the_version() -> None:
    """A requirement such as ``k8s-core>=0.1`` is another matter: see below."""
    repeated = re.compile(rf"k8s[-_]core(==|/|[ -]v?){re.escape(VERSIONS['k8s-core'])}\b")
    files = tracked("*.md", "*.py", "*.toml", "*.yml", "*.json", "*.sh", ":!CHANGELOG.md")
    assert [file.relative_to(ROOT) for file in files if repeated.search(file.read_text(encoding="utf-8"))] == []


def requirements() -> list[tuple[str, Requirement]]:
    """All that our packages ask of each other, and all that the docs tell to ask."""
    found: list[tuple[str, Requirement]] = []
    for path, project in PROJECTS.items():
        table = project["project"]
        asked = [*table.get("dependencies", ())]
        asked += [each for extra in table.get("optional-dependencies", {}).values() for each in extra]
        found += [(path, Requirement(each)) for each in dict.fromkeys(asked)]  # several extras may ask the same
    for page in tracked("docs/*.md", "README.md"):
        for each in re.findall(r'"(k8s-[a-z-]+[^"]*[<>=][^"]*)"', page.read_text(encoding="utf-8")):
            found.append((page.relative_to(ROOT).as_posix(), Requirement(each)))
    return [(where, each) for where, each in found if each.name.startswith("k8s-")]


@pytest.mark.parametrize(("where", "requirement"), requirements(), ids=str)
def test_what_is_asked_of_our_own_packages_is_what_there_is(where: str, requirement: Requirement) -> None:
    """An index must never be asked for a name that begins as ours do, and is not ours."""
    assert requirement.name in VERSIONS, f"{where}: {requirement.name} is none of our distributions"
    current = Version(VERSIONS[requirement.name])
    assert requirement.specifier.contains(current, prereleases=True), f"{where}: {requirement} excludes {current}"
    if requirement.name == "k8s-core" and requirement.specifier:
        following = f"0.{current.minor + 1}" if current.major == 0 else str(current.major + 1)
        assert not requirement.specifier.contains(following), f"{where}: {requirement} admits {following}"


def test_the_builtin_kinds_are_numbered_after_kubernetes() -> None:
    support = (ROOT / "docs/reference/support.md").read_text(encoding="utf-8")
    minor = ".".join(VERSIONS["k8s-plugins-builtin"].split(".")[:2])
    assert f"Kubernetes {minor} API server" in (ROOT / "k8s_plugins_builtin/README.md").read_text(encoding="utf-8")
    assert f"{minor}.x is for\n  Kubernetes {minor}." in support


# --- what people see -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FOLDERS)
def test_pythons_are_those_that_are_tested(path: str) -> None:
    project = PROJECTS[path]["project"]
    matrix = json.loads((ROOT / ".ci/matrix.json").read_text(encoding="utf-8"))["include"]
    tested = sorted({row["python"] for row in matrix}, key=Version)
    declared = [each.rpartition(" ")[2] for each in project["classifiers"] if ":: Python :: 3." in each]
    assert declared == tested
    assert project["requires-python"] == f">={tested[0]}"
    support = (ROOT / "docs/reference/support.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \*\*Python (3\.\d+)\*\*", support, re.MULTILINE) == tested


@pytest.mark.parametrize("path", FOLDERS)
def test_the_metadata_leads_to_the_project(path: str) -> None:
    project = PROJECTS[path]["project"]
    urls = project["urls"]
    assert (urls["Homepage"], urls["Issues"]) == (HOMEPAGE, f"{HOMEPAGE}/issues")
    assert urls["Source"] == f"{HOMEPAGE}/tree/main/{path}"
    assert urls.get("Documentation", f"{HOMEPAGE}/tree/main/docs") == f"{HOMEPAGE}/tree/main/docs"
    assert urls.get("Changelog", f"{HOMEPAGE}/blob/main/CHANGELOG.md") == f"{HOMEPAGE}/blob/main/CHANGELOG.md"
    assert project["authors"] == [{"name": "The k8s-core authors"}]
    assert project["license"] == "Apache-2.0"
    assert (FOLDERS[path] / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert project["keywords"]
    assert "Typing :: Typed" in project["classifiers"]


@pytest.mark.parametrize("path", FOLDERS)
def test_a_readme_installs_its_package_and_shows_code_that_runs(path: str, tmp_path: Path) -> None:
    readme = FOLDERS[path] / "README.md"
    [install, *_] = re.findall(r"^\$ pip install (.+)$", readme.read_text(encoding="utf-8"), re.MULTILINE)
    assert PROJECTS[path]["project"]["name"] in install
    command = [sys.executable, "-W", "error", str(ROOT / ".ci/smoke.py"), "readme", str(readme)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", FOLDERS)
def test_a_readme_links_with_absolute_addresses_to_what_exists(path: str) -> None:
    """An index shows the page elsewhere."""
    text = (FOLDERS[path] / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert [link for link in links if not link.startswith("https://")] == []
    ours = [link for link in links if link.startswith(HOMEPAGE)]
    assert ours
    for link in ours:
        kind, _, rest = link.removeprefix(f"{HOMEPAGE}/").partition("/main/")
        assert kind in ("blob", "tree"), link
        assert (ROOT / rest.partition("#")[0]).exists(), link
