# SPDX-License-Identifier: Apache-2.0
"""Checks of a plugin package as a package: requirements, what an import costs, what a wheel holds."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import k8s_core
from k8s_core.plugins import HOOKS_GROUP, KINDS_GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from k8s_core.plugins import InstalledPlugin
    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = ["check_imports", "check_metadata", "check_wheel"]

_SLOW = 0.05  # seconds of CPU for a thin module; it takes about a hundredth of that
_HEAVY = {"marshmallow", "urllib3", "ssl", "yaml", "importlib_metadata", "k8s_core.model", "k8s_core.client"}

_PROBE = """
import json, sys, time
import k8s_core.plugins
before = set(sys.modules)
events = []
def audit(event, args):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system"):
        events.append(event)
    elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        if "__pycache__" not in str(args[0]):
            events.append("writing " + str(args[0]))
sys.addaudithook(audit)
started = time.process_time()
for name in sys.argv[1:]:
    __import__(name)
print(json.dumps([time.process_time() - started, sorted(set(sys.modules) - before), events]))
"""


def check_metadata(report: PluginCheckReport, entries: Sequence[InstalledPlugin]) -> None:
    """The requirement on k8s-core: there, with an upper bound, and fitting the core that is installed."""
    always = [text for text in entries[0].requires if "extra ==" not in text]
    requirements = [text for text in always if re.match(r"k8s[-_.]core\b", text, re.IGNORECASE)]
    fix = f'dependencies = ["k8s-core>={_series()},<{_next_series()}"] in pyproject.toml'
    if not requirements:
        report.add("version pins", "error", entries[0].distribution, "does not require k8s-core", fix)
    elif not any("<" in text or "~=" in text or "==" in text for text in requirements):
        message = f"requires {requirements[0]!r} without an upper bound: hooks may change before 1.0"
        report.add("version pins", "warning", entries[0].distribution, message, fix)
    report.passed("version pins", ", ".join(requirements))


def check_imports(report: PluginCheckReport, entries: Sequence[InstalledPlugin], targets: set[str]) -> None:
    """The modules of entry points are thin: little time and no I/O; those of kinds no models and no heavy libraries.

    Starts a Python for each of the two groups.
    """
    for group, heavy in ((KINDS_GROUP, targets | _HEAVY), (HOOKS_GROUP, set())):
        names = sorted({entry.value.partition(":")[0].strip() for entry in entries if entry.group == group})
        if names:
            _check_import(report, names, heavy)


def _check_import(report: PluginCheckReport, names: list[str], heavy: set[str]) -> None:
    subject = ", ".join(names)
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *names], capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        report.add("thin import", "error", subject, f"does not import in a new process: {last}", "make it import")
        return
    seconds, modules, events = json.loads(done.stdout.splitlines()[-1])
    for module in sorted(heavy.intersection(modules)):
        fix = "name classes as import strings ('package.v1:Kind'), and import what functions need inside of them"
        report.add("thin import", "error", subject, f"imports {module}", fix)
    for event in dict.fromkeys(events):
        report.add("thin import", "error", subject, f"does I/O when it is imported: {event}", "do it in the hook")
    if seconds > _SLOW:
        message = f"takes {seconds * 1000:.0f} ms of CPU to import"
        report.add("thin import", "warning", subject, message, "import less at the top of the module")
    report.passed("thin import", f"{len(modules)} modules, {seconds * 1000:.1f} ms of CPU")


def check_wheel(report: PluginCheckReport, entries: Sequence[InstalledPlugin], wheel: Path | None) -> None:
    """What is installed, or in a wheel: type information, entry points, and nothing beside the package."""
    package = entries[0].package
    if wheel is not None:
        with zipfile.ZipFile(wheel) as archive:
            files = archive.namelist()
    else:
        files = [str(file) for file in entries[0].files]
        if not any(file.startswith(f"{package}/") for file in files):
            report.add("wheel contents", "skipped", message="installed in editable mode; give wheel= a built wheel")
            return
    if f"{package}/py.typed" not in files:
        message = "py.typed is missing: type checkers ignore the annotations"
        report.add("wheel contents", "error", package, message, "add an empty py.typed to the package")
    top = {file.split("/")[0] for file in files if not file.startswith(("../", "/"))}
    for name in sorted(top - {package}):
        if not name.endswith((".dist-info", ".data")) and name != "__pycache__":
            message = f"{name!r} lands beside the package in site-packages"
            report.add("wheel contents", "error", package, message, "keep it out of the wheel")
    if not any(file.endswith("/entry_points.txt") for file in files):
        message = "there are no entry points: nobody will find the package"
        report.add("wheel contents", "error", package, message, 'declare [project.entry-points."k8s_core.kinds"]')
    report.passed("wheel contents", f"{len(files)} files")


def _series() -> str:
    return ".".join(k8s_core.__version__.split(".")[:2])


def _next_series() -> str:
    major, minor = (int(part) for part in k8s_core.__version__.split(".")[:2])
    return f"{major}.{minor + 1}" if major == 0 else f"{major + 1}"
