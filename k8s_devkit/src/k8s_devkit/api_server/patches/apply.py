# SPDX-License-Identifier: Apache-2.0
"""Server-side apply: merge, prune, conflicts (protocol C28, C29, J18).

See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from k8s_devkit.api_server.patches.fieldsets import FieldSet, FieldTree, Path, in_order, path_text, tree_of
from k8s_devkit.api_server.patches.managed import (
    Differences,
    Manager,
    Managers,
    Owned,
    Target,
    live_managers,
    record,
    write_managers,
)
from k8s_devkit.api_server.patches.walking import NoElement, compare, equal, fields_of, merge, remove
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.strategy.document import Document

__all__ = ["apply_configuration"]

_BEFORE_FIRST = "before-first-apply"
_KUBECTL = "kubectl"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def apply_configuration(target: Target, live: Document, configuration: Document, name: str, *, force: bool) -> Document:
    """The next state of an object after an apply by the manager ``name``; ``live`` is empty for a new one.

    Nulls stand where an emptied map or list was. Neither argument is changed.

    Raises:
        Failure: 409 with a cause for each field that another manager owns with another value.
        NoElement: an item of a list cannot be told from the others.
    """
    shape, own = target.shape, target.manager(name, "Apply")
    managers = live_managers(live)
    if live and not managers:
        record(target, managers, {}, live, _BEFORE_FIRST)
    last = managers.get(own)
    wanted = fields_of(configuration, shape)
    managers[own] = Owned(wanted, target.api_version, last.time if last else None)
    merged: Document = merge(live, configuration, shape) or {}
    if last is not None:
        merged = _prune(merged, shape, last.fields, set().union(*(owned.fields for owned in managers.values())))
    conflicts = _conflicts(target, live, merged, managers, own)
    if conflicts and not force and not (name == _KUBECTL and _inherited(target, live, conflicts)):
        raise _conflict(conflicts)
    if mine := target.owns(wanted):
        unchanged = live and equal(_unmanaged(live), _unmanaged(merged))
        managers[own] = replace(managers[own], fields=mine, time=managers[own].time if unchanged else target.now)
    else:
        del managers[own]
    merged = {**merged, "metadata": dict(merged.get("metadata") or {})}
    write_managers(merged["metadata"], managers.items())
    if name == _KUBECTL:
        _remember(merged["metadata"], configuration)
    return merged


def _unmanaged(document: Document) -> Document:
    metadata = {name: value for name, value in (document.get("metadata") or {}).items() if name != "managedFields"}
    return {**document, "metadata": metadata}


def _prune(merged: Document, shape: Shape, last: FieldSet, owned: FieldSet) -> Document:
    """Remove what the manager applied last, and neither it nor anybody else owns now."""
    gone, owned = _with_parents(last, shape), _with_parents(owned, shape)
    if gone <= owned:
        return merged
    before = _with_parents(fields_of(merged, shape), shape)
    pruned = remove(merged, tree_of(gone), shape)
    # What others own comes back, with all that it stands in.
    left = _with_parents(fields_of(pruned, shape), shape)
    pruned = remove(merged, tree_of(before - (left | owned)), shape)
    # What nobody owned before comes back as well: defaults, say.
    left = _with_parents(fields_of(pruned, shape), shape)
    return remove(merged, tree_of((before - left) & gone), shape) or {}


def _with_parents(fields: FieldSet, shape: Shape) -> FieldSet:
    """A set with the declared fields on the way to its paths; list items and free keys don't come with them."""
    found = set(fields)

    def walk(node: FieldTree, shape: Shape, path: Path) -> None:
        for element, child in node.children.items():
            if not child.children:
                continue
            where, name = (*path, element), element[2:]
            if element[0] != "f":
                walk(child, shape.item, where)
                continue
            if shape.declares(name):
                found.add(where)
            walk(child, shape.field(name), where)

    walk(tree_of(fields), shape, ())
    return found


def _conflicts(
    target: Target, live: Document, merged: Document, managers: Managers, own: Manager
) -> dict[Manager, Owned]:
    """What other managers own and the apply changes. They lose it, and what is gone, in place."""
    differences = Differences(target, live, merged)
    conflicts: dict[Manager, Owned] = {}
    for key, owned in list(managers.items()):
        if key == own:
            continue
        seen = differences.seen_by(owned)
        if seen is None:
            del managers[key]
            continue
        if lost := owned.fields & seen.changed:
            conflicts[key] = replace(owned, fields=lost)
        if kept := owned.fields - lost - seen.removed:
            managers[key] = replace(owned, fields=kept)
        else:
            del managers[key]
    return conflicts


def _inherited(target: Target, live: Document, conflicts: dict[Manager, Owned]) -> bool:
    """Whether kubectl may take all over, having set it by client-side apply before; what it may not take is left."""
    text = ((live.get("metadata") or {}).get("annotations") or {}).get(_LAST_APPLIED)
    try:
        last = load_json(text or "null")
        if not isinstance(last, dict) or last.get("apiVersion") != target.api_version:
            return False
        difference = compare(last, live, target.shape)
        allowed = fields_of(last, target.shape) - difference.changed - difference.removed
    except (ValueError, NoElement):
        return False
    for key, owned in list(conflicts.items()):
        if rest := owned.fields - allowed:
            conflicts[key] = replace(owned, fields=rest)
        else:
            del conflicts[key]
    return not conflicts


def _remember(metadata: Document, configuration: Document) -> None:
    """Keep the annotation of client-side apply up to date, where there is one."""
    if not (metadata.get("annotations") or {}).get(_LAST_APPLIED):
        return
    applied = copy.deepcopy(configuration)
    own = applied.setdefault("metadata", {})
    if isinstance(own.get("annotations"), dict):
        own["annotations"].pop(_LAST_APPLIED, None)
    text = json.dumps(applied, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"
    metadata["annotations"] = {**metadata["annotations"], _LAST_APPLIED: text}


def _conflict(conflicts: dict[Manager, Owned]) -> Failure:
    """The 409 of an apply, grouped by manager in its message, with one cause for each field."""
    causes, lines = [], []
    for key, owned in sorted(conflicts.items(), key=lambda item: item[0].order):
        who, paths = _who(key), [path_text(path) for path in in_order(owned.fields)]
        causes += [
            {"reason": "FieldManagerConflict", "message": f"conflict with {who}", "field": path} for path in paths
        ]
        lines += [f"conflicts with {who}:", *(f"- {path}" for path in paths)]
    if len(causes) == 1:
        message = f"Apply failed with 1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        message = f"Apply failed with {len(causes)} conflicts: " + "\n".join(lines)
    return Failure(409, "Conflict", message, {"causes": causes})


def _who(key: Manager) -> str:
    who = json.dumps(key.name, ensure_ascii=False)
    if key.subresource:
        who += f' with subresource "{key.subresource}"'
    return who + (f" using {key.api_version}" if key.operation == "Update" else "")
