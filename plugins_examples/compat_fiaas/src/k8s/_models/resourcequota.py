# SPDX-License-Identifier: Apache-2.0
"""Quotas."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.core import v1 as core

__all__ = [
    "BestEffort",
    "NotBestEffort",
    "NotTerminating",
    "ObjectMeta",
    "ResourceQuota",
    "ResourceQuotaSpec",
    "ResourceQuotaStatus",
    "Terminating",
]

# The scopes of a quota, under the names that fiaas/k8s has for them.
BestEffort = "BestEffort"
NotBestEffort = "NotBestEffort"
NotTerminating = "NotTerminating"
Terminating = "Terminating"


class ResourceQuotaSpec(Model, core.ResourceQuotaSpec):
    """What a namespace may use."""

    scopes = ListField(str)
    hard = Field(dict)


class ResourceQuotaStatus(Model, core.ResourceQuotaStatus):
    """What a namespace uses."""

    hard = Field(dict)
    used = Field(dict)


class ResourceQuota(Model, core.ResourceQuota):
    """The quota of a namespace."""

    metadata = Field(ObjectMeta)
    spec = Field(ResourceQuotaSpec)
    status = Field(ResourceQuotaStatus)
