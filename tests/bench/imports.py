# SPDX-License-Identifier: Apache-2.0
"""What importing kinds costs, and what else it loads: CPU time on top of what must be there anyway."""

from __future__ import annotations

import json
import statistics
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments import environment, variables
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

SCRIPT = """
import importlib, json, sys, time
base, module = sys.argv[1:]
importlib.import_module(base)
before, began = set(sys.modules), time.process_time()
importlib.import_module(module)
print(json.dumps([time.process_time() - began, sorted(set(sys.modules) - before)]))
"""


@dataclass(frozen=True)
class Import:
    """One import: CPU time in milliseconds that it may take on top of another, and the only group that it may load."""

    module: str
    base: str
    limit: float | None = None
    group: str = ""


IMPORTS = (
    Import("k8s_core", "sys"),
    Import("k8s_core.client", "sys"),
    Import("k8s_plugins_builtin", "k8s_core.model", group="k8s_plugins_builtin"),
    Import("k8s_plugins_builtin.core.v1", "k8s_core.model", 60, "k8s_plugins_builtin.core"),
    Import("k8s_plugins_builtin.apps.v1", "k8s_core.model", 25, "k8s_plugins_builtin.apps"),
)


def measure_imports(processes: int = 7) -> list[dict[str, Any]]:
    """The median of several fresh processes for each import; checks that no other group was loaded."""
    rows = []
    for item in IMPORTS:
        command = [str(environment("ours")), "-c", SCRIPT, item.base, item.module]
        samples, loaded = [], []
        for _ in range(processes + 1):
            output = subprocess.run(command, check=True, capture_output=True, text=True, env=variables()).stdout
            seconds, loaded = json.loads(output)
            samples.append(seconds * 1000)
        groups = {".".join(name.split(".")[:2]) for name in loaded if name.count(".") >= 2}
        others = {name for name in groups if name.startswith("k8s_plugins_builtin.") and name != item.group}
        assert not others, f"importing {item.module} loads {others}"
        # The first process may have had to compile.
        figure = statistics.median(samples[1:])
        rows.append({"module": item.module, "base": item.base, "milliseconds": figure, "limit": item.limit})
    return rows


def print_imports(console: Console, rows: list[dict[str, Any]]) -> list[str]:
    """Print the figures; returns what missed its limit."""
    table = Table(title="CPU time of imports, median of fresh processes", header_style="bold")
    table.add_column("import")
    table.add_column("on top of")
    table.add_column("CPU", justify="right")
    missed = []
    for row in rows:
        base = "Python" if row["base"] == "sys" else row["base"]
        limit = "" if row["limit"] is None else f" ≤ {row['limit']}"
        table.add_row(row["module"], base, f"{row['milliseconds']:.1f} ms{limit}")
        if row["limit"] is not None and row["milliseconds"] > row["limit"]:
            missed.append(f"import of {row['module']}: {row['milliseconds']:.1f} ms > {row['limit']} ms")
    console.print(table)
    return missed
