# SPDX-License-Identifier: Apache-2.0
"""A consumer that believes every event, and checks that believing was right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model import ABSENT, Resource

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.watch import WatchEvent


class Thing(Resource, group="test.dev", version="v1", plural="things"):
    """The kind of all simulated scenarios."""

    spec: Any = ABSENT


class Consumer:
    """Rebuilds the set of live objects from events alone, and fails as soon as an event breaks a promise.

    * ADDED only for what is not alive, MODIFIED and DELETED only for what is.
    * No version of an object comes twice, and versions of an object never go back.
    * An incarnation is deleted once; with ``selecting`` (objects leave and re-enter a selection) once per stay.
    * Once the server has lost its history (``lives`` counts), versions may go back, and what was deleted may be back.
    """

    def __init__(self, *, selecting: bool = False, lives: Callable[[], int] = int) -> None:
        self.selecting = selecting
        self.lives = lives
        self.live: dict[str, tuple[str, int]] = {}
        self.reported: set[tuple[str, int]] = set()
        self.deleted: set[str] = set()
        self.events: list[str] = []

    def take(self, event: WatchEvent[Thing]) -> None:
        """Believe a Watcher's event."""
        meta = event.object.metadata
        key = f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name or ""
        self.believe(event.type, key, meta.uid or "", int(meta.resourceVersion or 0))

    def believe(self, kind: str, key: str, uid: str, version: int) -> None:
        """Believe that this happened to an object."""
        self.events.append(f"{kind} {key} {uid} {version}")
        before = self.live.get(key)
        restored = self.lives() > 0
        if kind == "DELETED":
            self.check(before is not None, "deletion of what was not alive")
            assert before is not None
            self.check(before[0] == uid, "deletion of another incarnation")
            self.check(restored or version >= before[1], "version went back")
            self.check(restored or self.selecting or uid not in self.deleted, "deleted twice")
            self.deleted.add(uid)
            del self.live[key]
            return
        self.check(restored or (uid, version) not in self.reported, "one version delivered twice")
        self.reported.add((uid, version))
        if kind == "ADDED":
            self.check(before is None, "added what was alive")
            self.check(restored or self.selecting or uid not in self.deleted, "added what was deleted")
        else:
            self.check(before is not None, "modified what was not alive")
            assert before is not None
            self.check(before[0] == uid, "modified another incarnation")
            self.check(restored or version > before[1], "version went back")
        self.live[key] = (uid, version)

    def check(self, holds: bool, promise: str) -> None:
        if not holds:
            raise AssertionError("\n".join([f"{promise}; the last events:", *self.events[-12:]]))
