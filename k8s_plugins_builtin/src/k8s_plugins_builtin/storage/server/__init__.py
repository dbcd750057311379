# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of storage.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.storage.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("storage.k8s.io", 16900)
    registrar.add_types("storage", "k8s_plugins_builtin.storage.server:types.txt")
    registrar.add_controller(
        "volumeattributesclasses",
        f"{_SERVER}.protection:ClassProtection",
        watches=[("storage.k8s.io", "volumeattributesclasses")],
        always=True,
    )
    registrar.add_strategy("storage.k8s.io/v1", "CSIDriver", f"{_SERVER}.csi:CSIDriverStrategy")
    registrar.add_strategy("storage.k8s.io/v1", "CSINode", f"{_SERVER}.csi:CSINodeStrategy")
    registrar.add_strategy("storage.k8s.io/v1", "CSIStorageCapacity", f"{_SERVER}.csi:CSIStorageCapacityStrategy")
    registrar.add_strategy("storage.k8s.io/v1", "StorageClass", f"{_SERVER}.classes:StorageClassStrategy")
    registrar.add_strategy(
        "storage.k8s.io/v1", "VolumeAttachment", f"{_SERVER}.volume_attachment:VolumeAttachmentStrategy"
    )
    registrar.add_strategy(
        "storage.k8s.io/v1", "VolumeAttributesClass", f"{_SERVER}.classes:VolumeAttributesClassStrategy"
    )
