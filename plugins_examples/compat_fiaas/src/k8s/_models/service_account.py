# SPDX-License-Identifier: Apache-2.0
"""Service accounts."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import LocalObjectReference, ObjectMeta, ObjectReference
from k8s_plugins_builtin.core import v1 as core

__all__ = ["LocalObjectReference", "ObjectMeta", "ServiceAccount"]


class ServiceAccount(Model, core.ServiceAccount):
    """The identity of programs in pods."""

    metadata = Field(ObjectMeta)
    imagePullSecrets = ListField(LocalObjectReference)
    secrets = ListField(ObjectReference)
