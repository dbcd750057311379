# SPDX-License-Identifier: Apache-2.0
"""The volumes of a pod: exactly one source each, and what each source needs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, dns_subdomain
from k8s_devkit.strategy.selectors import check_label_selector
from k8s_plugins_builtin.core.server.persistent_volume_claim import check_claim_template
from k8s_plugins_builtin.core.server.pods.field_references import (
    check_field_reference,
    check_resource_reference,
)
from k8s_plugins_builtin.core.server.pods.paths import check_mode, check_volume_path
from k8s_plugins_builtin.core.server.pods.volume_sources import SOURCES, check_driver_name
from k8s_plugins_builtin.core.server.resources import amount

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.strategy.document import Document

__all__ = ["check_volumes"]

_VOLUME_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_TOO_MANY = "may not specify more than 1 volume type"
_SAME_PATH = "conflicting duplicate paths"
# Where a path in the API server's errors is not the name of the field.
_SHOWN = {"gcePersistentDisk": "persistentDisk"}
_SHOWN_AS_SECOND = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}


def check_volumes(volumes: list[Document], path: str, pod_name: str = "") -> tuple[dict[str, Document], Problems]:
    """The good volumes by their names, and the errors of the others.

    Args:
        pod_name: the name of the pod, which the claims of its ephemeral volumes take over; empty in a template.
    """
    problems, good = Problems(), {}
    created = {f"{pod_name}-{volume.get('name')}" for volume in volumes if pod_name and "ephemeral" in volume}
    for index, volume in enumerate(volumes):
        where, name = f"{path}[{index}]", volume.get("name", "")
        own = _check_source(volume, where, pod_name)
        if not name:
            own.required(f"{where}.name")
        else:
            own.invalid(f"{where}.name", name, *dns_label(name))
        if name in good:
            own.duplicate(f"{where}.name", name)
        if not own:
            good[name] = volume
        problems += own
        claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        if claim in created:
            text = "must not reference a PVC that gets created for an ephemeral volume"
            problems.invalid(f"{where}.persistentVolumeClaim.claimName", claim, text)
    return good, problems


def _check_source(volume: Document, path: str, pod_name: str) -> Problems:
    problems = Problems()
    found = ""
    for name, check in _SOURCES.items():
        if volume.get(name) is None:
            continue
        if found:
            problems.forbidden(f"{path}.{_SHOWN_AS_SECOND.get(name, name)}", _TOO_MANY)
            continue
        found = name
        check(problems, volume[name], f"{path}.{_SHOWN.get(name, name)}")
    if found == "ephemeral" and pod_name and volume.get("name"):
        claim = f"{pod_name}-{volume['name']}"
        faults = [f'PVC name "{claim}": {fault}' for fault in dns_subdomain(claim)]
        problems.invalid(f"{path}.name", volume["name"], *faults)
    if not found:
        problems.required(path, "must specify a volume type")
    return problems


def _empty_dir(problems: Problems, source: Document, path: str) -> None:
    if source.get("sizeLimit") is not None and amount(source["sizeLimit"]) < 0:
        problems.forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _keyed(reference: str) -> Callable[[Problems, Document, str], None]:
    """A Secret or ConfigMap, with the keys that become files."""

    def check(problems: Problems, source: Document, path: str) -> None:
        if not source.get(reference):
            problems.required(f"{path}.{reference}")
        check_mode(problems, source.get("defaultMode"), f"{path}.defaultMode")
        for index, item in enumerate(source.get("items") or []):
            _check_item(problems, item, f"{path}.items[{index}]")

    return check


def _check_item(problems: Problems, item: Document, path: str) -> None:
    for name in ("key", "path"):
        if not item.get(name):
            problems.required(f"{path}.{name}")
    check_volume_path(problems, item.get("path", ""), f"{path}.path")
    check_mode(problems, item.get("mode"), f"{path}.mode")


def _claim(problems: Problems, source: Document, path: str) -> None:
    if not source.get("claimName"):
        problems.required(f"{path}.claimName")


def _downward(problems: Problems, source: Document, path: str) -> None:
    check_mode(problems, source.get("defaultMode"), f"{path}.defaultMode")
    for item in source.get("items") or []:
        _check_downward_file(problems, item, path)


def _check_downward_file(problems: Problems, item: Document, path: str) -> None:
    if not item.get("path"):
        problems.required(f"{path}.path")
    check_volume_path(problems, item.get("path", ""), f"{path}.path")
    field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
    if field is not None:
        check_field_reference(problems, field, f"{path}.fieldRef", _VOLUME_FIELDS)
        if resource is not None:
            text = "fieldRef and resourceFieldRef can not be specified simultaneously"
            problems.invalid(path, "resource", text)
    elif resource is not None:
        check_resource_reference(problems, resource, f"{path}.resourceFieldRef", of_volume=True)
    else:
        problems.required(path, "one of fieldRef and resourceFieldRef is required")
    check_mode(problems, item.get("mode"), f"{path}.mode")


def _csi(problems: Problems, source: Document, path: str) -> None:
    check_driver_name(problems, source.get("driver", ""), f"{path}.driver")
    secret = source.get("nodePublishSecretRef")
    if secret is not None and not secret.get("name"):
        problems.required(f"{path}.nodePublishSecretRef.name")


def _ephemeral(problems: Problems, source: Document, path: str) -> None:
    if source.get("volumeClaimTemplate") is None:
        problems.required(f"{path}.volumeClaimTemplate")
    else:
        problems += check_claim_template(source["volumeClaimTemplate"], f"{path}.volumeClaimTemplate")


def _image(problems: Problems, source: Document, path: str) -> None:
    problems.one_of(source, path, "pullPolicy", ("Always", "IfNotPresent", "Never"))


def _projected(problems: Problems, source: Document, path: str) -> None:
    check_mode(problems, source.get("defaultMode"), f"{path}.defaultMode")
    seen: set[str] = set()
    for index, part in enumerate(source.get("sources") or []):
        where = f"{path}.sources[{index}]"
        present = [name for name in _PROJECTIONS if part.get(name) is not None]
        for name in present:
            for shown, target in _PROJECTIONS[name](problems, part[name], f"{where}.{name}", path):
                if target in seen:
                    problems.invalid(path, shown, _SAME_PATH)
                seen.add(target)
        if len(present) > 1:
            problems.forbidden(where, "may not specify more than 1 volume type per source")


Targets = list[tuple[str, str]]


def _projected_keys(problems: Problems, part: Document, path: str, _: str) -> Targets:
    if not part.get("name"):
        problems.required(f"{path}.name")
    items = part.get("items") or []
    for index, item in enumerate(items):
        _check_item(problems, item, f"{path}.items[{index}]")
    return [(part.get("name", ""), item["path"]) for item in items if item.get("path")]


def _projected_fields(problems: Problems, part: Document, path: str, _: str) -> Targets:
    items = part.get("items") or []
    for item in items:
        _check_downward_file(problems, item, path)
    return [(item["path"], item["path"]) for item in items if item.get("path")]


def _projected_token(problems: Problems, part: Document, path: str, volume: str) -> Targets:
    seconds = part.get("expirationSeconds", 3600)
    if seconds < 600:
        problems.invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > 1 << 32:
        problems.invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
    if not part.get("path"):
        problems.required(f"{volume}.path")
    else:
        check_volume_path(problems, part["path"], f"{volume}.path")
    return []


def _projected_bundle(problems: Problems, part: Document, path: str, _: str) -> Targets:
    by_name, by_signer = part.get("name") is not None, part.get("signerName") is not None
    if by_name and by_signer:
        problems.invalid(path, part, "only one of name and signerName may be used")
    elif by_name and part.get("labelSelector") is not None:
        text = "labelSelector must be unset if name is specified"
        problems.invalid(f"{path}.labelSelector", part["labelSelector"], text)
    elif by_signer:
        problems += check_label_selector(part.get("labelSelector"), f"{path}.labelSelector")
    elif not by_name:
        problems.required(path, "either name or signerName must be specified")
    target = part.get("path", "")
    if not target:
        problems.required(f"{path}.path")
    check_volume_path(problems, target, f"{path}.path")
    return [(target, target)]


_PROJECTIONS: dict[str, Callable[[Problems, Document, str, str], Targets]] = {
    "secret": _projected_keys,
    "configMap": _projected_keys,
    "downwardAPI": _projected_fields,
    "serviceAccountToken": _projected_token,
    "clusterTrustBundle": _projected_bundle,
}
_OWN: dict[str, Callable[[Problems, Document, str], None]] = {
    "configMap": _keyed("name"),
    "csi": _csi,
    "downwardAPI": _downward,
    "emptyDir": _empty_dir,
    "ephemeral": _ephemeral,
    "image": _image,
    "persistentVolumeClaim": _claim,
    "projected": _projected,
    "secret": _keyed("secretName"),
}
# In the order in which the API server looks for them: of two sources, the later one is the one too many.
_NAMES_IN_ORDER = """
emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker
persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile vsphereVolume
photonPersistentDisk portworxVolume azureDisk storageos projected scaleIO csi ephemeral image
"""
_ORDER = tuple(_NAMES_IN_ORDER.split())
_SOURCES = {name: _OWN.get(name) or SOURCES[name] for name in _ORDER}
