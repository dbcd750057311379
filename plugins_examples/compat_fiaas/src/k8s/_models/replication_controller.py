# SPDX-License-Identifier: Apache-2.0
"""Replication controllers."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field
from k8s._models.common import ObjectMeta
from k8s._models.pod import PodTemplateSpec
from k8s_plugins_builtin.core import v1 as core

__all__ = ["ObjectMeta", "PodTemplateSpec", "ReplicationController", "ReplicationControllerSpec"]


class ReplicationControllerSpec(Model, core.ReplicationControllerSpec):
    """How many pods of what."""

    replicas = Field(int, 1)
    selector = Field(dict)
    template = Field(PodTemplateSpec)


class ReplicationController(Model, core.ReplicationController):
    """Keeps a number of pods."""

    metadata = Field(ObjectMeta)
    spec = Field(ReplicationControllerSpec)
