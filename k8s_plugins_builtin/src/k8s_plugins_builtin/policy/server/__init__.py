# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of policy. Evictions are a subresource of pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("policy", 17100)
    registrar.add_types("policy", "k8s_plugins_builtin.policy.server:types.txt")
    registrar.add_strategy(
        "policy/v1",
        "PodDisruptionBudget",
        "k8s_plugins_builtin.policy.server.disruption_budget:DisruptionBudgetStrategy",
    )
