# SPDX-License-Identifier: Apache-2.0
"""Columns of the kinds of dynamic resource allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, UNSET, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.resource.v1 import ResourceClaim, ResourceClaimStatus


def _state(claim: ResourceClaim) -> str:
    states = ["deleted"] if claim.metadata.deletionTimestamp is not None else []
    if claim.status.allocation:
        states.append("allocated")
        if claim.status.reservedFor:
            states.append("reserved")
    return ",".join(states) or "pending"


class ResourceClaimBehaviour:
    """Readiness and columns of a ResourceClaim."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: ResourceClaimStatus

    printer_columns: ClassVar[Columns] = (NAME, column("State", _state), AGE)

    def is_ready(self) -> bool:
        """True once devices are allocated."""
        return bool(self.status.allocation)


class ResourceSliceBehaviour:
    """Columns of a ResourceSlice."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Node", lambda obj: obj.spec.nodeName or UNSET),
        column("Driver", lambda obj: obj.spec.driver or ""),
        column("Pool", lambda obj: obj.spec.pool.name or ""),
        AGE,
    )
