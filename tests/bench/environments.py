# SPDX-License-Identifier: Apache-2.0
"""One virtual environment for each client, made once under ``.bench/`` from PyPI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPETITORS = {"lightkube": "1.0.1", "kubernetes": "37.0.2", "kr8s": "0.20.15"}
SCRIPTS = {"ours": "ours", "lightkube": "lightkube_client", "kubernetes": "kubernetes_client", "kr8s": "kr8s_client"}


def environment(client: str) -> Path:
    """The Python of a client's environment, made and filled if it is not there yet.

    Ours is installed editable, so that it is this tree, without the tools that a checkout has.
    """
    version = COMPETITORS.get(client, "editable")
    folder = ROOT / ".bench" / f"{client}-{version}"
    python = folder / "bin/python"
    if not (folder / ".ready").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
        requirements = [f"{client}=={version}"]
        if client == "ours":
            requirements = [
                "-e",
                str(ROOT / "k8s_core"),
                "-e",
                str(ROOT / "k8s_plugins_builtin"),
                "-e",
                str(ROOT / "k8s_devkit"),
            ]
        subprocess.run([*uv, "pip", "install", "-q", "--python", str(python), *requirements], check=True)
        (folder / ".ready").touch()
    return python


def variables() -> dict[str, str]:
    """The environment of measured processes: bytecode is kept and used, as an installer makes it for packages.

    Without this a ``PYTHONDONTWRITEBYTECODE`` of the shell would have the import of every client measure the compiler.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPYCACHEPREFIX": str(ROOT / ".bench/bytecode")}
