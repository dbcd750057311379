# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of the legacy group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.core.server"
_TABLES = "k8s_plugins_builtin._server_tables.tables:TableStrategy"
_SIMULATED = "k8s_plugins_builtin._server_tables.tables:SimulatedTableStrategy"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register the strategies of this API group."""
    registrar.add_object("k8s_plugins_builtin.core.server.initial:KUBERNETES_SERVICE")
    registrar.add_controller(
        "persistentvolumeclaims",
        "k8s_plugins_builtin.core.server.protection:StorageProtection",
        watches=[("", "persistentvolumeclaims"), ("", "persistentvolumes")],
        always=True,
    )
    registrar.add_controller(
        "serviceaccounts",
        "k8s_plugins_builtin.core.server.accounts:AccountController",
        watches=[("", "namespaces")],
    )
    registrar.add_strategy("v1", "Binding", f"{_SERVER}.pods.binding:BindingStrategy")
    registrar.add_strategy("v1", "ComponentStatus", _TABLES)
    registrar.add_strategy("v1", "ConfigMap", _TABLES)
    registrar.add_strategy("v1", "Endpoints", _TABLES)
    registrar.add_strategy("v1", "Event", _TABLES)
    registrar.add_strategy("v1", "LimitRange", _TABLES)
    registrar.add_strategy("v1", "Node", _TABLES)
    registrar.add_strategy("v1", "NodeProxyOptions", _TABLES)
    registrar.add_strategy("v1", "PersistentVolume", _TABLES)
    registrar.add_strategy("v1", "PersistentVolumeClaim", _SIMULATED)
    registrar.add_strategy("v1", "Pod", f"{_SERVER}.pods.strategy:PodStrategy")
    registrar.add_strategy("v1", "PodTemplate", f"{_SERVER}.pod_template:PodTemplateStrategy")
    registrar.add_strategy(
        "v1",
        "ReplicationController",
        f"{_SERVER}.replication_controller:ReplicationControllerStrategy",
    )
    registrar.add_strategy("v1", "ResourceQuota", _TABLES)
    registrar.add_strategy("v1", "Secret", _TABLES)
    registrar.add_strategy("v1", "Service", _TABLES)
    registrar.add_strategy("v1", "ServiceAccount", _TABLES)
    registrar.add_strategy("v1", "ServiceProxyOptions", _TABLES)
