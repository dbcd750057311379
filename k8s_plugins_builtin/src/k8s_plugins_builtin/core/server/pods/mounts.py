# SPDX-License-Identifier: Apache-2.0
"""Where containers mount volumes, and which of them they use as devices. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_plugins_builtin.core.server.pods.paths import check_descending_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["check_devices", "check_mounts"]

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def check_mounts(problems: Problems, container: Document, path: str, volumes: Mapping[str, Document]) -> None:
    """The ``volumeMounts`` of a container."""
    devices = {device.get("name"): device.get("devicePath") for device in container.get("volumeDevices") or []}
    targets: set[str] = set()
    listed = f"{path}.volumeMounts"
    for index, mount in enumerate(container.get("volumeMounts") or []):
        where, name, target = f"{listed}[{index}]", mount.get("name", ""), mount.get("mountPath", "")
        if not name:
            problems.required(f"{where}.name")
        if name not in volumes:
            problems.not_found(f"{where}.name", name)
        if not target:
            problems.required(f"{where}.mountPath")
        if target in targets:
            problems.invalid(f"{where}.mountPath", target, "must be unique")
        targets.add(target)
        if name in devices:
            problems.invalid(f"{where}.name", name, "must not already exist in volumeDevices")
        if target in devices.values():
            problems.invalid(f"{where}.mountPath", target, "must not already exist as a path in volumeDevices")
        _check_parts(problems, mount, where, listed)
        _check_propagation(problems, mount, container, listed)


def _check_parts(problems: Problems, mount: Document, path: str, listed: str) -> None:
    # These errors name the list instead of the item, as the API server's do.
    if part := mount.get("subPath"):
        check_descending_path(problems, part, f"{listed}.subPath")
    if expression := mount.get("subPathExpr"):
        if part:
            text = "subPathExpr and subPath are mutually exclusive"
            problems.invalid(f"{path}.subPathExpr", expression, text)
        check_descending_path(problems, expression, f"{listed}.subPathExpr")


def _check_propagation(problems: Problems, mount: Document, container: Document, path: str) -> None:
    problems.one_of(mount, path, "mountPropagation", _PROPAGATIONS)
    privileged = (container.get("securityContext") or {}).get("privileged")
    if mount.get("mountPropagation") == "Bidirectional" and not privileged:
        text = "Bidirectional mount propagation is available only to privileged containers"
        problems.forbidden(f"{path}.mountPropagation", text)
    where, recursive = f"{path}.recursiveReadOnly", mount.get("recursiveReadOnly")
    problems.one_of(mount, path, "recursiveReadOnly", _RECURSIVE)
    if recursive in ("Enabled", "IfPossible"):
        if not mount.get("readOnly"):
            problems.forbidden(where, "may only be specified when readOnly is true")
        if mount.get("mountPropagation", "None") != "None":
            problems.forbidden(where, "may only be specified when mountPropagation is None or not specified")


def check_devices(problems: Problems, container: Document, path: str, volumes: Mapping[str, Document]) -> None:
    """The ``volumeDevices`` of a container."""
    mounts = {mount.get("name"): mount.get("mountPath") for mount in container.get("volumeMounts") or []}
    names: set[str] = set()
    targets: set[str] = set()
    for index, device in enumerate(container.get("volumeDevices") or []):
        where = f"{path}.volumeDevices[{index}]"
        name, target = device.get("name", ""), device.get("devicePath", "")
        if not name:
            problems.required(f"{where}.name")
        if name in names:
            problems.invalid(f"{where}.name", name, "must be unique")
        volume = volumes.get(name)
        if volume is None:
            problems.not_found(f"{where}.name", name)
        elif not ({"persistentVolumeClaim", "ephemeral"} & set(volume)):
            text = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            problems.invalid(f"{where}.name", name, text)
        if not target:
            problems.required(f"{where}.devicePath")
        if target in targets:
            problems.invalid(f"{where}.devicePath", target, "must be unique")
        if ".." in target.split("/"):
            problems.invalid(f"{where}.devicePath", target, "can not contain backsteps ('..')")
        targets.add(target)
        if name in mounts:
            problems.invalid(f"{where}.name", name, "must not already exist in volumeMounts")
        if target in mounts.values():
            problems.invalid(f"{where}.devicePath", target, "must not already exist as a path in volumeMounts")
        names.add(name)
