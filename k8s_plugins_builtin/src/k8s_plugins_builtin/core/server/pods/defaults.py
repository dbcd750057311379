# SPDX-License-Identifier: Apache-2.0
"""Defaults of Pods, and of the specs that templates of Pods share with them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.defaults import copy_missing, fill, objects, round_up
from k8s_plugins_builtin.core.server.pods.quantities import default_pod_resources, quality_of_service

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["default_claim", "default_claim_spec", "default_pod", "default_source", "default_spec"]

_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_MODE = 420  # 0644
_SOURCES: dict[str, Document] = {
    "azureDisk": {"cachingMode": "ReadWrite", "fsType": "ext4", "readOnly": False, "kind": "Shared"},
    "configMap": {"defaultMode": _MODE},
    "downwardAPI": {"defaultMode": _MODE},
    "hostPath": {"type": ""},
    "iscsi": {"iscsiInterface": "default"},
    "projected": {"defaultMode": _MODE},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
    "secret": {"defaultMode": _MODE},
}
"""The defaults of volume sources, in Pods and in persistent volumes."""


def default_pod(document: Document) -> None:
    """Fill the defaults of a Pod."""
    spec = document.setdefault("spec", {})
    default_spec(spec)
    fill(spec, enableServiceLinks=True)
    for container in (*objects(spec, "initContainers"), *objects(spec, "containers")):
        resources = container["resources"]
        if limits := resources.get("limits"):
            resources["requests"] = {**limits, **resources.get("requests", {})}
        for port in objects(container, "ports") if spec.get("hostNetwork") else ():
            if port.get("containerPort"):
                fill(port, hostPort=port["containerPort"])
    default_pod_resources(spec)
    status = document.get("status")
    if isinstance(status, dict):
        status.setdefault("qosClass", quality_of_service(spec))
        if status.get("podIP") and not status.get("podIPs"):
            status["podIPs"] = [{"ip": status["podIP"]}]


def default_spec(spec: Document) -> None:
    """Fill the defaults that a pod spec has everywhere."""
    fill(
        spec,
        restartPolicy="Always",
        dnsPolicy="ClusterFirst",
        terminationGracePeriodSeconds=30,
        schedulerName="default-scheduler",
        securityContext={},
    )
    # The old name of the field is kept in step with the new one.
    if account := spec.get("serviceAccountName") or spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    if isinstance(resources := spec.get("resources"), dict):
        _round(resources)
    round_up(spec.get("overhead"))
    for name in _CONTAINER_LISTS:
        for container in objects(spec, name):
            _default_container(container)
    for volume in objects(spec, "volumes"):
        _default_volume(volume)


def _round(resources: Document) -> None:
    round_up(resources.get("limits"))
    round_up(resources.get("requests"))


def _latest(image: Any) -> bool:
    text = image if isinstance(image, str) else ""
    return "@" not in text and text.rsplit("/", 1)[-1].partition(":")[2] in ("", "latest")


def _default_container(container: Document) -> None:
    fill(
        container,
        imagePullPolicy="Always" if _latest(container.get("image")) else "IfNotPresent",
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
    )
    if isinstance(container["resources"], dict):
        _round(container["resources"])
    for port in objects(container, "ports"):
        if not port.get("protocol"):
            port["protocol"] = "TCP"
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(probe := container.get(name), dict):
            copy_missing(probe, _PROBE)
            _default_http(probe.get("httpGet"))
            if isinstance(probe.get("grpc"), dict):
                fill(probe["grpc"], service="")
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _default_http(hook.get("httpGet"))
    for variable in objects(container, "env"):
        _default_field(variable.get("valueFrom"))


def _default_http(action: Any) -> None:
    if isinstance(action, dict):
        fill(action, path="/", scheme="HTTP")


def _default_field(holder: Any) -> None:
    field = holder.get("fieldRef") if isinstance(holder, dict) else None
    if isinstance(field, dict):
        fill(field, apiVersion="v1")


def default_source(holder: Document) -> None:
    """Fill the defaults of the volume source in a pod's volume or in a PersistentVolume's spec."""
    for name, values in _SOURCES.items():
        if isinstance(holder.get(name), dict):
            copy_missing(holder[name], values)


def _default_volume(volume: Document) -> None:
    if not volume.keys() - {"name"}:
        volume["emptyDir"] = {}
    default_source(volume)
    projections = list(objects(volume.get("projected") or {}, "sources"))
    for source in projections:
        if isinstance(source.get("serviceAccountToken"), dict):
            fill(source["serviceAccountToken"], expirationSeconds=3600)
    for source in (volume, *projections):
        for item in objects(source.get("downwardAPI") or {}, "items"):
            _default_field(item)
    if isinstance(image := volume.get("image"), dict):
        fill(image, pullPolicy="Always" if _latest(image.get("reference")) else "IfNotPresent")
    template = (volume.get("ephemeral") or {}).get("volumeClaimTemplate")
    if isinstance(template, dict):
        default_claim_spec(template.setdefault("spec", {}))


def default_claim_spec(spec: Document) -> None:
    """Fill the defaults of a claim's spec, wherever it stands."""
    fill(spec, volumeMode="Filesystem")
    if isinstance(spec.get("resources"), dict):
        _round(spec["resources"])


def default_claim(claim: Document) -> None:
    """Fill the defaults of a PersistentVolumeClaim."""
    default_claim_spec(claim.setdefault("spec", {}))
    claim.setdefault("status", {}).setdefault("phase", "Pending")
