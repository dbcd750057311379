# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of autoscaling. A Scale is a subresource of other kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.autoscaling.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("autoscaling", 17500)
    registrar.add_types("autoscaling", "k8s_plugins_builtin.autoscaling.server:types.txt")
    registrar.add_strategy(
        "autoscaling/v2", "HorizontalPodAutoscaler", f"{_SERVER}.autoscaler:HorizontalPodAutoscalerStrategy"
    )
    registrar.add_strategy(
        "autoscaling/v1", "HorizontalPodAutoscaler", f"{_SERVER}.autoscaler_v1:HorizontalPodAutoscalerV1Strategy"
    )
