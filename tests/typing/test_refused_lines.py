# SPDX-License-Identifier: Apache-2.0
"""pyright reports every mistake in ``*refused.py`` and nothing else there; mypy sees to that itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
IGNORE = re.compile(r"  # (?:type|pyright): ignore\[[^]]*\](?:  # (?:type|pyright): ignore\[[^]]*\])*")
ROOT = HERE.parents[1]


@pytest.mark.timeout(180)
def test_pyright_reports_exactly_the_lines_that_are_wrong(tmp_path: Path) -> None:
    expected: dict[str, set[int]] = {}
    for file in sorted(HERE.glob("*refused.py")):
        lines = file.read_text("utf-8").splitlines()
        expected[file.name] = {number for number, line in enumerate(lines, 1) if "pyright: ignore[" in line}
        (tmp_path / file.name).write_text("\n".join(IGNORE.sub("", line) for line in lines), "utf-8")
    sources = [str(ROOT / folder) for folder in ("k8s_core/src", "k8s_plugins_builtin/src", "k8s_devkit/src")]
    settings = {"include": ["."], "typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": sources}
    settings["reportUnusedExpression"] = settings["reportUnusedVariable"] = "none"
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 1, done.stderr[-2000:] or done.stdout[-2000:]
    found: dict[str, set[int]] = {name: set() for name in expected}
    for item in json.loads(done.stdout)["generalDiagnostics"]:
        found[Path(item["file"]).name].add(item["range"]["start"]["line"] + 1)
    assert sum(map(len, expected.values())) >= 30
    assert found == expected
