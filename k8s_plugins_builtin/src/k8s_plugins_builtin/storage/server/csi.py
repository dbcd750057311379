# SPDX-License-Identifier: Apache-2.0
"""The kinds of the Container Storage Interface: CSIDrivers, CSINodes and CSIStorageCapacities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import dns_subdomain, label_key
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.selectors import check_label_selector
from k8s_plugins_builtin.core.server.pods.volume_sources import check_driver_name
from k8s_plugins_builtin.core.server.resources import amount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["CSIDriverStrategy", "CSINodeStrategy", "CSIStorageCapacityStrategy"]

_DRIVER_DEFAULTS = {
    "spec.attachRequired": True,
    "spec.fsGroupPolicy": "ReadWriteOnceWithFSType",
    "spec.podInfoOnMount": False,
    "spec.requiresRepublish": False,
    "spec.seLinuxMount": False,
    "spec.storageCapacity": False,
    "spec.volumeLifecycleModes": ["Persistent"],
}
_check_attachment_kept = freeze("spec.attachRequired")
_check_topology_kept = freeze("nodeTopology", "storageClassName")


class CSIDriverStrategy(Strategy):
    """CSIDriver."""

    unconditional_update = False
    delete_returns_object = True
    generation = "late"

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, _DRIVER_DEFAULTS)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_driver(new)]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        spec = new.get("spec") or {}
        if spec.get("tokenRequests") and "serviceAccountTokenInSecrets" not in spec:
            yield (
                "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent "
                "possible logging of tokens in volume attributes"
            )

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *_check_driver(new), *_check_attachment_kept(new, old)]


class CSINodeStrategy(Strategy):
    """CSINode."""

    unconditional_update = False
    delete_returns_object = True

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_node(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check_node(new)]


class CSIStorageCapacityStrategy(Strategy):
    """CSIStorageCapacity."""

    unconditional_update = False

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_capacity(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *_check_topology_kept(new, old)]


def _check_driver(document: Document) -> Problems:
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


def _check_node(document: Document) -> Problems:
    problems = Problems()
    names: set[str] = set()
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


def _check_capacity(document: Document) -> Problems:
    problems = check_label_selector(document.get("nodeTopology"), "nodeTopology")
    name = document.get("storageClassName", "")
    problems.invalid("storageClassName", name, *dns_subdomain(name))
    if document.get("capacity") is not None and amount(document["capacity"]) < 0:
        problems.invalid("capacity", str(amount(document["capacity"])), "must be greater than or equal to 0")
    return problems
