# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of authorization.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_REVIEWS = "k8s_plugins_builtin.authorization.server.reviews"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("authorization.k8s.io", 17600)
    registrar.add_types("authorization", "k8s_plugins_builtin.authorization.server:types.txt")
    for kind in (
        "LocalSubjectAccessReview",
        "SelfSubjectAccessReview",
        "SelfSubjectRulesReview",
        "SubjectAccessReview",
    ):
        registrar.add_strategy("authorization.k8s.io/v1", kind, f"{_REVIEWS}:{kind}Strategy")
