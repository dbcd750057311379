# SPDX-License-Identifier: Apache-2.0
"""Deployments."""

from __future__ import annotations

from k8s._model import Model
from k8s._models import common
from k8s._models._declare import Field
from k8s._models.common import ObjectMeta
from k8s._models.pod import PodTemplateSpec
from k8s_plugins_builtin.apps import v1 as apps

__all__ = [
    "Deployment",
    "DeploymentSpec",
    "DeploymentStatus",
    "DeploymentStrategy",
    "LabelSelector",
    "ObjectMeta",
    "PodTemplateSpec",
    "RollingUpdateDeployment",
]


class LabelSelector(common.LabelSelector):
    """The labels of the pods of a deployment."""


class RollingUpdateDeployment(Model, apps.RollingUpdateDeployment):
    """How many pods more or less there may be meanwhile."""


class DeploymentStrategy(Model, apps.DeploymentStrategy):
    """How old pods are replaced by new ones."""

    type = Field(str, "RollingUpdate")
    rollingUpdate = Field(RollingUpdateDeployment)


class DeploymentSpec(Model, apps.DeploymentSpec):
    """How many pods of what."""

    replicas = Field(int, 1)
    selector = Field(LabelSelector)
    template = Field(PodTemplateSpec)
    strategy = Field(DeploymentStrategy)


class DeploymentStatus(Model, apps.DeploymentStatus):
    """How far a deployment is."""


class Deployment(Model, apps.Deployment):
    """Pods of one kind, replaced step by step when they change."""

    metadata = Field(ObjectMeta)
    spec = Field(DeploymentSpec)
    status = Field(DeploymentStatus)
