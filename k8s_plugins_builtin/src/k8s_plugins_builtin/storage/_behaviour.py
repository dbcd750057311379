# SPDX-License-Identifier: Apache-2.0
"""Columns of the storage kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, NONE, UNSET, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.storage.v1 import CSIDriver, StorageClass, VolumeAttachmentStatus


DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def _class_name(obj: StorageClass) -> str:
    default = any(obj.metadata.annotations.get(key) == "true" for key in DEFAULT_CLASS)
    return f"{obj.metadata.name} (default)" if default else obj.metadata.name or ""


def _tokens(driver: CSIDriver) -> str:
    if "tokenRequests" not in driver.spec:
        return UNSET
    return ",".join(item.audience for item in driver.spec.tokenRequests)


class StorageClassBehaviour:
    """Columns of a StorageClass."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        column("Name", _class_name, format="name"),
        column("Provisioner", lambda obj: obj.provisioner or ""),
        column("ReclaimPolicy", lambda obj: obj.reclaimPolicy or "Delete"),
        column("VolumeBindingMode", lambda obj: obj.volumeBindingMode or "Immediate"),
        column("AllowVolumeExpansion", lambda obj: bool(obj.allowVolumeExpansion)),
        AGE,
    )


class VolumeAttributesClassBehaviour:
    """Columns of a VolumeAttributesClass."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("DriverName", lambda obj: obj.driverName or ""), AGE)


class VolumeAttachmentBehaviour:
    """Readiness and columns of a VolumeAttachment."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: VolumeAttachmentStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Attacher", lambda obj: obj.spec.attacher or "", format="name"),
        column("PV", lambda obj: obj.spec.source.persistentVolumeName or ""),
        column("Node", lambda obj: obj.spec.nodeName or ""),
        column("Attached", lambda obj: bool(obj.status.attached), "boolean"),
        AGE,
    )

    def is_ready(self) -> bool:
        """True once the volume is attached."""
        return bool(self.status.attached)


class CSINodeBehaviour:
    """Columns of a CSINode."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("Drivers", lambda obj: len(obj.spec.drivers), "integer"), AGE)


class CSIDriverBehaviour:
    """Columns of a CSIDriver."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("AttachRequired", lambda obj: obj.spec.attachRequired is not False, "boolean"),
        column("PodInfoOnMount", lambda obj: bool(obj.spec.podInfoOnMount), "boolean"),
        column("StorageCapacity", lambda obj: bool(obj.spec.storageCapacity), "boolean"),
        column("TokenRequests", _tokens),
        column("RequiresRepublish", lambda obj: bool(obj.spec.requiresRepublish), "boolean"),
        column("Modes", lambda obj: ",".join(obj.spec.volumeLifecycleModes) or NONE),
        AGE,
    )


class CSIStorageCapacityBehaviour:
    """Columns of a CSIStorageCapacity."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("StorageClassName", lambda obj: obj.storageClassName or ""),
        column("Capacity", lambda obj: UNSET if obj.capacity is None else str(obj.capacity)),
    )
