# SPDX-License-Identifier: Apache-2.0
"""Columns of the networking kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, MAX_LISTED, NAME, NONE, column, selector_text

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.networking.v1 import Ingress, IngressClass, IPAddress


def _hosts(ingress: Ingress) -> str:
    rules = list(ingress.spec.rules)
    hosts = [rule.host for rule in rules if rule.host]
    if not hosts:
        return "*"
    more = len(rules) - MAX_LISTED
    return ",".join(hosts[:MAX_LISTED]) + (f" + {more} more..." if more > 0 else "")


def _address(ingress: Ingress) -> str:
    points = {item.ip or item.hostname for item in ingress.status.loadBalancer.ingress}
    return ",".join(sorted(point for point in points if point))


def _parameters(ingress_class: IngressClass) -> str:
    ref = ingress_class.spec.parameters
    if not ref:
        return NONE
    return f"{ref.kind}.{ref.apiGroup}/{ref.name}" if ref.apiGroup else f"{ref.kind}/{ref.name}"


def _parent(address: IPAddress) -> str:
    ref = address.spec.parentRef
    if not ref:
        return NONE
    resource = f"{ref.resource}.{ref.group}" if ref.group else ref.resource
    return "/".join(part for part in (resource, ref.namespace, ref.name) if part)


class IngressBehaviour:
    """Columns of an Ingress."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Class", lambda obj: obj.spec.ingressClassName or NONE),
        column("Hosts", _hosts),
        column("Address", _address),
        column("Ports", lambda obj: "80, 443" if obj.spec.tls else "80"),
        AGE,
    )


class IngressClassBehaviour:
    """Columns of an IngressClass."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Controller", lambda obj: obj.spec.controller or ""),
        column("Parameters", _parameters),
        AGE,
    )


class NetworkPolicyBehaviour:
    """Columns of a NetworkPolicy."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Pod-Selector", lambda obj: selector_text(obj.spec.podSelector)),
        AGE,
    )


class IPAddressBehaviour:
    """Columns of an IPAddress."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("ParentRef", _parent))


class ServiceCIDRBehaviour:
    """Columns of a ServiceCIDR."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("CIDRs", lambda obj: ",".join(obj.spec.cidrs)), AGE)
