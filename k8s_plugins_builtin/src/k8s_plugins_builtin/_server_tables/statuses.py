# SPDX-License-Identifier: Apache-2.0
"""What a write of ``status`` may not say. Pure; tables, since most kinds only count."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.field_errors import FieldError, Problems

__all__ = ["check_status"]

Json = dict[str, Any]
_REPLICAS = ("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration")
# Numbers that are not negative, and those of them that are no more than ``replicas``.
_COUNTS: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]] = {
    ("", "replicationcontrollers"): (_REPLICAS, _REPLICAS[1:4]),
}


def check_status(key: tuple[str, str], document: Json, live: Json) -> list[FieldError]:
    """The errors of a new status of a kind."""
    problems, status = Problems(), document.get("status") or {}
    counted, bounded = _COUNTS.get(key, ((), ()))
    problems.nonnegative(status, "status", *counted)
    replicas = status.get("replicas", 0)
    for name in bounded:
        if status.get(name, 0) > replicas:
            problems.invalid(f"status.{name}", status[name], "cannot be greater than status.replicas")
    if "availableReplicas" in bounded and status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        text = "cannot be greater than readyReplicas"
        problems.invalid("status.availableReplicas", status["availableReplicas"], text)
    return problems
