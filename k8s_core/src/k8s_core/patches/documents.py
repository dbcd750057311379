# SPDX-License-Identifier: Apache-2.0
"""Comparing JSON documents the way the wire does, and reading models and dicts alike. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from k8s_core.errors import PatchError
from k8s_core.model import Model
from k8s_core.model.codec import outgoing

__all__ = ["BOOKKEEPING", "document_of", "prepare", "same"]

BOOKKEEPING = ("resourceVersion", "managedFields", "uid", "generation", "creationTimestamp", "selfLink")
"""Fields of ``metadata`` that the server keeps; a difference between two objects is about the others."""


def document_of(value: Any, what: str) -> dict[str, Any]:
    """The wire document of a model or a dict, as a copy; raises PatchError for anything else."""
    if isinstance(value, (Model, Mapping)):
        return outgoing(value)  # type: ignore[no-any-return]  # a dict for a mapping
    raise PatchError(f"{what} must be a model or a dict, not {type(value).__name__}")


def prepare(before: Any, after: Any) -> tuple[dict[str, Any], dict[str, Any], str | None]:
    """The two documents to compare, without the server's bookkeeping, and the resourceVersion of the first.

    Raises:
        PatchError: not documents, or two different kinds.
    """
    old, new = document_of(before, "before"), document_of(after, "after")
    for key in ("apiVersion", "kind"):
        if old.get(key) and new.get(key) and old[key] != new[key]:
            raise PatchError(f"cannot patch one kind into another: {key} {old[key]!r} and {new[key]!r}")
    metadata = old.get("metadata")
    version = metadata.get("resourceVersion") if isinstance(metadata, Mapping) else None
    return _without_bookkeeping(old), _without_bookkeeping(new), version


def _without_bookkeeping(document: dict[str, Any]) -> dict[str, Any]:
    metadata = document.get("metadata")
    if not isinstance(metadata, Mapping):
        return document
    return {**document, "metadata": {key: value for key, value in metadata.items() if key not in BOOKKEEPING}}


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: unlike Python's, it tells ``1`` from ``True`` and from ``1.0`` (protocol E4)."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
