# SPDX-License-Identifier: Apache-2.0
"""Disruption budgets."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import Condition, LabelSelector, ObjectMeta
from k8s_plugins_builtin.policy import v1 as policy

__all__ = [
    "Condition",
    "LabelSelector",
    "ObjectMeta",
    "PodDisruptionBudget",
    "PodDisruptionBudgetSpec",
    "PodDisruptionBudgetStatus",
]


class PodDisruptionBudgetSpec(Model, policy.PodDisruptionBudgetSpec):
    """How many pods of which there have to be."""

    selector = Field(LabelSelector)


class PodDisruptionBudgetStatus(Model, policy.PodDisruptionBudgetStatus):
    """How many pods there are."""

    conditions = ListField(Condition)
    disruptedPods = Field(dict)


class PodDisruptionBudget(Model, policy.PodDisruptionBudget):
    """How many pods must stay when nodes are emptied."""

    metadata = Field(ObjectMeta)
    spec = Field(PodDisruptionBudgetSpec)
    status = Field(PodDisruptionBudgetStatus)
