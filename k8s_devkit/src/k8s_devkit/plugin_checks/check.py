# SPDX-License-Identifier: Apache-2.0
"""``check_plugin``: one conformance kit for the authors of plugin packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import PluginError, PluginLoadError
from k8s_core.kinds import ALL_VERBS
from k8s_devkit.plugin_checks.live import check_on_server, check_simulated
from k8s_devkit.plugin_checks.packaging import check_imports, check_metadata, check_wheel
from k8s_devkit.plugin_checks.report import Finding, PluginCheckReport
from k8s_devkit.plugin_checks.server_side import check_server_side
from k8s_devkit.plugin_checks.static import (
    check_classes,
    check_crds,
    check_round_trip,
    check_secrets,
    check_uniqueness,
)

if TYPE_CHECKING:
    from pathlib import Path

    from k8s_core.kinds import APIResource
    from k8s_core.plugins import InstalledPlugin, Plugins

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
    get, list, replace, status, watch, delete. If the package has a server side, its strategies load and its simulated
    controllers run. Objects for that are made up, or taken from the package's ``samples`` folder.

    Args:
        package: name of the distribution or of the Python package.
        wheel: a built wheel to look into, instead of the installed files.
        examples: documents per kind for the round trip.
        live: try the kinds on an embedded server.
        plugins: where the package is looked for; None makes a new scan.

    Raises:
        PluginError: nothing of that name is installed.
    """
    from k8s_core.plugins import Plugins as NewPlugins

    chosen = plugins or NewPlugins()
    entries = chosen.of_package(package)
    if not entries:
        known = ", ".join(sorted({row.distribution for row in chosen.report()})) or "none"
        raise PluginError(f"no installed plugin package is called {package!r}; installed are: {known}")
    report = PluginCheckReport(f"{entries[0].distribution} {entries[0].version}")
    check_metadata(report, entries)
    check_wheel(report, entries, wheel)
    if _loads(report, chosen, entries):
        check_imports(report, entries, {kind.target.partition(":")[0] for kind in chosen.kinds_of_package(package)})
        _check_kinds(report, chosen, package, entries[0], max(0, examples), live=live)
    return report


def _loads(report: PluginCheckReport, plugins: Plugins, entries: tuple[InstalledPlugin, ...]) -> bool:
    names = {(entry.group, entry.name) for entry in entries}
    hooks: set[str] = set()
    for row in plugins.report(load=True):
        if (row.group, row.name) in names and row.distribution == entries[0].distribution:
            hooks |= set(row.hooks)
            if row.state != "loaded":
                fix = "correct what the reason says; hooks and their arguments are listed in docs/reference/hooks.md"
                report.add("hooks", "error", f"{row.group} {row.name}", f"{row.state}: {row.reason}", fix)
    report.passed("hooks", ", ".join(sorted(hooks)))
    return not any(finding.check == "hooks" and finding.state == "error" for finding in report.findings)


def _check_kinds(
    report: PluginCheckReport, plugins: Plugins, package: str, entry: InstalledPlugin, examples: int, *, live: bool
) -> None:
    from k8s_core.registry import classes_of_package

    if not plugins.kinds_of_package(package):
        report.add("kinds unique", "skipped", message="the package provides no kinds")
        return
    check_uniqueness(report, plugins, package)
    try:
        classes = classes_of_package(package, plugins)
    except PluginLoadError as error:
        report.add(
            "classes", "error", package, str(error), "make the module import, and class lines say what was filed"
        )
        return
    check_classes(report, plugins, package, classes)
    if any(finding.check == "classes" and finding.state == "error" for finding in report.findings):
        return
    check_round_trip(report, classes, examples)
    custom = [cls for cls in classes if _is_custom(cls.api_resource)]
    check_secrets(report, custom)
    check_crds(report, entry.package, custom)
    served = check_server_side(report, entry.distribution, custom)
    if live and custom and report.ok:
        check_on_server(report, plugins, entry.package, entry.distribution, custom)
        if served:
            check_simulated(report, plugins, entry.package, custom)
    else:
        why = "not asked for" if not live else "the kinds are built into API servers" if not custom else "errors above"
        report.add("on the server", "skipped", message=why)


def _is_custom(resource: APIResource) -> bool:
    """True for what a CRD can define: it has all verbs, and takes no strategic merge patches."""
    return resource.verbs == ALL_VERBS and not resource.strategic_merge
