# SPDX-License-Identifier: Apache-2.0
"""Pages that install a package run in a process of their own: titled blocks are its files, the others one program."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from doc_pages import blocks_of

if TYPE_CHECKING:
    from fake_site import FakeSite

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "project.entry-points" in page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_the_page_runs(site: FakeSite, page: Path) -> None:
    program = []
    for block in blocks_of(page):
        if block.reason:
            continue
        if block.language == "toml":
            document = tomllib.loads(block.code)
            if "name" in document.get("project", {}):
                site.add(document["project"]["name"], document["project"]["entry-points"])
        elif block.title:
            path = site.root / block.title
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.code, encoding="utf-8")
        elif block.language == "python":
            program.append(block.code)
    assert program
    site.run("\n".join(program))
