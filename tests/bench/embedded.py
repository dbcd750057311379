# SPDX-License-Identifier: Apache-2.0
"""How fast the embedded API server is, in a fresh process: start, a fixture's worth, requests, documents."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from environments import variables
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console

SCRIPT = """
import http.client, json, sys, time
from k8s_devkit import ApiServer

path = "/api/v1/namespaces/default/configmaps"

def best(work, clock, times):
    spans = []
    for _ in range(times):
        begin = clock()
        done = work()
        spans.append(clock() - begin)
        if done is not None:
            done()
    return min(spans)

def start():
    return ApiServer().start().stop

def fixture():
    with ApiServer() as server:
        server.client()

with ApiServer() as server:
    server.seed({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "1"}})
    connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def requests():
        for _ in range(250):
            connection.request("GET", f"{path}/a")
            connection.getresponse().read()

    def documents():
        connection.request("GET", "/openapi/v2")
        connection.getresponse().read()

    first = best(documents, time.process_time, 1)
    request = best(requests, time.process_time, 8) / 250
    connection.close()
print(json.dumps([best(start, time.perf_counter, 9), best(fixture, time.perf_counter, 9), request, first]))
"""


@dataclass(frozen=True)
class Figure:
    """One measurement, in milliseconds, and what it may come to."""

    title: str
    limit: float


FIGURES = (
    Figure("start", 150),
    Figure("start, a client, stop", 15),
    Figure("one small GET, CPU of client and server together", 1),
    Figure("the first /openapi/v2, CPU", 2000),
)


def measure_embedded() -> list[dict[str, Any]]:
    """The best of several runs of each figure: what the code takes, not what the machine adds."""
    # In the environment of the checkout, which has the extra that the server needs.
    command = [sys.executable, "-c", SCRIPT]
    output = subprocess.run(command, check=True, capture_output=True, text=True, env=variables()).stdout
    return [
        {"title": figure.title, "milliseconds": seconds * 1000, "limit": figure.limit}
        for figure, seconds in zip(FIGURES, json.loads(output), strict=True)
    ]


def print_embedded(console: Console, rows: list[dict[str, Any]]) -> list[str]:
    """Print the figures; returns what missed its limit."""
    table = Table(title="the embedded API server, best of several runs", header_style="bold")
    table.add_column("what")
    table.add_column("time", justify="right")
    missed = []
    for row in rows:
        table.add_row(row["title"], f"{row['milliseconds']:.2f} ms ≤ {row['limit']:g}")
        if row["milliseconds"] > row["limit"]:
            missed.append(f"embedded server, {row['title']}: {row['milliseconds']:.2f} ms > {row['limit']:g} ms")
    console.print(table)
    return missed
