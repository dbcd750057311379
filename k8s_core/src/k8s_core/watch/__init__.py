# SPDX-License-Identifier: Apache-2.0
"""Watching: :class:`Watcher`, the loop that never silently stops; :class:`Informer`, a cache that follows; waiting.

Inside, :class:`WatchState` is the protocol as a pure state machine; everything else is a thin shell around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes

if TYPE_CHECKING:
    from k8s_core.watch.events import ADDED, DELETED, MODIFIED, UNDECODABLE, UndecodableEvent, WatchEvent
    from k8s_core.watch.factory import InformerFactory
    from k8s_core.watch.failures import InformerStopped
    from k8s_core.watch.group import WatcherGroup
    from k8s_core.watch.handlers import Notification
    from k8s_core.watch.informer import Informer
    from k8s_core.watch.state import WatchState
    from k8s_core.watch.waiting import Collection, Waited, WaitProgress, wait_for, wait_for_many
    from k8s_core.watch.watcher import Watcher
    from k8s_core.watch.workqueue import WorkQueue

__all__ = [
    "ADDED",
    "DELETED",
    "MODIFIED",
    "UNDECODABLE",
    "Collection",
    "Informer",
    "InformerFactory",
    "InformerStopped",
    "Notification",
    "UndecodableEvent",
    "WaitProgress",
    "Waited",
    "WatchEvent",
    "WatchState",
    "Watcher",
    "WatcherGroup",
    "WorkQueue",
    "wait_for",
    "wait_for_many",
]

# A client has a verb that watches and one that waits; programs that use neither load none of this.
__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".events": ("ADDED", "DELETED", "MODIFIED", "UNDECODABLE", "UndecodableEvent", "WatchEvent"),
        ".factory": ("InformerFactory",),
        ".failures": ("InformerStopped",),
        ".group": ("WatcherGroup",),
        ".handlers": ("Notification",),
        ".informer": ("Informer",),
        ".state": ("WatchState",),
        ".waiting": ("Collection", "WaitProgress", "Waited", "wait_for", "wait_for_many"),
        ".watcher": ("Watcher",),
        ".workqueue": ("WorkQueue",),
    },
)
