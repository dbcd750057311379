# SPDX-License-Identifier: Apache-2.0
"""Volumes, claims and what provides them: core's PersistentVolumes and the ``storage.k8s.io`` group. Pure."""

from __future__ import annotations

import posixpath
from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, dns_subdomain, label_key
from k8s_devkit.strategy.labels import check_annotations, check_label_map
from k8s_devkit.strategy.selectors import check_label_selector
from k8s_plugins_builtin.core.server.pods.paths import check_no_backsteps
from k8s_plugins_builtin.core.server.pods.scheduling import check_node_selector
from k8s_plugins_builtin.core.server.pods.volume_sources import (
    SOURCES,
    check_driver_name,
    check_secret_reference,
)
from k8s_plugins_builtin.core.server.resources import amount, check_positive

__all__ = [
    "check_claim",
    "check_claim_template",
    "check_csi_driver",
    "check_csi_node",
    "check_storage_capacity",
    "check_storage_class",
    "check_volume",
    "check_volume_attachment",
    "check_volume_attributes_class",
]

Json = dict[str, Any]
_ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")
_RECLAIM = ("Delete", "Recycle", "Retain")
_PARAMETERS_LIMIT = 256 * 1024
_SECRETS = ("controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef")
# The sources of a persistent volume, in the order in which the API server looks for them.
_NAMES_IN_ORDER = """
hostPath gcePersistentDisk awsElasticBlockStore glusterfs flocker nfs rbd quobyte cephfs iscsi cinder fc
flexVolume azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk scaleIO local storageos csi
"""
_ORDER = tuple(_NAMES_IN_ORDER.split())
VOLUME_SOURCES = frozenset(_ORDER)
_SHOWN = {"gcePersistentDisk": "persistentDisk"}


def _check_modes(problems: Problems, spec: Json, path: str, detail: str) -> None:
    modes, where = spec.get("accessModes") or [], f"{path}.accessModes"
    if not modes:
        problems.required(where, detail)


def _check_known_modes(problems: Problems, spec: Json, path: str) -> None:
    modes, where = spec.get("accessModes") or [], f"{path}.accessModes"
    for mode in modes:
        if mode not in _ACCESS_MODES:
            problems.unsupported(where, mode, _ACCESS_MODES)
    if "ReadWriteOncePod" in modes and set(modes) & set(_ACCESS_MODES[:3]):
        problems.forbidden(where, "may not use ReadWriteOncePod with other access modes")


def check_claim(document: Json, live: Json | None = None) -> Problems:
    """A PersistentVolumeClaim."""
    return _check_claim_spec(document.get("spec") or {}, "spec")


def check_claim_template(template: Json, path: str) -> Problems:
    """The template of a claim, in an ephemeral volume."""
    metadata, problems = template.get("metadata") or {}, Problems()
    problems += check_annotations(metadata.get("annotations"), f"{path}.metadata.annotations")
    problems += check_label_map(metadata.get("labels"), f"{path}.metadata.labels")
    for name, value in metadata.items():
        if value and name not in ("annotations", "labels"):
            problems.forbidden(f"{path}.metadata.{name}", "cannot be set")
    problems += _check_claim_spec(template.get("spec") or {}, f"{path}.spec")
    return problems


def _check_claim_spec(spec: Json, path: str) -> Problems:
    problems = Problems()
    _check_modes(problems, spec, path, "at least 1 access mode is required")
    problems += check_label_selector(spec.get("selector"), f"{path}.selector")
    _check_known_modes(problems, spec, path)
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if storage is None:
        problems.required(f"{path}.resources[storage]")
    else:
        problems += check_positive(storage, f"{path}.resources[storage]")
    if spec.get("storageClassName"):
        problems.invalid(f"{path}.storageClassName", spec["storageClassName"], *dns_subdomain(spec["storageClassName"]))
    problems.one_of(spec, path, "volumeMode", _VOLUME_MODES)
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None and not _is_known_source(source):
        source = None  # the API server drops it, as it did before there were other sources
    for name, value in (("dataSource", source), ("dataSourceRef", reference)):
        if value is not None:
            _check_data_source(problems, value, f"{path}.{name}")
    if source is not None and reference is not None:
        if reference.get("namespace"):
            text = "may not be specified when dataSourceRef.namespace is specified"
            problems.invalid(path, f"{path}.dataSource", text)
        elif any(source.get(name) != reference.get(name) for name in ("apiGroup", "kind", "name")):
            problems.invalid(path, f"{path}.dataSource", "must match dataSourceRef")
    if class_ := spec.get("volumeAttributesClassName"):
        problems.invalid(f"{path}.volumeAttributesClassName", class_, *dns_subdomain(class_))
    return problems


def _is_known_source(source: Json) -> bool:
    known = (("", "PersistentVolumeClaim"), ("snapshot.storage.k8s.io", "VolumeSnapshot"))
    return (source.get("apiGroup", ""), source.get("kind", "")) in known


def _check_data_source(problems: Problems, source: Json, path: str) -> None:
    for name in ("name", "kind"):
        if not source.get(name):
            problems.required(f"{path}.{name}")
    group, kind = source.get("apiGroup", ""), source.get("kind", "")
    if not group and kind != "PersistentVolumeClaim":
        text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        problems.invalid(path, kind, text)
    if group:
        problems.invalid(f"{path}.apiGroup", group, *dns_subdomain(group))
    if namespace := source.get("namespace"):
        problems.invalid(f"{path}.namespace", namespace, *dns_label(namespace))


def check_volume(document: Json, live: Json | None = None) -> Problems:
    """A PersistentVolume."""
    spec, problems = document.get("spec") or {}, Problems()
    _check_modes(problems, spec, "spec", "")
    _check_known_modes(problems, spec, "spec")
    capacity = spec.get("capacity") or {}
    if not capacity:
        problems.required("spec.capacity")
    if "storage" not in capacity or len(capacity) > 1:
        problems.unsupported("spec.capacity", spec.get("capacity"), ("storage",))
    for name, value in capacity.items():
        if amount(value) < 0:
            problems.invalid(f"spec.capacity[{name}]", amount(value).value(), "must be a valid resource quantity")
        problems += check_positive(value, f"spec.capacity[{name}]")
    problems.one_of(spec, "spec", "persistentVolumeReclaimPolicy", _RECLAIM)
    affinity = spec.get("nodeAffinity")
    if affinity is not None:
        if affinity.get("required") is None:
            problems.required("spec.nodeAffinity.required", "must specify required node constraints")
        else:
            problems += check_node_selector(affinity["required"], "spec.nodeAffinity.required")
    _check_volume_source(problems, spec)
    if spec.get("storageClassName"):
        problems.invalid("spec.storageClassName", spec["storageClassName"], *dns_subdomain(spec["storageClassName"]))
    problems.one_of(spec, "spec", "volumeMode", _VOLUME_MODES)
    return problems


def _check_volume_source(problems: Problems, spec: Json) -> None:
    found = [name for name in _ORDER if spec.get(name) is not None]
    for index, name in enumerate(found):
        if index:
            shown = "cephFS" if name == "cephfs" else name
            problems.forbidden(f"spec.{shown}", "may not specify more than 1 volume type")
        elif name == "local":
            _check_local(problems, spec)
        elif name == "csi":
            _check_csi(problems, spec["csi"])
        else:
            SOURCES[name](problems, spec[name], f"spec.{_SHOWN.get(name, name)}")
    if not found:
        problems.required("spec", "must specify a volume type")
    path = (spec.get("hostPath") or {}).get("path", "")
    if path and posixpath.normpath(path) == "/" and spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        text = "may not be 'recycle' for a hostPath mount of '/'"
        problems.forbidden("spec.persistentVolumeReclaimPolicy", text)


def _check_local(problems: Problems, spec: Json) -> None:
    path = spec["local"].get("path", "")
    if not path:
        problems.required("spec.local.path")
    else:
        check_no_backsteps(problems, path, "spec.local.path")
    if spec.get("nodeAffinity") is None:
        problems.required("spec.nodeAffinity", "Local volume requires node affinity")


def _check_csi(problems: Problems, source: Json) -> None:
    check_driver_name(problems, source.get("driver", ""), "spec.csi.driver")
    if not source.get("volumeHandle"):
        problems.required("spec.csi.volumeHandle")
    for name in _SECRETS:
        if source.get(name) is not None:
            check_secret_reference(problems, source[name], f"spec.csi.{name}")


def _check_parameters(problems: Problems, parameters: Json, *, needed: bool = False) -> None:
    if any(not key for key in parameters):
        problems.invalid("parameters", "", "field can not be empty.")
    if sum(len(key) + len(value) for key, value in parameters.items()) > _PARAMETERS_LIMIT:
        problems.too_long("parameters", _PARAMETERS_LIMIT)
    if needed and not parameters:
        problems.required("parameters", "must contain at least one key/value pair")


def _check_provisioner(problems: Problems, name: str, path: str) -> None:
    if not name:
        problems.required(path)
    else:
        problems.invalid(path, name.lower(), *label_key(name.lower()))


def check_storage_class(document: Json, live: Json | None = None) -> Problems:
    """A StorageClass."""
    problems = Problems()
    _check_provisioner(problems, document.get("provisioner", ""), "provisioner")
    _check_parameters(problems, document.get("parameters") or {})
    problems.one_of(document, "", "reclaimPolicy", ("Delete", "Retain"))
    problems.one_of(document, "", "volumeBindingMode", ("Immediate", "WaitForFirstConsumer"))
    for index, term in enumerate(document.get("allowedTopologies") or []):
        keys: set[str] = set()
        for place, expression in enumerate(term.get("matchLabelExpressions") or []):
            where, key = f"allowedTopologies[{index}].matchLabelExpressions[{place}]", expression.get("key", "")
            values = expression.get("values") or []
            if not values:
                problems.required(f"{where}.values")
            for number, value in enumerate(values):
                if value in values[:number]:
                    problems.duplicate(f"{where}.values[{number}]", value)
            problems.invalid(f"{where}.key", key, *label_key(key))
            if key in keys:
                problems.duplicate(f"{where}.key", key)
            keys.add(key)
    return problems


def check_volume_attributes_class(document: Json, live: Json | None = None) -> Problems:
    """A VolumeAttributesClass."""
    problems = Problems()
    _check_provisioner(problems, document.get("driverName", ""), "driverName")
    _check_parameters(problems, document.get("parameters") or {}, needed=True)
    return problems


def check_csi_driver(document: Json, live: Json | None = None) -> Problems:
    """A CSIDriver."""
    spec, problems = document.get("spec") or {}, Problems()
    problems.one_of(spec, "spec", "fsGroupPolicy", ("File", "None", "ReadWriteOnceWithFSType"))
    audiences: set[str] = set()
    for index, request in enumerate(spec.get("tokenRequests") or []):
        where, audience = f"spec.tokenRequests[{index}]", request.get("audience", "")
        if audience in audiences:
            problems.duplicate(f"{where}.audience", audience)
            continue
        audiences.add(audience)
        seconds = request.get("expirationSeconds")
        if seconds is not None and seconds < 600:
            problems.invalid(f"{where}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    for mode in spec.get("volumeLifecycleModes") or []:
        if mode not in ("Persistent", "Ephemeral"):
            problems.unsupported("spec.volumeLifecycleModes", mode, ("Persistent", "Ephemeral"))
    return problems


def check_csi_node(document: Json, live: Json | None = None) -> Problems:
    """A CSINode."""
    problems, names = Problems(), set()
    for index, driver in enumerate((document.get("spec") or {}).get("drivers") or []):
        where, name, node = f"spec.drivers[{index}]", driver.get("name", ""), driver.get("nodeID", "")
        check_driver_name(problems, name, f"{where}.name")
        if not node:
            problems.required(f"{where}.nodeID")
        problems.nonnegative(driver.get("allocatable") or {}, f"{where}.allocatable", "count")
        if name in names:
            problems.duplicate(f"{where}.name", name)
        names.add(name)
        keys = driver.get("topologyKeys") or []
        for place, key in enumerate(keys):
            if key in keys[:place]:
                problems.duplicate(where, key)
            problems.invalid(where, key, *label_key(key))
    return problems


def check_storage_capacity(document: Json, live: Json | None = None) -> Problems:
    """A CSIStorageCapacity."""
    problems = check_label_selector(document.get("nodeTopology"), "nodeTopology")
    name = document.get("storageClassName", "")
    problems.invalid("storageClassName", name, *dns_subdomain(name))
    if document.get("capacity") is not None and amount(document["capacity"]) < 0:
        problems.invalid("capacity", str(amount(document["capacity"])), "must be greater than or equal to 0")
    return problems


def check_volume_attachment(document: Json, live: Json | None = None) -> Problems:
    """A VolumeAttachment."""
    spec, problems = document.get("spec") or {}, Problems()
    if not spec.get("attacher"):
        problems.required("spec.attacher")
    source = spec.get("source") or {}
    inline, name = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    text = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
    if inline is None and name is None:
        problems.required("spec.source", text)
    elif inline is not None and name is not None:
        problems.forbidden("spec.source", text)
    elif name == "":
        problems.required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
    node = spec.get("nodeName", "")
    problems.invalid("spec.nodeName", node, *dns_subdomain(node))
    check_driver_name(problems, spec.get("attacher", ""), "spec.attacher")
    if name is not None:
        problems.invalid("spec.source.persistentVolumeName", name, *dns_subdomain(name))
    return problems
