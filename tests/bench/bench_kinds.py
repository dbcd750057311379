# SPDX-License-Identifier: Apache-2.0
"""CPU time of importing each module of the built-in kinds, in fresh processes, on top of ``k8s_core.meta``."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import k8s_plugins_builtin

RUNS = 5
LIMITS = {"core.v1": 60.0, "apps.v1": 25.0}
"""Milliseconds that a module may take."""

SCRIPT = """
import time
import k8s_core.meta
start = time.process_time()
import k8s_plugins_builtin.{module} as module
print((time.process_time() - start) * 1000, len(module.__all__))
"""


def import_cost(module: str) -> tuple[float, int]:
    """The best of several runs in milliseconds of CPU, and the number of classes."""
    command = [sys.executable, "-c", SCRIPT.format(module=module)]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(RUNS)]
    return min(float(cost) for cost, _ in runs), int(runs[0][1])


def test_import_cost_of_the_built_in_kinds() -> None:
    names = [
        item.name.partition(".")[2]
        for item in pkgutil.walk_packages(k8s_plugins_builtin.__path__, "k8s_plugins_builtin.")
    ]
    costs = {name: import_cost(name) for name in sorted(names) if name.rpartition(".")[2].startswith("v")}
    print(f"\n{'module':<28}{'classes':>8}{'CPU ms':>9}{'limit':>7}")
    for name, (cost, classes) in sorted(costs.items(), key=lambda item: -item[1][0]):
        print(f"{name:<28}{classes:>8}{cost:>9.1f}{LIMITS.get(name, ''):>7}")
    assert all(costs[name][0] < limit for name, limit in LIMITS.items())
