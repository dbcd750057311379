# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of coordination.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("coordination.k8s.io", 16500)
    registrar.add_types("coordination", "k8s_plugins_builtin.coordination.server:types.txt")
    registrar.add_strategy(
        "coordination.k8s.io/v1", "Lease", "k8s_plugins_builtin.coordination.server.lease:LeaseStrategy"
    )
