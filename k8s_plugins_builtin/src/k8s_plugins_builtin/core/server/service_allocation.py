# SPDX-License-Identifier: Apache-2.0
"""What the API server allocates for Services: addresses and ports.

The first choice is a function of the name, so that tests can expect the result, and the same in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.defaults import objects
from k8s_devkit.strategy.failures import internal_error, invalid
from k8s_devkit.strategy.field_errors import invalid_value
from k8s_plugins_builtin.core.server.service_defaults import WITH_ADDRESS, WITH_NODE_PORTS, is_external

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from k8s_devkit.strategy import Document, Failure, ServerContext

__all__ = ["allocate", "allocated", "drop_stale", "keep_allocated"]

_HEADLESS = "None"
_ADDRESS, _PORT = "serviceIP", "nodePort"
_ADDRESSES = 64_000
_PORTS = range(30_000, 32_768)
_TAKEN = "provided {} is already allocated"


def keep_allocated(spec: Document, old: Document) -> None:
    """Take over what was allocated and an update does not name."""
    if spec["type"] in WITH_ADDRESS and old.get("type") in WITH_ADDRESS:
        if not spec.get("clusterIP") and old.get("clusterIP"):
            spec["clusterIP"] = old["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == old.get("clusterIP") and old.get("clusterIPs"):
            spec["clusterIPs"] = old["clusterIPs"]
        for name in ("ipFamilies", "ipFamilyPolicy"):
            if name in old:
                spec.setdefault(name, old[name])
    if spec["type"] in WITH_NODE_PORTS and old.get("type") in WITH_NODE_PORTS:
        known = {_port_key(port): port.get("nodePort") for port in objects(old, "ports")}
        used = {port.get("nodePort") for port in objects(spec, "ports")}
        for port in objects(spec, "ports"):
            number = known.get(_port_key(port))
            if number and not port.get("nodePort") and number not in used:
                port["nodePort"] = number
    if _has_health_check(spec) and _has_health_check(old) and old.get("healthCheckNodePort"):
        spec.setdefault("healthCheckNodePort", old["healthCheckNodePort"])


def drop_stale(spec: Document, old: Document) -> None:
    """Drop what only the former type had, unless the update changed it: then it is a mistake for validation."""
    if old.get("type") in WITH_ADDRESS and spec["type"] not in WITH_ADDRESS:
        if _same(spec, old, "clusterIP") and _same(spec, old, "clusterIPs"):
            _forget(spec, "clusterIP", "clusterIPs")
        for name in ("ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            if _same(spec, old, name):
                _forget(spec, name)
    before = [port.get("nodePort") for port in objects(old, "ports")]
    after = [port.get("nodePort") for port in objects(spec, "ports")]
    if old.get("type") in WITH_NODE_PORTS and spec["type"] not in WITH_NODE_PORTS and before == after:
        for port in objects(spec, "ports"):
            _forget(port, "nodePort")
    if _has_health_check(old) and not _has_health_check(spec) and _same(spec, old, "healthCheckNodePort"):
        _forget(spec, "healthCheckNodePort")
    if old.get("type") == "LoadBalancer" and spec["type"] != "LoadBalancer":
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if _same(spec, old, name):
                _forget(spec, name)
    if is_external(old) and not is_external(spec) and _same(spec, old, "externalTrafficPolicy"):
        _forget(spec, "externalTrafficPolicy")


def allocate(document: Document, ctx: ServerContext) -> None:
    """Give a Service the addresses and ports that its type wants and that it does not have.

    Raises:
        Failure: 422 or 500, another Service has what this one asks for, or nothing is left.
    """
    spec = document["spec"]
    if spec["type"] in WITH_ADDRESS:
        _allocate_addresses(document, spec, ctx)
    if spec["type"] in WITH_NODE_PORTS:
        _allocate_node_ports(document, spec, ctx)


def allocated(spec: Document) -> Iterator[tuple[str, Hashable]]:
    """The addresses and node ports of a Service, each with its pool."""
    for address in spec.get("clusterIPs") or []:
        if address != _HEADLESS:
            yield _ADDRESS, address
    for port in objects(spec, "ports"):
        if port.get("nodePort"):
            yield _PORT, port["nodePort"]
    if spec.get("healthCheckNodePort"):
        yield _PORT, spec["healthCheckNodePort"]


def _has_health_check(spec: Document) -> bool:
    """Whether load balancers ask a port of its own for the health of nodes."""
    return spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _port_key(port: Document) -> tuple[Any, Any]:
    return port.get("protocol"), port.get("port")


def _same(spec: Document, old: Document, name: str) -> bool:
    return bool(spec.get(name) == old.get(name))


def _forget(holder: Document, *names: str) -> None:
    for name in names:
        holder.pop(name, None)


# Addresses


def _allocate_addresses(document: Document, spec: Document, ctx: ServerContext) -> None:
    addresses = spec.get("clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    for address in addresses:
        if address != _HEADLESS and not ctx.reserve(_ADDRESS, address):
            text = f"failed to allocate IP {address}: {_TAKEN.format('IP')}"
            raise _refuse(document, "spec.clusterIPs", addresses, text)
    if not addresses:
        addresses = [ctx.allocate(_ADDRESS, _ADDRESSES, _key(document), _address)]
    if not spec.get("clusterIP"):
        spec["clusterIP"] = addresses[0]
    if not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    _choose_families(spec)


def _choose_families(spec: Document) -> None:
    families = spec.setdefault("ipFamilies", ["IPv6" if ":" in spec["clusterIP"] else "IPv4"])
    if spec["clusterIP"] == _HEADLESS and not spec.get("selector"):
        # Its endpoints are not known: they may be of both families.
        policy = spec.setdefault("ipFamilyPolicy", "RequireDualStack")
        if len(families) == 1 and policy != "SingleStack":
            spec["ipFamilies"] = [*families, "IPv4" if families == ["IPv6"] else "IPv6"]
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if len(families) == 2 else "SingleStack")


def _address(number: int) -> str:
    return f"10.96.{number // 250}.{number % 250 + 2}"


# Node ports


def _allocate_node_ports(document: Document, spec: Document, ctx: ServerContext) -> None:
    # First those that are asked for, so that none of them is allocated to another port.
    known = _reserve_node_ports(document, spec, ctx)
    if spec["type"] == "NodePort" or spec.get("allocateLoadBalancerNodePorts") is True:
        for port in objects(spec, "ports"):
            if "port" in port and not port.get("nodePort"):
                # Ports of one number and several protocols share the node port.
                if port["port"] not in known:
                    known[port["port"]] = _allocate_port(document, str(port["port"]), ctx)
                port["nodePort"] = known[port["port"]]
    if _has_health_check(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = _allocate_port(document, "health", ctx)


def _reserve_node_ports(document: Document, spec: Document, ctx: ServerContext) -> dict[int, int]:
    """Reserve the node ports that a Service names. Returns them by port."""
    known: dict[int, int] = {}
    for index, port in enumerate(objects(spec, "ports")):
        if number := port.get("nodePort"):
            taken = number in known.values() and known.get(port.get("port", 0)) != number
            if taken or not ctx.reserve(_PORT, number):
                raise _refuse(document, f"spec.ports[{index}].nodePort", number, _TAKEN.format("port"))
            known.setdefault(port.get("port", 0), number)
    number = spec.get("healthCheckNodePort")
    if number and _has_health_check(spec) and not ctx.reserve(_PORT, number):
        raise internal_error(f"failed to allocate requested HealthCheck NodePort {number}: {_TAKEN.format('port')}")
    return known


def _allocate_port(document: Document, purpose: str, ctx: ServerContext) -> int:
    return ctx.allocate(_PORT, len(_PORTS), f"{_key(document)}:{purpose}", _PORTS.__getitem__)


def _key(document: Document) -> str:
    metadata = document["metadata"]
    return f"{metadata.get('namespace')}/{metadata.get('name')}"  # validation asks for a name that is not there


def _refuse(document: Document, field: str, value: Any, text: str) -> Failure:
    return invalid("Service", "", document["metadata"].get("name", ""), [invalid_value(field, value, text)])
