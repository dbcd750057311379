# SPDX-License-Identifier: Apache-2.0
"""How an API server treats PriorityClasses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.immutability import freeze

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["PriorityClassStrategy"]

_HIGHEST_USER_PRIORITY = 1_000_000_000
_SYSTEM_CLASSES = ("system-cluster-critical", "system-node-critical")
_check_preemption_kept = freeze("preemptionPolicy")


class PriorityClassStrategy(Strategy):
    """PriorityClass: some names and the highest values belong to the system."""

    generation = "fixed"

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"preemptionPolicy": "PreemptLowerPriority"})

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems, name = self.check_metadata(new), new["metadata"].get("name", "")
        if name.startswith("system-"):
            if name not in _SYSTEM_CLASSES:
                text = (
                    "priority class names with 'system-' prefix are reserved for system use only. "
                    f"error: {name} is not a known system priority class"
                )
                problems.forbidden("metadata.name", text)
        elif new.get("value", 0) > _HIGHEST_USER_PRIORITY:
            text = f"maximum allowed value of a user defined priority is {_HIGHEST_USER_PRIORITY}"
            problems.forbidden("value", text)
        problems.one_of(new, "", "preemptionPolicy", ("PreemptLowerPriority", "Never"))
        return problems

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems = self.check_metadata_update(new, old)
        if new.get("value", 0) != old.get("value", 0):
            problems.forbidden("value", "may not be changed in an update.")
        problems += _check_preemption_kept(new, old)
        return problems
