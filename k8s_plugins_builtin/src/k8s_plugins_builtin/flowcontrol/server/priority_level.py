# SPDX-License-Identifier: Apache-2.0
"""How an API server treats PriorityLevelConfigurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["PriorityLevelConfigurationStrategy"]

_QUEUING = {"queues": 64, "handSize": 8, "queueLengthLimit": 50}
_DEFAULTS = {
    "spec.limited.nominalConcurrencyShares": 30,
    "spec.limited.lendablePercent": 0,
    "spec.exempt.nominalConcurrencyShares": 0,
    "spec.exempt.lendablePercent": 0,
    **{f"spec.limited.limitResponse.queuing.{name}": value for name, value in _QUEUING.items()},
}


class PriorityLevelConfigurationStrategy(Strategy):
    """PriorityLevelConfiguration."""

    generation = "counted"
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, _DEFAULTS)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check(new)]


def _check(new: Document) -> Problems:
    problems, spec = Problems(), new.get("spec") or {}
    type_, name = spec.get("type", ""), new["metadata"].get("name", "")
    if (name == "exempt") != (type_ == "Exempt"):
        problems.invalid("spec.type", type_, "type must be 'Exempt' if and only if `name` is 'exempt'")
    if type_ == "Exempt":
        if spec.get("limited") is not None:
            problems.forbidden("spec.limited", "must be nil if the type is not Limited")
    elif type_ != "Limited":
        problems.unsupported("spec.type", type_, ("Exempt", "Limited"))
    elif spec.get("limited") is None:
        problems.required("spec.limited", "must not be empty when type is Limited")
    else:
        _check_limited(problems, spec["limited"], "spec.limited")
    return problems


def _check_limited(problems: Problems, limited: Document, path: str) -> None:
    problems.nonnegative(limited, path, "nominalConcurrencyShares")
    response = limited.get("limitResponse") or {}
    type_, queuing, where = response.get("type", ""), response.get("queuing"), f"{path}.limitResponse"
    if type_ == "Reject":
        if queuing is not None:
            text = "must be nil if limited.limitResponse.type is not Limited"
            problems.forbidden(f"{where}.queuing", text)
    elif type_ != "Queue":
        problems.unsupported(f"{where}.type", type_, ("Queue", "Reject"))
    elif queuing is None:
        problems.required(f"{where}.queuing", "must not be empty if limited.limitResponse.type is Limited")
    else:
        queuing = {**_QUEUING, **queuing}
        for name in ("queueLengthLimit", "queues", "handSize"):
            if queuing[name] <= 0:
                problems.invalid(f"{where}.queuing.{name}", queuing[name], "must be positive")
        if queuing["handSize"] > queuing["queues"] > 0:
            text = f"should not be greater than queues ({queuing['queues']})"
            problems.invalid(f"{where}.queuing.handSize", queuing["handSize"], text)
