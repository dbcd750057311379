# SPDX-License-Identifier: Apache-2.0
"""Columns of a HorizontalPodAutoscaler of autoscaling/v1, which knows CPU only."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import NONE, UNKNOWN
from k8s_plugins_builtin.autoscaling._behaviour import autoscaler_columns

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.autoscaling.v1 import HorizontalPodAutoscaler


def _targets(obj: HorizontalPodAutoscaler) -> str:
    target, current = obj.spec.targetCPUUtilizationPercentage, obj.status.currentCPUUtilizationPercentage
    if target is None:
        return NONE
    return f"cpu: {UNKNOWN if current is None else f'{current}%'}/{target}%"


class HorizontalPodAutoscalerBehaviour:
    """Columns of a HorizontalPodAutoscaler."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = autoscaler_columns(_targets)
