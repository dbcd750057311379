# SPDX-License-Identifier: Apache-2.0
"""Which pod and which of its containers a subresource is about (protocol F14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.strategy.failures import bad_request, not_found

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.store import Entry

__all__ = ["choose_container", "find_pod"]

Json = dict[str, Any]


def find_pod(core: ApiCore, call: Call, name: str) -> Entry:
    """The pod ``name`` in the namespace of a call. Raises the 404."""
    kind = core.catalog.find("", "v1", "pods")
    if kind is None:
        raise not_found(call.kind.resource, name)
    return get_entry(core.store, kind, call.info.namespace, name)


def choose_container(pod: Json, wanted: str) -> str:
    """The container ``wanted``, or the only one. Raises the 400 that lists them."""
    spec, name = pod.get("spec") or {}, pod["metadata"]["name"]
    everything = [
        str(container["name"])
        for key in ("initContainers", "containers", "ephemeralContainers")
        for container in spec.get(key) or []
    ]
    if wanted:
        if wanted not in everything:
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    containers = spec.get("containers") or []
    if len(containers) == 1:
        return str(containers[0]["name"])
    text = f"a container name must be specified for pod {name}"
    raise bad_request(f"{text}, choose one of: [{' '.join(everything)}]" if containers else text)
