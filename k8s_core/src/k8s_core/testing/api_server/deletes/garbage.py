# SPDX-License-Identifier: Apache-2.0
"""The garbage collector: dependents follow their owners (protocol J21, C33, H11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.deletes.deleting import DeleteOptions, delete_entry
from k8s_core.testing.api_server.reads.reading import object_key
from k8s_core.testing.api_server.store import DELETED, EVERYTHING, Change, Entry, StoreKey

if TYPE_CHECKING:
    from k8s_core.testing.api_server.core import ApiCore
    from k8s_core.testing.api_server.kinds.catalog import Kind

__all__ = ["Collector"]

Json = dict[str, Any]
_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"


def _has_policy(body: bytes) -> bool:
    return b'"orphan"' in body or b'"foregroundDeletion"' in body


class Collector:
    """Deletes objects whose owners are gone, and handles the two finalizers of propagation policies.

    Args:
        automatic: collect in the background after each deletion; otherwise only when `collect` is called.
    """

    def __init__(self, core: ApiCore, *, automatic: bool) -> None:
        self.core = core
        self.automatic = automatic
        self._planned = False
        self._concerned: dict[tuple[StoreKey, str], None] = {}
        core.store.listen(EVERYTHING, self._changed)

    def _changed(self, change: Change) -> None:
        body, place = change.entry.body, (change.resource, change.entry.key)
        # Looked for in the bytes: a parse of every write would cost more than the rest of it.
        if change.type != DELETED and (b'"ownerReferences":[{' in body or _has_policy(body)):
            self._concerned[place] = None
        else:
            self._concerned.pop(place, None)
        if self.automatic and self._concerned and not self._planned:
            self._planned = True
            self.core.later(self._round)

    def collect(self) -> int:
        """Do one round over all objects. Returns how many it deleted or changed."""
        self._planned = False
        done = 0
        for key, name in list(self._concerned):
            kind, entry = self.core.catalog.of_store(key), self.core.store.get(key, name)
            if kind is None or entry is None:
                continue
            if b'"ownerReferences":[{' in entry.body:
                done += self._dependent(kind, entry)
            if _has_policy(entry.body):
                done += self._owner(kind, entry)
        if done and self.automatic and not self._planned:
            self._planned = True
            self.core.later(self._round)
        return done

    def _round(self) -> None:
        self.collect()

    def _dependent(self, kind: Kind, entry: Entry) -> int:
        """Delete an object none of whose owners lives."""
        document = entry.document()
        if document["metadata"].get("deletionTimestamp"):
            return 0
        owners = document["metadata"]["ownerReferences"]
        states = [self._owner_state(entry.namespace, owner) for owner in owners]
        solid = [owner for owner, state in zip(owners, states, strict=True) if state == "solid"]
        waiting = [owner for owner, state in zip(owners, states, strict=True) if state == "waiting"]
        if solid:
            gone = [owner for owner in owners if owner not in solid]
            if not gone:
                return 0
            document["metadata"]["ownerReferences"] = solid
            self.core.put(kind, document)
            return 1
        # Dependents of a foreground deletion are deleted in the foreground themselves, so that they go bottom up.
        policy = "Foreground" if waiting and self._has_dependents(entry) else "Background"
        delete_entry(self.core, kind, entry, DeleteOptions(policy=policy, uid=entry.uid))
        return 1

    def _owner_state(self, namespace: str, owner: Json) -> str:
        """``solid``, ``waiting`` (it is being deleted in the foreground) or ``absent``."""
        group, _, version = str(owner.get("apiVersion", "")).rpartition("/")
        kind = self.core.catalog.by_kind(group, version, str(owner.get("kind", "")))
        if kind is None:
            return "solid"  # a kind that nobody serves: whether its objects live cannot be known
        # An owner in another namespace does not exist as far as the collector is concerned.
        where = namespace if kind.resource.namespaced else ""
        found = self.core.store.get(kind.key, object_key(where, str(owner.get("name", ""))))
        if found is None or found.uid != owner.get("uid"):
            return "absent"
        metadata = found.document()["metadata"]
        if metadata.get("deletionTimestamp") and _FOREGROUND in (metadata.get("finalizers") or []):
            return "waiting"
        return "solid"

    def _owner(self, kind: Kind, entry: Entry) -> int:
        """Go on with an object that is deleted by policy Orphan or Foreground."""
        current = self.core.store.get(kind.key, entry.key)
        if current is None:
            return 0
        document = kind.document(current)
        metadata = document["metadata"]
        finalizers = metadata.get("finalizers") or []
        if not metadata.get("deletionTimestamp"):
            return 0
        if _ORPHAN in finalizers:
            self._release(current)
            finalizers.remove(_ORPHAN)
        elif _FOREGROUND in finalizers and not self._has_dependents(current, blocking=True):
            finalizers.remove(_FOREGROUND)
        else:
            return 0
        if finalizers or not self.core.deletion_done(kind, document):
            self.core.put(kind, document)
        else:
            self.core.store.delete(kind.key, current.key)
        return 1

    def _dependents(self, owner: Entry) -> list[tuple[Kind, Entry, Json]]:
        needle = f'"uid":"{owner.uid}"'.encode()
        found: list[tuple[Kind, Entry, Json]] = []
        for key, name in list(self._concerned):
            kind, entry = self.core.catalog.of_store(key), self.core.store.get(key, name)
            if kind is None or entry is None or needle not in entry.body:
                continue
            if owner.namespace and entry.namespace != owner.namespace:
                continue
            references = entry.document()["metadata"].get("ownerReferences") or []
            found.extend((kind, entry, item) for item in references if item.get("uid") == owner.uid)
        return found

    def _has_dependents(self, owner: Entry, *, blocking: bool = False) -> bool:
        dependents = self._dependents(owner)
        return any(reference.get("blockOwnerDeletion") or not blocking for _, _, reference in dependents)

    def _release(self, owner: Entry) -> None:
        for kind, entry, reference in self._dependents(owner):
            document = kind.document(entry)
            references = [item for item in document["metadata"]["ownerReferences"] if item != reference]
            document["metadata"]["ownerReferences"] = references
            if not references:
                del document["metadata"]["ownerReferences"]
            self.core.put(kind, document)
