# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of scheduling.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("scheduling.k8s.io", 16600)
    registrar.add_types("scheduling", "k8s_plugins_builtin.scheduling.server:types.txt")
    registrar.add_strategy(
        "scheduling.k8s.io/v1",
        "PriorityClass",
        "k8s_plugins_builtin.scheduling.server.priority_class:PriorityClassStrategy",
    )
