# SPDX-License-Identifier: Apache-2.0
"""What a watch delivers: events with typed objects, and events whose object can't be decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

if TYPE_CHECKING:
    from k8s_core.errors import KubernetesError

__all__ = ["ADDED", "DELETED", "MODIFIED", "UNDECODABLE", "UndecodableEvent", "WatchEvent"]

ADDED = "ADDED"
"""The object is new to this watcher: it was created, it began to match the selectors, or it is in the initial list."""
MODIFIED = "MODIFIED"
"""The object has changed since this watcher reported it last."""
DELETED = "DELETED"
"""The object is gone, or no longer matches the selectors (protocol C18)."""
UNDECODABLE = "UNDECODABLE"
"""The ``type`` of an :class:`UndecodableEvent`."""

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class WatchEvent(Generic[R_co]):
    """One change of one object, as :class:`~k8s_core.watch.Watcher` yields it. A plain value; no I/O.

    ``object`` parses itself when it is first touched. For DELETED it is the last state before the deletion, with the
    resourceVersion of the deletion (protocol D6).
    """

    type: str
    """:data:`ADDED`, :data:`MODIFIED` or :data:`DELETED`."""
    object: R_co
    final_state_unknown: bool = False
    """True for a DELETED that was found by listing after a gap: the deletion itself was not seen, so ``object`` is the
    last state known to the watcher, with ``keep_objects=True`` whole, else name, namespace, uid and resourceVersion."""
    initial: bool = False
    """True for the ADDED events of the first list: the object existed before the watch began."""

    if not TYPE_CHECKING:

        def __getitem__(self, key: object) -> NoReturn:
            # Also asked when an event is unpacked. `__iter__` would make events look iterable.
            raise TypeError("a WatchEvent is neither a pair nor a dict: write event.type and event.object")


@dataclass(frozen=True, slots=True)
class UndecodableEvent(WatchEvent[Any]):
    """An event whose object is valid JSON but no Kubernetes object: delivered, so that nothing is lost in silence.

    ``type`` is :data:`UNDECODABLE`, and touching any attribute of ``object`` raises ``error``. Ask
    ``Watcher(undecodable="raise")`` to have the error raised out of the loop instead.
    """

    raw: bytes = b""
    """The object as it was received."""
    error: KubernetesError | None = None
    """Why it can't be used."""
    original_type: str = ""
    """The type that the server gave the event; ``ADDED`` for an item of a list."""


class UndecodableObject:
    """Stands in for the object of an :class:`UndecodableEvent`: every attribute access raises the DecodeError."""

    __slots__ = ("_error",)

    def __init__(self, error: KubernetesError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            # copy, pickle and inspect probe for protocols and expect an AttributeError.
            raise AttributeError(name)
        raise self._error

    def __repr__(self) -> str:
        return f"<undecodable object: {self._error}>"
