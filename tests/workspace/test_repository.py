# SPDX-License-Identifier: Apache-2.0
"""The files that the public forge and contributors read: well-formed, and no second truth beside the Makefile."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from wheels import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKFLOWS = sorted((ROOT / ".github/workflows").iterdir())
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").iterdir())
PRE_COMMIT = ROOT / ".pre-commit-config.yaml"
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / ".github").rglob("*.md"),
    *FORMS,
    ROOT / "docs/reference/support.md",
]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
[PHONY] = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
TARGETS = set(PHONY.split())
HOMEPAGE = "https://github.com/k8s-core/k8s-core"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in load(workflow)["jobs"].values():
        yield from job["steps"]


# --- well-formed -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        pytest.param("vendor.github-workflows", WORKFLOWS, id="workflows"),
        pytest.param("custom.github-workflows-require-timeout", WORKFLOWS, id="timeouts"),
        pytest.param("vendor.github-issue-forms", [f for f in FORMS if f.stem != "config"], id="issue forms"),
        pytest.param("vendor.github-issue-config", [f for f in FORMS if f.stem == "config"], id="issue chooser"),
        pytest.param("vendor.dependabot", [ROOT / ".github/dependabot.yml"], id="dependabot"),
    ],
)
def test_the_forge_accepts_the_files(schema: str, files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    checker = pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed (DEPS=lowest)")
    with pytest.raises(SystemExit) as caught:
        checker.main(["--builtin-schema", schema, *map(str, files)])
    assert caught.value.code == 0, capsys.readouterr().out


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_a_workflow_may_read_and_no_more_unless_a_job_says_so(workflow: Path) -> None:
    assert load(workflow)["permissions"] == {"contents": "read"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_actions_are_pinned_to_a_commit_and_say_which_version_that_is(workflow: Path) -> None:
    lines = re.findall(r"^ *-? *uses: (.+)$", workflow.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == len([step for step in steps(workflow) if "uses" in step])
    assert [line for line in lines if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_an_action_has_one_version_everywhere() -> None:
    used = {step["uses"] for workflow in WORKFLOWS for step in steps(workflow) if "uses" in step}
    assert len({action.partition("@")[0] for action in used}) == len(used)


# --- no second truth -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=name)
def test_a_workflow_runs_make_and_nothing_else(workflow: Path) -> None:
    commands = [step["run"] for step in steps(workflow) if "run" in step]
    for command in commands:
        program, *words = command.split()
        assert program == "make"
        targets = {word for word in words if "=" not in word}
        assert targets == {"$TARGETS"} or targets <= TARGETS, command
        assert not re.search(r"[;&|<>`]|\$\(|\$\{\{", command), "one command, and no expression that is code to a shell"


def test_git_runs_make_before_a_push() -> None:
    hooks = [hook for repository in load(PRE_COMMIT)["repos"] for hook in repository["hooks"]]
    assert [hook["entry"] for hook in hooks] == ["make check"]
    assert all(repository["repo"] == "local" for repository in load(PRE_COMMIT)["repos"])


def test_every_row_of_the_matrix_is_a_job() -> None:
    workflow = load(ROOT / ".github/workflows/ci.yml")
    assert workflow["jobs"]["matrix"]["steps"][-1]["with"]["script"] == "return require('./.ci/matrix.json')"
    job = workflow["jobs"]["tests"]
    assert job["strategy"]["matrix"] == "${{ fromJSON(needs.matrix.outputs.rows) }}"
    assert job["continue-on-error"] == "${{ !matrix.gate }}"
    assert job["steps"][-1]["env"] == {"TARGETS": "${{ matrix.targets }}", "DEPS": "${{ matrix.deps }}"}


def test_a_release_is_built_checked_and_published_from_a_tag_without_a_password() -> None:
    workflow = load(ROOT / ".github/workflows/release.yml")
    assert workflow[True] == {"push": {"tags": ["v*"]}}  # `on` is a boolean in YAML 1.1
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    assert [step["run"] for step in build["steps"] if "run" in step] == ["make check test release PYTHON=python"]
    assert any("attest-build-provenance@" in step.get("uses", "") for step in build["steps"])
    assert publish["permissions"] == {"id-token": "write"}
    assert (publish["needs"], publish["environment"]) == ("build", "pypi")
    assert "secrets." not in (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")


# --- what the pages say ----------------------------------------------------------------------------------------


def test_every_make_target_that_is_mentioned_exists() -> None:
    files = [*PAGES, *(ROOT / "docs").rglob("*.md"), *WORKFLOWS, PRE_COMMIT]
    mentioned = {
        (name(file), target)
        for file in files
        for words in re.findall(
            r"`make ((?:[a-z-]+ ?)+)|^\$ make ((?:[a-z-]+ ?)+)", file.read_text("utf-8"), re.MULTILINE
        )
        for target in " ".join(words).split()
    }
    assert len(mentioned) > 10
    assert sorted((file, target) for file, target in mentioned if target not in TARGETS) == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_of_this_repository(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)|^ +url: (\S+)$", text, re.MULTILINE):
        target = "".join(link).partition("#")[0]
        if target.startswith(f"{HOMEPAGE}/blob/main/"):
            assert (ROOT / target.removeprefix(f"{HOMEPAGE}/blob/main/")).exists(), target
        elif target and not target.startswith("https://"):
            assert (page.parent / target).exists(), target


def test_the_address_of_the_project_is_one() -> None:
    listed = ["git", "grep", "-hoE", "https://github.com/k8s-core/[A-Za-z0-9_.-]+", "--", "."]
    found = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    assert {address.removesuffix(".") for address in found} == {HOMEPAGE}
