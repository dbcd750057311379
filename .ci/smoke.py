# SPDX-License-Identifier: Apache-2.0
"""Tries an installed distribution in the environment of the Python that runs this; needs nothing but that.

::

    smoke.py readme NAME|README.md    run the code of the long description, in an empty folder
    smoke.py entry-points NAME        load all entry points, and hold that they are the installed ones
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from doc_pages import run_page  # reads pages with the standard library alone


def readme(source: str) -> None:
    """Run the blocks of a README that is a file, or the long description of a distribution."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(source)
        if not page.is_file():
            page = Path(folder, "README.md")
            page.write_text(distribution(source).metadata.get_payload(), encoding="utf-8")
        with contextlib.chdir(folder):
            if not run_page(page, {"__name__": "readme"}, Path(folder)):
                raise SystemExit(f"{source}: the README shows no code that runs")


def entry_points(name: str) -> None:
    """Load what the distribution offers to others."""
    for entry_point in distribution(name).entry_points:
        entry_point.load()
        module = sys.modules[entry_point.module]
        if not Path(str(module.__file__)).is_relative_to(sys.prefix):
            raise SystemExit(f"{name}: {entry_point.module} is not the installed one, but {module.__file__}")


if __name__ == "__main__":
    {"readme": readme, "entry-points": entry_points}[sys.argv[1]](sys.argv[2])
