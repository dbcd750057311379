# SPDX-License-Identifier: Apache-2.0
"""How an API server treats admission policies and their bindings; their expressions are not checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Strategy
from k8s_devkit.strategy.defaults import fill_paths

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["AdmissionPolicyBindingStrategy", "MutatingAdmissionPolicyStrategy", "ValidatingAdmissionPolicyStrategy"]


class MutatingAdmissionPolicyStrategy(Strategy):
    """MutatingAdmissionPolicy."""

    unconditional_update = False
    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"spec.failurePolicy": "Fail", **_matching("spec.matchConstraints")})


class ValidatingAdmissionPolicyStrategy(MutatingAdmissionPolicyStrategy):
    """ValidatingAdmissionPolicy, which has a status."""

    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")


class AdmissionPolicyBindingStrategy(Strategy):
    """ValidatingAdmissionPolicyBinding and MutatingAdmissionPolicyBinding."""

    unconditional_update = False
    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, _matching("spec.matchResources"))


def _matching(path: str) -> Document:
    """The defaults of MatchResources."""
    return {
        f"{path}.matchPolicy": "Equivalent",
        f"{path}.namespaceSelector": {},
        f"{path}.objectSelector": {},
        f"{path}.resourceRules[].scope": "*",
        f"{path}.excludeResourceRules[].scope": "*",
    }
