# SPDX-License-Identifier: Apache-2.0
"""managedFields: who set which field last, kept with every write (protocol J18, E14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.patches.fieldsets import (
    FieldSet,
    compact,
    excluding,
    from_wire,
    strip_identity,
    to_wire,
)
from k8s_devkit.api_server.patches.walking import Difference, NoElement, compare, equal
from k8s_devkit.api_server.writes.go_form import empty_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.api_server.writes.writing import Write
    from k8s_devkit.strategy.document import Document

__all__ = [
    "Differences",
    "Manager",
    "Managers",
    "Owned",
    "Target",
    "live_managers",
    "read_managers",
    "record",
    "same_but_times",
    "target_of",
    "track_update",
    "write_managers",
]

_UPDATE_LIMIT = 10
_ANCIENT = "ancient-changes"


@dataclass(frozen=True, slots=True)
class Manager:
    """The identity of an entry. An apply is the same whatever its version; an update has one entry for each version."""

    name: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    @property
    def order(self) -> str:
        """What the API server sorts managers by: their JSON."""
        parts = {"manager": self.name, "operation": self.operation, "apiVersion": self.api_version}
        if self.subresource:
            parts["subresource"] = self.subresource
        return ",".join(f'"{name}":{compact(value)}' for name, value in parts.items() if value) + "}"


@dataclass(slots=True)
class Owned:
    """What a manager owns, in which version, and since when; no time is kept of what changed nothing."""

    fields: FieldSet
    api_version: str
    time: str | None


Managers = dict[Manager, Owned]


@dataclass(frozen=True, slots=True)
class Target:
    """What a write goes to, as far as ownership is concerned.

    Attributes:
        ignored: what the write cannot change, such as ``status`` through the main resource: nobody gains or loses it.
        ignored_elsewhere: the same for managers that speak another version.
        translate: a document in another version of the same kind with its shape; None for a version that is not served.
    """

    shape: Shape
    api_version: str
    subresource: str
    ignored: FieldSet
    ignored_elsewhere: FieldSet
    now: str
    translate: Callable[[str, Document], tuple[Document, Shape] | None]

    def manager(self, name: str, operation: str) -> Manager:
        """The identity of a manager that writes to this target."""
        return Manager(name, operation, "" if operation == "Apply" else self.api_version, self.subresource)

    def owns(self, fields: FieldSet) -> FieldSet:
        """What can be owned of ``fields``."""
        return strip_identity(excluding(fields, self.ignored))


def target_of(write: Write) -> Target:
    """The target of a write to an object or its status."""
    kind = write.kind
    ignored: FieldSet = set()
    if write.subresource:
        kept = kind.strategy.status_update_keeps if write.subresource == "status" else None
        ignored = {("f:spec",)}
        ignored |= (
            {("f:metadata",)} if kept is None or len(kept) > 1 else {("f:metadata", f"f:{name}") for name in kept}
        )
    elif kind.has_status():
        ignored = {("f:status",)}
    # The main resource of a custom kind ignores status in its own version only.
    elsewhere = ignored if write.subresource or kind.converts_managers else set()

    def translate(api_version: str, document: Document) -> tuple[Document, Shape] | None:
        group, _, version = api_version.rpartition("/")
        other = write.core.catalog.find(group, version, kind.resource.plural) if group == kind.resource.group else None
        if other is None:
            return None
        if kind.strategy.converted or other.strategy.converted:
            document = other.strategy.from_storage(kind.stored(document))
        return document, other.shape()

    version = kind.resource.api_version
    return Target(kind.shape(), version, write.subresource, ignored, elsewhere, write.core.now(), translate)


def read_managers(entries: Any) -> Managers:
    """The entries of ``metadata.managedFields``. Raises ValueError for entries that the API server refuses."""
    managers: Managers = {}
    for entry in entries or ():
        name, operation, version = (entry.get(key) or "" for key in ("manager", "operation", "apiVersion"))
        if operation not in ("Apply", "Update") or not version or entry.get("fieldsType") != "FieldsV1":
            raise ValueError(f"no entry of managedFields: {entry}")
        key = Manager(name, operation, "" if operation == "Apply" else version, entry.get("subresource") or "")
        managers[key] = Owned(from_wire(entry.get("fieldsV1") or {}), version, entry.get("time"))
    return managers


def live_managers(live: Document | None) -> Managers:
    """The managers of a stored object."""
    try:
        return read_managers(((live or {}).get("metadata") or {}).get("managedFields"))
    except ValueError:
        return {}


def write_managers(metadata: Document, managers: Iterable[tuple[Manager, Owned]]) -> None:
    """Set ``metadata.managedFields``: applies first, then updates by time, as the API server sorts them."""
    entries = []
    for key, owned in sorted(
        managers,
        key=lambda item: (
            item[0].operation,
            item[1].time or "",
            item[0].name,
            item[1].api_version,
            item[0].subresource,
        ),
    ):
        entry: Document = {"manager": key.name, "operation": key.operation, "apiVersion": owned.api_version}
        if owned.time:
            entry["time"] = owned.time
        entry.update(fieldsType="FieldsV1", fieldsV1=to_wire(owned.fields))
        if key.subresource:
            entry["subresource"] = key.subresource
        entries.append(entry)
    metadata.pop("managedFields", None)
    if entries:
        metadata["managedFields"] = entries


def track_update(write: Write, live: Document | None, document: Document) -> None:
    """Record in ``document`` what this create, update or patch set (apply and scale keep their own books)."""
    if write.operation == "Apply" or write.subresource == "scale":
        return
    metadata = document["metadata"]
    managers = _known(write, live, metadata.pop("managedFields", None))
    if live is not None and not managers:
        return  # nobody was ever recorded; only an apply begins to
    try:
        record(target_of(write), managers, live or empty_form(write.kind), document, write.options.manager)
    except NoElement:
        return  # nobody can be told from another: the API server forgets all of them
    _cap(managers)
    write_managers(metadata, managers.items())


def _known(write: Write, live: Document | None, given: Any) -> Managers:
    """The managers that a write starts from: those that it sends, unless it sends none or nonsense."""
    if write.subresource:
        return live_managers(live)
    # One empty entry forgets all owners; no entries do so only where empty is not the same as absent.
    if given == [{}] or (given == [] and write.kind.converts_managers):
        return {}
    try:
        return read_managers(given) or live_managers(live)
    except (ValueError, AttributeError):
        return live_managers(live)


class Differences:
    """How two documents differ in each version that a manager speaks."""

    def __init__(self, target: Target, old: Document, new: Document) -> None:
        self.target, self.old, self.new = target, old, new
        self.whole = compare(old, new, target.shape)
        self._by_version: dict[str, Difference | None] = {target.api_version: self.whole.without(target.ignored)}

    def seen_by(self, owned: Owned) -> Difference | None:
        """What concerns a manager; None if its version is not served any more."""
        version = owned.api_version
        if version not in self._by_version:
            old = self.target.translate(version, self.old)
            new = self.target.translate(version, self.new)
            found = compare(old[0], new[0], new[1]) if old and new else None
            self._by_version[version] = found.without(self.target.ignored_elsewhere) if found else None
        return self._by_version[version]


def record(target: Target, managers: Managers, old: Document, new: Document, name: str) -> None:
    """Give what ``new`` changes to the manager ``name``, and take it from all others, in place."""
    differences = Differences(target, old, new)
    for key, owned in list(managers.items()):
        seen = differences.seen_by(owned)
        kept = owned.fields - seen.changed - seen.removed if seen else set()
        if kept:
            managers[key] = replace(owned, fields=kept)
        else:
            del managers[key]
    gained = target.owns(differences.whole.changed)
    if gained:
        own = target.manager(name, "Update")
        before = managers[own].fields if own in managers else set()
        managers[own] = Owned(before | gained, target.api_version, target.now)


def _cap(managers: Managers) -> None:
    """Fold the oldest update entries into one for each version when there are more than ten."""
    updates = [key for key in managers if key.operation == "Update"]
    updates.sort(key=lambda key: (managers[key].time or "", key.order))
    count, first = len(updates), dict[str, Manager]()
    for key in updates:
        if count <= _UPDATE_LIMIT:
            return
        version = managers[key].api_version
        bucket = Manager(_ANCIENT, "Update", version)
        if version not in first:
            first[version] = key
            continue
        if bucket not in managers:
            managers[bucket] = managers.pop(first[version])
        owned = managers.pop(key)
        managers[bucket] = replace(owned, fields=owned.fields | managers[bucket].fields)
        count -= 1


def same_but_times(document: Document, live: Document) -> bool:
    """True if a write changes nothing but the times of managedFields (C25)."""
    if document["metadata"].keys() != live["metadata"].keys() or document.keys() != live.keys():
        return False
    if any(name != "metadata" and not equal(value, live[name]) for name, value in document.items()):
        return False
    return equal(_timeless(document["metadata"]), _timeless(live["metadata"]))


def _timeless(metadata: Document) -> Document:
    entries = [{**entry, "time": None} for entry in metadata.get("managedFields") or []]
    return {**metadata, "managedFields": entries}
