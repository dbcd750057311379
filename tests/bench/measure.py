# SPDX-License-Identifier: Apache-2.0
"""Runs one workload of one client in this process and prints what it cost as JSON. Standard library only."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Workload = Callable[..., Callable[[], Any]]

FIELDS_READ = 15
"""How many fields of each pod the deep read takes."""


def resident_memory() -> int:
    """Bytes of this process that are in memory now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def main(workloads: dict[str, Workload]) -> None:
    """``script WORKLOAD URL COUNT``: prepare outside the clock, run once inside, and check the result.

    A workload is a function of the server's URL and the count that returns the function to measure; that one returns
    a number, which the caller compares with what it must be, so that nobody wins by not doing the work.
    """
    name, url, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    run = workloads[name](url, count)
    gc.collect()
    collector, before = gc.isenabled(), resident_memory()
    wall, cpu = time.perf_counter(), time.process_time()
    kept = run()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    gc.collect()
    result, _objects = kept if isinstance(kept, tuple) else (kept, None)
    figures = {
        "cpu": cpu,
        "wall": wall,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "grown": resident_memory() - before,
        "result": result,
        "collector_unchanged": gc.isenabled() == collector,
    }
    print(json.dumps(figures))
