# SPDX-License-Identifier: Apache-2.0
"""Server-side apply: merge, prune, conflicts (protocol C28, C29, J18).

See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.failures import Failure
from k8s_core.testing.api_server.patches.fieldsets import (
    FieldSet,
    Path,
    children,
    compare,
    fields_of,
    list_elements,
    path_text,
    strip_identity,
)
from k8s_core.testing.api_server.patches.managed import Manager, Managers, Owned, read_managers, write_managers

if TYPE_CHECKING:
    from k8s_core.testing.api_server.kinds.shapes import Shape
    from k8s_core.testing.api_server.writes.writing import Write

__all__ = ["apply_configuration"]

Json = dict[str, Any]
_BEFORE_FIRST = "before-first-apply"


def apply_configuration(write: Write, live: Json, configuration: Json) -> Json:
    """The next state of an object after an apply; ``live`` is empty for a new one.

    Raises:
        Failure: 409 with a cause for each field that another manager owns with another value.
    """
    shape, resource = write.kind.shape(), write.kind.resource
    own = Manager(write.options.manager, "Apply", resource.api_version, write.subresource)
    managers = read_managers(live.get("metadata") or {})
    if live and not managers:
        owned = strip_identity(fields_of(live, shape))
        before = Manager(_BEFORE_FIRST, "Update", resource.api_version)
        managers[before] = Owned(owned, live["metadata"].get("creationTimestamp", write.core.now()))
    wanted = _owned_by(configuration, shape, write)
    last = managers[own].fields if own in managers else set()
    managers[own] = Owned(wanted, write.core.now())
    merged = merge(live, configuration, shape) if live else copy.deepcopy(configuration)
    others: FieldSet = set().union(*(owned.fields for key, owned in managers.items() if key != own))
    _prune(merged, shape, last - wanted, wanted | others)
    _settle_conflicts(write, live, merged, managers, own)
    write_managers(merged["metadata"], managers)
    return merged


def _owned_by(configuration: Json, shape: Shape, write: Write) -> FieldSet:
    fields = strip_identity(fields_of(configuration, shape))
    if write.subresource == "status":
        return {path for path in fields if path[0] == "f:status"}
    if write.kind.has_status():
        return {path for path in fields if path[0] != "f:status"}
    return fields


def merge(live: Any, configuration: Any, shape: Shape) -> Any:
    """``live`` with the fields of ``configuration`` laid over it, lists by their type."""
    if isinstance(live, dict) and isinstance(configuration, dict) and not shape.atomic:
        merged = dict(live)
        for name, value in configuration.items():
            merged[name] = merge(live[name], value, shape.field(name)) if name in live else copy.deepcopy(value)
        return merged
    if isinstance(live, list) and isinstance(configuration, list) and shape.granular_list:
        return _merge_lists(live, configuration, shape)
    return copy.deepcopy(configuration)


def _merge_lists(live: list[Any], configuration: list[Any], shape: Shape) -> list[Any]:
    """The order of the applied list wins; what only the live list has stays behind its live predecessor."""
    before, wanted = list_elements(live, shape), list_elements(configuration, shape)
    merged: list[tuple[str, Any]] = []
    rest = [(element, item) for element, item in before.items() if element not in wanted]
    order = list(before)
    for element, item in wanted.items():
        while element in before and rest and order.index(rest[0][0]) < order.index(element):
            merged.append(rest.pop(0))
        merged.append((element, merge(before[element], item, shape.item) if element in before else copy.deepcopy(item)))
    return [item for _, item in merged + rest]


def _prune(document: Any, shape: Shape, gone: FieldSet, kept: FieldSet) -> None:
    """Remove the fields in ``gone`` unless they, or something below them, are in ``kept``."""
    holders = {path[:length] for path in kept for length in range(1, len(path) + 1)}
    removed: FieldSet = set()
    # From the top: a list item goes as a whole, with what the server put into it.
    for path in sorted(gone - holders, key=len):
        if not any(path[:length] in removed for length in range(1, len(path))):
            removed.add(path)
            _remove(document, shape, path)


def _remove(document: Any, shape: Shape, path: Path) -> None:
    parents: list[tuple[Any, str]] = []
    node = document
    for element in path[:-1]:
        parts = children(node, shape)
        if not parts or element not in parts:
            return
        parents.append((node, element))
        node, shape = parts[element]
    _drop(node, shape, path[-1])
    # A map or list that only held what was removed goes with it.
    for parent, element in reversed(parents):
        if node or len(parents) <= 1:
            return
        if isinstance(parent, dict):
            parent.pop(element.removeprefix("f:"), None)
        node = parent
        parents.pop()


def _drop(node: Any, shape: Shape, element: str) -> None:
    if isinstance(node, dict):
        node.pop(element.removeprefix("f:"), None)
    elif isinstance(node, list):
        item = list_elements(node, shape).get(element)
        if item is not None:
            node.remove(item)


def _settle_conflicts(write: Write, live: Json, merged: Json, managers: Managers, own: Manager) -> None:
    if not live:
        return
    difference = compare(live, merged, write.kind.shape())
    changed, removed = difference.added | difference.modified, difference.removed
    conflicts: list[tuple[Manager, Owned, Path]] = []
    for key, owned in list(managers.items()):
        if key == own:
            continue
        lost = owned.fields & changed
        conflicts.extend((key, owned, path) for path in sorted(lost))
        if lost or owned.fields & removed:
            managers[key] = replace(owned, fields=owned.fields - lost - removed)
    if conflicts and not write.options.force:
        raise _conflict(conflicts)


def _conflict(conflicts: list[tuple[Manager, Owned, Path]]) -> Failure:
    """The 409 of an apply, grouped by manager in its message, with one cause for each field."""
    causes = []
    by_manager: dict[str, list[str]] = {}
    for key, owned, path in conflicts:
        who = _who(key, owned)
        causes.append({"reason": "FieldManagerConflict", "message": who, "field": path_text(path)})
        by_manager.setdefault(who, []).append(path_text(path))
    if len(conflicts) == 1:
        message = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        message = f"Apply failed with {len(conflicts)} conflicts: " + "\n".join(
            f"{'conflicts' if len(fields) > 1 else 'conflict'}{who.removeprefix('conflict')}:\n"
            + "\n".join(f"- {field}" for field in fields)
            for who, fields in by_manager.items()
        )
    return Failure(409, "Conflict", message, {"causes": causes})


def _who(key: Manager, owned: Owned) -> str:
    who = f'conflict with "{key.name}"'
    if key.subresource:
        who += f' with subresource "{key.subresource}"'
    if key.operation == "Update":
        who += f" using {key.api_version}" + (f" at {owned.time}" if owned.time else "")
    return who
