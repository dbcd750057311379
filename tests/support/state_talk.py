# SPDX-License-Identifier: Apache-2.0
"""Talking to a ``WatchState`` by hand: canned lists and frames in, short texts of what it said out."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

from simulated_api import FakeClock, frame, status
from watch_consumer import Thing

from k8s_core.errors import api_error_from_status
from k8s_core.watch import WatchState
from k8s_core.watch.instructions import CheckHistory, ListPage, OpenWatch, Wait
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from k8s_core.errors import ApiError
    from k8s_core.model import Resource
    from k8s_core.watch.changes import Change


def item(name: str, version: int | str, uid: str | None = None, **fields: Any) -> dict[str, Any]:
    """An object of the namespace ``ns``; its uid is derived from its name unless given."""
    metadata = {"name": name, "namespace": "ns", "uid": uid or f"u-{name}", "resourceVersion": str(version)}
    return {"metadata": metadata, **fields}


def list_body(*items: dict[str, Any], version: int | str, continue_: str = "", of: type[Resource] = ConfigMap) -> bytes:
    metadata = {"resourceVersion": str(version)}
    if continue_:
        metadata["continue"] = continue_
    resource = of.api_resource
    head = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata}
    return json.dumps({**head, "items": items}).encode()


def thing_list(*items: dict[str, Any], version: int | str) -> bytes:
    """The same for the kind that tests with sockets watch."""
    return list_body(*items, version=version, of=Thing)


def api_failure(code: int, reason: str, message: str = "", **details: Any) -> ApiError:
    return api_error_from_status(status(code, reason, message, **details))


EXPIRED = api_failure(410, "Expired", "too old resource version: 5 (9)")
GONE = api_failure(410, "Gone", "gone")
TOO_LARGE = api_failure(504, "Timeout", "Timeout: Too large resource version: 9, current: 5")
TOO_LARGE_BY_CAUSE = api_failure(504, "Timeout", "x", causes=[{"reason": "ResourceVersionTooLarge", "message": "x"}])


def said(changes: list[Change]) -> list[str]:
    """``"ADDED a@5"`` for each change; an inferred deletion ends with ``?``."""
    return [
        f"{change.type} {change.key.removeprefix('ns/')}@{change.resource_version}{'?' if change.unseen else ''}"
        for change in changes
    ]


class Talk:
    """A state with a clock that stands still."""

    def __init__(self, *, seed: int = 1, **options: Any) -> None:
        self.clock = FakeClock()
        self.state = WatchState(ConfigMap.api_resource, clock=self.clock.now, random=Random(seed), **options)

    def listing(self) -> ListPage:
        instruction = self.state.next()
        assert isinstance(instruction, ListPage), instruction
        return instruction

    def watching(self) -> OpenWatch:
        instruction = self.state.next()
        assert isinstance(instruction, OpenWatch), instruction
        return instruction

    def waiting(self) -> float:
        """Sleep as told; returns for how long."""
        instruction = self.state.next()
        assert isinstance(instruction, Wait), instruction
        self.clock.time += instruction.seconds
        return instruction.seconds

    def list(self, *items: dict[str, Any], version: int | str, continue_: str = "") -> list[str]:
        """Answer the list that is asked for."""
        self.listing()
        return said(self.state.page(list_body(*items, version=version, continue_=continue_)))

    def open(self) -> OpenWatch:
        """Let the watch that is asked for begin."""
        watch = self.watching()
        self.state.opened()
        return watch

    def check(self, version: int | str) -> None:
        """Answer the question for the latest state."""
        instruction = self.state.next()
        assert isinstance(instruction, CheckHistory), instruction
        self.state.checked(list_body(version=version))

    def event(self, event_type: str, document: Any) -> list[str]:
        return said(self.state.feed(frame(event_type, document)))

    def bookmark(self, version: int | str, *, end: bool = False) -> list[str]:
        metadata: dict[str, Any] = {"resourceVersion": str(version)}
        if end:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        return self.event("BOOKMARK", {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata})

    def close(self, after: float = 60.0, error: Exception | None = None) -> None:
        self.clock.time += after
        self.state.closed(error)


def started(*items: dict[str, Any], version: int | str = 5, **options: Any) -> Talk:
    """A talk after its first list, with the watch open."""
    talk = Talk(**options)
    talk.list(*items, version=version)
    talk.open()
    return talk
