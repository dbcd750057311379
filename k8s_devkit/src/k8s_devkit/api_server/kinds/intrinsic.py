# SPDX-License-Identifier: Apache-2.0
"""The kinds that the server cannot do without, served even if no plugin brings a class for them."""

from __future__ import annotations

from k8s_core.kinds import APIResource, Scope

__all__ = ["INTRINSIC_KINDS"]

INTRINSIC_KINDS: tuple[APIResource, ...] = (
    APIResource(
        "",
        "v1",
        "Namespace",
        "namespaces",
        "namespace",
        Scope.CLUSTER,
        ("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subresources={"status": "", "finalize": ""},
    ),
    APIResource(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "customresourcedefinition",
        Scope.CLUSTER,
        ("crd", "crds"),
        ("api-extensions",),
        subresources={"status": ""},
    ),
)
