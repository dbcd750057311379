# SPDX-License-Identifier: Apache-2.0
"""What a CustomResourceDefinition can do besides holding its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import CREATED_AT, NAME, has_condition

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.apiextensions.v1 import CustomResourceDefinitionStatus


class CustomResourceDefinitionBehaviour:
    """Readiness and columns of a CustomResourceDefinition."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: CustomResourceDefinitionStatus

    printer_columns: ClassVar[Columns] = (NAME, CREATED_AT)

    def is_ready(self) -> bool:
        """True once its objects are served: names accepted and established (protocol J23)."""
        conditions = list(self.status.conditions)
        return has_condition(conditions, "NamesAccepted") and has_condition(conditions, "Established")
