# SPDX-License-Identifier: Apache-2.0
"""``make bench``: every workload of every client in fresh processes, alternating, with ratios from this one run.

Prints a table; ``--save`` writes ``results.json`` and SVG plots into ``docs/explanation/performance/``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import platform
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import data
from embedded import measure_embedded, print_embedded
from environments import COMPETITORS, ROOT, SCRIPTS, environment, variables
from imports import measure_imports, print_imports
from measure import FIELDS_READ
from report import print_table, save
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).resolve().parent
CLIENTS = ("ours", "lightkube", "kubernetes", "kr8s")


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    ``limits`` are the ratios that we want to stay under, by competitor. ``divide`` makes a slow client do a fraction
    of the work, scaled up in the report.
    """

    number: int
    name: str
    title: str
    count: int
    measure: str = "cpu"
    limits: tuple[tuple[str, float], ...] = ()
    expected_factor: int = 1
    server: str = "raw"


WORKLOADS = (
    Workload(1, "first", "import and first object", 1, limits=(("lightkube", 0.7), ("kubernetes", 0.15)), server=""),
    Workload(2, "names", "10,000-pod list, every name", 10_000, limits=(("lightkube", 0.10), ("kubernetes", 0.02))),
    Workload(
        3,
        "deep",
        f"the same, {FIELDS_READ} fields of each pod, all alive",
        10_000,
        limits=(("lightkube", 0.7), ("kubernetes", 0.2)),
        expected_factor=FIELDS_READ,
    ),
    Workload(4, "modify", "read-modify-write, one object", 2_000, limits=(("lightkube", 1.0), ("kubernetes", 0.05))),
    Workload(5, "watch", "20,000 watch events", 20_000, limits=(("lightkube", 0.5), ("kubernetes", 0.07))),
    Workload(6, "get", "2,000 GETs, kept alive", 2_000, limits=(("lightkube", 0.7), ("kubernetes", 0.35))),
    Workload(
        7, "cache", "memory of a cache of 10,000 pods", 10_000, "grown", (("lightkube", 0.25), ("kubernetes", 0.10))
    ),
    Workload(8, "create", "10,000 objects built and encoded", 10_000),
    Workload(9, "plugins", "start-up with 50 CRD packages", 50, server=""),
    Workload(10, "pages", "10,000 objects from the embedded server, paged", 10_000, server="embedded"),
    Workload(11, "command", "1 GiB of a command's output", 1024, "wall", server="streams"),
    Workload(12, "forward", "1 GiB through a forwarded port", 1024, "wall", server="streams"),
    Workload(13, "flat", "memory of a command that writes 1 GiB", 1024, "grown", server="streams"),
)
SKIPPED = {
    ("kr8s", "watch"): "its watch ends with the connection",
    ("kr8s", "get"): "its get is a list",
    ("kr8s", "cache"): "it has none",
    ("kr8s", "create"): "objects are dicts",
    ("kr8s", "pages"): "covered by names",
    ("kr8s", "command"): "64 MiB did not end within 30 s",
    ("kr8s", "forward"): "64 MiB did not end within 30 s",
    ("kr8s", "flat"): "it keeps all output",
    ("kubernetes", "flat"): "a gigabyte of output takes it too long",
    ("lightkube", "forward"): "it has none",
    ("lightkube", "command"): "it keeps all output",
    ("lightkube", "flat"): "it keeps all output",
    **{(client, "plugins"): "no plugins" for client in COMPETITORS},
}
WARM: set[tuple[str, ...]] = set()
# kr8s takes minutes for a full list: it gets a tenth, and the report multiplies by ten.
# The official client gets 16 MiB of a command's output: 64 MiB did not end within 30 s.
SLOW = {("kr8s", "names"): 10, ("kr8s", "deep"): 10, ("kubernetes", "command"): 64}


@contextlib.contextmanager
def server(kind: str, count: int, events: int) -> Iterator[str]:
    """A server process of its own; gives its URL and stops with this block."""
    script = {"raw": "raw_server.py", "embedded": "embedded_server.py", "streams": "streams_server.py"}[kind]
    command = [sys.executable, str(HERE / script), str(count), str(events)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise SystemExit(f"{script} did not start")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.communicate()


def measure(client: str, workload: Workload, url: str, count: int) -> dict[str, float]:
    """Run one workload once in a fresh process; checks that the work was done."""
    if workload.name in ("first", "plugins"):
        return measure_process(client, workload)
    script = HERE / "clients" / f"{SCRIPTS[client]}.py"
    command = [str(environment(client)), str(script), workload.name, url, str(count)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=900, env=variables()).stdout
    figures: dict[str, Any] = json.loads(output.splitlines()[-1])
    expected = count * workload.expected_factor
    assert figures.pop("result") == expected, f"{client} did not do the work of {workload.name}: {output}"
    assert figures.pop("collector_unchanged"), f"{client} left the garbage collector changed"
    return figures


def measure_process(client: str, workload: Workload) -> dict[str, float]:
    """Measure a whole process, start-up included; an unmeasured one comes first and leaves the bytecode behind."""
    if workload.name == "first":
        command = [str(environment(client)), str(HERE / "clients/first_object.py"), client]
    else:
        command = [str(environment(client)), str(HERE / "clients/fifty_plugins.py")]
    if tuple(command) not in WARM:
        subprocess.run(command, check=True, capture_output=True, timeout=300, env=variables())
        WARM.add(tuple(command))
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300, env=variables()).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if workload.name == "plugins":
        cpu = float(output)
    return {"cpu": cpu, "wall": time.perf_counter() - wall, "peak": 0, "grown": 0}


def run(workloads: Sequence[Workload], clients: Sequence[str], rounds: int, console: Console) -> dict[str, Any]:
    """Measure everything; returns medians by workload and client."""
    results: dict[str, Any] = {}
    progress = Progress(
        TextColumn("{task.description:<48}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
    with progress:
        for workload in workloads:
            able = [client for client in clients if (client, workload.name) not in SKIPPED]
            task = progress.add_task(f"{workload.number}. {workload.title}", total=len(able) * rounds)
            results[workload.name] = one_workload(workload, able, rounds, lambda task=task: progress.advance(task))
    return results


def one_workload(workload: Workload, clients: Sequence[str], rounds: int, advance: Any) -> dict[str, Any]:
    """All rounds of one workload; the clients take turns, so that a noisy minute hits all of them."""
    samples: dict[str, list[dict[str, float]]] = {client: [] for client in clients}
    with contextlib.ExitStack() as stack:
        urls: dict[int, str] = {}
        for _ in range(rounds):
            for client in clients:
                divide = SLOW.get((client, workload.name), 1)
                count = workload.count // divide
                if workload.server and count not in urls:
                    events = count if workload.name == "watch" else 0
                    pods = 1 if workload.name in ("watch", "get") else count
                    urls[count] = stack.enter_context(server(workload.server, pods, events))
                figures = measure(client, workload, urls.get(count, ""), count)
                samples[client].append({key: value * divide for key, value in figures.items()})
                advance()
    medians = {
        client: {key: statistics.median(sample[key] for sample in taken) for key in taken[0]}
        for client, taken in samples.items()
    }
    if workload.name == "cache":
        wire = sum(map(len, data.pods(workload.count, typed=False)))
        for figures in medians.values():
            figures["per_wire_byte"] = figures["grown"] / wire
    return medians


def main() -> int:
    """Parse the options and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", help="numbers of workloads, such as 2,3", default="")
    parser.add_argument("--clients", default=",".join(CLIENTS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="write results and plots into docs/explanation/performance")
    options = parser.parse_args()
    console = Console()
    only = {int(number) for number in options.only.split(",") if number}
    workloads = [workload for workload in WORKLOADS if not only or workload.number in only]
    clients = options.clients.split(",")
    with console.status("setting up the clients' environments"):
        for client in clients:
            environment(client)
    results = run(workloads, clients, options.rounds, console)
    ours_alone = not only and "ours" in clients
    imports = measure_imports() if ours_alone else []
    embedded = measure_embedded() if ours_alone else []
    machine = {"python": platform.python_version(), "machine": platform.machine(), "rounds": options.rounds}
    missed = print_table(console, workloads, results, {**COMPETITORS, "ours": "this tree"})
    if imports:
        missed += print_imports(console, imports)
    if embedded:
        missed += print_embedded(console, embedded)
    if options.save:
        facts = {"machine": machine, "versions": COMPETITORS, "imports": imports, "embedded": embedded}
        save(ROOT / "docs/explanation/performance", workloads, results, facts)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
