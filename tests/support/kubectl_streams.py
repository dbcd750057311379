# SPDX-License-Identifier: Apache-2.0
"""The machine's kubectl, started as a program of its own, for streams that go on while a test does something else."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Kubectl"]


class Kubectl:
    """Runs kubectl with a kubeconfig."""

    def __init__(self, kubeconfig: str, home: Path) -> None:
        config = home / "kubeconfig"
        config.write_text(kubeconfig)
        self.base = ["kubectl", f"--kubeconfig={config}", f"--cache-dir={home}/cache"]
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home)}

    def __call__(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [*self.base, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, env=self.environment, timeout=30, check=False)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*self.base, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment
        )
