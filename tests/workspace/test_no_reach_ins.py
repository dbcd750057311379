# SPDX-License-Identifier: Apache-2.0
"""The wire document of a model is the business of ``k8s_core.model``: all others use the functions of its codec."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "k8s_core/src", ROOT / "k8s_devkit/src", ROOT / "k8s_plugins_builtin/src", ROOT / "plugins_examples"]
REACH_IN = re.compile(
    r"(?<!self)\.(_wire|_raw|_bind|_view|_write|_load|_encode|_adopt|_over|_specs|_hooked|_own_schema|_map_type|_sensitive"
    r"|_declarations|_model_fields)\b"
)


@pytest.mark.parametrize("folder", SOURCES, ids=lambda folder: folder.parent.name)
def test_no_module_outside_of_the_model_reaches_into_models(folder: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted(folder.rglob("*.py"))
        if "k8s_core/src/k8s_core/model" not in path.as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if REACH_IN.search(line)
    ]
    assert found == []
