# SPDX-License-Identifier: Apache-2.0
"""Who set which field of an object, read from ``metadata.managedFields`` (protocol E14, J18). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.client.fieldpaths import field_paths
from k8s_core.errors.hints import nearest

if TYPE_CHECKING:
    import datetime

    from k8s_core.meta import ManagedFieldsEntry
    from k8s_core.model import Resource

__all__ = ["Owner", "Owners", "owners_of"]


@dataclass(frozen=True, slots=True)
class Owner:
    """A field manager, and how it came to own a field.

    Attributes:
        manager: the program's name for itself.
        operation: ``"Apply"`` or ``"Update"``.
        api_version: the version of the kind that it used.
        subresource: such as ``"status"``; empty text for the object itself.
        time: when it last changed its set of fields; None if the server did not say.
    """

    manager: str
    operation: str
    api_version: str
    subresource: str = ""
    time: datetime.datetime | None = None


class Owners(Mapping[str, tuple[Owner, ...]]):
    """Owners by field path, read-only.

    Paths are those of conflict messages, the first dot optional: ``owners["spec.replicas"]``,
    ``owners['spec.template.spec.containers[name="web"].image']``. A missing path raises KeyError with the nearest one;
    ``owners.get(path, ())`` does not.
    """

    def __init__(self, owners: Mapping[str, tuple[Owner, ...]]) -> None:
        self._owners = owners

    def __getitem__(self, path: str) -> tuple[Owner, ...]:
        key = path.removeprefix(".")
        try:
            return self._owners[key]
        except KeyError:
            near = nearest(key, self._owners)
            hint = f"; the nearest owned field is {near[0]}" if near else ""
            raise KeyError(f"nobody owns {key}{hint}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)

    def by(self, manager: str) -> list[str]:
        """The fields that a manager owns, in the order of the object's managedFields."""
        return [path for path, owners in self._owners.items() if any(owner.manager == manager for owner in owners)]

    def managers(self) -> list[str]:
        """The names of all managers, sorted."""
        return sorted({owner.manager for owners in self._owners.values() for owner in owners})

    def __repr__(self) -> str:
        return f"<Owners of {len(self)} fields: {', '.join(self.managers())}>"


def owners_of(obj: Resource) -> Owners:
    """Read the owners of all fields of an object; empty if it has no managedFields."""
    found: dict[str, list[Owner]] = {}
    entries: list[ManagedFieldsEntry] = list(obj.metadata.managedFields)
    for entry in entries:
        owner = _owner(entry)
        for path in field_paths(entry.fieldsV1):
            owners = found.setdefault(path.removeprefix("."), [])
            if owner not in owners:
                owners.append(owner)
    return Owners({path: tuple(owners) for path, owners in found.items()})


def _owner(entry: ManagedFieldsEntry) -> Owner:
    return Owner(
        entry.manager or "", entry.operation or "", entry.apiVersion or "", entry.subresource or "", entry.time
    )
