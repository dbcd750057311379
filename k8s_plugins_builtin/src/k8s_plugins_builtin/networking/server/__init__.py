# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of networking.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.networking.server"
_ORDINARY = "k8s_devkit.strategy:Strategy"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("networking.k8s.io", 17200)
    registrar.add_types("networking", "k8s_plugins_builtin.networking.server:types.txt")
    registrar.add_strategy("networking.k8s.io/v1", "IPAddress", _ORDINARY)
    registrar.add_strategy("networking.k8s.io/v1", "Ingress", f"{_SERVER}.ingress:IngressStrategy")
    registrar.add_strategy("networking.k8s.io/v1", "IngressClass", f"{_SERVER}.ingress:IngressClassStrategy")
    registrar.add_strategy("networking.k8s.io/v1", "NetworkPolicy", f"{_SERVER}.network_policy:NetworkPolicyStrategy")
    registrar.add_strategy("networking.k8s.io/v1", "ServiceCIDR", _ORDINARY)
