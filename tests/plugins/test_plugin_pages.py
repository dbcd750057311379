# SPDX-License-Identifier: Apache-2.0
"""Pages that install a package run in a process of their own, step by step as their reader would.

Titled blocks are files, or the end of one (``add to FILE``); ``$ k8s-core`` and ``$ pytest`` lines of console blocks
are run; ``$ pip install -e`` is done by the fake site; a block of TOML with a whole project is a distribution. Python
between two commands is one program.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from doc_pages import blocks_of

if TYPE_CHECKING:
    from fake_site import FakeSite

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(
    page
    for page in DOCS.rglob("*.md")
    if any(block.language == "toml" and "project.entry-points" in block.code for block in blocks_of(page))
)
NOT_RUN = ("pip install build twine", "python -m build", "twine", "k8s-core plugin check k8s-crd-widgets --wheel")
COMMAND = "from k8s_core.cli import main; main()"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_the_page_runs(site: FakeSite, page: Path) -> None:
    program: list[str] = []
    ran = 0
    for block in blocks_of(page):
        if block.reason:
            continue
        if block.title:
            path = site.root / block.title.removeprefix("add to ")
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if block.title.startswith("add to ") else "w", encoding="utf-8") as file:
                file.write(block.code)
        elif block.language == "toml":
            document = tomllib.loads(block.code)
            if "name" in document.get("project", {}):
                site.add(document["project"]["name"], document["project"]["entry-points"])
        elif block.language == "console":
            ran += finish(site, program)
            for line in re.findall(r"^\$ (.+)$", block.code, re.MULTILINE):
                run_command(site, line)
                ran += 1
        elif block.language == "python":
            program.append(block.code)
    assert ran + finish(site, program)


@pytest.mark.slow
def test_the_strategy_of_the_page_survives_objects_that_do_not_fit_the_schema(site: FakeSite) -> None:
    for block in blocks_of(DOCS / "how-to/simulate-a-kind.md"):
        if block.title:
            path = site.root / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code, encoding="utf-8")
    install(site, site.root / "k8s-crd-gauges")
    site.run("""
        from k8s_core.errors import Invalid
        from k8s_devkit import ApiServer

        with ApiServer() as server, server.client() as client:
            server.simulate()
            for spec, field in (
                ("text", "spec"), (None, "spec"), ({"lowest": "1", "highest": 2}, "spec.lowest"),
                ({"highest": 2}, "spec.lowest"), ({"lowest": 3, "highest": 2}, "spec.lowest"),
            ):
                metadata = {"name": "oven", "namespace": "default"}
                try:
                    client.create({
                        "apiVersion": "acme.example.com/v1", "kind": "Gauge", "metadata": metadata, "spec": spec,
                    })
                except Invalid as error:
                    assert [cause["field"] for cause in error.causes] == [field], error.causes
                else:
                    raise AssertionError(f"{spec} was accepted")
    """)


def finish(site: FakeSite, program: list[str]) -> int:
    """Run the Python that has come together, and forget it."""
    if program:
        site.run("\n".join(program))
    count = len(program)
    program.clear()
    return count


def run_command(site: FakeSite, line: str) -> None:
    if line.startswith(NOT_RUN):
        return
    name, *arguments = shlex.split(line)
    if line.startswith("pip install -e "):
        install(site, site.root / arguments[-1].partition("[")[0])
        return
    program = {"k8s-core": ["-c", COMMAND], "pytest": ["-m", "pytest", "-q", "-p", "no:cacheprovider"]}[name]
    done = subprocess.run(
        [sys.executable, "-W", "error", *program, *arguments],
        cwd=site.root, env={**os.environ, "PYTHONPATH": str(site.root)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"


def install(site: FakeSite, project: Path) -> None:
    """What an editable installation does, and doing it again."""
    facts = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = facts["name"].replace("-", "_")
    link = site.root / package
    if not link.is_symlink():
        link.symlink_to(project / "src" / package)
    site.add(facts["name"], facts["entry-points"], requires=facts["dependencies"])
