# SPDX-License-Identifier: Apache-2.0
"""The locks: one for each environment, complete, up to date, and of no machine's index."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import locks
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(locks.LOCKS)


def text(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> Iterator[Requirement]:
    return (Requirement(pin) for pin in locks.PIN.findall(text(name)))


def versions_of(name: str, package: str) -> list[Version]:
    return [Version(str(pin.specifier)[2:]) for pin in pins(name) if pin.name == canonicalize_name(package)]


def lower_bound(requirement: Requirement) -> Version | None:
    bounds = [Version(part.version) for part in requirement.specifier if part.operator in (">=", "==", "~=")]
    return bounds[0] if bounds else None


# --- the committed locks ---------------------------------------------------------------------------------------
def test_every_environment_has_a_lock_and_no_lock_is_left_over() -> None:
    assert sorted(path.name for path in (ROOT / "requirements").iterdir()) == [f"{name}.txt" for name in NAMES]


def test_locks_are_what_the_pyproject_files_ask_for() -> None:
    assert locks.problems(locks.committed()) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_has_nothing_but_versions_and_their_hashes(name: str) -> None:
    allowed = re.compile(
        r"#.*|[a-z0-9-]+==[\w.+!]+( ; [\w .'<>=!()]+)? \\| {4}--hash=sha256:[0-9a-f]{64}( \\)?| {4}#.*"
    )
    assert [line for line in text(name).splitlines() if not allowed.fullmatch(line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lock_names_no_index(name: str) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|\bfile:| @ |localhost", text(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_version_has_a_hash(name: str) -> None:
    without = re.findall(r"^([a-z0-9-]+==.*)\n(?! {4}--hash=)", text(name), re.MULTILINE)
    assert without == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_for_is_there(name: str) -> None:
    for requirement in map(Requirement, locks.asked(name)):
        found = versions_of(name, requirement.name)
        assert found, f"{name} lacks {requirement}"
        assert all(requirement.specifier.contains(version, prereleases=True) for version in found)


def test_lowest_has_the_lower_bounds_of_our_distributions() -> None:
    """To the digits that are declared: ``>=2.2`` may be 2.2.1 where 2.2.0 was yanked or does not fit the others."""
    missed = []
    for requirement in map(Requirement, {*locks.declared(None), *locks.builders()}):
        bound = lower_bound(requirement)
        if bound is None or requirement.name in locks.KEPT_IN_LOWEST:
            continue
        found = versions_of("lowest", requirement.name)
        if not any(version.release[: len(bound.release)] == bound.release for version in found):
            missed.append(f"{requirement}: {found}")
    assert missed == []


def test_lowest_leaves_the_tools_as_they_are_locked() -> None:
    tools = {locks.package(requirement) for requirement in locks.group("dev")} - locks.lowered()
    assert "pytest" in tools
    assert {tool: versions_of("lowest", tool) for tool in tools} == {tool: versions_of("dev", tool) for tool in tools}


# --- a change that was not locked -------------------------------------------------------------------------------
@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """All that ``locks.py check`` reads, to change at will."""
    for path in [ROOT / "pyproject.toml", ROOT / ".ci/locks.py", *ROOT.glob("requirements/*.txt")]:
        copy(path, tmp_path)
    for folder in locks.distributions().values():
        copy(folder / "pyproject.toml", tmp_path)
    return tmp_path


def copy(path: Path, tree: Path) -> None:
    target = tree / path.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def check(tree: Path) -> tuple[int, list[str]]:
    """``locks.py check``, without an environment that would lead to a network."""
    command = [sys.executable, str(tree / ".ci/locks.py"), "check"]
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def replace(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


def test_nothing_changed(tree: Path) -> None:
    assert check(tree) == (0, [])


def test_a_dependency_that_is_added_is_missing_in_each_lock_that_needs_it(tree: Path) -> None:
    replace(tree / "k8s_core/pyproject.toml", "dependencies = [\n", 'dependencies = [\n    "attrs>=24",\n')
    status, lines = check(tree)
    assert status == 1
    assert lines == [
        "requirements/dev.txt lacks attrs>=24, which is asked for",
        "requirements/lowest.txt lacks attrs>=24, which is asked for",
        "requirements/bench-ours.txt lacks attrs>=24, which is asked for",
        "Run `make lock`, and commit what it writes.",
    ]


def test_a_bound_that_moved_is_lacking_and_left_over(tree: Path) -> None:
    replace(tree / "pyproject.toml", '"trustme>=', '"trustme>=0')
    status, lines = check(tree)
    assert status == 1
    assert [line.rpartition(" trustme")[0] for line in lines[:2]] == [
        "requirements/dev.txt lacks",
        "requirements/dev.txt has",
    ]


def test_an_extra_concerns_development_only_until_something_of_ours_asks_for_it(tree: Path) -> None:
    replace(
        tree / "k8s_core/pyproject.toml",
        "[project.optional-dependencies]\n",
        '[project.optional-dependencies]\nmore = ["attrs>=24"]\n',
    )
    _, lines = check(tree)
    assert {line.split()[0] for line in lines[:-1]} == {"requirements/dev.txt", "requirements/lowest.txt"}
    replace(tree / "k8s_plugins_builtin/pyproject.toml", '"k8s-core>=', '"k8s-core[more]>=')
    _, lines = check(tree)
    assert "requirements/bench-ours.txt lacks attrs>=24, which is asked for" in lines


def test_a_tool_concerns_the_environments_that_have_it(tree: Path) -> None:
    replace(tree / "pyproject.toml", "docs = [", 'docs = ["attrs>=24", ')
    status, lines = check(tree)
    assert status == 1
    assert {line.split()[0] for line in lines[:-1]} == {"requirements/docs.txt"}


def test_a_lock_that_is_missing_or_of_nothing_is_named(tree: Path) -> None:
    (tree / "requirements/docs.txt").rename(tree / "requirements/other.txt")
    assert check(tree) == (
        1,
        [
            "requirements/other.txt is the lock of no environment",
            "requirements/docs.txt is missing",
            "Run `make lock`, and commit what it writes.",
        ],
    )


def test_a_lock_with_merge_conflicts_is_refused(tree: Path) -> None:
    replace(tree / "requirements/docs.txt", "click==", "<<<<<<< HEAD\nclick==")
    done = subprocess.run([sys.executable, tree / ".ci/locks.py", "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run `git checkout --ours requirements/docs.txt`, then `make lock`" in done.stderr


@pytest.mark.parametrize("folder", ["k8s_new", "plugins_examples/new"])
def test_a_new_distribution_is_found(tree: Path, folder: str) -> None:
    (tree / folder).mkdir()
    (tree / folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling>=1.27"]\n'
        '[project]\nname = "k8s-new"\ndependencies = ["k8s-core", "attrs"]\n'
    )
    _, lines = check(tree)
    assert "requirements/dev.txt lacks attrs, which is asked for" in lines
    assert not any("k8s-core" in line for line in lines)


# --- what the tables say --------------------------------------------------------------------------------------------
def test_changes_are_told_once_for_all_locks_that_have_them() -> None:
    before = {"dev": "a==1 \\\n", "docs": "a==1 \\\nb==2 \\\n"}
    after = {"dev": "a==1.1 \\\n", "docs": "a==1.1 \\\nc==3 \\\n"}
    assert locks.changes(before, after) == [
        ("a", "1", "1.1", "dev, docs"),
        ("b", "2", "-", "docs"),
        ("c", "-", "3", "docs"),
    ]


def test_versions_that_depend_on_the_python_are_all_told() -> None:
    lock = "a==1 ; python_full_version < '3.12' \\\n    --hash=sha256:0\na==2 ; python_full_version >= '3.12' \\\n"
    assert locks.versions(lock) == {"a": "1, 2"}


def test_a_table_has_aligned_columns() -> None:
    assert locks.table([("package", "in"), ("a", "dev")]) == "package  in\na        dev"
