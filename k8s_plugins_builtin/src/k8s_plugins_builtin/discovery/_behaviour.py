# SPDX-License-Identifier: Apache-2.0
"""Columns of an EndpointSlice."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, UNSET, column, join_limited

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.discovery.v1 import EndpointPort


def _port(port: EndpointPort) -> str:
    return str(port.port) if port.port is not None else port.name or "*"


class EndpointSliceBehaviour:
    """Columns of an EndpointSlice."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("AddressType", lambda obj: obj.addressType or ""),
        column("Ports", lambda obj: join_limited([_port(port) for port in obj.ports], UNSET)),
        column(
            "Endpoints",
            lambda obj: join_limited([address for item in obj.endpoints for address in item.addresses], UNSET),
        ),
        AGE,
    )
