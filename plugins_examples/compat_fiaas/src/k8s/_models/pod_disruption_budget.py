# SPDX-License-Identifier: Apache-2.0
"""Disruption budgets of policy/v1beta1, which Kubernetes 1.25 removed."""

from __future__ import annotations

from k8s._model import Model
from k8s._models import common
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta

__all__ = ["LabelSelector", "LabelSelectorRequirement", "ObjectMeta", "PodDisruptionBudget", "PodDisruptionBudgetSpec"]


class LabelSelectorRequirement(common.LabelSelectorRequirement):
    """One expression over a label."""


class LabelSelector(common.LabelSelector):
    """Labels and expressions, all of which must hold."""

    matchExpressions = ListField(LabelSelectorRequirement)


class PodDisruptionBudgetSpec(Model):
    """How many pods of which there have to be."""

    minAvailable = Field(str, alt_type=int)
    maxUnavailable = Field(str, alt_type=int)
    selector = Field(LabelSelector)


class PodDisruptionBudget(Model):
    """How many pods must stay when nodes are emptied."""

    class Meta:
        url_template = "/apis/policy/v1beta1/namespaces/{namespace}/poddisruptionbudgets/{name}"

    _replaced_by = "policy/v1: k8s.models.policy_v1_pod_disruption_budget"

    metadata = Field(ObjectMeta)
    spec = Field(PodDisruptionBudgetSpec)
