# SPDX-License-Identifier: Apache-2.0
"""The table of a benchmark run, and its files: JSON and one SVG bar chart for each workload."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

WIRE_BYTES_LIMIT = 1.25
COLOURS = {"ours": "#2563eb", "lightkube": "#f59e0b", "kubernetes": "#6b7280", "kr8s": "#10b981"}


def text(value: float, measure: str) -> str:
    """A figure with its unit."""
    return f"{value / 2**20:.1f} MiB" if measure == "grown" else f"{value:.3f} s"


def ratio(results: Mapping[str, Any], measure: str, competitor: str) -> float | None:
    """Ours divided by theirs; None if one of the two is missing."""
    if "ours" not in results or competitor not in results or not results[competitor][measure]:
        return None
    return float(results["ours"][measure] / results[competitor][measure])


def print_table(
    console: Console, workloads: Sequence[Any], results: Mapping[str, Any], versions: Mapping[str, str]
) -> list[str]:
    """Print medians and ratios; returns what missed its limit."""
    clients = [client for client in versions if any(client in row for row in results.values())]
    clients.sort(key=lambda client: client != "ours")
    table = Table(
        title="medians of CPU time (7, 13: memory; 11, 12: wall time); in brackets ours / theirs", header_style="bold"
    )
    table.add_column("workload")
    for client in clients:
        table.add_column(f"{client}\n{versions[client]}", justify="right")
    missed = []
    for workload in workloads:
        row = results[workload.name]
        cells = []
        for client in clients:
            cell = text(row[client][workload.measure], workload.measure) if client in row else "-"
            share = ratio(row, workload.measure, client)
            limit = dict(workload.limits).get(client)
            if client != "ours" and share is not None:
                good = limit is None or share <= limit
                cell += f"\n({share:.3f}" + (f" ≤ {limit}" if limit is not None and good else "")
                cell += ")" if good else f" [red]> {limit}[/red])"
                if not good:
                    missed.append(f"{workload.title} against {client}: {share:.3f} > {limit}")
            cells.append(cell)
        table.add_row(f"{workload.number}. {workload.title}", *cells)
    console.print(table)
    for workload in workloads:
        share = results[workload.name].get("ours", {}).get("per_wire_byte")
        if share is not None:
            console.print(f"{workload.title}: {share:.2f} bytes for each byte on the wire (≤ {WIRE_BYTES_LIMIT})")
            if share > WIRE_BYTES_LIMIT:
                missed.append(f"{workload.title}: {share:.2f} bytes for each byte on the wire > {WIRE_BYTES_LIMIT}")
    for line in missed:
        console.print(f"[red]missed:[/red] {line}")
    return missed


def save(
    folder: Path,
    workloads: Sequence[Any],
    results: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> None:
    """Write ``results.json`` and a plot for each workload."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {**facts, "workloads": {}}
    for workload in workloads:
        row = results[workload.name]
        ratios = {client: ratio(row, workload.measure, client) for client in row if client != "ours"}
        document["workloads"][workload.name] = {
            "number": workload.number,
            "title": workload.title,
            "measure": workload.measure,
            "limits": dict(workload.limits),
            "ratios": ratios,
            "medians": row,
        }
        (folder / f"{workload.number:02}-{workload.name}.svg").write_text(plot(workload, row), encoding="utf-8")
    (folder / "results.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def plot(workload: Any, row: Mapping[str, Any]) -> str:
    """A horizontal bar chart; bars are as long as the figure is large, so shorter is better."""
    largest = max(figures[workload.measure] for figures in row.values()) or 1
    height = 44 + 30 * len(row)
    what = {"grown": "memory", "wall": "wall time"}.get(workload.measure, "CPU time")
    title = f"{workload.number}. {workload.title} ({what}, less is better)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="640" height="{height}" fill="white"/>',
        f'<text x="12" y="22" font-weight="bold">{escape(title)}</text>',
    ]
    for index, (client, figures) in enumerate(row.items()):
        y, width = 40 + 30 * index, max(2.0, 400 * figures[workload.measure] / largest)
        label = "k8s-core" if client == "ours" else client
        parts.append(
            f'<text x="92" y="{y + 15}" text-anchor="end">{label}</text>'
            f'<rect x="100" y="{y}" width="{width:.1f}" height="20" fill="{COLOURS[client]}"/>'
            f'<text x="{106 + width:.1f}" y="{y + 15}">{text(figures[workload.measure], workload.measure)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])
