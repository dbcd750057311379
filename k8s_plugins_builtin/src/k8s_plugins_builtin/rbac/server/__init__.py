# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of rbac.authorization.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.rbac.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("rbac.authorization.k8s.io", 17000)
    registrar.add_types("rbac", "k8s_plugins_builtin.rbac.server:types.txt")
    registrar.add_authorizer("RBAC", f"{_SERVER}.authorizer:RbacAuthorizer")
    registrar.add_controller(
        "clusterroles",
        f"{_SERVER}.aggregation:AggregationController",
        watches=[("rbac.authorization.k8s.io", "clusterroles")],
    )
    for module, kind in (
        ("bindings", "ClusterRoleBinding"),
        ("bindings", "RoleBinding"),
        ("roles", "ClusterRole"),
        ("roles", "Role"),
    ):
        registrar.add_strategy("rbac.authorization.k8s.io/v1", kind, f"{_SERVER}.{module}:{kind}Strategy")
