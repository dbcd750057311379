# SPDX-License-Identifier: Apache-2.0
"""One virtual environment for each client, made once under ``.bench/`` from PyPI."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPETITORS = {"lightkube": "1.0.1", "kubernetes": "37.0.2", "kr8s": "0.20.15"}
SCRIPTS = {"ours": "ours", "lightkube": "lightkube_client", "kubernetes": "kubernetes_client", "kr8s": "kr8s_client"}


def environment(client: str) -> Path:
    """The Python of a client's environment, made and filled if it is not there yet."""
    if client == "ours":
        return Path(sys.executable)
    folder = ROOT / ".bench" / f"{client}-{COMPETITORS[client]}"
    python = folder / "bin/python"
    if not (folder / ".ready").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
        requirement = f"{client}=={COMPETITORS[client]}"
        subprocess.run([*uv, "pip", "install", "-q", "--python", str(python), requirement], check=True)
        (folder / ".ready").touch()
    return python
