# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.apps.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("apps", 17900)
    registrar.add_types("apps", "k8s_plugins_builtin.apps.server:types.txt")
    registrar.add_strategy("apps/v1", "ControllerRevision", f"{_SERVER}.controller_revision:ControllerRevisionStrategy")
    registrar.add_strategy("apps/v1", "DaemonSet", f"{_SERVER}.daemon_set:DaemonSetStrategy")
    registrar.add_strategy("apps/v1", "Deployment", f"{_SERVER}.deployment:DeploymentStrategy")
    registrar.add_strategy("apps/v1", "ReplicaSet", f"{_SERVER}.replica_set:ReplicaSetStrategy")
    registrar.add_strategy("apps/v1", "StatefulSet", f"{_SERVER}.stateful_set:StatefulSetStrategy")
