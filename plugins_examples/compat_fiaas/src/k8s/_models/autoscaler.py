# SPDX-License-Identifier: Apache-2.0
"""Autoscalers."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, RequiredField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.autoscaling import v1 as autoscaling

__all__ = ["CrossVersionObjectReference", "HorizontalPodAutoscaler", "HorizontalPodAutoscalerSpec", "ObjectMeta"]


class CrossVersionObjectReference(Model, autoscaling.CrossVersionObjectReference):
    """What is scaled."""

    kind = RequiredField(str)
    name = RequiredField(str)


class HorizontalPodAutoscalerSpec(Model, autoscaling.HorizontalPodAutoscalerSpec):
    """Between which numbers, by which load."""

    scaleTargetRef = RequiredField(CrossVersionObjectReference)
    minReplicas = Field(int, 2)
    maxReplicas = RequiredField(int)
    targetCPUUtilizationPercentage = Field(int, 50)


class HorizontalPodAutoscaler(Model, autoscaling.HorizontalPodAutoscaler):
    """Scales by load."""

    metadata = Field(ObjectMeta)
    spec = Field(HorizontalPodAutoscalerSpec)
