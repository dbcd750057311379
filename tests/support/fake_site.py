# SPDX-License-Identifier: Apache-2.0
"""Fake distributions: real ``.dist-info`` folders on a real ``sys.path``, read by the real importlib_metadata."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["FakeSite"]


class FakeSite:
    """A folder like site-packages. ``add`` installs into it, ``run`` starts a Python that has it on its path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(
        self,
        distribution: str,
        entry_points: Mapping[str, Mapping[str, str]],
        files: Mapping[str, str] | None = None,
        version: str = "1.0",
        requires: Iterable[str] = (),
    ) -> None:
        info = self.root / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(exist_ok=True)  # installed again
        metadata = [f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"]
        (info / "METADATA").write_text("".join([*metadata, *(f"Requires-Dist: {text}\n" for text in requires)]))
        lines = []
        for group, names in entry_points.items():
            lines += [f"[{group}]", *(f"{name} = {value}" for name, value in names.items())]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        for name, source in (files or {}).items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source))

    def add_kinds(self, distribution: str, package: str, group: str, *kinds: str, version: str = "1.0") -> None:
        """A CRD package of two modules: a thin ``__init__`` that files kinds, and ``v1`` with the classes."""
        calls = "\n".join(f'    registrar.add_kind("{group}/v1", "{kind}", "{package}.v1:{kind}")' for kind in kinds)
        init = f"from k8s_core.plugins import hookimpl\n\n@hookimpl\ndef k8s_register_kinds(registrar):\n{calls}\n"
        classes = "\n".join(
            f'class {kind}(Resource, group="{group}", version="v1", plural="{kind.lower()}s"):\n'
            "    spec: Any = ABSENT\n"
            for kind in kinds
        )
        self.add(
            distribution,
            {"k8s_core.kinds": {group: package}},
            {
                f"{package}/__init__.py": init,
                f"{package}/v1.py": f"from typing import Any\nfrom k8s_core.model import ABSENT, Resource\n\n{classes}",
            },
            version,
        )

    def imported(self) -> dict[str, Any]:
        """The modules of this site that are imported now, by name."""
        place = str(self.root)
        modules = list(sys.modules.items())
        return {name: module for name, module in modules if str(getattr(module, "__file__", "")).startswith(place)}

    def run(self, code: str, **environment: str) -> str:
        """Run a program in a new Python with this site on its path; returns what it prints. Fails if it fails."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", dedent(code)],
            # What a program writes beside itself lands here and not in the repository.
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
