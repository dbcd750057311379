# SPDX-License-Identifier: Apache-2.0
"""Roles."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.rbac import v1 as rbac

__all__ = ["ObjectMeta", "PolicyRule", "Role"]


class PolicyRule(Model, rbac.PolicyRule):
    """What may be done to what."""

    apiGroups = ListField(str)
    resources = ListField(str)
    verbs = ListField(str)
    resourceNames = ListField(str)
    nonResourceURLs = ListField(str)


class Role(Model, rbac.Role):
    """Rules within a namespace."""

    metadata = Field(ObjectMeta)
    rules = ListField(PolicyRule)
