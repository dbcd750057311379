# SPDX-License-Identifier: Apache-2.0
"""Every code block of README and docs runs (house rule 10)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from doc_pages import Block, blocks_of, run_page

from k8s_core import config
from k8s_devkit import ApiServer, ControlPlane

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = sorted((ROOT / "docs/tutorial").glob("[0-9]-*.md"))
PAGES = sorted({ROOT / "README.md", *(ROOT / "docs").rglob("*.md")} - set(TUTORIAL))
PAGES = [
    page
    for page in PAGES
    if any(block.language in ("python", "pycon") for block in blocks_of(page))
    # Pages that install a package run in a process of their own: tests/plugins/test_plugin_pages.py.
    and not any(block.language == "toml" and "project.entry-points" in block.code for block in blocks_of(page))
]


def _needs(page: Path) -> list[pytest.MarkDecorator]:
    """The marks of a page that starts a control plane: it needs the real binaries."""
    if not any(block.language == "python" and "ControlPlane(" in block.code for block in blocks_of(page)):
        return []
    reason = ControlPlane.unavailable()
    return [pytest.mark.control_plane, pytest.mark.skipif(reason is not None, reason=reason or "available")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, importable, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in (getattr(sys.modules[name], "__file__", None) or ""):
            del sys.modules[name]


@pytest.mark.timeout(120)
def test_the_tutorial_runs_chapter_by_chapter(folder: Path) -> None:
    namespace: dict[str, Any] = {"__name__": "tutorial"}
    assert len(TUTORIAL) == 7
    try:
        for chapter in TUTORIAL:
            assert run_page(chapter, namespace, folder) > 0
    finally:
        if "server" in namespace:
            namespace["server"].stop()
        config.reset()


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "page", [pytest.param(page, id=str(page.relative_to(ROOT)), marks=_needs(page)) for page in PAGES]
)
def test_the_blocks_of_every_page_run(page: Path, folder: Path) -> None:
    with ApiServer() as server:
        config.api_server = server.url
        assert run_page(page, {"__name__": "page", "server": server}, folder) >= 0


@pytest.mark.parametrize("block", [block for block in blocks_of(ROOT / "README.md") if block.language == "python"])
def test_a_block_of_the_readme_needs_no_other(block: Block) -> None:
    try:
        exec(compile(block.code, "README.md", "exec", dont_inherit=True), {"__name__": "page"})  # noqa: S102  # our page
    finally:
        config.reset()


def test_a_block_that_does_not_run_says_why() -> None:
    for page in PAGES:
        for block in blocks_of(page):
            assert block.reason is None or len(block.reason.split()) >= 3, f"{page.name}:{block.line}"
