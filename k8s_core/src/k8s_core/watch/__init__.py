# SPDX-License-Identifier: Apache-2.0
"""Watching: events, the pure state machine, and :class:`Watcher`, the loop that never silently stops."""

from __future__ import annotations

from k8s_core.watch.events import ADDED, DELETED, MODIFIED, UNDECODABLE, UndecodableEvent, WatchEvent
from k8s_core.watch.state import WatchState
from k8s_core.watch.watcher import Watcher

__all__ = ["ADDED", "DELETED", "MODIFIED", "UNDECODABLE", "UndecodableEvent", "WatchEvent", "WatchState", "Watcher"]
