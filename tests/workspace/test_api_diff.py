# SPDX-License-Identifier: Apache-2.0
"""``make api-diff`` refuses a breaking change that the changelog does not name, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

API_DIFF = Path(__file__).resolve().parents[2] / ".ci" / "api_diff.py"
pytest.importorskip("griffe", reason="griffe is not in this environment (DEPS=lowest)")
RELEASED = "## 0.1.0 - 2026-12-24\n\n### Added\n\n- Everything.\n"


class Repository:
    """A repository with one distribution at the top and one example, released as v0.1.0."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("k8s_one/pyproject.toml", "")
        self.write("k8s_one/src/k8s_one/__init__.py", '"""One."""\n__all__ = []\n')
        self.write(
            "k8s_one/src/k8s_one/client/__init__.py",
            "from k8s_one.client.verbs import Client, helper\n__all__ = ['Client', 'helper']\n",
        )
        self.write(
            "k8s_one/src/k8s_one/client/verbs.py",
            "class Reading:\n    def get(self, name): ...\n\n\nclass Client(Reading):\n    limit = 1\n\n\n"
            "def helper(): ...\n\n\ndef internal(): ...\n",
        )
        self.write("plugins_examples/two/pyproject.toml", "")
        self.write("plugins_examples/two/src/k8s_two/__init__.py", '"""Two."""\n')
        self.write("plugins_examples/two/src/k8s_two/v1.py", "class Thing:\n    colour: str\n")
        self.write("CHANGELOG.md", f"# Changelog\n\n{RELEASED}")
        self.git("init", "--quiet")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "released")

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def changelog(self, entries: str) -> None:
        self.write("CHANGELOG.md", f"# Changelog\n\n## 0.2.0 - unreleased\n\n{entries}\n\n{RELEASED}")

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=self.folder, check=True, capture_output=True)

    def compare(self) -> tuple[int, str]:
        """The exit code and the output of ``.ci/api-diff``."""
        command = [sys.executable, str(API_DIFF), str(self.folder)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
        assert done.stderr == ""
        return done.returncode, done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.git("tag", "v0.1.0")
    return made


def test_without_a_tag_it_says_that_it_compares_nothing(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    assert repository.compare() == (0, "api-diff: nothing to compare with: no tag v[0-9]*\n")


def test_a_shallow_clone_without_tags_is_told_to_fetch_them(repository: Repository, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{tmp_path}", str(clone))
    repository.folder = clone
    assert repository.compare() == (
        0,
        "api-diff: nothing to compare with: no tag v[0-9]* (a shallow clone: fetch the tags)\n",
    )


def test_an_unchanged_api_passes(repository: Repository) -> None:
    assert repository.compare() == (
        0,
        "api-diff: breaking changes since v0.1.0: 0, of which CHANGELOG.md does not name 0\n",
    )


def test_additions_and_internal_changes_pass(repository: Repository) -> None:
    verbs = "k8s_one/src/k8s_one/client/verbs.py"
    repository.replace(verbs, "def internal(): ...", "def other(): ...")
    repository.replace(verbs, "def get(self, name)", "def get(self, name, *, limit=None)")
    (repository.folder / verbs).rename(repository.folder / "k8s_one/src/k8s_one/client/moved.py")
    repository.replace("k8s_one/src/k8s_one/client/__init__.py", "client.verbs", "client.moved")
    assert repository.compare()[0] == 0


@pytest.mark.parametrize(
    ("path", "old", "new", "name", "said"),
    [
        pytest.param(
            "k8s_one/src/k8s_one/client/verbs.py", "(self, name)", "(self, name, limit)",
            "k8s_one.client.Client.get", "Parameter was added as required", id="in a base class",
        ),
        pytest.param(
            "k8s_one/src/k8s_one/client/__init__.py", ", 'helper'", "",
            "k8s_one.client.helper", "it is no longer public", id="left out of __all__",
        ),
        pytest.param(
            "k8s_one/src/k8s_one/client/verbs.py", "limit = 1", "limits = 1",
            "k8s_one.client.Client.limit", "Public object was removed", id="an attribute",
        ),
        pytest.param(
            "plugins_examples/two/src/k8s_two/v1.py", "class Thing", "class Item",
            "k8s_two.v1.Thing", "it is no longer public", id="in an example",
        ),
    ],
)  # fmt: skip
def test_a_breaking_change_is_refused_until_the_changelog_names_it(
    repository: Repository, path: str, old: str, new: str, name: str, said: str
) -> None:
    repository.replace(path, old, new)
    code, output = repository.compare()
    assert code == 1
    assert "breaking changes since v0.1.0: 1, of which CHANGELOG.md does not name 1" in output
    assert f"  {name}: " in output
    assert said in output
    assert f"  - `{name}`: why, and what to write instead." in output

    repository.changelog(f"### Changed\n\n- `{name}` is another thing now.")
    assert repository.compare()[0] == 0
    repository.changelog(f"### Removed\n\n- `{name.rpartition('.')[0]}`: all of it.")
    assert repository.compare()[0] == 0
    repository.changelog(f"### Added\n\n- `{name}`: an addition breaks no program.")
    assert repository.compare()[0] == 1


def test_the_name_of_a_package_excuses_only_its_removal(repository: Repository) -> None:
    repository.replace("plugins_examples/two/src/k8s_two/v1.py", "class Thing", "class Item")
    repository.changelog("### Changed\n\n- `k8s_two` is better now.")
    assert repository.compare()[0] == 1
    (repository.folder / "plugins_examples/two").rename(repository.folder / "away")
    (repository.folder / "away/pyproject.toml").unlink()
    assert repository.compare()[0] == 0
    repository.changelog("")
    code, output = repository.compare()
    assert code == 1
    assert "k8s_two: the package was removed" in output


def test_a_changelog_without_the_released_section_is_an_error(repository: Repository) -> None:
    repository.write("CHANGELOG.md", "# Changelog\n\n## 0.2.0 - unreleased\n")
    code, output = repository.compare()
    assert (code, output) == (1, "api-diff: CHANGELOG.md has no section for 0.1.0\n")
