# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_TABLES = "k8s_plugins_builtin._server_tables.tables:TableStrategy"
_SIMULATED = "k8s_plugins_builtin._server_tables.tables:SimulatedTableStrategy"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register the strategies of this API group."""
    registrar.set_priority("apps", 17900)
    registrar.add_strategy("apps/v1", "ControllerRevision", _TABLES)
    registrar.add_strategy("apps/v1", "DaemonSet", _SIMULATED)
    registrar.add_strategy("apps/v1", "Deployment", _SIMULATED)
    registrar.add_strategy("apps/v1", "ReplicaSet", _SIMULATED)
    registrar.add_strategy("apps/v1", "StatefulSet", _SIMULATED)
