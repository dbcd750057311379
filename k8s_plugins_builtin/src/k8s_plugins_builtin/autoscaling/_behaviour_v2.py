# SPDX-License-Identifier: Apache-2.0
"""What a HorizontalPodAutoscaler of autoscaling/v2 can do besides holding its fields."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any, ClassVar

from k8s_plugins_builtin._columns import NONE, UNKNOWN, has_condition
from k8s_plugins_builtin.autoscaling._behaviour import autoscaler_columns

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.autoscaling.v2 import (
        HorizontalPodAutoscaler,
        HorizontalPodAutoscalerStatus,
        MetricSpec,
        MetricStatus,
        MetricTarget,
        MetricValueStatus,
    )

SHOWN = 2
SOURCES = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def _targets(obj: HorizontalPodAutoscaler) -> str:
    specs, statuses = list(obj.spec.metrics), list(obj.status.currentMetrics)
    if not specs:
        return NONE
    shown = [_target(spec, status) for spec, status in zip_longest(specs[:SHOWN], statuses[: len(specs)][:SHOWN])]
    more = f" + {len(specs) - SHOWN} more..." if len(specs) > SHOWN else ""
    return ", ".join(shown) + more


def _target(spec: MetricSpec, status: MetricStatus | None) -> str:
    key = SOURCES.get(spec.type)
    if key is None:
        return "<unknown type>"
    source: Any = getattr(spec, key)
    target: MetricTarget = source.target
    current: MetricValueStatus | None = None if status is None else getattr(status, key).current
    if key in ("resource", "containerResource"):
        return f"{source.name}: {_ratio(target, current)}"
    average = target.averageValue is not None and key != "pods"
    return f"{_ratio(target, current)} (avg)" if average else _ratio(target, current)


def _ratio(target: MetricTarget, current: MetricValueStatus | None) -> str:
    for key in ("averageValue", "averageUtilization", "value"):
        wanted = getattr(target, key)
        if wanted is not None:
            percent = "%" if key == "averageUtilization" else ""
            seen = None if current is None else getattr(current, key)
            return f"{UNKNOWN if seen is None else f'{seen}{percent}'}/{wanted}{percent}"
    return f"{UNKNOWN}/<auto>"


class HorizontalPodAutoscalerBehaviour:
    """Readiness and columns of a HorizontalPodAutoscaler."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: HorizontalPodAutoscalerStatus

    printer_columns: ClassVar[Columns] = autoscaler_columns(_targets)

    def is_ready(self) -> bool:
        """True if it can scale its target and has metrics to go by."""
        conditions = list(self.status.conditions)
        return has_condition(conditions, "AbleToScale") and has_condition(conditions, "ScalingActive")
