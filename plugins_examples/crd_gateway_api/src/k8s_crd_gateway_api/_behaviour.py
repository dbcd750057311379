# SPDX-License-Identifier: Apache-2.0
"""What the kinds of the Gateway API can do besides holding their fields. Written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_core.meta import ObjectMeta

    from k8s_crd_gateway_api.v1 import (
        GatewayClassStatus,
        GatewayCondition,
        GatewayStatus,
        GRPCRouteCondition,
        GRPCRouteParent,
        GRPCRouteStatus,
        HTTPRouteCondition,
        HTTPRouteParent,
        HTTPRouteStatus,
    )

    Conditions = Iterable[GatewayCondition | GRPCRouteCondition | HTTPRouteCondition]

__all__ = ["GRPCRouteBehaviour", "GatewayBehaviour", "GatewayClassBehaviour", "HTTPRouteBehaviour"]


def _is_true(conditions: Conditions, type_: str, generation: int | None) -> bool:
    """A condition that was written for an older spec says nothing about the present one."""
    return any(
        condition.type == type_
        and condition.status == "True"
        and (generation is None or condition.observedGeneration is None or condition.observedGeneration >= generation)
        for condition in conditions
    )


class GatewayClassBehaviour:
    """Readiness of a GatewayClass."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        status: GatewayClassStatus

    def is_ready(self) -> bool:
        """True once a controller has accepted it."""
        return _is_true(self.status.conditions, "Accepted", self.metadata.generation)


class GatewayBehaviour:
    """Readiness of a Gateway."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        status: GatewayStatus

    def is_ready(self) -> bool:
        """True once traffic can enter."""
        return _is_true(self.status.conditions, "Programmed", self.metadata.generation)

    def addresses(self) -> list[str]:
        """The addresses in use."""
        return [address.value for address in self.status.addresses]


class _RouteBehaviour:
    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        status: HTTPRouteStatus | GRPCRouteStatus

    def is_ready(self) -> bool:
        """True once every Gateway that has answered accepts the route, and finds its backends."""
        parents: list[GRPCRouteParent | HTTPRouteParent] = [*self.status.parents]
        return bool(parents) and all(
            _is_true(parent.conditions, type_, self.metadata.generation)
            for parent in parents
            for type_ in ("Accepted", "ResolvedRefs")
        )


class HTTPRouteBehaviour(_RouteBehaviour):
    """Readiness of an HTTPRoute."""

    __slots__ = ()


class GRPCRouteBehaviour(_RouteBehaviour):
    """Readiness of a GRPCRoute."""

    __slots__ = ()
