# SPDX-License-Identifier: Apache-2.0
"""The kinds that the server cannot do without, served even if no plugin brings a class for them."""

from __future__ import annotations

from k8s_core.kinds import APIResource, Scope

__all__ = ["INTRINSIC_KINDS"]

_CREATE = ("create",)


def _review(group: str, kind: str, scope: Scope = Scope.CLUSTER) -> APIResource:
    return APIResource(group, "v1", kind, kind.lower() + "s", kind.lower(), scope, verbs=_CREATE)


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
        "",
        "v1",
        "ServiceAccount",
        "serviceaccounts",
        "serviceaccount",
        short_names=("sa",),
        subresources={"token": "authentication.k8s.io/v1 TokenRequest"},
    ),
    APIResource("", "v1", "ConfigMap", "configmaps", "configmap", short_names=("cm",)),
    APIResource("", "v1", "Event", "events", "event", short_names=("ev",)),
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
    _review("authentication.k8s.io", "TokenReview"),
    _review("authentication.k8s.io", "SelfSubjectReview"),
    _review("authorization.k8s.io", "LocalSubjectAccessReview", Scope.NAMESPACED),
    _review("authorization.k8s.io", "SelfSubjectAccessReview"),
    _review("authorization.k8s.io", "SelfSubjectRulesReview"),
    _review("authorization.k8s.io", "SubjectAccessReview"),
)
