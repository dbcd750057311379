# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of the legacy group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.core.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.add_types("core", "k8s_plugins_builtin.core.server:types.txt")
    registrar.add_object(f"{_SERVER}.initial:KUBERNETES_SERVICE")
    registrar.add_controller(
        "persistentvolumeclaims",
        f"{_SERVER}.protection:ClaimProtection",
        watches=[("", "persistentvolumeclaims")],
        always=True,
    )
    registrar.add_controller(
        "persistentvolumes",
        f"{_SERVER}.protection:VolumeProtection",
        watches=[("", "persistentvolumes")],
        always=True,
    )
    registrar.add_controller(
        "serviceaccounts",
        f"{_SERVER}.service_account:AccountController",
        watches=[("", "namespaces")],
    )
    registrar.add_strategy("v1", "Binding", f"{_SERVER}.pods.binding:BindingStrategy")
    registrar.add_strategy("v1", "ComponentStatus", f"{_SERVER}.component_status:ComponentStatusStrategy")
    registrar.add_strategy("v1", "ConfigMap", f"{_SERVER}.configuration:ConfigMapStrategy")
    registrar.add_strategy("v1", "Endpoints", f"{_SERVER}.endpoints:EndpointsStrategy")
    registrar.add_strategy("v1", "Event", f"{_SERVER}.event:EventStrategy")
    registrar.add_strategy("v1", "LimitRange", f"{_SERVER}.limit_range:LimitRangeStrategy")
    registrar.add_strategy("v1", "Node", f"{_SERVER}.node:NodeStrategy")
    registrar.add_strategy("v1", "PersistentVolume", f"{_SERVER}.persistent_volume:PersistentVolumeStrategy")
    registrar.add_strategy(
        "v1", "PersistentVolumeClaim", f"{_SERVER}.persistent_volume_claim:PersistentVolumeClaimStrategy"
    )
    registrar.add_strategy("v1", "Pod", f"{_SERVER}.pods.strategy:PodStrategy")
    registrar.add_strategy("v1", "PodTemplate", f"{_SERVER}.pod_template:PodTemplateStrategy")
    registrar.add_strategy(
        "v1", "ReplicationController", f"{_SERVER}.replication_controller:ReplicationControllerStrategy"
    )
    registrar.add_strategy("v1", "ResourceQuota", f"{_SERVER}.resource_quota:ResourceQuotaStrategy")
    registrar.add_strategy("v1", "Secret", f"{_SERVER}.configuration:SecretStrategy")
    registrar.add_strategy("v1", "Service", f"{_SERVER}.service:ServiceStrategy")
    registrar.add_strategy("v1", "ServiceAccount", f"{_SERVER}.service_account:ServiceAccountStrategy")
