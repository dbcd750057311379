# SPDX-License-Identifier: Apache-2.0
"""API group ``stable.example.com``: the CronTab of the Kubernetes documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_core import KindRegistrar


@hookimpl
def k8s_register_kinds(registrar: KindRegistrar) -> None:
    """File the kinds; their module is imported when one of them is asked for."""
    registrar.add_kind(
        "stable.example.com/v1", "CronTab", "k8s_crd_crontab.v1:CronTab", plural="crontabs", short_names=("ct",)
    )
