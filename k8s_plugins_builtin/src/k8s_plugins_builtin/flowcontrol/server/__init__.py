# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of flowcontrol.apiserver.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.flowcontrol.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("flowcontrol.apiserver.k8s.io", 16200)
    registrar.add_types("flowcontrol", "k8s_plugins_builtin.flowcontrol.server:types.txt")
    registrar.add_strategy("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", f"{_SERVER}.flow_schema:FlowSchemaStrategy")
    registrar.add_strategy(
        "flowcontrol.apiserver.k8s.io/v1",
        "PriorityLevelConfiguration",
        f"{_SERVER}.priority_level:PriorityLevelConfigurationStrategy",
    )
