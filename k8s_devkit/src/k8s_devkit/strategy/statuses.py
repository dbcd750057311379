# SPDX-License-Identifier: Apache-2.0
"""What the controllers of many kinds write into ``status``, for `Strategy.reconcile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["observe_generation", "set_condition"]


def observe_generation(obj: Document) -> Document:
    """Say in an object's status that its current generation was seen. Returns the status, which may be new."""
    status: Document = obj.setdefault("status", {})
    status["observedGeneration"] = obj["metadata"].get("generation", 1)
    return status


def set_condition(obj: Document, type_: str, now: str, reason: str = "", message: str = "", **fields: Any) -> None:
    """Make a condition of an object true. One that is true already stays as it is.

    Args:
        type_: such as ``Ready``.
        now: the time of the transition, as `ServerContext.now` gives it.
        reason, message: why it is true.
        fields: what conditions of the kind have besides, such as ``lastUpdateTime``.
    """
    conditions = obj.setdefault("status", {}).setdefault("conditions", [])
    if any(item.get("type") == type_ and item.get("status") == "True" for item in conditions):
        return
    conditions[:] = [item for item in conditions if item.get("type") != type_]
    condition: Document = {"type": type_, "status": "True", "lastTransitionTime": now, **fields}
    if reason:
        condition.update(reason=reason, message=message)
    conditions.append(condition)
