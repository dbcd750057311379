# SPDX-License-Identifier: Apache-2.0
"""Role bindings."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.rbac import v1 as rbac

__all__ = ["ObjectMeta", "RoleBinding", "RoleRef", "Subject"]


class RoleRef(Model, rbac.RoleRef):
    """The role that is granted."""


class Subject(Model, rbac.Subject):
    """A user, group or service account."""


class RoleBinding(Model, rbac.RoleBinding):
    """Grants a role within a namespace."""

    metadata = Field(ObjectMeta)
    roleRef = Field(RoleRef)
    subjects = ListField(Subject)
