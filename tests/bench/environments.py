# SPDX-License-Identifier: Apache-2.0
"""One virtual environment for each client under ``.bench/``, exactly as its lock ``requirements/bench-*.txt`` says."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = {"ours": "ours", "lightkube": "lightkube_client", "kubernetes": "kubernetes_client", "kr8s": "kr8s_client"}
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
COMPETITORS = dict(GROUPS[f"bench-{client}"][0].split("==") for client in SCRIPTS if client != "ours")


@functools.cache
def environment(client: str) -> Path:
    """The Python of a client's environment, which is made if it is not there, and renewed if its lock changed.

    Ours is installed editable, so that it is this tree, without the tools that a checkout has.
    """
    folder = ROOT / ".bench" / client
    subprocess.run([sys.executable, str(ROOT / ".ci/locks.py"), "sync", f"bench-{client}", str(folder)], check=True)
    return folder / "bin/python"


def variables() -> dict[str, str]:
    """The environment of measured processes: bytecode is kept and used, as an installer makes it for packages.

    Without this a ``PYTHONDONTWRITEBYTECODE`` of the shell would have the import of every client measure the compiler.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPYCACHEPREFIX": str(ROOT / ".bench/bytecode")}
