# SPDX-License-Identifier: Apache-2.0
"""pyright has nothing to say about any code block of README and docs (house rule 10).

A test and not a part of ``make check``, since it shares the extraction of blocks with the tests that run them, and the
modules that pages have generated.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import blocks_of
from page_modules import module_name, write_modules

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    page
    for pattern in ("README.md", "k8s_*/README.md", "plugins_examples/*/README.md", "docs/**/*.md")
    for page in sorted(ROOT.glob(pattern))
    if any(block.language in ("python", "pycon") for block in blocks_of(page))
]
SETTINGS: dict[str, object] = {
    "typeCheckingMode": "strict",
    "pythonVersion": "3.11",
    # Examples stay short without an annotation of each parameter, and show values and imports that they do not use.
    **dict.fromkeys(
        (
            "reportMissingParameterType",
            "reportUnknownArgumentType",
            "reportUnknownLambdaType",
            "reportUnknownMemberType",
            "reportUnknownParameterType",
            "reportUnknownVariableType",
            "reportUnusedExpression",
            "reportUnusedImport",
        ),
        "none",
    ),
}
WRONG = """# A page with mistakes

```python
from k8s_core.meta import ObjectMeta

ObjectMeta(name=1)
```

```python title="package/src/module.py"
import nothing_of_this_name
```

```pycon
>>> meta = ObjectMeta(
...     nmae="a",
... )
>>> meta.name = 1
Traceback (most recent call last):
    ...
k8s_core.errors.base.FieldTypeError: shown to be wrong, and so not checked
```
"""


@pytest.mark.timeout(180)
def test_pyright_reports_the_wrong_page_and_no_other(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.md"
    wrong.write_text(WRONG, "utf-8")
    assert len(PAGES) > 40
    folders = {tmp_path / "wrong": wrong}
    folders |= {tmp_path / page.relative_to(ROOT).with_suffix(""): page for page in PAGES}
    environments: list[dict[str, object]] = []
    chapter: Path | None = None
    for folder, page in folders.items():
        paths, first_line = [], ""
        if page.match("docs/tutorial/[0-9]-*.md"):  # the chapters are one program
            if chapter:
                paths, first_line = [str(chapter)], f"from {module_name(folders[chapter])} import *"
            chapter = folder
        elif page.is_relative_to(ROOT / "docs"):
            first_line = "import k8s_devkit; server = k8s_devkit.ApiServer()"  # as test_pages.py has it
        write_modules(page, folder, first_line)
        paths += [str(path) for path in folder.glob("**/src")]
        environments.append({"root": str(folder), "extraPaths": paths})
    found: list[str] = []
    mistakes: set[int] = set()
    for file, line, message in run_pyright(tmp_path, {**SETTINGS, "executionEnvironments": environments}):
        page = next(folders[folder] for folder in file.parents if folder in folders)
        if page == wrong:
            mistakes.add(line)
        else:
            found.append(f"{page.relative_to(ROOT)}:{line}: {message}")
    assert not found, "\n".join(found)
    assert mistakes == {6, 10, 15}


def run_pyright(folder: Path, settings: dict[str, object]) -> list[tuple[Path, int, str]]:
    """File, line and message of all that pyright finds in a folder."""
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode in (0, 1), done.stderr[-2000:] or done.stdout[-2000:]
    return [
        (Path(item["file"]), item["range"]["start"]["line"] + 1, item["message"])
        for item in json.loads(done.stdout)["generalDiagnostics"]
    ]
