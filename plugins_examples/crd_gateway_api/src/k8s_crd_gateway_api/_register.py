# SPDX-License-Identifier: Apache-2.0
"""What the package registers besides its kinds. Written by hand; the generated hook calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_core import KindRegistrar

__all__ = ["register_more"]


def register_more(registrar: KindRegistrar) -> None:
    """File the converters: ``grant.to("v1")``."""
    group = "gateway.networking.k8s.io"
    registrar.add_converter(f"{group}/v1beta1", "ReferenceGrant", "v1", "k8s_crd_gateway_api.convert:unchanged")
    registrar.add_converter(f"{group}/v1", "ReferenceGrant", "v1beta1", "k8s_crd_gateway_api.convert:unchanged")
