# SPDX-License-Identifier: Apache-2.0
"""Cells of the legacy group's tables that need more than one expression, by kubectl's rules. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_plugins_builtin._columns import MAX_LISTED, NONE, UNKNOWN, has_condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from k8s_plugins_builtin.core.v1 import (
        ComponentStatus,
        Endpoints,
        Event,
        Node,
        PersistentVolume,
        PersistentVolumeClaim,
        Pod,
        ResourceQuota,
        Service,
    )

ROLE_LABEL = "node-role.kubernetes.io/"
ACCESS_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"


def readiness_gates(pod: Pod) -> str:
    """``1/2``: gates that are open, of all."""
    gates = list(pod.spec.readinessGates)
    met = sum(has_condition(pod.status.conditions, gate.conditionType) for gate in gates)
    return f"{met}/{len(gates)}" if gates else NONE


def node_status(node: Node) -> str:
    """``Ready``, ``NotReady`` or ``Unknown``, and whether it is cordoned."""
    ready = next((item.status for item in node.status.conditions if item.type == "Ready"), None)
    text = "Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"
    return f"{text},SchedulingDisabled" if node.spec.unschedulable else text


def node_roles(node: Node) -> str:
    """The roles that its labels name, sorted."""
    labels = node.metadata.labels
    roles = {key.removeprefix(ROLE_LABEL) for key in labels if key.startswith(ROLE_LABEL)}
    return ",".join(sorted((roles | {labels.get("kubernetes.io/role", "")}) - {""})) or NONE


def address(kind: str) -> Callable[[Node], str]:
    """A cell with a node's first address of one kind."""
    return lambda node: next((item.address for item in node.status.addresses if item.type == kind), NONE)


def modes(access_modes: Iterable[str]) -> str:
    """Access modes by their short names, in kubectl's order."""
    wanted = set(access_modes)
    return ",".join(short for mode, short in ACCESS_MODES.items() if mode in wanted)


def phase(obj: PersistentVolume | PersistentVolumeClaim) -> str:
    """The phase of a volume or claim, unless it is being deleted."""
    return "Terminating" if obj.metadata.deletionTimestamp is not None else obj.status.phase or ""


def storage_class(obj: PersistentVolume | PersistentVolumeClaim) -> str:
    """The class of a volume or claim; the annotation of old clusters wins."""
    return obj.metadata.annotations.get(CLASS_ANNOTATION) or obj.spec.storageClassName or ""


def claim(volume: PersistentVolume) -> str:
    """``namespace/name`` of the claim that a volume is bound to."""
    ref = volume.spec.claimRef
    return f"{ref.namespace or ''}/{ref.name or ''}" if ref else ""


def external_ip(service: Service) -> str:
    """The addresses of a service outside the cluster."""
    spec = service.spec
    external = list(spec.externalIPs)
    match spec.type:
        case "ClusterIP" | "NodePort":
            return ",".join(external) or NONE
        case "LoadBalancer":
            points = {item.ip or item.hostname for item in service.status.loadBalancer.ingress}
            return ",".join([*sorted(point for point in points if point), *external]) or "<pending>"
        case "ExternalName":
            return spec.externalName or ""
    return UNKNOWN


def service_ports(service: Service) -> str:
    """``80:30080/TCP,443/TCP``."""
    pieces = []
    for item in service.spec.ports:
        node_port = f":{item.nodePort}" if item.nodePort else ""
        pieces.append(f"{item.port}{node_port}/{item.protocol or 'TCP'}")
    return ",".join(pieces) or NONE


def endpoints(obj: Endpoints) -> str:
    """The first three ``ip:port``, and how many more there are."""
    listed = []
    for subset in obj.subsets:
        for suffix in [f":{item.port}" for item in subset.ports] or [""]:
            listed += [_host(item.ip, suffix) for item in subset.addresses]
    if not obj.subsets:
        return NONE
    more = len(listed) - MAX_LISTED
    return ",".join(listed[:MAX_LISTED]) + (f" + {more} more..." if more > 0 else "")


def _host(ip: str, suffix: str) -> str:
    return f"[{ip}]{suffix}" if suffix and ":" in ip else f"{ip}{suffix}"


def event_first_seen(event: Event) -> datetime | None:
    """When it happened first."""
    return event.firstTimestamp or event.eventTime


def event_last_seen(event: Event) -> datetime | None:
    """When it happened last."""
    if event.series:
        return event.series.lastObservedTime
    return event.lastTimestamp or event_first_seen(event)


def event_count(event: Event) -> int:
    """How often it happened."""
    return (event.series.count or 0) if event.series else event.count or 1


def event_object(event: Event) -> str:
    """``pod/nginx``."""
    ref = event.involvedObject
    kind = (ref.kind or "").lower()
    return f"{kind}/{ref.name}" if ref.name else kind


def event_source(event: Event) -> str:
    """``kubelet, node-1``: who reports, and where."""
    component = event.source.component or event.reportingComponent or ""
    host = event.source.host or event.reportingInstance or ""
    return f"{component}, {host}" if host else component


def quota(obj: ResourceQuota, *, limits: bool) -> str:
    """``cpu: 1/4, memory: 2Gi/8Gi``: used of hard, of the limits or of everything else."""
    used: Any = obj.status.used
    rows = sorted(obj.status.hard.items())
    return ", ".join(f"{key}: {used.get(key, 0)}/{hard}" for key, hard in rows if key.startswith("limits.") is limits)


def component_health(obj: ComponentStatus) -> tuple[str, str, str]:
    """Status, message and error of a component."""
    for item in obj.conditions:
        if item.type == "Healthy":
            return ("Healthy" if item.status == "True" else "Unhealthy"), item.message or "", item.error or ""
    return UNKNOWN, "", ""
