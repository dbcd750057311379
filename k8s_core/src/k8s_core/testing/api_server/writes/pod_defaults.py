# SPDX-License-Identifier: Apache-2.0
"""Defaults of pod specs and of the kinds that hold a pod template (protocol E16). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["default_pod", "default_template", "quality_of_service"]

Json = dict[str, Any]
_MODE = 420
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")


def _fill(target: Json, **values: Any) -> None:
    for name, value in values.items():
        target.setdefault(name, value)


def _objects(holder: Json, name: str) -> Iterator[Json]:
    items = holder.get(name)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item


def default_pod(document: Json) -> None:
    """Fill the defaults of a Pod."""
    spec = document.setdefault("spec", {})
    _default_spec(spec)
    _fill(spec, enableServiceLinks=True)
    for container in (*_objects(spec, "initContainers"), *_objects(spec, "containers")):
        resources = container["resources"]
        if limits := resources.get("limits"):
            resources["requests"] = {**limits, **resources.get("requests", {})}


def default_template(holder: Json) -> None:
    """Fill the defaults of ``holder.template``, in a Deployment's, Job's, … spec."""
    template = holder.get("template")
    if isinstance(template, dict):
        _default_spec(template.setdefault("spec", {}))


def _default_spec(spec: Json) -> None:
    _fill(
        spec,
        restartPolicy="Always",
        dnsPolicy="ClusterFirst",
        terminationGracePeriodSeconds=30,
        schedulerName="default-scheduler",
        securityContext={},
    )
    if account := spec.get("serviceAccountName"):
        spec.setdefault("serviceAccount", account)
    for name in _CONTAINER_LISTS:
        for container in _objects(spec, name):
            _default_container(container)
    for volume in _objects(spec, "volumes"):
        _default_volume(volume)


def _default_container(container: Json) -> None:
    image = container.get("image") or ""
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    latest = "@" not in image and tag in ("", "latest")
    _fill(
        container,
        imagePullPolicy="Always" if latest else "IfNotPresent",
        resources={},
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
    )
    for port in _objects(container, "ports"):
        _fill(port, protocol="TCP")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if isinstance(probe, dict):
            _fill(probe, **_PROBE)
            _default_http(probe.get("httpGet"))
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _default_http(hook.get("httpGet"))
    for variable in _objects(container, "env"):
        field = (variable.get("valueFrom") or {}).get("fieldRef")
        if isinstance(field, dict):
            _fill(field, apiVersion="v1")


def _default_http(action: Any) -> None:
    if isinstance(action, dict):
        _fill(action, path="/", scheme="HTTP")


def _default_volume(volume: Json) -> None:
    for name in ("configMap", "secret", "downwardAPI", "projected"):
        if isinstance(volume.get(name), dict):
            _fill(volume[name], defaultMode=_MODE)
    if isinstance(volume.get("hostPath"), dict):
        _fill(volume["hostPath"], type="")
    for source in _objects(volume.get("projected") or {}, "sources"):
        if isinstance(source.get("serviceAccountToken"), dict):
            _fill(source["serviceAccountToken"], expirationSeconds=3600)
    if len(volume) == 1:
        volume["emptyDir"] = {}


def quality_of_service(spec: Json) -> str:
    """``status.qosClass`` of a Pod: BestEffort, Guaranteed or Burstable."""
    containers = [*_objects(spec, "initContainers"), *_objects(spec, "containers")]
    settings = [container.get("resources") or {} for container in containers]
    if not any(item.get("requests") or item.get("limits") for item in settings):
        return "BestEffort"
    for item in settings:
        limits = item.get("limits") or {}
        if not {"cpu", "memory"} <= set(limits) or {**limits, **(item.get("requests") or {})} != limits:
            return "Burstable"
    return "Guaranteed"
