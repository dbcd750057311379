# SPDX-License-Identifier: Apache-2.0
"""Columns of a Scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, UNSET, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns, Value


class ScaleBehaviour:
    """Columns of a Scale."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Desired", lambda obj: obj.spec.replicas or 0, "integer"),
        column("Available", lambda obj: obj.status.replicas or 0, "integer"),
        AGE,
    )


def autoscaler_columns(targets: Value) -> Columns:
    """The columns of a HorizontalPodAutoscaler, whose versions differ in how they say what to aim at."""
    return (
        NAME,
        column("Reference", lambda obj: f"{obj.spec.scaleTargetRef.kind}/{obj.spec.scaleTargetRef.name}"),
        column("Targets", targets),
        column("MinPods", lambda obj: UNSET if obj.spec.minReplicas is None else str(obj.spec.minReplicas)),
        column("MaxPods", lambda obj: obj.spec.maxReplicas or 0),
        column("Replicas", lambda obj: obj.status.currentReplicas or 0),
        AGE,
    )
