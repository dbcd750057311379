# SPDX-License-Identifier: Apache-2.0
"""``check_plugin``: one conformance kit for the authors of plugin packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError, PluginError, PluginLoadError
from k8s_core.kinds import ALL_VERBS
from k8s_core.plugins import HOOKS_GROUP, KINDS_GROUP, Plugins
from k8s_core.registry import Registry, classes_of_package
from k8s_devkit.plugin_checks.live import check_on_server
from k8s_devkit.plugin_checks.packaging import check_imports, check_metadata, check_wheel
from k8s_devkit.plugin_checks.report import Finding, PluginCheckReport
from k8s_devkit.plugin_checks.samples import check_samples
from k8s_devkit.plugin_checks.server_side import HOOK, ServerSide, check_server_side, load_server_side
from k8s_devkit.plugin_checks.static import (
    check_classes,
    check_crds,
    check_round_trip,
    check_secrets,
    check_uniqueness,
)
from k8s_devkit.plugin_checks.strategies import check_strategies, skip_strategies

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from k8s_core.kinds import APIResource
    from k8s_core.model import Resource
    from k8s_core.plugins import InstalledPlugin

__all__ = ["Finding", "PluginCheckReport", "check_plugin"]


def check_plugin(
    package: str,
    *,
    wheel: Path | None = None,
    examples: int = 50,
    live: bool = True,
    plugins: Plugins | None = None,
) -> PluginCheckReport:
    """Try everything that a plugin package promises, and say how to put right what it does not keep.

    It must be installed (``pip install -e`` will do). Starts Python processes and an embedded API server on loopback;
    takes a few seconds.

    Checked are: it loads, with hooks of the right names and arguments; importing it is cheap and does no I/O; its
    requirement on k8s-core; what its wheel holds. For kinds: no other package provides them, the classes are what was
    registered, any document survives a round trip, the CRDs that the classes make are structural and agree with those
    in the package's ``crds`` folder, fields that look like secrets are marked, and objects live on a server: create,
    get, list, replace, status, watch, delete. If the package has a server side: servers find what it registers; its
    strategies take valid objects, refuse invalid ones, and keep to what each method may do; its simulated controllers
    run and come to rest. Objects for that are made up, or taken from the package's ``samples`` folder; the classes must
    accept these samples when they load them strictly.

    Args:
        package: name of the distribution or of the Python package.
        wheel: a built wheel to look into, instead of the installed files.
        examples: documents per kind for the round trip.
        live: try the kinds on an embedded server.
        plugins: where the package is looked for; None makes a new scan.

    Raises:
        PluginError: nothing of that name is installed.
    """
    chosen = plugins or Plugins()
    entries = chosen.of_package(package)
    if not entries:
        known = ", ".join(sorted({row.distribution for row in chosen.report()})) or "none"
        raise PluginError(f"no installed plugin package is called {package!r}; installed are: {known}")
    report = PluginCheckReport(f"{entries[0].distribution} {entries[0].version}")
    check_metadata(report, entries)
    check_wheel(report, entries, wheel)
    side = _loads(report, chosen, entries)
    if side is not None:
        check_imports(report, entries, {kind.target.partition(":")[0] for kind in chosen.kinds_of_package(package)})
        entry = next((entry for entry in entries if entry.group == KINDS_GROUP), entries[0])
        custom = _check_kinds(report, chosen, package, entry, max(0, examples))
        if custom is not None:
            _check_served(report, chosen, entry, side, custom, live=live)
    return report


def _loads(report: PluginCheckReport, plugins: Plugins, entries: tuple[InstalledPlugin, ...]) -> ServerSide | None:
    """Load the hooks of a package. Returns those for servers; None if another does not load."""
    names = {(entry.group, entry.name) for entry in entries if entry.group in (KINDS_GROUP, HOOKS_GROUP)}
    hooks: set[str] = set()
    for row in plugins.report(load=True):
        if (row.group, row.name) in names and row.distribution == entries[0].distribution:
            hooks |= set(row.hooks)
            if row.state != "loaded":
                fix = "correct what the reason says; hooks and their arguments are listed in docs/reference/hooks.md"
                report.add("hooks", "error", f"{row.group} {row.name}", f"{row.state}: {row.reason}", fix)
    side = load_server_side(report, plugins, entries)
    if side.registered:
        hooks.add(HOOK)
    report.passed("hooks", ", ".join(sorted(hooks)))
    broken = any(finding.check == "hooks" and finding.state == "error" for finding in report.findings)
    return None if broken else side


def _check_kinds(
    report: PluginCheckReport, plugins: Plugins, package: str, entry: InstalledPlugin, examples: int
) -> list[type[Resource]] | None:
    """Check what needs no server. Returns the kinds that are not built into API servers; None if a class is broken."""
    if not plugins.kinds_of_package(package):
        report.add("kinds unique", "skipped", message="the package provides no kinds")
        return []
    check_uniqueness(report, plugins, package)
    try:
        classes = classes_of_package(package, plugins)
    except PluginLoadError as error:
        fix = "make the module import, and register the kind as the class line has it"
        report.add("classes", "error", package, str(error), fix)
        return None
    check_classes(report, plugins, package, classes)
    if any(finding.check == "classes" and finding.state == "error" for finding in report.findings):
        return None
    check_round_trip(report, classes, examples)
    check_samples(report, entry.package, classes)
    custom = [cls for cls in classes if _is_custom(cls.api_resource)]
    check_secrets(report, custom)
    check_crds(report, entry.package, custom)
    return custom


def _check_served(
    report: PluginCheckReport,
    plugins: Plugins,
    entry: InstalledPlugin,
    side: ServerSide,
    custom: Sequence[type[Resource]],
    *,
    live: bool,
) -> None:
    """Check the server side, and try the kinds on servers."""
    tried = [*custom, *_kinds_of_others(plugins, side, custom)]
    check_server_side(report, plugins, entry.package, side, {cls.api_resource.gvk for cls in tried})
    without = "not asked for" if not live else "the kinds are built into API servers"
    if side.entries:
        if live and tried and report.ok:
            check_strategies(report, plugins, entry, side, tried)
        else:
            skip_strategies(report, without if not live or not tried else "errors above")
    if live and custom and report.ok:
        check_on_server(report, plugins, entry.package, entry.distribution, custom)
    elif plugins.kinds_of_package(entry.distribution):
        report.add("on the server", "skipped", message=without if not live or not custom else "errors above")


def _kinds_of_others(plugins: Plugins, side: ServerSide, own: Sequence[type[Resource]]) -> list[type[Resource]]:
    """The classes of other packages that this package has strategies for."""
    registry, known = Registry(plugins), {cls.api_resource.gvk for cls in own}
    found = []
    for gvk in side.strategies:
        try:
            cls = registry.get(gvk.api_version, gvk.kind) if gvk not in known else None
        except KubernetesError:
            continue  # the check of the server side tells
        if cls is not None and _is_custom(cls.api_resource):
            found.append(cls)
    return found


def _is_custom(resource: APIResource) -> bool:
    """True for what a CRD can define: it has all verbs, and takes no strategic merge patches."""
    return resource.verbs == ALL_VERBS and not resource.strategic_merge
