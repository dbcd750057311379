# SPDX-License-Identifier: Apache-2.0
"""A consumer that believes every event, and checks that believing was right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.meta import ObjectMeta
from k8s_core.model import ABSENT, Resource

if TYPE_CHECKING:
    from k8s_core.watch import WatchEvent


class Thing(Resource, group="test.dev", version="v1", plural="things"):
    """The kind of all simulated scenarios."""

    metadata: ObjectMeta = ABSENT
    spec: Any = ABSENT


class Consumer:
    """Rebuilds the set of live objects from events alone, and raises as soon as an event breaks a promise."""

    def __init__(self) -> None:
        self.live: dict[str, tuple[str, int]] = {}
        self.seen: set[tuple[str, str, int]] = set()
        self.deleted: set[str] = set()
        self.events: list[str] = []

    def take(self, event: WatchEvent[Thing]) -> None:
        meta = event.object.metadata
        key = f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name
        uid, version = meta.uid, int(meta.resourceVersion)
        self.events.append(f"{event.type} {key} {uid} {version}")
        tail = "\n".join(self.events[-12:])
        before = self.live.get(key)
        if event.type == "DELETED":
            assert before is not None, f"deletion of what was not alive:\n{tail}"
            assert before[0] == uid, f"deletion of another incarnation:\n{tail}"
            assert version >= before[1], f"version went back:\n{tail}"
            assert uid not in self.deleted or event.final_state_unknown is False, f"deleted twice:\n{tail}"
            self.deleted.add(uid)
            del self.live[key]
            return
        assert (event.type, uid, version) not in self.seen, f"delivered twice:\n{tail}"
        assert (uid, version) not in {(u, v) for _, u, v in self.seen}, f"one version as two events:\n{tail}"
        self.seen.add((event.type, uid, version))
        if event.type == "ADDED":
            assert before is None, f"added what was alive:\n{tail}"
        else:
            assert before is not None, f"modified what was not alive:\n{tail}"
            assert before[0] == uid, f"modified another incarnation:\n{tail}"
            assert version > before[1], f"version went back:\n{tail}"
        self.live[key] = (uid, version)
