# SPDX-License-Identifier: Apache-2.0
"""What an APIService can do besides holding its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, column, has_condition

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.apiregistration.v1 import APIService, APIServiceStatus


def _service(obj: APIService) -> str:
    service = obj.spec.service
    return f"{service.namespace}/{service.name}" if service else "Local"


def _available(obj: APIService) -> str:
    condition = next((item for item in obj.status.conditions if item.type == "Available"), None)
    if condition is None:
        return "Unknown"
    return condition.status if condition.status == "True" else f"{condition.status} ({condition.reason})"


class APIServiceBehaviour:
    """Readiness and columns of an APIService."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: APIServiceStatus

    printer_columns: ClassVar[Columns] = (NAME, column("Service", _service), column("Available", _available), AGE)

    def is_ready(self) -> bool:
        """True if requests to its group and version are answered."""
        return has_condition(self.status.conditions, "Available")
