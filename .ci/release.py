# SPDX-License-Identifier: Apache-2.0
"""Builds every distribution and tries it as its users will. Uploads nothing. Run as ``make release``.

``dist/`` then holds a release: source distributions, wheels, ``sbom.cdx.json`` (what the wheels and all extras install,
as CycloneDX) and ``SHA256SUMS``. The wheels are tried in environments outside of the repository, which are made from
wheels only; the other packages in them have the versions that are locked.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from changelog import Section, sections
from wheels import ROOT, UV, CommandError, Environment, Wheel, build, distribution_folders, run

if TYPE_CHECKING:
    from collections.abc import Iterable

DIST = ROOT / "dist"
CORE = "k8s-core"
"""The repository is released as one: its tag and its changelog have the version of this distribution."""
SMOKE = ROOT / ".ci" / "smoke.py"
DEMO = ROOT / "docs" / "tutorial" / "demo.py"
PYTHON_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")


def say(text: str) -> None:
    print(f"release: {text}", flush=True)


def git(*arguments: str) -> list[str]:
    return run("git", *arguments, cwd=ROOT).splitlines()


# --- what has to agree ---------------------------------------------------------------------------------------


def disagreements(version: str, newest: Section, tags_here: Iterable[str], tags: Iterable[str]) -> list[str]:
    """How the version, the newest section of the changelog and the tags contradict each other."""
    tag = f"v{version}"
    found: list[str] = []
    if newest.version != version:
        found.append(f"CHANGELOG.md begins with {newest.version}, but {CORE} is {version}: change one of them")
    found += [f"this commit has the tag {other}, but {CORE} is {version}" for other in tags_here if other != tag]
    if tag in tags and tag not in tags_here:
        found.append(f"{version} is released, from another commit: raise the version of {CORE}")
    if tag in tags_here and not is_date(newest.date):
        found.append(f"this commit has the tag {tag}, but CHANGELOG.md calls {newest.version} {newest.date!r}: date it")
    return found


def not_raised(repository: Path, folders: list[Path], released: str) -> list[str]:
    """The distributions that differ from a released commit, but not in their version: an index has that version."""
    found: list[str] = []
    for folder in folders:
        path = folder.relative_to(repository).as_posix()
        if not run("git", "ls-tree", released, "--", f"{path}/pyproject.toml", cwd=repository):
            continue  # a new one
        before, now = (version_in(repository, commit, path) for commit in (released, "HEAD"))
        if before == now and run("git", "diff", "--name-only", released, "HEAD", "--", path, cwd=repository):
            found.append(f"{path} changed since {released} and still has version {now}: raise it")
    return found


def version_in(repository: Path, commit: str, path: str) -> str:
    """The version of a distribution at a commit."""
    project = tomllib.loads(run("git", "show", f"{commit}:{path}/pyproject.toml", cwd=repository))
    if "version" in project["project"]:
        return str(project["project"]["version"])
    source = run("git", "show", f"{commit}:{path}/{project['tool']['hatch']['version']['path']}", cwd=repository)
    [version] = re.findall(r'^__version__ = "(.+)"$', source, re.MULTILINE)
    return str(version)


def is_date(text: str | None) -> bool:
    with contextlib.suppress(ValueError):
        return bool(datetime.date.fromisoformat(text or ""))
    return False


# --- trying ----------------------------------------------------------------------------------------------------


def everything(folder: Path, wheels: list[Wheel], python: str | Path = sys.executable) -> Environment:
    """All distributions with all extras."""
    folder.mkdir()
    environment = Environment(folder, wheels, python)
    environment.install(*(wheel.requirement(*(wheel.metadata.provides_extra or ())) for wheel in wheels))
    run(UV, "pip", "check", "--quiet", "--python", environment.python, cwd=folder)
    return environment


def try_readme(folder: Path, wheel: Wheel, wheels: list[Wheel]) -> None:
    """Install by the README's own line, and run its code."""
    folder.mkdir()
    environment = Environment(folder, wheels)
    environment.install(*wheel.readme_requirements())
    environment.run(SMOKE, "readme", wheel.name)


def try_demo(environment: Environment) -> None:
    """The whole tutorial, on the embedded server."""
    demo = shutil.copy(DEMO, environment.folder)
    if "every step ran" not in environment.run(demo):
        raise CommandError(f"{demo} ended early")


def find_python(version: str) -> str | None:
    """A Python of this machine: pyenv's, or the one on PATH if it runs (a shim of pyenv may not)."""
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for candidate in (*map(str, reversed(installed)), shutil.which(f"python{version}")):
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def supported_pythons(wheels: list[Wheel]) -> list[str]:
    """The Pythons that the core declares."""
    [core] = [wheel for wheel in wheels if wheel.name == CORE]
    found = map(PYTHON_CLASSIFIER.fullmatch, core.metadata.classifiers or ())
    return [match[1] for match in found if match]


# --- what goes along -------------------------------------------------------------------------------------------


def write_sbom(environment: Environment, wheels: list[Wheel], target: Path) -> None:
    """What is in an environment, as a CycloneDX document, which the tool validates."""
    # Installed again by name: the document must not speak of files on this machine.
    names = [f"{wheel.name}=={wheel.version}" for wheel in wheels]
    again = ("--no-index", "--no-deps", "--reinstall", "--find-links", wheels[0].path.parent)
    run(UV, "pip", "install", "--quiet", *again, "--python", environment.python, *names, cwd=environment.folder)
    options = ("--output-reproducible", "--spec-version", "1.6", "--output-format", "JSON", "--validate")
    program = ("-m", "cyclonedx_py", "environment", environment.python, *options, "--output-file", target)
    run(sys.executable, *program, cwd=environment.folder)


def write_checksums(folder: Path) -> None:
    """``sha256sum --check SHA256SUMS`` reads it."""
    files = [path for path in sorted(folder.iterdir()) if path.name != "SHA256SUMS"]
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def release(work: Path) -> list[str]:
    """All steps; returns what was skipped.

    Raises:
        CommandError: a step failed.
    """
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    wheels = build(distribution_folders(), DIST)
    say(f"built {len(wheels)} distributions: {', '.join(f'{wheel.name} {wheel.version}' for wheel in wheels)}")
    [version] = [wheel.version for wheel in wheels if wheel.name == CORE]
    newest = sections((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[0]
    found = disagreements(version, newest, git("tag", "--points-at", "HEAD", "v*"), git("tag", "--list", "v*"))
    earlier = [tag for tag in git("tag", "--merged", "HEAD", "--sort=-version:refname", "v*") if tag != f"v{version}"]
    if is_date(newest.date) and earlier:
        found += not_raised(ROOT, distribution_folders(), earlier[0])
    if changed := git("status", "--porcelain"):
        found.append(f"the checkout is not the commit ({len(changed)} files): commit them, or remove them")
    if found:
        raise CommandError("\n".join(found))
    run(sys.executable, "-m", "twine", "check", "--strict", *DIST.iterdir(), cwd=work)
    say("the metadata is well-formed, and version, changelog and tags agree")

    complete = everything(work / "everything", wheels)
    for wheel in wheels:
        complete.run(SMOKE, "entry-points", wheel.name)
        try_readme(work / wheel.name, wheel, wheels)
    say("each distribution installs by the line in its README, runs the code there, and loads its entry points")

    skipped: list[str] = []
    for number in supported_pythons(wheels):
        if python := find_python(number):
            try_demo(everything(work / number, wheels, python))
            say(f"the demo runs on Python {number}, from the wheels")
        else:
            skipped.append(f"Python {number} is not on this machine: the demo did not run there")

    write_sbom(complete, wheels, DIST / "sbom.cdx.json")
    write_checksums(DIST)
    return skipped


def main() -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="k8s-core-release-") as work:
            skipped = release(Path(work))
    except CommandError as error:
        say(f"FAILED: {error}")
        return 1
    for reason in skipped:
        say(f"SKIPPED: {reason}")
    say(f"{DIST} holds the release: {len(list(DIST.iterdir()))} files with SHA256SUMS and sbom.cdx.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
