# SPDX-License-Identifier: Apache-2.0
"""The server side of a package: what it registers, and whether an API server finds it and can use it."""

from __future__ import annotations

import ast
import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_core.errors import KubernetesError
from k8s_core.errors.hints import did_you_mean
from k8s_core.plugins import declare_hooks
from k8s_devkit.api_server.custom.strategy import CustomStrategy
from k8s_devkit.api_server.kinds.intrinsic import INTRINSIC_KINDS
from k8s_devkit.api_server.kinds.servers import import_target
from k8s_devkit.strategy import hooks
from k8s_devkit.strategy.controllers import Controller
from k8s_devkit.strategy.registrar import ServerRegistrar
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from k8s_core.kinds import GroupVersionKind
    from k8s_core.plugins import InstalledPlugin, Plugins
    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = ["HOOK", "ServerSide", "check_server_side", "load_server_side"]

HOOK = "k8s_serve_kinds"
_WHAT = "server side"
_TABLE = f'[project.entry-points."{hooks.SERVERS_GROUP}"]'


@dataclass(slots=True)
class ServerSide:
    """What a package registers with `k8s_serve_kinds`.

    Attributes:
        entries: its entry points of ``k8s_core.servers``.
        registered: what the hook registered, for each entry point that could be loaded.
    """

    entries: tuple[InstalledPlugin, ...]
    registered: list[tuple[InstalledPlugin, ServerRegistrar]] = field(default_factory=list)

    @property
    def strategies(self) -> dict[GroupVersionKind, tuple[str, ServerRegistrar]]:
        """The import string of each kind's strategy, and by what it was registered."""
        return {
            gvk: (target, registrar) for _, registrar in self.registered for gvk, target in registrar.strategies.items()
        }

    @property
    def has_controllers(self) -> bool:
        """A controller is registered that no strategy has."""
        return any(registrar.controllers for _, registrar in self.registered)


def load_server_side(report: PluginCheckReport, plugins: Plugins, entries: Sequence[InstalledPlugin]) -> ServerSide:
    """Import the modules of a package's entry points of ``k8s_core.servers``, and call the hook in each.

    Other packages are left alone, so that a broken one does not matter here.
    """
    side = ServerSide(tuple(entry for entry in entries if entry.group == hooks.SERVERS_GROUP))
    mine = entries[0].distribution
    others = {row.distribution for row in plugins.report() if row.distribution != mine}
    group = declare_hooks(hooks.SERVERS_GROUP, hooks, block=others)
    for entry in side.entries:
        try:
            side.registered += [(entry, found) for found in group.collect(HOOK, entry.name, ServerRegistrar)]
        except KubernetesError as error:
            report.add(
                _WHAT, "error", entry.name, str(error), f"make {entry.value} import, and {HOOK} run without errors"
            )
    return side


def check_server_side(
    report: PluginCheckReport, plugins: Plugins, package: str, side: ServerSide, custom: Collection[GroupVersionKind]
) -> None:
    """A server finds what a package registers, and can use it.

    Args:
        package: the Python package, whose files are searched for a hook that no entry point names.
        custom: the kinds that are served as those of CRDs.
    """
    for module, marked in _hooks_without_entry_point(package, side):
        message = f"defines {HOOK}, but no entry point of {hooks.SERVERS_GROUP} names it: no server loads it"
        groups = sorted({kind.gvk.group for kind in plugins.kinds_of_package(package)}) or ["example.com"]
        fix = f'add {_TABLE} with "{groups[0]}" = "{module}" to pyproject.toml, and install the package again'
        report.add(_WHAT, "error", module, message, fix if marked else f"mark it with @hookimpl, and {fix}")
    for entry, registrar in side.registered:
        _check_entry_point(report, plugins, side, entry, registrar)
    for gvk, (target, registrar) in side.strategies.items():
        _check_class(report, registrar, str(gvk), target, CustomStrategy if gvk in custom else Strategy)
    for _, registrar in side.registered:
        for controller in registrar.controllers:
            _check_class(report, registrar, f"controller {controller.name}", controller.target, Controller)
        for target in registrar.objects:
            _check_object(report, registrar, target)
    if side.registered:
        report.passed(_WHAT, f"strategies: {len(side.strategies)}")
    elif plugins.kinds_of_package(package) and not any(finding.check == _WHAT for finding in report.findings):
        report.add(_WHAT, "skipped", message=f"the package has no entry point of {hooks.SERVERS_GROUP}")


def _check_entry_point(
    report: PluginCheckReport, plugins: Plugins, side: ServerSide, entry: InstalledPlugin, registrar: ServerRegistrar
) -> None:
    """It is named after an API group, and what it registers strategies for are kinds of that group."""
    groups = {*plugins.groups(), *(resource.group for resource in INTRINSIC_KINDS)}
    if entry.api_group not in groups:
        message = f"no installed package has kinds of API group {entry.name!r}: no server asks for this entry point"
        hint = did_you_mean(entry.name, groups)
        fix = f"name the entry point after the API group of the kinds, in {_TABLE} of pyproject.toml"
        report.add(_WHAT, "error", f"entry point {entry.name}", message + hint, fix)
        return
    for gvk in registrar.strategies:
        known = _kinds_of_group(plugins, gvk.group)
        if known is not None and gvk not in known:
            others = known | (_kinds_of_group(plugins, entry.api_group) or set())
            hint = did_you_mean(str(gvk), [str(other) for other in others])
            message = f"no installed package has this kind: no server asks for its strategy{hint}"
            fix = "correct the API version and the kind in add_strategy(), or register the kind with add_kind()"
            report.add(_WHAT, "error", str(gvk), message, fix)
        elif not any(gvk in other.strategies for where, other in side.registered if where.api_group == gvk.group):
            name = gvk.group or "core"
            message = f"registered from the entry point {entry.name!r}: servers look for it in one named {name!r}"
            report.add(_WHAT, "error", str(gvk), message, f'add "{name}" = "{entry.value}" to {_TABLE}')


def _kinds_of_group(plugins: Plugins, group: str) -> set[GroupVersionKind] | None:
    """The kinds of an API group that any installed package has; None if one of them is broken."""
    try:
        declared = {kind.gvk for kind in plugins.declared_kinds(group)}
    except KubernetesError:
        return None
    return declared | {resource.gvk for resource in INTRINSIC_KINDS if resource.group == group}


def _check_class(
    report: PluginCheckReport, registrar: ServerRegistrar, subject: str, target: str, wanted: type
) -> None:
    found = _imported(report, registrar, subject, target)
    if found is not None and not (isinstance(found, type) and issubclass(found, wanted)):
        message = f"{target} is not a subclass of {wanted.__name__}"
        report.add(_WHAT, "error", subject, message, f"derive it from k8s_devkit.{wanted.__name__}")


def _check_object(report: PluginCheckReport, registrar: ServerRegistrar, target: str) -> None:
    found = _imported(report, registrar, target, target)
    if found is not None and not (isinstance(found, dict) and {"apiVersion", "kind", "metadata"} <= found.keys()):
        fix = "make it a dict with apiVersion, kind and metadata"
        report.add(_WHAT, "error", target, "is not a Kubernetes object", fix)


def _imported(report: PluginCheckReport, registrar: ServerRegistrar, subject: str, target: str) -> Any:
    try:
        return import_target(target, registrar)
    except KubernetesError as error:
        report.add(_WHAT, "error", subject, str(error), "correct the import string, or the module that it names")
        return None


def _hooks_without_entry_point(package: str, side: ServerSide) -> Iterator[tuple[str, bool]]:
    """Modules of a package that define the hook in vain, and whether they mark it. Imports none of them."""
    named = {entry.value.partition(":")[0].strip() for entry in side.entries}
    for module in [sys.modules[name] for name in named if name in sys.modules]:
        named.add(getattr(getattr(module, HOOK, None), "__module__", ""))  # it may come from another module
    for module_name, file in _modules_of(package):
        if module_name in named:
            continue
        for node in _statements(file):
            if isinstance(node, ast.FunctionDef) and node.name == HOOK:
                yield module_name, any("hookimpl" in ast.unparse(mark) for mark in node.decorator_list)


def _statements(file: Path) -> list[ast.stmt]:
    """The statements of a module that mentions the hook; none of one that is not valid Python."""
    try:
        text = file.read_text(encoding="utf-8")
        return ast.parse(text).body if HOOK in text else []
    except (SyntaxError, ValueError):
        return []


def _modules_of(package: str) -> Iterator[tuple[str, Path]]:
    """The modules of a top-level package by name, with their files."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        return
    if spec.submodule_search_locations is None:
        yield package, Path(spec.origin or "")
        return
    for folder in map(Path, spec.submodule_search_locations):
        for file in sorted(folder.rglob("*.py")):
            parts = file.relative_to(folder).with_suffix("").parts
            yield ".".join([package, *(part for part in parts if part != "__init__")]), file
