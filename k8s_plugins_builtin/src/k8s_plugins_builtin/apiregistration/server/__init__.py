# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of apiregistration.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("apiregistration.k8s.io", 18000)
    registrar.add_types("apiregistration", "k8s_plugins_builtin.apiregistration.server:types.txt")
    registrar.add_strategy(
        "apiregistration.k8s.io/v1",
        "APIService",
        "k8s_plugins_builtin.apiregistration.server.api_service:APIServiceStrategy",
    )
