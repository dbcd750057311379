# SPDX-License-Identifier: Apache-2.0
"""Columns of a PriorityClass."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns


class PriorityClassBehaviour:
    """Columns of a PriorityClass."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Value", lambda obj: obj.value or 0, "integer"),
        column("Global-Default", lambda obj: bool(obj.globalDefault), "boolean"),
        AGE,
        column("PreemptionPolicy", lambda obj: obj.preemptionPolicy or "PreemptLowerPriority"),
    )
