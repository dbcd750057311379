# SPDX-License-Identifier: Apache-2.0
"""Writes the code of a documentation page as Python modules, for type checkers.

Each line of a module has the number that it has in the page, so the way back needs no map. A Python block with
``title="file.py"`` goes into a module of its own; everything else on the page goes into one.
"""

from __future__ import annotations

import doctest
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from doc_pages import blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doc_pages import Block

__all__ = ["module_name", "write_modules"]

_COMMAND = "from k8s_core.cli import main; main()"
_TYPE_ERROR = re.compile(r"(?:\w+\.)*(?:AttributeError|TypeError|FieldTypeError|ValidationError):")


def module_name(page: Path) -> str:
    """The name of the module that has the code of a page, but for its blocks with a title."""
    return re.sub(r"\W", "_", f"page_{page.stem}")


def write_modules(page: Path, folder: Path, first_line: str) -> None:
    """Write the modules of a page, and what programs of the page generate.

    Args:
        page: the Markdown file.
        folder: an empty one: the working directory of the page's programs, and the root of its imports.
        first_line: the code that the page does not show, in the place of its heading.
    """
    page_module = f"{module_name(page)}.py"
    modules = {page_module: [first_line]}
    for block in blocks_of(page):
        title = (block.title or "").removeprefix("add to ")
        if block.language in ("python", "pycon"):
            lines = modules.setdefault(title or page_module, [])
            lines += [""] * (block.line - 1 - len(lines))
            lines += _statements(block) if block.language == "pycon" else block.code.splitlines()
            _write(folder / (title or page_module), "\n".join(lines) + "\n")
        elif title:
            _write(folder / title, block.code)
        for arguments in _generators(block):
            subprocess.run([sys.executable, *arguments], cwd=folder, check=True)


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")


def _statements(block: Block) -> list[str]:
    """The lines behind the prompts, without those that the page shows to be refused for a name or a type."""
    lines = [""] * len(block.code.splitlines())
    for example in doctest.DocTestParser().get_examples(block.code):
        if not _TYPE_ERROR.match(example.exc_msg or ""):
            source = example.source.splitlines()
            lines[example.lineno : example.lineno + len(source)] = source
    return lines


def _generators(block: Block) -> Iterator[list[str]]:
    """The arguments of Python for what the block runs to write modules that other code of the page imports."""
    if block.language == "console":
        for line in re.findall(r"^\$ k8s-core (plugin new .+)$", block.code, re.MULTILINE):
            yield ["-c", _COMMAND, *shlex.split(line)]
    elif "import apply_changes" in block.code:
        yield ["-c", block.code]
