# SPDX-License-Identifier: Apache-2.0
"""PersistentVolumes."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, ClassVar

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.equality import difference, same
from k8s_devkit.strategy.formats import dns_subdomain
from k8s_devkit.strategy.immutability import IMMUTABLE
from k8s_plugins_builtin.core.server.deprecations import VOLUME_SOURCES, beta_class_warning
from k8s_plugins_builtin.core.server.persistent_volume_claim import VOLUME_MODES, check_access_modes
from k8s_plugins_builtin.core.server.pods.defaults import default_source
from k8s_plugins_builtin.core.server.pods.paths import check_no_backsteps
from k8s_plugins_builtin.core.server.pods.scheduling import check_node_selector
from k8s_plugins_builtin.core.server.pods.volume_sources import SOURCES, check_driver_name, check_secret_reference
from k8s_plugins_builtin.core.server.protection import VOLUME_FINALIZER, protect
from k8s_plugins_builtin.core.server.resources import amount, check_positive

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["PersistentVolumeStrategy"]

_DEFAULTS = {"spec.persistentVolumeReclaimPolicy": "Retain", "spec.volumeMode": "Filesystem"}
_RECLAIM = ("Delete", "Recycle", "Retain")
_SECRETS = ("controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef")
# The sources of a persistent volume, in the order in which the API server looks for them.
_NAMES_IN_ORDER = """
hostPath gcePersistentDisk awsElasticBlockStore glusterfs flocker nfs rbd quobyte cephfs iscsi cinder fc
flexVolume azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk scaleIO local storageos csi
"""
_ORDER = tuple(_NAMES_IN_ORDER.split())
_MOUNT_OPTIONS = "volume.beta.kubernetes.io/mount-options"
_SHOWN = {"gcePersistentDisk": "persistentDisk"}


class PersistentVolumeStrategy(Strategy):
    """PersistentVolume."""

    delete_returns_object = True
    initial_status: ClassVar[Document] = {"phase": "Pending"}
    tells_empty = ("spec.capacity",)

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, _DEFAULTS)
        default_source(new["spec"])
        new.setdefault("status", {}).setdefault("phase", "Pending")

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Protect a new volume, as the admission plugin StorageObjectInUseProtection does."""
        if old is None:
            protect(new, VOLUME_FINALIZER)

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        new["status"]["lastPhaseTransitionTime"] = ctx.now()

    def prepare_for_status_update(self, new: Document, old: Document, ctx: ServerContext) -> None:
        """Note when the phase changed, unless the client says it."""
        status, before = new.get("status") or {}, old.get("status") or {}
        moved = status.get("phase") != before.get("phase")
        if moved and status.get("lastPhaseTransitionTime") == before.get("lastPhaseTransitionTime"):
            status["lastPhaseTransitionTime"] = ctx.now()

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        spec, annotations = new.get("spec") or {}, new["metadata"].get("annotations") or {}
        yield from beta_class_warning(new["metadata"])
        if _MOUNT_OPTIONS in annotations:
            text = 'deprecated since v1.31; use "mountOptions" attribute instead'
            yield f"metadata.annotations[{_MOUNT_OPTIONS}]: {text}"
        if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
            text = "Instead, the recommended approach is to use dynamic provisioning."
            yield f"spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. {text}"
        for source in VOLUME_SOURCES.keys() & spec.keys():
            yield f"spec.{source}: {VOLUME_SOURCES[source]}"

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        own = [*self.check_metadata(new, created=False), *_check(new)]
        return [*own, *own, *_check_kept(new, old)]


def _check(document: Document) -> Problems:
    spec, problems = document.get("spec") or {}, Problems()
    if not spec.get("accessModes"):
        problems.required("spec.accessModes")
    check_access_modes(problems, spec, "spec")
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
    _check_source(problems, spec)
    if spec.get("storageClassName"):
        problems.invalid("spec.storageClassName", spec["storageClassName"], *dns_subdomain(spec["storageClassName"]))
    problems.one_of(spec, "spec", "volumeMode", VOLUME_MODES)
    return problems


def _check_source(problems: Problems, spec: Document) -> None:
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


def _check_local(problems: Problems, spec: Document) -> None:
    path = spec["local"].get("path", "")
    if not path:
        problems.required("spec.local.path")
    else:
        check_no_backsteps(problems, path, "spec.local.path")
    if spec.get("nodeAffinity") is None:
        problems.required("spec.nodeAffinity", "Local volume requires node affinity")


def _check_csi(problems: Problems, source: Document) -> None:
    check_driver_name(problems, source.get("driver", ""), "spec.csi.driver")
    if not source.get("volumeHandle"):
        problems.required("spec.csi.volumeHandle")
    for name in _SECRETS:
        if source.get(name) is not None:
            check_secret_reference(problems, source[name], f"spec.csi.{name}")


def _check_kept(document: Document, live: Document) -> Problems:
    """A volume keeps its source and, once they are given, the nodes that can reach it."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    now, before = ({name: part[name] for name in part if name in _ORDER} for part in (spec, old))
    if "csi" in now and "csi" in before and "controllerExpandSecretRef" not in before["csi"]:
        now["csi"] = {name: value for name, value in now["csi"].items() if name != "controllerExpandSecretRef"}
    if not same(now, before):
        text = f"spec.persistentvolumesource is immutable after creation\n{difference(before, now)}"
        problems.forbidden("spec.persistentvolumesource", text)
    if not same(spec.get("volumeMode"), old.get("volumeMode")):
        problems.invalid("volumeMode", spec.get("volumeMode"), IMMUTABLE)
    if old.get("nodeAffinity") is not None and not same(spec.get("nodeAffinity"), old["nodeAffinity"]):
        text = "field is immutable, except for updating from beta label to GA"
        problems.invalid("nodeAffinity", spec.get("nodeAffinity"), text)
    return problems
