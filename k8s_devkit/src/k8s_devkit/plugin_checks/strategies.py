# SPDX-License-Identifier: Apache-2.0
"""The strategies and simulated controllers of a package, tried with valid and with invalid objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError
from k8s_core.registry import Registry
from k8s_devkit.plugin_checks.journal import SIMULATED, STRATEGIES, Journal
from k8s_devkit.plugin_checks.live import NO_OBJECT, SAMPLES, documents_of, expected_warnings
from k8s_devkit.plugin_checks.trial import Endless, Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s_core.model import Resource
    from k8s_core.plugins import InstalledPlugin, Plugins
    from k8s_devkit.plugin_checks.report import PluginCheckReport
    from k8s_devkit.plugin_checks.server_side import ServerSide

__all__ = ["check_strategies", "skip_strategies"]


def skip_strategies(report: PluginCheckReport, why: str) -> None:
    """Say that the two checks were left out."""
    for check in (STRATEGIES, SIMULATED):
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
    journal = Journal(report)
    journal.begin("the CRDs of the package")
    try:
        with expected_warnings(report, classes):
            trial = Trial(Registry(plugins), classes, side.strategies.keys(), journal)
            for cls in classes:
                _try_kind(report, trial, entry.package, cls)
    except Endless:
        return  # the report has it
    except KubernetesError as error:
        fix = "uninstall or block one of the packages that the message names"
        report.add(STRATEGIES, "error", entry.distribution, str(error), fix)
        return
    except Exception as error:  # noqa: BLE001  # whatever the package's code raises while a strategy is made
        journal.raised(entry.distribution, error)
        return
    report.passed(STRATEGIES, f"valid objects: {trial.valid}, invalid objects: {trial.misused}")
    if trial.simulated or side.has_controllers:
        report.passed(SIMULATED, f"objects: {trial.valid}")
    else:
        report.add(SIMULATED, "skipped", message="no strategy has a reconcile(), and no controller is registered")


def _try_kind(report: PluginCheckReport, trial: Trial, package: str, cls: type[Resource]) -> None:
    subject = str(cls.api_resource.gvk)
    documents, given = documents_of(package, cls)
    for document in documents:
        refused = trial.live(cls, document)
        if refused is None or not report.ok:
            continue
        if given:
            message = f"a sample was refused: {refused.message}"
            report.add(STRATEGIES, "error", subject, message, "correct the sample, or the rule in the strategy")
        else:
            report.add(STRATEGIES, "skipped", subject, NO_OBJECT.format(refused.message), SAMPLES)
