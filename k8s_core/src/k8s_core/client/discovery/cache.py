# SPDX-License-Identifier: Apache-2.0
"""What a server serves, remembered: asked for once, and again when something is missed (protocol G8)."""

from __future__ import annotations

import threading
import time
import warnings
from typing import TYPE_CHECKING, TypeVar

from k8s_core.client.discovery.fetch import Snapshot, fetch
from k8s_core.client.discovery.names import Match, category, check_kind_name, match_name, near_names
from k8s_core.errors import KubernetesWarning, UnknownKindError
from k8s_core.errors.hints import offer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_core.client.discovery.documents import ServedGroup
    from k8s_core.client.discovery.fetch import Send
    from k8s_core.errors import KubernetesError
    from k8s_core.kinds import APIResource, GroupVersionKind

__all__ = ["MISS_SECONDS", "Discovery"]

MISS_SECONDS = 0.5
"""After a miss made the server be asked again, further misses are believed for this long."""

T = TypeVar("T")


class Discovery:
    """What one server serves. Thread-safe; in memory only.

    The first question asks the server. A kind that is not found makes it be asked once more, as its CRD may be new;
    then it is not there, and for :data:`MISS_SECONDS` no miss asks again. Groups whose servers failed are part of the
    answer (:attr:`failed`), and likewise asked for again when something is missed.
    """

    def __init__(self, send: Send, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._send = send
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._fresh_until = 0.0
        self._valid = False

    def groups(self) -> tuple[ServedGroup, ...]:
        """The API groups in the server's order of priority, with their versions and kinds; the preferred come first.

        Raises:
            ApiError, TransportError, DecodeError: the server could not be asked.
        """
        return self._current().groups

    def resources(self) -> list[APIResource]:
        """All kinds in all versions. Raises as :meth:`groups`."""
        return [item for group in self.groups() for version in group.versions for item in version.resources]

    @property
    def failed(self) -> Mapping[str, KubernetesError]:
        """Why the kinds of an apiVersion are not known: the API behind it did not answer. Raises as :meth:`groups`."""
        return self._current().failed

    def category(self, name: str) -> list[APIResource]:
        """The kinds of a category such as ``"all"``, in their preferred versions. Raises as :meth:`groups`."""
        return category(name, self.groups())

    def find(self, gvk: GroupVersionKind) -> APIResource | None:
        """How a kind is served, None if it is not. Raises as :meth:`groups`."""
        return self._lookup(lambda snapshot: _find(gvk, snapshot))

    def match(self, name: str) -> tuple[APIResource, ...]:
        """What a name means, in each version that is served, the preferred one first.

        Warns (KubernetesWarning) where a short name could also mean a kind of lower priority.

        Raises:
            UnknownKindError: nothing; the message has what comes near, and which groups could not be asked.
            InvalidName: it cannot be a name.
            ApiError, TransportError, DecodeError: the server could not be asked.
        """
        check_kind_name(name)
        found: Match | None = self._lookup(lambda snapshot: match_name(name, snapshot.groups))
        if found is None:
            raise self._unknown(name)
        for other in found.others:
            text = f"short name {name!r} could also match lower priority resource {other.group_resource}"
            warnings.warn(text, KubernetesWarning, stacklevel=4)
        return found.versions

    def invalidate(self) -> None:
        """Ask the server again before the next answer."""
        with self._lock:
            self._valid = False
            self._fresh_until = 0.0

    def _lookup(self, look: Callable[[Snapshot], T | None]) -> T | None:
        before = self._snapshot if self._valid else None
        snapshot = self._current()
        found = look(snapshot)
        if found is None and before is snapshot:
            refreshed = self._after_miss(snapshot)
            found = look(refreshed) if refreshed is not None else None
        return found

    def _current(self) -> Snapshot:
        with self._lock:
            if self._snapshot is None or not self._valid:
                self._snapshot = fetch(self._send, self._snapshot)
                self._valid = True
            return self._snapshot

    def _after_miss(self, missed: Snapshot) -> Snapshot | None:
        """Ask again, unless another thread just did, or the last miss is too recent."""
        with self._lock:
            if self._snapshot is not missed:
                return self._snapshot
            now = self._monotonic()
            if now < self._fresh_until:
                return None
            self._snapshot = fetch(self._send, missed)
            self._fresh_until = now + MISS_SECONDS
            return self._snapshot

    def _unknown(self, name: str) -> UnknownKindError:
        snapshot = self._current()
        message = f"the server serves no kind {name!r}{offer(near_names(name, snapshot.groups))}"
        if snapshot.failed:
            message += f" (not known, because their servers do not answer: {', '.join(sorted(snapshot.failed))})"
        return UnknownKindError(message)


def _find(gvk: GroupVersionKind, snapshot: Snapshot) -> APIResource | None:
    for group in snapshot.groups:
        if group.name != gvk.group:
            continue
        for version in group.versions:
            for resource in version.resources:
                if version.version == gvk.version and resource.kind == gvk.kind:
                    return resource
    return None
