# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("batch", 17400)
    registrar.add_types("batch", "k8s_plugins_builtin.batch.server:types.txt")
    registrar.add_strategy("batch/v1", "CronJob", "k8s_plugins_builtin.batch.server.cron_job:CronJobStrategy")
    registrar.add_strategy("batch/v1", "Job", "k8s_plugins_builtin.batch.server.job:JobStrategy")
