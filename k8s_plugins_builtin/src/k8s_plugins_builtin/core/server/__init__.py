# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of the legacy group."""

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
    registrar.add_strategy("v1", "Binding", _TABLES)
    registrar.add_strategy("v1", "ComponentStatus", "k8s_devkit.strategy:Strategy")
    registrar.add_strategy("v1", "ConfigMap", "k8s_plugins_builtin.core.server.configuration:ConfigMapStrategy")
    registrar.add_strategy("v1", "Endpoints", "k8s_plugins_builtin.core.server.endpoints:EndpointsStrategy")
    registrar.add_strategy("v1", "Event", "k8s_plugins_builtin.core.server.events:EventStrategy")
    registrar.add_strategy("v1", "LimitRange", "k8s_plugins_builtin.core.server.limit_ranges:LimitRangeStrategy")
    registrar.add_strategy("v1", "Node", "k8s_plugins_builtin.core.server.nodes:NodeStrategy")
    registrar.add_strategy("v1", "PersistentVolume", _TABLES)
    registrar.add_strategy("v1", "PersistentVolumeClaim", _SIMULATED)
    registrar.add_strategy("v1", "Pod", _SIMULATED)
    registrar.add_strategy("v1", "PodAttachOptions", _TABLES)
    registrar.add_strategy("v1", "PodExecOptions", _TABLES)
    registrar.add_strategy("v1", "PodPortForwardOptions", _TABLES)
    registrar.add_strategy("v1", "PodProxyOptions", _TABLES)
    registrar.add_strategy("v1", "PodTemplate", _TABLES)
    registrar.add_strategy("v1", "ReplicationController", _TABLES)
    registrar.add_strategy(
        "v1", "ResourceQuota", "k8s_plugins_builtin.core.server.resource_quotas:ResourceQuotaStrategy"
    )
    registrar.add_strategy("v1", "Secret", "k8s_plugins_builtin.core.server.configuration:SecretStrategy")
    registrar.add_strategy("v1", "Service", "k8s_plugins_builtin.core.server.services:ServiceStrategy")
    registrar.add_strategy("v1", "ServiceAccount", _TABLES)
