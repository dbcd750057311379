# SPDX-License-Identifier: Apache-2.0
"""Columns of roles and their bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from k8s_plugins_builtin._columns import AGE, CREATED_AT, NAME, column, wide

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.rbac.v1 import ClusterRoleBinding, RoleBinding


def _subjects(kind: str) -> Any:
    def names(binding: RoleBinding | ClusterRoleBinding) -> str:
        subjects = [item for item in binding.subjects if item.kind == kind]
        if kind == "ServiceAccount":
            return ", ".join(f"{item.namespace or ''}/{item.name}" for item in subjects)
        return ", ".join(item.name for item in subjects)

    return names


_BINDING = (
    NAME,
    column("Role", lambda obj: f"{obj.roleRef.kind}/{obj.roleRef.name}"),
    AGE,
    wide("Users", _subjects("User")),
    wide("Groups", _subjects("Group")),
    wide("ServiceAccounts", _subjects("ServiceAccount")),
)


class RoleBehaviour:
    """Columns of a Role."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, CREATED_AT)


class ClusterRoleBehaviour:
    """Columns of a ClusterRole."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, CREATED_AT)


class RoleBindingBehaviour:
    """Columns of a RoleBinding."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = _BINDING


class ClusterRoleBindingBehaviour:
    """Columns of a ClusterRoleBinding."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = _BINDING
