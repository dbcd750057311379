# SPDX-License-Identifier: Apache-2.0
"""How an API server for tests treats these versions: as it treats the later ones, which have the same objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register the strategies of the built-in kinds, without which a server takes these for custom resources."""
    registrar.add_strategy("batch/v1beta1", "CronJob", "k8s_plugins_builtin.batch.server.cron_job:CronJobStrategy")
    registrar.add_strategy(
        "policy/v1beta1",
        "PodDisruptionBudget",
        "k8s_plugins_builtin.policy.server.disruption_budget:DisruptionBudgetStrategy",
    )
