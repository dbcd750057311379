# SPDX-License-Identifier: Apache-2.0
"""``make release`` refuses what does not agree. What it builds is tested in tests/packaging."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import release
from changelog import ChangelogError, Section, above, sections
from wheels import ROOT

import k8s_core

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = """\
# Changelog

## 0.2.0 - unreleased

### Changed

- `a.b` is new.

### Removed

- Something.

## [0.1.0] - 2026-12-24

### Added

- Everything.
"""


def newest(version: str = "0.1.0", date: str | None = "2026-12-24") -> Section:
    return Section(version, date, {})


def test_a_changelog_is_read_by_version_and_heading() -> None:
    second, first = sections(CHANGELOG)
    assert (second.version, second.date) == ("0.2.0", "unreleased")
    assert (first.version, first.date) == ("0.1.0", "2026-12-24")
    assert {name: text.strip() for name, text in second.entries.items()} == {
        "Changed": "- `a.b` is new.",
        "Removed": "- Something.",
    }
    assert above([second, first], "0.1.0") == [second]
    with pytest.raises(ChangelogError, match=r"no section for 0\.0\.9"):
        above([second, first], "0.0.9")


def test_our_changelog_begins_with_the_version_in_development() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first, *released = sections(text)
    assert first.version == k8s_core.__version__
    assert len(first.entries) > 0
    assert all(release.is_date(section.date) for section in released)
    assert text.count("\n## ") == 1 + len(released)


@pytest.mark.parametrize(
    ("section", "here", "tags"),
    [
        (newest(date="unreleased"), [], []),
        (newest(), [], []),
        (newest(), ["v0.1.0"], ["v0.1.0"]),
        (newest(date="unreleased"), [], ["v0.0.9"]),
    ],
)
def test_a_release_that_agrees(section: Section, here: list[str], tags: list[str]) -> None:
    assert release.disagreements("0.1.0", section, here, tags) == []


@pytest.mark.parametrize(
    ("section", "here", "tags", "said"),
    [
        (newest("0.2.0"), [], [], "CHANGELOG.md begins with 0.2.0, but k8s-core is 0.1.0"),
        (newest(), ["v0.2.0"], ["v0.2.0"], "this commit has the tag v0.2.0, but k8s-core is 0.1.0"),
        (newest(), [], ["v0.1.0"], "0.1.0 is released, from another commit: raise the version of k8s-core"),
        (newest(date="unreleased"), ["v0.1.0"], ["v0.1.0"], "but CHANGELOG.md calls 0.1.0 'unreleased': date it"),
        (newest(date=None), ["v0.1.0"], ["v0.1.0"], "but CHANGELOG.md calls 0.1.0 None: date it"),
        (newest(date="soon"), ["v0.1.0"], ["v0.1.0"], "but CHANGELOG.md calls 0.1.0 'soon': date it"),
    ],
)
def test_a_release_that_does_not_agree(section: Section, here: list[str], tags: list[str], said: str) -> None:
    [found] = release.disagreements("0.1.0", section, here, tags)
    assert said in found


def test_a_package_that_changed_needs_another_version(tmp_path: Path) -> None:
    def commit(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / name / "src").mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "pyproject.toml").write_text(text)
        git("add", ".")
        git("commit", "--quiet", "--message", "x")

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def found() -> list[str]:
        return release.not_raised(tmp_path, sorted(tmp_path.glob("[a-z]*")), "v0.1.0")

    static = '[project]\nversion = "{}"\n'
    dynamic = '[project]\ndynamic = ["version"]\n[tool.hatch.version]\npath = "src/x.py"\n'
    git("init", "--quiet")
    (tmp_path / "b/src").mkdir(parents=True)
    (tmp_path / "b/src/x.py").write_text('__version__ = "0.1.0"\n')
    commit(a=static.format("1"), b=dynamic)
    git("tag", "v0.1.0")
    assert found() == []
    commit(a=static.format("1") + "# changed", b=dynamic + "# changed", c=static.format("1"))
    assert found() == [
        "a changed since v0.1.0 and still has version 1: raise it",
        "b changed since v0.1.0 and still has version 0.1.0: raise it",
    ]
    (tmp_path / "b/src/x.py").write_text('__version__ = "0.2.0"\n')
    commit(a=static.format("2"))
    assert found() == []


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_checksums_are_those_that_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"a")
    (tmp_path / "b.tar.gz").write_bytes(b"b")
    release.write_checksums(tmp_path)
    first, second = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert first == f"{hashlib.sha256(b'a').hexdigest()}  a.whl"
    assert second.endswith("  b.tar.gz")
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "a.whl").write_bytes(b"changed")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_python_that_does_not_run_is_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as the shim of pyenv for a version that is not active."""
    shim = tmp_path / "python3.97"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert release.find_python("3.97") is None
    shim.write_text("#!/bin/sh\nexit 0\n")
    assert release.find_python("3.97") == str(shim)
    installed = tmp_path / ".pyenv/versions/3.97.1/bin"
    installed.mkdir(parents=True)
    shutil.copy(shim, installed)
    assert release.find_python("3.97") == str(installed / "python3.97")
