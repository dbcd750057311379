# SPDX-License-Identifier: Apache-2.0
"""Defaults of Services, and what the API server allocates for them: addresses and ports. Pure.

Allocation is a function of the name, so that tests can expect the result, and the same in every run.
"""

from __future__ import annotations

import zlib
from typing import Any

from k8s_devkit.strategy.defaults import Json, fill, objects

__all__ = ["default_service"]

_HEADLESS = "None"
_WITH_ADDRESS = ("ClusterIP", "NodePort", "LoadBalancer")
_WITH_PORTS = ("NodePort", "LoadBalancer")
_FIRST_PORT, _PORTS = 30_000, 2768
_AFFINITY_SECONDS = 10_800


def default_service(document: Json, live: Json | None) -> None:
    """Fill the defaults of a Service; what was allocated for ``live`` stays as long as its type wants it."""
    spec = document.setdefault("spec", {})
    fill(spec, type="ClusterIP", sessionAffinity="None")
    _affinity(spec)
    for port in objects(spec, "ports"):
        if not port.get("protocol"):
            port["protocol"] = "TCP"
        if port.get("targetPort") in (None, 0, "") and "port" in port:
            port["targetPort"] = port["port"]
    if spec["type"] in _WITH_ADDRESS:
        fill(spec, internalTrafficPolicy="Cluster")
    if _external(spec):
        fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        fill(spec, allocateLoadBalancerNodePorts=True)
    if live is not None:
        _keep(spec, live["spec"])
        _drop(spec, live["spec"])
    if spec["type"] in _WITH_ADDRESS:
        _addresses(document, spec)
        _node_ports(document, spec)
    _load_balancers(document, spec)


def _affinity(spec: Json) -> None:
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        client = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _AFFINITY_SECONDS}}


def _external(spec: Json) -> bool:
    return spec["type"] in _WITH_PORTS or (spec["type"] == "ClusterIP" and bool(spec.get("externalIPs")))


def _checked(spec: Json) -> bool:
    """True if load balancers ask a port of its own for the health of nodes."""
    return spec["type"] == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _port_key(port: Json) -> tuple[Any, Any]:
    return port.get("protocol"), port.get("port")


def _keep(spec: Json, old: Json) -> None:
    """Take over what was allocated and the new state does not name."""
    if spec["type"] in _WITH_ADDRESS and old.get("type") in _WITH_ADDRESS:
        if not spec.get("clusterIP") and old.get("clusterIP"):
            spec["clusterIP"] = old["clusterIP"]
        if not spec.get("clusterIPs") and spec.get("clusterIP") == old.get("clusterIP") and old.get("clusterIPs"):
            spec["clusterIPs"] = old["clusterIPs"]
        for name in ("ipFamilies", "ipFamilyPolicy"):
            if name in old:
                spec.setdefault(name, old[name])
    if spec["type"] in _WITH_PORTS and old.get("type") in _WITH_PORTS:
        known = {_port_key(port): port.get("nodePort") for port in objects(old, "ports")}
        used = {port.get("nodePort") for port in objects(spec, "ports")}
        for port in objects(spec, "ports"):
            number = known.get(_port_key(port))
            if number and not port.get("nodePort") and number not in used:
                port["nodePort"] = number
    if _checked(spec) and _checked(old) and old.get("healthCheckNodePort"):
        spec.setdefault("healthCheckNodePort", old["healthCheckNodePort"])


def _drop(spec: Json, old: Json) -> None:
    """Drop what only the former type had, unless the update changed it: then it is a mistake for validation."""
    if old.get("type") in _WITH_ADDRESS and spec["type"] not in _WITH_ADDRESS:
        if _same(spec, old, "clusterIP") and _same(spec, old, "clusterIPs"):
            _forget(spec, "clusterIP", "clusterIPs")
        for name in ("ipFamilies", "ipFamilyPolicy"):
            if _same(spec, old, name):
                _forget(spec, name)
    before = [port.get("nodePort") for port in objects(old, "ports")]
    after = [port.get("nodePort") for port in objects(spec, "ports")]
    if old.get("type") in _WITH_PORTS and spec["type"] not in _WITH_PORTS and before == after:
        for port in objects(spec, "ports"):
            _forget(port, "nodePort")
    if _checked(old) and not _checked(spec) and _same(spec, old, "healthCheckNodePort"):
        _forget(spec, "healthCheckNodePort")
    if old.get("type") == "LoadBalancer" and spec["type"] != "LoadBalancer":
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if _same(spec, old, name):
                _forget(spec, name)
    if _external(old) and not _external(spec) and _same(spec, old, "externalTrafficPolicy"):
        _forget(spec, "externalTrafficPolicy")


def _same(spec: Json, old: Json, name: str) -> bool:
    return bool(spec.get(name) == old.get(name))


def _forget(holder: Json, *names: str) -> None:
    for name in names:
        holder.pop(name, None)


def _address(document: Json) -> str:
    number = _number(document, "", 64_000)
    return f"10.96.{number // 250}.{number % 250 + 2}"


def _number(document: Json, what: str, count: int) -> int:
    metadata = document["metadata"]
    return zlib.crc32(f"{metadata.get('namespace')}/{metadata.get('name')}{what}".encode()) % count


def _addresses(document: Json, spec: Json) -> None:
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


def _node_ports(document: Json, spec: Json) -> None:
    wanted = spec["type"] == "NodePort" or spec.get("allocateLoadBalancerNodePorts") is True
    if spec["type"] in _WITH_PORTS and wanted:
        for port in objects(spec, "ports"):
            if "port" in port and not port.get("nodePort"):
                port["nodePort"] = _FIRST_PORT + _number(document, f":{port['port']}", _PORTS)
    if _checked(spec) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = _FIRST_PORT + _number(document, ":health", _PORTS)


def _load_balancers(document: Json, spec: Json) -> None:
    status = document.get("status")
    balancer = status.get("loadBalancer") if isinstance(status, dict) else None
    if spec["type"] == "LoadBalancer" and isinstance(balancer, dict):
        for point in objects(balancer, "ingress"):
            if point.get("ip"):
                fill(point, ipMode="VIP")
