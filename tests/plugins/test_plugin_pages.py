# SPDX-License-Identifier: Apache-2.0
"""The code of the pages about plugins runs: titled blocks are files of a package, the others one program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import FakeSite

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("reference/hooks.md", "how-to/write-a-plugin.md")
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_the_page_runs(site: FakeSite, page: str) -> None:
    program = []
    for language, title, code in BLOCK.findall((DOCS / page).read_text()):
        if language == "toml":
            document = tomllib.loads(code)
            if "name" in document.get("project", {}):
                site.add(document["project"]["name"], document["project"]["entry-points"])
        elif title:
            path = site.root / title
            path.parent.mkdir(exist_ok=True)
            path.write_text(code)
        elif language == "python":
            program.append(code)
    assert program
    site.run("\n".join(program))
