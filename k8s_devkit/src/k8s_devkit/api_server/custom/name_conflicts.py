# SPDX-License-Identifier: Apache-2.0
"""Which names of a CRD can be accepted beside those of the others in its group (protocol J23). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy.document import Document

__all__ = ["accept_names"]


def accept_names(names: Document, others: Iterable[Document]) -> tuple[Document, tuple[str, str] | None]:
    """The names that are free, and reason and message of the conflict that is told: the last one.

    Args:
        names: what the CRD asks for.
        others: the accepted names of the other CRDs of the group.
    """
    resources: set[str] = set()
    kinds: set[str] = set()
    for other in others:
        resources.update((other.get("plural") or "", other.get("singular") or "", *(other.get("shortNames") or ())))
        kinds.update((other.get("kind") or "", other.get("listKind") or ""))
    accepted: Document = {"plural": "", "kind": ""}
    conflict = None
    for key, taken, reason in (
        ("plural", resources, "PluralConflict"),
        ("singular", resources, "SingularConflict"),
        ("shortNames", resources, "ShortNamesConflict"),
        ("kind", kinds, "KindConflict"),
        ("listKind", kinds, "ListKindConflict"),
    ):
        value = names.get(key)
        if not value:
            continue
        wanted = value if isinstance(value, list) else [value]
        if used := [name for name in wanted if name in taken]:
            texts = [f'"{name}" is already in use' for name in used]
            conflict = reason, texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
        else:
            accepted[key] = value
    if names.get("categories"):
        accepted["categories"] = names["categories"]
    return accepted, conflict
