# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of discovery.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.discovery.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("discovery.k8s.io", 16300)
    registrar.add_types("discovery", "k8s_plugins_builtin.discovery.server:types.txt")
    registrar.add_strategy("discovery.k8s.io/v1", "EndpointSlice", f"{_SERVER}.endpoint_slice:EndpointSliceStrategy")
