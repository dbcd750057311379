# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of resource.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.resource.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("resource.k8s.io", 16000)
    registrar.add_types("resource", "k8s_plugins_builtin.resource.server:types.txt")
    for kind in ("DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"):
        registrar.add_strategy("resource.k8s.io/v1", kind, f"{_SERVER}.devices:{kind}Strategy")
