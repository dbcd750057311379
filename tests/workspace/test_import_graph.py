# SPDX-License-Identifier: Apache-2.0
"""No cycle of modules hides in imports that stand in functions."""

from __future__ import annotations

from pathlib import Path

import import_graph
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for pattern in ("k8s_*/src", "plugins_examples/*/src") for path in sorted(ROOT.glob(pattern))]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_no_modules_import_each_other_functions_counted(source: Path) -> None:
    modules = import_graph.read_package(source)
    assert modules
    assert import_graph.largest_cycle({name: module.top | module.late for name, module in modules.items()}) == []


def test_a_cycle_through_a_function_is_found(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import two")
    (tmp_path / "two.py").write_text("def late():\n    import one")
    modules = import_graph.read_package(tmp_path)
    assert import_graph.largest_cycle({name: module.top for name, module in modules.items()}) == []
    assert set(import_graph.largest_cycle({name: m.top | m.late for name, m in modules.items()})) == {"one", "two"}
