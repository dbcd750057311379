# SPDX-License-Identifier: Apache-2.0
"""The garbage collector: dependents follow their owners (protocol J21, C33, H11)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from k8s_devkit.api_server.deletes.deleting import DeleteOptions, delete_entry
from k8s_devkit.api_server.deletes.ownership import FOREGROUND, ORPHAN, Ownership, Place, Reference
from k8s_devkit.api_server.reads.reading import object_key
from k8s_devkit.api_server.store import EVERYTHING, Change, Entry
from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind

__all__ = ["Collector"]

_log = logging.getLogger("k8s_devkit")


class Collector:
    """Deletes objects whose owners are gone, and handles the two finalizers of propagation policies.

    Args:
        automatic: collect in the background after each deletion; otherwise only when `collect` is called.
    """

    def __init__(self, core: ApiCore, *, automatic: bool) -> None:
        self.core = core
        self.automatic = automatic
        self._ownership = Ownership()
        self._planned = False
        self._refused: list[Place] = []
        core.store.listen(EVERYTHING, self._changed)

    def _changed(self, change: Change) -> None:
        self._ownership.record(change)
        if self._refused:
            self._ownership.look_again(self._refused)
            self._refused.clear()
        self._plan()

    def _plan(self) -> None:
        if self.automatic and self._ownership.concerned and not self._planned:
            self._planned = True
            self.core.later(self._round)

    def collect(self) -> int:
        """Look at every object that has an owner, or is one that is being deleted. Returns how many it deleted or
        changed; what that sets off is for the next call."""
        self._ownership.look_again(self._ownership.owned())
        return self._collect()

    def _round(self) -> None:
        self._collect()
        self._plan()

    def _collect(self) -> int:
        done, refused = 0, []
        for place in self._ownership.take():
            try:
                done += self._dependent(place) + self._owner(place)
            except Failure as failure:
                # An admission callable refuses the deletion. As in a cluster it is tried again: at the next write.
                _log.warning("garbage collection of %s %s: %s", place[0][1], place[1], failure.message)
                refused.append(place)
        self._refused = refused
        # Planned again only now: what this round's own writes concern belongs to one next round.
        self._planned = False
        return done

    def _found(self, place: Place) -> tuple[Kind, Entry] | None:
        kind, entry = self.core.catalog.of_store(place[0]), self.core.store.get(*place)
        return None if kind is None or entry is None else (kind, entry)

    def _dependent(self, place: Place) -> int:
        """Delete an object none of whose owners lives."""
        found, owners = self._found(place), self._ownership.references(place)
        if found is None or not owners:
            return 0
        kind, entry = found
        if b'"deletionTimestamp":' in entry.body and entry.document()["metadata"].get("deletionTimestamp"):
            return 0
        states = [self._owner_state(entry, owner) for owner in owners]
        if "solid" in states:
            return self._forget_owners(
                kind, entry, {owner.uid for owner, state in zip(owners, states, strict=True) if state != "solid"}
            )
        # Dependents of a foreground deletion are deleted in the foreground themselves, so that they go bottom up.
        policy = "Foreground" if "waiting" in states and self._dependents(entry) else "Background"
        delete_entry(self.core, kind, entry, DeleteOptions(policy=policy, uid=entry.uid))
        return 1

    def _owner_state(self, dependent: Entry, owner: Reference) -> str:
        """``solid``, ``waiting`` (it is being deleted in the foreground) or ``absent``."""
        group, _, version = owner.apiVersion.rpartition("/")
        kind = self.core.catalog.by_kind(group, version, owner.kind)
        if kind is None:
            return "solid"  # a kind that nobody serves: whether its objects live cannot be known
        if kind.resource.namespaced and not dependent.namespace:
            return "solid"  # a cluster-wide object cannot have such an owner; real collectors leave it alone, too
        # An owner in another namespace does not exist as far as the collector is concerned.
        where = dependent.namespace if kind.resource.namespaced else ""
        found = self.core.store.get(kind.key, object_key(where, owner.name))
        if found is None or found.uid != owner.uid:
            return "absent"
        metadata = found.document()["metadata"] if b'"foregroundDeletion"' in found.body else {}
        if metadata.get("deletionTimestamp") and FOREGROUND in (metadata.get("finalizers") or []):
            return "waiting"
        return "solid"

    def _owner(self, place: Place) -> int:
        """Go on with an object that is deleted by policy Orphan or Foreground."""
        found = self._found(place)
        if found is None or b'"deletionTimestamp":' not in found[1].body:
            return 0
        kind, entry = found
        document = kind.document(entry)
        metadata = document["metadata"]
        finalizers = metadata.get("finalizers") or []
        if not metadata.get("deletionTimestamp"):
            return 0
        if ORPHAN in finalizers:
            self._release(entry)
            finalizers.remove(ORPHAN)
        elif FOREGROUND in finalizers and not self._is_blocked(entry):
            finalizers.remove(FOREGROUND)
        else:
            return 0
        if finalizers or not self.core.deletion_done(kind, document):
            self.core.put(kind, document)
        else:
            self.core.store.delete(kind.key, entry.key)
        return 1

    def _dependents(self, owner: Entry) -> list[tuple[Kind, Entry, Place]]:
        """What the owner owns: in its namespace, or anywhere if it is cluster-wide."""
        places = self._ownership.dependents(owner.uid)
        pairs = [(found, place) for place in places if (found := self._found(place)) is not None]
        return [
            (kind, entry, place)
            for (kind, entry), place in pairs
            if not owner.namespace or entry.namespace == owner.namespace
        ]

    def _is_blocked(self, owner: Entry) -> bool:
        return any(
            reference.uid == owner.uid and reference.blockOwnerDeletion
            for _, _, place in self._dependents(owner)
            for reference in self._ownership.references(place)
        )

    def _release(self, owner: Entry) -> None:
        for kind, entry, _ in self._dependents(owner):
            self._forget_owners(kind, entry, {owner.uid})

    def _forget_owners(self, kind: Kind, entry: Entry, uids: set[str]) -> int:
        """Take owners out of an object's references. Returns how many objects that changed."""
        if not uids:
            return 0
        document = kind.document(entry)
        metadata = document["metadata"]
        metadata["ownerReferences"] = [item for item in metadata["ownerReferences"] if item.get("uid") not in uids]
        if not metadata["ownerReferences"]:
            del metadata["ownerReferences"]
        self.core.put(kind, document)
        return 1
