# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of dynamic resource allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Strategy
from k8s_devkit.strategy.defaults import fill_paths, objects

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document, ServerContext

__all__ = ["DeviceClassStrategy", "ResourceClaimStrategy", "ResourceClaimTemplateStrategy", "ResourceSliceStrategy"]

_REQUEST_DEFAULTS = {
    "spec.devices.requests[].exactly.allocationMode": "ExactCount",
    "spec.devices.requests[].exactly.tolerations[].operator": "Equal",
    "spec.devices.requests[].firstAvailable[].allocationMode": "ExactCount",
    "spec.devices.requests[].firstAvailable[].tolerations[].operator": "Equal",
}


class DeviceClassStrategy(Strategy):
    """DeviceClass."""

    delete_returns_object = True
    generation = "counted"


class ResourceClaimStrategy(Strategy):
    """ResourceClaim."""

    delete_returns_object = True
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")

    def default(self, new: Document, old: Document | None) -> None:
        _default_claim(new)


class ResourceClaimTemplateStrategy(Strategy):
    """ResourceClaimTemplate."""

    delete_returns_object = True

    def default(self, new: Document, old: Document | None) -> None:
        if isinstance(template := new.get("spec"), dict):
            _default_claim(template)


class ResourceSliceStrategy(Strategy):
    """ResourceSlice."""

    delete_returns_object = True
    generation = "counted"

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        """Say since when devices are tainted."""
        for device in objects(new.get("spec") or {}, "devices"):
            for taint in objects(device, "taints"):
                taint.setdefault("timeAdded", new["metadata"]["creationTimestamp"])


def _default_claim(holder: Document) -> None:
    """Fill the defaults of ``holder.spec``: one device for each request that says no number."""
    fill_paths(holder, _REQUEST_DEFAULTS)
    for request in objects((holder.get("spec") or {}).get("devices") or {}, "requests"):
        exact = request.get("exactly")
        for part in (*([exact] if isinstance(exact, dict) else ()), *objects(request, "firstAvailable")):
            if part.get("allocationMode") == "ExactCount" and not part.get("count"):
                part["count"] = 1
