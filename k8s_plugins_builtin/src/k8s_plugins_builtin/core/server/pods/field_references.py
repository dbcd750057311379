# SPDX-License-Identifier: Apache-2.0
"""References to fields and resources of the pod itself, in variables and in files (the "downward API"). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k8s_devkit.strategy.formats import label_key
from k8s_plugins_builtin.core.server.resources import amount

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["check_field_reference", "check_resource_reference"]

_SUBSCRIPT = re.compile(r"(.*)\['(.*)'\]")
# What fieldPath may be at all, whatever the place allows of it.
_KNOWN = frozenset(
    {
        "metadata.annotations",
        "metadata.labels",
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.host",
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.phase",
        "status.podIP",
        "status.podIPs",
    }
)
_RESOURCES = tuple(
    sorted(f"{part}.{name}" for part in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory"))
)
_SIZES = ("1", *(f"1{letter}{binary}" for binary in ("", "i") for letter in "kMGTPE"))
_SIZES = tuple(size.replace("ki", "Ki") for size in _SIZES)
_SIZE_TEXT = (
    "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the {} resource"
)
_SIZE_NAMES = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}


def check_field_reference(problems: Problems, reference: Document, path: str, allowed: tuple[str, ...]) -> None:
    """A ``fieldRef``; ``allowed`` are the fields without a subscript that the place can take."""
    field = reference.get("fieldPath", "")
    if not reference.get("apiVersion", "v1"):
        problems.required(f"{path}.apiVersion")
        return
    if not field:
        problems.required(f"{path}.fieldPath")
        return
    match = _SUBSCRIPT.fullmatch(field)
    name = match[1] if match else field
    if reference.get("apiVersion", "v1") != "v1" or (name not in _KNOWN and not match):
        version = reference.get("apiVersion", "v1")
        why = f"field label not supported: {field}" if version == "v1" else f"unsupported pod version: {version}"
        problems.invalid(f"{path}.fieldPath", field, f"error converting fieldPath: {why}")
    elif match and name in ("metadata.annotations", "metadata.labels"):
        key = match[2].lower() if name == "metadata.annotations" else match[2]
        problems.invalid(path, key, *label_key(key))
    elif match:
        text = f"error converting fieldPath: field label does not support subscript: {field}"
        problems.invalid(f"{path}.fieldPath", field, text)
    elif name not in allowed:
        problems.unsupported(f"{path}.fieldPath", name, allowed)


def check_resource_reference(problems: Problems, reference: Document, path: str, *, of_volume: bool = False) -> None:
    """A ``resourceFieldRef``; in a volume it must name the container."""
    resource = reference.get("resource", "")
    if of_volume and not reference.get("containerName"):
        problems.required(f"{path}.containerName")
    elif not resource:
        problems.required(f"{path}.resource")
    elif resource not in _RESOURCES and not resource.startswith(("limits.hugepages-", "requests.hugepages-")):
        problems.unsupported(f"{path}.resource", resource, _RESOURCES)
    divisor = amount(reference.get("divisor") or 0)
    if not divisor:
        return
    name = resource.partition(".")[2]
    if name == "cpu":
        if str(divisor) not in ("1", "1m"):
            text = "only divisor's values 1m and 1 are supported with the cpu resource"
            problems.invalid(f"{path}.divisor", resource, text)
    elif (name in _SIZE_NAMES or name.startswith("hugepages-")) and str(divisor) not in _SIZES:
        problems.invalid(f"{path}.divisor", resource, _SIZE_TEXT.format(_SIZE_NAMES.get(name, "hugepages")))
