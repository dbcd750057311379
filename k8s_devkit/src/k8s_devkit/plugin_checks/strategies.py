# SPDX-License-Identifier: Apache-2.0
"""The strategies and simulated controllers of a package, tried with valid and with invalid objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError
from k8s_core.registry import Registry
from k8s_devkit.plugin_checks.journal import Journal
from k8s_devkit.plugin_checks.live import documents_of, rules_reported_once
from k8s_devkit.plugin_checks.trial import Endless, Trial
from k8s_devkit.plugin_checks.watched import RECONCILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s_core.model import Resource
    from k8s_core.plugins import InstalledPlugin, Plugins
    from k8s_devkit.plugin_checks.report import PluginCheckReport
    from k8s_devkit.plugin_checks.server_side import ServerSide

__all__ = ["check_strategies", "skip_strategies"]

_STRATEGIES, _SIMULATED = "strategies", "simulated controllers"
_INTERNAL = 500
_SAMPLE = "put one into the package's samples/ folder, as YAML"


def skip_strategies(report: PluginCheckReport, why: str) -> None:
    """Say that the two checks were left out."""
    for check in (_STRATEGIES, _SIMULATED):
        report.add(check, "skipped", message=why)


def check_strategies(
    report: PluginCheckReport,
    plugins: Plugins,
    entry: InstalledPlugin,
    side: ServerSide,
    classes: Sequence[type[Resource]],
) -> None:
    """Valid objects live while everything is simulated, and invalid ones are refused; no method breaks its contract.

    Args:
        classes: the kinds to try.
    """
    modules = {target.partition(":")[0].partition(".")[0] for target, _ in side.strategies.values()}
    journal = Journal({entry.package, *modules})
    with rules_reported_once(report, classes):
        trial = _try(report, Registry(plugins), entry.package, side, classes, journal)
    for fault in journal.faults:
        check = _STRATEGIES if fault.method and fault.method not in RECONCILES else _SIMULATED
        report.add(check, "error", fault.subject, fault.message, fault.fix)
    if trial is None:
        skip_strategies(report, "errors above")
        return
    report.passed(_STRATEGIES, f"valid objects: {trial.valid}, invalid objects: {trial.misused}")
    if journal.calls["reconcile"] or side.has_controllers:
        report.passed(_SIMULATED, f"runs of reconcile(): {journal.calls['reconcile']}")
    elif not any(finding.check == _SIMULATED for finding in report.findings):
        report.add(_SIMULATED, "skipped", message="no strategy has a reconcile(), and no controller is registered")


def _try(
    report: PluginCheckReport,
    registry: Registry,
    package: str,
    side: ServerSide,
    classes: Sequence[type[Resource]],
    journal: Journal,
) -> Trial | None:
    """Try all kinds; None if that had to be broken off, for a reason that is in the report or in the journal."""
    journal.begin("the CRDs of the package")
    try:
        trial = Trial(registry, classes, side.strategies, journal)
        for cls in classes:
            _try_kind(report, trial, package, cls, misuse=cls.api_resource.gvk in side.strategies)
    except Endless:
        return None
    except KubernetesError as error:
        report.add(
            _STRATEGIES, "error", "", str(error), "uninstall or block one of the packages that the message names"
        )
        return None
    except Exception as error:  # noqa: BLE001  # whatever the package's code raises while a strategy is made
        journal.raised(package, error)
        return None
    return trial


def _try_kind(report: PluginCheckReport, trial: Trial, package: str, cls: type[Resource], *, misuse: bool) -> None:
    subject = str(cls.api_resource.gvk)
    documents, given = documents_of(package, cls)
    for number, document in enumerate(documents):
        refused = trial.live(cls, document)
        if misuse and number == 0:
            trial.misuse(cls, document, exists=refused is None)
        if refused is None:
            trial.end(cls, document)
        elif refused.code == _INTERNAL and trial.journal.faults:
            continue
        elif given:
            message = f"a sample was refused: {refused.message}"
            report.add(_STRATEGIES, "error", subject, message, "correct the sample, or the rule in the strategy")
        else:
            for check in (_STRATEGIES, _SIMULATED):
                message = f"no valid object could be made up: {refused.message}"
                report.add(check, "skipped", subject, message, _SAMPLE)
