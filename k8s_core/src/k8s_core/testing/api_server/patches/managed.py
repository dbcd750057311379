# SPDX-License-Identifier: Apache-2.0
"""managedFields: who set which field last, kept with every write (protocol J18, E14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.patches.fieldsets import FieldSet, compare, from_wire, strip_identity, to_wire

if TYPE_CHECKING:
    from k8s_core.testing.api_server.writes.writing import Write

__all__ = ["Manager", "Managers", "read_managers", "same_but_times", "track_update", "write_managers"]

Json = dict[str, Any]
_UPDATE_LIMIT = 10
_ANCIENT = "ancient-changes"


@dataclass(frozen=True, slots=True)
class Manager:
    """The identity of an entry: one manager has one for each operation, version and subresource."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""


@dataclass(slots=True)
class Owned:
    """What a manager owns, and since when."""

    fields: FieldSet
    time: str


Managers = dict[Manager, Owned]


def read_managers(metadata: Json) -> Managers:
    """The entries of ``metadata.managedFields``."""
    managers: Managers = {}
    for entry in metadata.get("managedFields") or []:
        if not entry:
            continue
        key = Manager(
            entry.get("manager", ""),
            entry.get("operation", ""),
            entry.get("apiVersion", ""),
            entry.get("subresource", ""),
        )
        managers[key] = Owned(from_wire(entry.get("fieldsV1") or {}), entry.get("time", ""))
    return managers


def write_managers(metadata: Json, managers: Managers) -> None:
    """Set ``metadata.managedFields``: applies first, then updates by time, as the API server sorts them."""
    entries = []
    for key, owned in sorted(managers.items(), key=lambda item: (item[0].operation, item[1].time, item[0].name)):
        if not owned.fields:
            continue
        entry: Json = {
            "manager": key.name,
            "operation": key.operation,
            "apiVersion": key.api_version,
            "time": owned.time,
            "fieldsType": "FieldsV1",
            "fieldsV1": to_wire(owned.fields),
        }
        if key.subresource:
            entry["subresource"] = key.subresource
        entries.append(entry)
    metadata.pop("managedFields", None)
    if entries:
        metadata["managedFields"] = entries


def track_update(write: Write, live: Json | None, document: Json) -> None:
    """Record in ``document`` what this create, update or patch set (not for apply, which keeps its own books)."""
    if write.operation == "Apply":
        return
    metadata = document["metadata"]
    if live is None:
        managers: Managers = {}
    else:
        if "managedFields" in metadata and not any(metadata["managedFields"] or []):
            metadata.pop("managedFields")  # [] and [{}] forget all owners
            return
        kept = live["metadata"].get("managedFields")
        if not kept:
            metadata.pop("managedFields", None)
            return  # nobody was ever recorded; only an apply begins to
        managers = read_managers({"managedFields": metadata.get("managedFields") or kept})
    difference = compare(live or {"metadata": {}}, document, write.kind.shape())
    changed = _own_part(write, strip_identity(difference.added | difference.modified))
    removed = _own_part(write, strip_identity(difference.removed))
    own = Manager(write.options.manager, "Update", write.kind.resource.api_version, write.subresource)
    for key, owned in managers.items():
        if key != own and (changed or removed):
            lost = owned.fields & (changed | removed)
            if lost:
                managers[key] = replace(owned, fields=owned.fields - lost)
    mine = managers.get(own)
    if changed or (mine is not None and mine.fields & removed):
        fields = ((mine.fields if mine else set()) | changed) - removed
        managers[own] = Owned(fields, write.core.now())
    _cap(managers, write.kind.resource.api_version)
    write_managers(metadata, managers)


def _own_part(write: Write, fields: FieldSet) -> FieldSet:
    """Without the part that a write cannot touch: ``status`` where it is a subresource."""
    if write.subresource == "status" or not write.kind.has_status():
        return fields
    return {path for path in fields if path[0] != "f:status"}


def _cap(managers: Managers, api_version: str) -> None:
    """Fold the oldest update entries into one when there are more than ten."""
    updates = [key for key in managers if key.operation == "Update" and key.name != _ANCIENT]
    surplus = len(updates) - _UPDATE_LIMIT
    if surplus <= 0:
        return
    updates.sort(key=lambda key: managers[key].time)
    ancient = Manager(_ANCIENT, "Update", api_version)
    folded = managers.pop(ancient, Owned(set(), ""))
    for key in updates[: surplus + 1]:
        owned = managers.pop(key)
        folded = Owned(folded.fields | owned.fields, max(folded.time, owned.time))
    managers[ancient] = folded


def same_but_times(document: Json, live: Json) -> bool:
    """True if a write changes nothing but the times of managedFields (C25)."""
    if document == live:
        return True
    if {**document, "metadata": None} != {**live, "metadata": None}:
        return False
    return _timeless(document["metadata"]) == _timeless(live["metadata"])


def _timeless(metadata: Json) -> Json:
    entries = [{**entry, "time": None} for entry in metadata.get("managedFields") or []]
    return {**metadata, "managedFields": entries}
