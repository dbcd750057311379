# SPDX-License-Identifier: Apache-2.0
"""The sources that volumes of pods and persistent volumes have in common, by the name of their field. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k8s_devkit.strategy.formats import dns_label, dns_subdomain, in_range
from k8s_plugins_builtin.core.server.pods.paths import check_descending_path, check_no_backsteps

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["SOURCES", "check_driver_name", "check_secret_reference"]

_HOST_PATH_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_INITIATOR = re.compile(r"iqn\.\d{4}-\d{2}\.[A-Za-z0-9\-.]+(:[^,;*&$|\s]+)?|eui.[A-Za-z0-9]{16}|naa.[A-Za-z0-9]{32}")


def _needs(*names: str) -> Callable[[Problems, Document, str], None]:
    """A source whose texts or lists must not be empty."""

    def check(problems: Problems, source: Document, path: str) -> None:
        for name in names:
            if not source.get(name):
                problems.required(f"{path}.{name}")

    return check


def _host_path(problems: Problems, source: Document, path: str) -> None:
    if not source.get("path"):
        problems.required(f"{path}.path")
        return
    check_no_backsteps(problems, source["path"], f"{path}.path")
    problems.one_of(source, path, "type", _HOST_PATH_TYPES)


def _git_repo(problems: Problems, source: Document, path: str) -> None:
    _needs("repository")(problems, source, path)
    check_descending_path(problems, source.get("directory", ""), f"{path}.directory")


def _partitioned(name: str) -> Callable[[Problems, Document, str], None]:
    def check(problems: Problems, source: Document, path: str) -> None:
        _needs(name)(problems, source, path)
        if not 0 <= source.get("partition", 0) <= 255:
            problems.invalid(f"{path}.partition", source["partition"], "must be between 1 and 255, inclusive")

    return check


def _nfs(problems: Problems, source: Document, path: str) -> None:
    _needs("server", "path")(problems, source, path)
    if not source.get("path", "").startswith("/"):
        problems.invalid(f"{path}.path", source.get("path", ""), "must be an absolute path")


def _iscsi(problems: Problems, source: Document, path: str) -> None:
    _needs("targetPortal", "iqn")(problems, source, path)
    if (name := source.get("iqn")) and not _INITIATOR.fullmatch(name):
        known = name.startswith(("iqn", "eui", "naa"))
        problems.invalid(
            f"{path}.iqn",
            name,
            "must be valid format" if known else "must be valid format starting with iqn, eui, or naa",
        )
    problems.invalid(f"{path}.lun", source.get("lun", 0), *in_range(source.get("lun", 0), 0, 255))
    if (source.get("chapAuthDiscovery") or source.get("chapAuthSession")) and not source.get("secretRef"):
        problems.required(f"{path}.secretRef")
    if (name := source.get("initiatorName")) is not None and not _INITIATOR.fullmatch(name):
        problems.invalid(f"{path}.initiatorname", name, "must be valid format")


def _flocker(problems: Problems, source: Document, path: str) -> None:
    name, uuid = source.get("datasetName"), source.get("datasetUUID")
    if not name and not uuid:
        problems.required(path, "one of datasetName and datasetUUID is required")
    if name and uuid:
        problems.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in (name or ""):
        problems.invalid(f"{path}.datasetName", name, "must not contain '/'")


def _fibre_channel(problems: Problems, source: Document, path: str) -> None:
    targets, ids = source.get("targetWWNs"), source.get("wwids")
    if not targets and not ids:
        problems.required(f"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if targets and ids:
        problems.invalid(f"{path}.targetWWNs", targets, "targetWWNs and wwids can not be specified simultaneously")
    if targets:
        lun = source.get("lun")
        if lun is None:
            problems.required(f"{path}.lun", "lun is required if targetWWNs is specified")
        else:
            problems.invalid(f"{path}.lun", lun, *in_range(lun, 0, 255))


def _flex(problems: Problems, source: Document, path: str) -> None:
    _needs("driver")(problems, source, path)
    for key in source.get("options") or {}:
        domain = "." + key.split("/", 1)[0].lower()
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            problems.invalid(f"{path}.options[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved")


def _azure_disk(problems: Problems, source: Document, path: str) -> None:
    _needs("diskName", "diskURI")(problems, source, path)
    problems.one_of(source, path, "cachingMode", ("None", "ReadOnly", "ReadWrite"))
    problems.one_of(source, path, "kind", ("Dedicated", "Managed", "Shared"))
    uri, kind = source.get("diskURI", ""), source.get("kind")
    if kind == "Managed" and not uri.startswith("/subscriptions/"):
        form = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
        problems.unsupported(f"{path}.diskURI", uri, (form,))
    if kind not in (None, "Managed") and not uri.startswith("https://"):
        form = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
        problems.unsupported(f"{path}.diskURI", uri, (form,))


def check_driver_name(problems: Problems, name: str, path: str) -> None:
    """The name of a CSI driver."""
    if not name:
        problems.required(path)
        return
    if len(name) > 63:
        problems.too_long(path, 63)
    problems.invalid(path, name, *dns_subdomain(name.lower()))


def check_secret_reference(problems: Problems, reference: Document, path: str) -> None:
    """A reference to a Secret of any namespace."""
    for name, text_format in (("name", dns_subdomain), ("namespace", dns_label)):
        if not reference.get(name):
            problems.required(f"{path}.{name}")
        else:
            problems.invalid(f"{path}.{name}", reference[name], *text_format(reference[name]))


SOURCES: dict[str, Callable[[Problems, Document, str], None]] = {
    "awsElasticBlockStore": _partitioned("volumeID"),
    "azureDisk": _azure_disk,
    "azureFile": _needs("secretName", "shareName"),
    "cephfs": _needs("monitors"),
    "cinder": _needs("volumeID"),
    "fc": _fibre_channel,
    "flexVolume": _flex,
    "flocker": _flocker,
    "gcePersistentDisk": _partitioned("pdName"),
    "gitRepo": _git_repo,
    "glusterfs": _needs("endpoints", "path"),
    "hostPath": _host_path,
    "iscsi": _iscsi,
    "nfs": _nfs,
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "quobyte": _needs("registry", "volume"),
    "rbd": _needs("monitors", "image"),
    "scaleIO": _needs("gateway", "system", "volumeName"),
    "storageos": _needs("volumeName"),
    "vsphereVolume": _needs("volumePath"),
}
"""What is checked of a source; those that only pods or only persistent volumes have are with them."""
