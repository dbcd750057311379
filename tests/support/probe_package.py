# SPDX-License-Identifier: Apache-2.0
"""A small plugin package with one kind, for tests of the plugin check: sound, and easy to break."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fake_site import FakeSite

    from k8s_devkit.plugin_checks.report import Finding, PluginCheckReport

__all__ = ["CLASSES", "INIT", "PINNED", "SERVER", "install", "install_served", "strategy", "the_finding"]

PINNED = ("k8s-core>=0.1,<0.2",)
INIT = """
from k8s_core.plugins import hookimpl

@hookimpl
def k8s_register_kinds(registrar):
    registrar.add_kind("probe.example.com/v1", "Probe", "probepkg.v1:Probe", plural="probes", short_names=("pr",))
"""
CLASSES = """
from k8s_core.model import ABSENT, Model, Resource, field

class ProbeSpec(Model):
    size: int = field(minimum=1)
    colour: str | None = None

class Probe(
    Resource, group="probe.example.com", version="v1", plural="probes", short_names=("pr",), subresources={"status": ""}
):
    spec: ProbeSpec
    status: ProbeSpec = ABSENT
"""
SERVER = """
from k8s_core import hookimpl
from k8s_devkit import CustomStrategy, Problems

@hookimpl
def k8s_serve_kinds(registrar):
    registrar.add_strategy("probe.example.com/v1", "Probe", "probepkg.server:ProbeStrategy")

"""


def strategy(methods: str, base: str = "CustomStrategy") -> str:
    """The module of a server side whose strategy has some methods."""
    return f"{SERVER}class ProbeStrategy({base}):\n{indent(dedent(methods).strip(), '    ')}\n"


def install(
    site: FakeSite, init: str = INIT, classes: str = CLASSES, requires: tuple[str, ...] = PINNED, **files: str
) -> None:
    """Install the package; ``files`` are more YAML files, ``a__b`` is ``a/b.yaml``."""
    sources = {"probepkg/__init__.py": init, "probepkg/v1.py": classes}
    sources |= {f"probepkg/{name.replace('__', '/')}.yaml": text for name, text in files.items()}
    site.add("k8s-probe", {"k8s_core.kinds": {"probe.example.com": "probepkg"}}, sources, requires=requires)


def install_served(
    site: FakeSite, server: str, entry: str | None = "probe.example.com", classes: str = CLASSES
) -> None:
    """Install the package with a server side, and with an entry point for it if that has a name."""
    points = {"k8s_core.kinds": {"probe.example.com": "probepkg"}}
    if entry is not None:
        points["k8s_core.servers"] = {entry: "probepkg.server"}
    sources = {"probepkg/__init__.py": INIT, "probepkg/v1.py": classes, "probepkg/server.py": server}
    site.add("k8s-probe", points, sources, requires=PINNED)


def the_finding(report: PluginCheckReport, check: str) -> Finding:
    """The only finding of a check."""
    (finding,) = [each for each in report.findings if each.check == check]
    return finding
