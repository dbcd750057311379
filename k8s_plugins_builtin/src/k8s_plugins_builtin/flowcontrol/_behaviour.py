# SPDX-License-Identifier: Apache-2.0
"""Columns of the kinds of API priority and fairness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, NONE, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.flowcontrol.v1 import PriorityLevelConfiguration


def _limit(key: str) -> Any:
    def text(level: PriorityLevelConfiguration) -> str:
        value = getattr(level.spec.limited.limitResponse.queuing, key)
        return NONE if value is None else str(value)

    return text


def _shares(level: PriorityLevelConfiguration) -> str:
    spec = level.spec
    value = spec.exempt.nominalConcurrencyShares if spec.type == "Exempt" else spec.limited.nominalConcurrencyShares
    return NONE if value is None else str(value)


class FlowSchemaBehaviour:
    """Columns of a FlowSchema."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("PriorityLevel", lambda obj: obj.spec.priorityLevelConfiguration.name or NONE),
        column("MatchingPrecedence", lambda obj: obj.spec.matchingPrecedence or 0),
        column("DistinguisherMethod", lambda obj: obj.spec.distinguisherMethod.type or NONE),
        AGE,
        column(
            "MissingPL",
            lambda obj: next((item.status for item in obj.status.conditions if item.type == "Dangling"), "?"),
        ),
    )


class PriorityLevelConfigurationBehaviour:
    """Columns of a PriorityLevelConfiguration."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Type", lambda obj: obj.spec.type or ""),
        column("NominalConcurrencyShares", _shares),
        column("Queues", _limit("queues")),
        column("HandSize", _limit("handSize")),
        column("QueueLengthLimit", _limit("queueLengthLimit")),
        AGE,
    )
