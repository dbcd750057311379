# SPDX-License-Identifier: Apache-2.0
"""Defaults of Services. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.defaults import fill, objects

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["WITH_ADDRESS", "WITH_NODE_PORTS", "default_service", "is_external"]

WITH_ADDRESS = ("ClusterIP", "NodePort", "LoadBalancer")
"""The types of Services that have a cluster IP."""

WITH_NODE_PORTS = ("NodePort", "LoadBalancer")
"""The types of Services whose ports may be open on the nodes."""

_AFFINITY_SECONDS = 10_800


def default_service(document: Document) -> None:
    """Fill in the defaults of a Service."""
    spec = document.setdefault("spec", {})
    fill(spec, type="ClusterIP", sessionAffinity="None")
    _default_affinity(spec)
    for port in objects(spec, "ports"):
        if not port.get("protocol"):
            port["protocol"] = "TCP"
        if port.get("targetPort") in (None, 0, "") and "port" in port:
            port["targetPort"] = port["port"]
    if spec["type"] in WITH_ADDRESS:
        fill(spec, internalTrafficPolicy="Cluster")
    if is_external(spec):
        fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        fill(spec, allocateLoadBalancerNodePorts=True)
        _default_ingress(document.get("status"))


def is_external(spec: Document) -> bool:
    """Whether a Service can be reached from outside of the cluster."""
    return spec["type"] in WITH_NODE_PORTS or (spec["type"] == "ClusterIP" and bool(spec.get("externalIPs")))


def _default_affinity(spec: Document) -> None:
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        client = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": _AFFINITY_SECONDS}}


def _default_ingress(status: object) -> None:
    balancer = status.get("loadBalancer") if isinstance(status, dict) else None
    for point in objects(balancer, "ingress") if isinstance(balancer, dict) else ():
        if point.get("ip"):
            fill(point, ipMode="VIP")
