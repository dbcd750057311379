# SPDX-License-Identifier: Apache-2.0
"""Runs the code of a documentation page as its reader would: block after block, in one namespace.

``python`` blocks are executed, ``pycon`` blocks are doctests, and a block with ``title="file.py"`` is a file that the
blocks after it can import or read. A block that can't run here is preceded by ``<!-- not run: reason -->``.
"""

from __future__ import annotations

import doctest
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Block", "blocks_of", "run_page"]

_FENCE = re.compile(
    r"^(?P<comment><!-- not run: (?P<reason>[^>]+) -->\n+)?"
    r"^(?P<indent> *)```(?P<language>[\w-]+)?(?P<attributes>[^\n`]*)\n(?P<code>.*?)^ *```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the line of its first code line, and its code without indentation."""

    language: str
    line: int
    code: str
    title: str | None
    reason: str | None


def blocks_of(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        indent = len(match["indent"])
        code = "".join(line[indent:] if line.strip() else "\n" for line in match["code"].splitlines(keepends=True))
        title = re.search(r'title="([^"]+)"', match["attributes"])
        line = text.count("\n", 0, match.start("code")) + 1
        yield Block(match["language"] or "", line, code, title and title[1], match["reason"])


def run_page(page: Path, namespace: dict[str, Any], folder: Path) -> int:
    """Run all blocks of a page; returns how many ran.

    Args:
        page: the Markdown file.
        namespace: the globals of the blocks; they stay for the next page of a series.
        folder: where files with a title are written; the working directory and on ``sys.path``.

    Raises:
        AssertionError: a doctest printed something else.
        Exception: whatever a block raises.
    """
    ran = 0
    for block in blocks_of(page):
        if block.title and not block.reason:
            target = folder / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.code, encoding="utf-8")
        if block.reason or block.title:
            continue
        if block.language == "python":
            # Blank lines in front, so that a traceback shows the page's own line.
            exec(compile("\n" * (block.line - 1) + block.code, str(page), "exec", dont_inherit=True), namespace)  # noqa: S102  # our own pages
            ran += 1
        elif block.language == "pycon":
            _doctest(page, block, namespace)
            ran += 1
    return ran


def _doctest(page: Path, block: Block, namespace: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, namespace, page.name, str(page), block.line - 1)
    runner = doctest.DocTestRunner(optionflags=_FLAGS, verbose=False)
    output: list[str] = []
    results = runner.run(test, out=output.append, clear_globs=False)
    namespace.update(test.globs)
    assert results.failed == 0, "".join(output)
