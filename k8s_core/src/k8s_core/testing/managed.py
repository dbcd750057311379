# SPDX-License-Identifier: Apache-2.0
"""managedFields of ordinary writes: who set which field last (protocol J18, E14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core.testing.writing import Write

__all__ = ["same_but_times", "track_update"]

Json = dict[str, Any]


def track_update(write: Write, live: Json | None, document: Json) -> None:
    """Record in ``document`` what this write set."""
    if live is not None and "managedFields" in live["metadata"]:
        document["metadata"].setdefault("managedFields", live["metadata"]["managedFields"])


def same_but_times(document: Json, live: Json) -> bool:
    """True if a write changes nothing, times of managedFields aside (C25)."""
    return document == live
