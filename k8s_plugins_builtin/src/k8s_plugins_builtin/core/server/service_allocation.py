# SPDX-License-Identifier: Apache-2.0
"""What the API server allocates for Services: addresses and ports.

Allocation is a function of the name, so that tests can expect the result, and the same in every run.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.defaults import objects
from k8s_plugins_builtin.core.server.service_defaults import WITH_ADDRESS, WITH_NODE_PORTS, is_external

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["allocate", "drop_stale", "keep_allocated"]

_HEADLESS = "None"
_FIRST_PORT, _PORTS = 30_000, 2768


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
        for name in ("ipFamilies", "ipFamilyPolicy"):
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


def allocate(document: Document) -> None:
    """Give a Service the addresses and ports that its type wants and that it does not have."""
    spec = document["spec"]
    if spec["type"] in WITH_ADDRESS:
        _allocate_addresses(document, spec)
        _allocate_node_ports(document, spec)


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


def _address(document: Document) -> str:
    number = _number(document, "", 64_000)
    return f"10.96.{number // 250}.{number % 250 + 2}"


def _number(document: Document, what: str, count: int) -> int:
    metadata = document["metadata"]
    return zlib.crc32(f"{metadata.get('namespace')}/{metadata.get('name')}{what}".encode()) % count


def _allocate_addresses(document: Document, spec: Document) -> None:
    addresses = spec.get("clusterIPs") or [_address(document)]
    if not spec.get("clusterIP"):
        spec["clusterIP"] = addresses[0]
    if not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
    families = spec.setdefault("ipFamilies", ["IPv6" if ":" in spec["clusterIP"] else "IPv4"])
    if spec["clusterIP"] == _HEADLESS and not spec.get("selector"):
        # Nobody knows what its endpoints will be: it may have both kinds.
        policy = spec.setdefault("ipFamilyPolicy", "RequireDualStack")
        if len(families) == 1 and policy != "SingleStack":
            spec["ipFamilies"] = [*families, "IPv4" if families == ["IPv6"] else "IPv6"]
    spec.setdefault("ipFamilyPolicy", "RequireDualStack" if len(families) == 2 else "SingleStack")


def _allocate_node_ports(document: Document, spec: Document) -> None:
    wanted = spec["type"] == "NodePort" or spec.get("allocateLoadBalancerNodePorts") is True
    if spec["type"] in WITH_NODE_PORTS and wanted:
        for port in objects(spec, "ports"):
            if "port" in port and not port.get("nodePort"):
                port["nodePort"] = _FIRST_PORT + _number(document, f":{port['port']}", _PORTS)
    if _has_health_check(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = _FIRST_PORT + _number(document, ":health", _PORTS)
