# SPDX-License-Identifier: Apache-2.0
"""API group ``fiaas.schibsted.io``: applications that FIAAS deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_core import KindRegistrar


@hookimpl
def k8s_register_kinds(registrar: KindRegistrar) -> None:
    """File the kind; its module is imported when it is asked for."""
    registrar.add_kind(
        "fiaas.schibsted.io/v1",
        "Application",
        "k8s_crd_fiaas_application.v1:Application",
        plural="applications",
        short_names=("app", "fa"),
    )
