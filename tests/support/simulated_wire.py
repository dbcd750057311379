# SPDX-License-Identifier: Apache-2.0
"""Parts of the simulated API: its clock, its faults, what it says, and which requests it refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeClock:
    """Time that passes only when somebody sleeps. ``on_sleep`` runs after each sleep."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.sleeps: list[float] = []
        self.on_sleep: Callable[[], None] = lambda: None

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float, stop: Any) -> None:
        if not stop.is_set():
            self.sleeps.append(seconds)
            self.time += seconds
            self.on_sleep()


@dataclass
class Faults:
    """Chances, each between 0 and 1: per request, and per chunk of a stream."""

    refuse: float = 0.0
    status: float = 0.0
    cut: float = 0.0
    duplicate: float = 0.0
    corrupt: float = 0.0
    error_event: float = 0.0
    stall: float = 0.0
    split: float = 0.0
    body: float = 0.0
    stale: float = 0.0
    """A list that may be old is as old as it may be."""
    interleave: float = 0.0
    """Changes come between the initial events of a streamed list and the bookmark that ends them."""
    no_list: float = 0.0
    """The answer to a list is JSON, of code 200, and no list."""


def status(code: int, reason: str, message: str = "", **details: Any) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message or reason,
        "reason": reason,
        "details": details,
        "code": code,
    }


def frame(event_type: str, document: Any) -> bytes:
    return json.dumps({"type": event_type, "object": document}, separators=(",", ":")).encode() + b"\n"


def check_query(query: dict[str, str]) -> None:
    """Fail for what an API server would refuse (protocol C8, C11) or read in another way than it is meant (C10)."""
    version, match = query.get("resourceVersion"), query.get("resourceVersionMatch")
    if query.get("watch") == "true":
        assert not {"limit", "continue"} & set(query), query
        assert (match is not None) == ("sendInitialEvents" in query), query
        assert match in (None, "NotOlderThan"), query
        assert query.get("allowWatchBookmarks") == "true", query
    else:
        assert "sendInitialEvents" not in query, query
        assert match is None or version not in (None, "", "0"), query
        if "continue" in query:
            assert version is None, query
            assert match is None, query
        elif version not in (None, "", "0"):
            # With a limit and no match it would mean exactly this version.
            assert match == "NotOlderThan" or "limit" not in query, query
