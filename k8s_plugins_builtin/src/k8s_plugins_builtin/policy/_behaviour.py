# SPDX-License-Identifier: Apache-2.0
"""Columns of a PodDisruptionBudget."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns


class PodDisruptionBudgetBehaviour:
    """Columns of a PodDisruptionBudget."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Min Available", lambda obj: "N/A" if obj.spec.minAvailable is None else str(obj.spec.minAvailable)),
        column(
            "Max Unavailable", lambda obj: "N/A" if obj.spec.maxUnavailable is None else str(obj.spec.maxUnavailable)
        ),
        column("Allowed Disruptions", lambda obj: obj.status.disruptionsAllowed or 0, "integer"),
        AGE,
    )
