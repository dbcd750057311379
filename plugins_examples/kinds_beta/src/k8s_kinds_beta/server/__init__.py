# SPDX-License-Identifier: Apache-2.0
"""How an API server for tests treats these versions: nearly as the later ones, which have the same objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register strategies: a server takes kinds without one for custom resources."""
    registrar.add_strategy("batch/v1beta1", "CronJob", "k8s_kinds_beta.server.cron_job:OlderCronJobStrategy")
    registrar.add_strategy(
        "policy/v1beta1",
        "PodDisruptionBudget",
        "k8s_plugins_builtin.policy.server.disruption_budget:DisruptionBudgetStrategy",
    )
