# SPDX-License-Identifier: Apache-2.0
"""Records what servers make of the corpus beside this file; see README.md there."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

from default_cases import FOLDER, OLDEST, load_cases, load_expected, play
from wire import Wire

from k8s_devkit import ControlPlane

if TYPE_CHECKING:
    from k8s_core import Client

Json = dict[str, Any]


def numbers(version: str) -> tuple[int, ...]:
    """``v1.20.2`` -> (1, 20)."""
    return tuple(int(part) for part in version.lstrip("v").split(".")[:2])


def answers(client: Client, version: str) -> dict[str, list[Json]]:
    """What a server makes of all cases that are not too new for it."""
    namespace = f"t-{uuid.uuid4().hex[:12]}"
    wire = Wire(client, namespace)
    wire.ok("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    cases = [case for case in load_cases() if not case.since or numbers(case.since) <= numbers(version)]
    return {case.name: play(case, wire) for case in cases}


def record() -> None:
    """Write the file of the real server of KUBEBUILDER_ASSETS."""
    with ControlPlane(start_timeout=120) as running, running.client() as client:
        version = ".".join(str(number) for number in numbers(running.version))
        found = answers(client, running.version)
    oldest = load_expected(OLDEST)
    if version != OLDEST:
        found = {name: answer for name, answer in found.items() if oldest.get(name) != answer}
    path = FOLDER / f"expected-{version}.json"
    path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(found)} cases in {path}\n")


if __name__ == "__main__":
    record()
