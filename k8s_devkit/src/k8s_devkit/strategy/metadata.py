# SPDX-License-Identifier: Apache-2.0
"""The rules for ``metadata``, with the API server's messages. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems, go_quoted
from k8s_devkit.strategy.formats import label_key, path_segment
from k8s_devkit.strategy.labels import check_annotations, check_label_map

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.strategy.document import Document

__all__ = [
    "check_metadata",
    "check_metadata_common",
    "check_metadata_update",
    "check_standard_finalizer",
    "finalizer_warnings",
]

_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def check_metadata(
    document: Document,
    name_problems: Callable[..., list[str]],
    *,
    standard_finalizers: bool = False,
    created: bool = True,
) -> Problems:
    """The errors of an object's metadata by itself.

    Args:
        name_problems: what is wrong with a name; takes it and ``created``.
        standard_finalizers: a finalizer without a domain must be one of Kubernetes' own.
        created: the object is new; otherwise an update checks it once more.
    """
    metadata, problems = document["metadata"], Problems()
    name, base = metadata.get("name") or "", metadata.get("generateName") or ""
    if base:
        masked = f"{base[:-2]}a" if len(base) > 1 and base.endswith("-") else base
        problems.invalid("metadata.generateName", base, *name_problems(masked, created=created))
    if not name:
        problems.required("metadata.name", "name or generateName is required")
    else:
        problems.invalid("metadata.name", name, *name_problems(name, created=created))
    _check_common(problems, metadata)
    _check_finalizers(problems, metadata.get("finalizers") or [])
    if standard_finalizers:
        _check_standard(problems, metadata)
    return problems


def check_metadata_common(document: Document) -> Problems:
    """The errors of an object's metadata by the rules for all kinds, whose names can be any part of a path."""
    metadata, problems = document["metadata"], Problems()
    problems.nonnegative(metadata, "metadata", "generation")
    if not metadata.get("name"):
        problems.required("metadata.name", "name or generateName is required")
    problems.invalid("metadata.name", metadata.get("name", ""), *path_segment(metadata.get("name", "")))
    _check_common(problems, metadata)
    _check_finalizers(problems, metadata.get("finalizers") or [])
    return problems


def _check_common(problems: Problems, metadata: Document) -> None:
    problems += check_label_map(metadata.get("labels"), "metadata.labels")
    problems += check_annotations(metadata.get("annotations"), "metadata.annotations")
    _check_owners(problems, metadata.get("ownerReferences") or [])


# In the order in which Go writes them.
_OWNER = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")


def _check_owners(problems: Problems, owners: list[Document]) -> None:
    # The API server's errors do not say which one.
    path, first = "metadata.ownerReferences", ""
    owners = [{name: owner[name] for name in _OWNER if name in owner} for owner in owners]
    for owner in owners:
        version = (owner.get("apiVersion") or "").rpartition("/")[2]
        if not version:
            problems.invalid(f"{path}.apiVersion", owner.get("apiVersion", ""), "version must not be empty")
        for name in ("kind", "name", "uid"):
            if not owner.get(name):
                problems.invalid(f"{path}.{name}", owner.get(name, ""), "must not be empty")
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            problems.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner")
        if owner.get("controller"):
            current = f"{owner.get('kind', '')}/{owner.get('name', '')}"
            if first:
                text = "Only one reference can have Controller set to true. "
                problems.invalid(path, owners, f'{text}Found "true" in references for {first} and {current}')
            first = first or current


def _check_finalizers(problems: Problems, finalizers: list[str]) -> None:
    for finalizer in finalizers:
        problems.invalid("metadata.finalizers", finalizer, *label_key(finalizer))
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        problems.invalid("metadata.finalizers", finalizers, text)


def _check_standard(problems: Problems, metadata: Document) -> None:
    for index, finalizer in enumerate(metadata.get("finalizers") or []):
        check_standard_finalizer(problems, finalizer, f"metadata.finalizers[{index}]")


def check_metadata_update(document: Document, live: Document, *, standard_finalizers: bool = False) -> Problems:
    """The errors of what an update does to an object's metadata."""
    metadata, old, problems = document["metadata"], live["metadata"], Problems()
    if old.get("deletionTimestamp"):
        known = old.get("finalizers") or []
        added = sorted({name for name in metadata.get("finalizers") or [] if name not in known})
        if added:
            shown = ", ".join(go_quoted(name) for name in added)
            problems.forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{shown}}}",
            )
    for key in ("name", "namespace", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if (metadata.get(key) or None) != (old.get(key) or None):
            problems.invalid(f"metadata.{key}", metadata.get(key), "field is immutable")
    _check_common(problems, metadata)
    if standard_finalizers:
        _check_standard(problems, metadata)
    return problems


def finalizer_warnings(document: Document, live: Document | None) -> list[str]:
    """The warnings for new finalizers whose names have no domain."""
    before = (live or {}).get("metadata", {}).get("finalizers") or []
    return [
        f'metadata.finalizers: "{name}": prefer a domain-qualified finalizer name to avoid accidental conflicts with '
        "other finalizer writers"
        for name in document["metadata"].get("finalizers") or []
        if "/" not in name and name not in before and name not in _STANDARD_FINALIZERS
    ]


def check_standard_finalizer(problems: Problems, finalizer: str, path: str) -> None:
    """A finalizer without a domain is one of Kubernetes' own."""
    if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
        text = "name is neither a standard finalizer name nor is it fully qualified"
        problems.invalid(path, finalizer, text)
