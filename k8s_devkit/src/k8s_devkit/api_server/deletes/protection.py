# SPDX-License-Identifier: Apache-2.0
"""Storage that is in use stays: the finalizers of claims and volumes, taken off when the time has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.store import DELETED, Change, Entry, StoreKey
from k8s_devkit.api_server.writes.default_admission import PROTECTION

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore

__all__ = ["StorageProtection"]

Json = dict[str, Any]
_CLAIMS, _VOLUMES, _PODS = ("", "persistentvolumeclaims"), ("", "persistentvolumes"), ("", "pods")
_DONE = ("Succeeded", "Failed")


class StorageProtection:
    """Lets a deleted claim go when no pod uses it, and a deleted volume when it is not bound."""

    def __init__(self, core: ApiCore) -> None:
        self.core = core
        self._waiting: set[str] = set()
        for key in (_CLAIMS, _VOLUMES):
            core.store.listen(key, self._changed)
        core.store.listen(_PODS, self._pod_changed)

    def _changed(self, change: Change) -> None:
        if change.type != DELETED and b'"deletionTimestamp"' in change.entry.body:
            self.core.later(lambda: self._release(change.resource, change.entry.key))

    def _pod_changed(self, change: Change) -> None:
        if self._waiting and (change.type == DELETED or b'"persistentVolumeClaim"' in change.entry.body):
            for key in sorted(self._waiting):
                self.core.later(lambda key=key: self._release(_CLAIMS, key))  # type: ignore[misc]  # see the default

    def _release(self, resource: StoreKey, key: str) -> None:
        core = self.core
        self._waiting.discard(key)
        entry, kind = core.store.get(resource, key), core.catalog.of_store(resource)
        if entry is None or kind is None:
            return
        document = kind.document(entry)
        metadata = document["metadata"]
        finalizer = PROTECTION[resource]
        if finalizer not in (metadata.get("finalizers") or []) or not metadata.get("deletionTimestamp"):
            return
        if self._used(resource, entry, document):
            self._waiting.add(key)
            return
        metadata["finalizers"].remove(finalizer)
        if metadata["finalizers"]:
            core.put(kind, document)
        else:
            core.store.delete(resource, key)

    def _used(self, resource: StoreKey, entry: Entry, document: Json) -> bool:
        if resource == _VOLUMES:
            return (document.get("status") or {}).get("phase") == "Bound"
        for pod in self.core.store.entries(_PODS, entry.namespace):
            state = pod.document()
            if (state.get("status") or {}).get("phase") in _DONE:
                continue
            for volume in (state.get("spec") or {}).get("volumes") or []:
                if (volume.get("persistentVolumeClaim") or {}).get("claimName") == entry.name:
                    return True
        return False
