# SPDX-License-Identifier: Apache-2.0
"""Handlers of an informer: each has a thread and a bounded queue of its own (protocol D25-D28, D30)."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from k8s_core.watch.events import ADDED, DELETED, MODIFIED
from k8s_core.watch.failures import InformerStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.watch.clock import Clock

__all__ = ["Handler", "Note", "Notification"]

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Notification(Generic[R_co]):
    """What happened to one object, with everything that is known about it. Objects are the handler's own copies."""

    type: str
    """``ADDED``, ``MODIFIED`` or ``DELETED``."""
    key: str
    """``"namespace/name"``, or ``"name"``."""
    object: R_co
    """The new state; for DELETED the last one."""
    old: R_co | None = None
    """For MODIFIED: the state before. Another uid means that the object was deleted and created anew (D23)."""
    initial: bool = False
    """The object existed when the handler was added or the informer started (D26)."""
    final_state_unknown: bool = False
    """For DELETED: the deletion was not seen, so ``object`` may be stale (D22)."""
    resync: bool = False
    """Nothing changed; the handler asked to be reminded of everything (D27)."""


class Note:
    """A notification in a queue, as bytes. It may be replaced by what follows it while it waits."""

    __slots__ = ("initial", "key", "new", "old", "resync", "type", "unseen", "void")

    def __init__(
        self,
        type: str,
        key: str,
        new: bytes,
        old: bytes | None = None,
        *,
        initial: bool = False,
        unseen: bool = False,
        resync: bool = False,
    ) -> None:
        self.type = type
        self.key = key
        self.new = new
        self.old = old
        self.initial = initial
        self.unseen = unseen
        self.resync = resync
        self.void = False

    def absorb(self, later: Note) -> bool:
        """Become the sum of this and a later note on the same object. Returns False if the sum is nothing."""
        if self.type == ADDED and later.type == DELETED:
            return False
        if self.type == DELETED and later.type == ADDED:
            self.type, self.old = MODIFIED, self.new
        elif self.type == MODIFIED and later.type == DELETED:
            self.type, self.old = DELETED, None
        self.new = later.new
        self.unseen = later.unseen
        self.resync = self.resync and later.resync
        return True


class Handler(Generic[R_co]):
    """One subscriber of an informer; made by ``Informer.add_handler``. All methods are for any thread.

    Its callbacks run in one thread, one after the other, in order for each object. When the callbacks are too slow,
    at most ``queue_limit`` notifications wait; beyond that, those on one object are merged into one, so that the queue
    never holds more than ``queue_limit`` plus one per object (D25, D28).
    """

    def __init__(
        self,
        name: str,
        call: Callable[[Note], None],
        report: Callable[[Exception], None],
        died: Callable[[BaseException], None],
        *,
        queue_limit: int,
        resync: float | None,
        snapshot: Callable[[], list[tuple[str, bytes]]],
        clock: Clock,
    ) -> None:
        self._call = call
        self._report = report
        self._died = died
        self._failure: BaseException | None = None
        self._limit = queue_limit
        self._resync = resync
        self._snapshot = snapshot
        self._clock = clock
        self._next_resync = None if resync is None else clock.now() + resync
        self._condition = threading.Condition()
        self._queue: deque[Note | None] = deque()  # None marks the end of the initial notes
        self._last: dict[str, Note] = {}
        self._stopped = False
        self._synced = False
        self.busy_since: float | None = None
        """When the callback that is running began, on the informer's clock; None between callbacks."""
        self._thread = threading.Thread(target=self._run, name=f"k8s-handler-{name}", daemon=True)

    def start(self) -> None:
        """Start the thread; called by the informer."""
        self._thread.start()

    def put(self, note: Note) -> None:
        """Queue a notification; never blocks."""
        with self._condition:
            if self._stopped:
                return
            waiting = self._last.get(note.key)
            if note.resync and waiting is not None:
                return
            if waiting is not None and len(self._queue) >= self._limit:
                if not waiting.absorb(note):
                    waiting.void = True
                    del self._last[note.key]
                return
            self._queue.append(note)
            self._last[note.key] = note
            self._condition.notify()

    def mark_synced(self) -> None:
        """Everything initial has been queued; called by the informer, once."""
        with self._condition:
            self._queue.append(None)
            self._condition.notify()

    @property
    def synced(self) -> bool:
        """True once everything that existed at the start has been *delivered* to this handler (D26)."""
        return self._synced

    def wait_synced(self, timeout: float | None = None) -> bool:
        """Block until :attr:`synced` or the handler is removed, at most ``timeout`` seconds; returns :attr:`synced`.

        Raises:
            InformerStopped: the handler has died; the reason is the ``__cause__``.
        """
        with self._condition:
            self._condition.wait_for(lambda: self._synced or self._stopped, timeout)
            if self._failure is not None:
                raise InformerStopped(f"the handler has died: {self._failure!r}") from self._failure
            return self._synced

    @property
    def backlog(self) -> int:
        """How many notifications wait."""
        return len(self._queue)

    def stop(self) -> None:
        """Deliver nothing any more, whatever waits; a callback that is running finishes. Does not block."""
        with self._condition:
            self._stopped = True
            self._queue.clear()
            self._last.clear()
            self._condition.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the thread to end; returns at once in the thread itself."""
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def resync_now(self) -> None:
        """Queue a reminder (MODIFIED with old equal to new) of every cached object that has nothing waiting (D27)."""
        for key, raw in self._snapshot():
            self.put(Note(MODIFIED, key, raw, raw, resync=True))

    def _run(self) -> None:
        while True:
            note = self._take()
            if note is None:
                return
            self.busy_since = self._clock.now()
            try:
                self._call(note)
            except Exception as error:  # noqa: BLE001  # a handler that raises is reported and survives (D28)
                self._report(error)
            except BaseException as error:  # noqa: BLE001  # SystemExit and its kin end the thread, and not in silence
                self._failure = error
                self.stop()
                self._died(error)
                return
            finally:
                self.busy_since = None

    def _take(self) -> Note | None:
        """The next notification; None when stopped. Blocks."""
        while True:
            if self._resync_is_due():
                self.resync_now()
            with self._condition:
                if self._stopped:
                    return None
                if not self._queue:
                    self._condition.wait(self._seconds_to_resync())
                    continue
                note = self._queue.popleft()
                if note is None:
                    self._synced = True
                    self._condition.notify_all()
                    continue
                if note.void:
                    continue
                if self._last.get(note.key) is note:
                    del self._last[note.key]
                return note

    def _resync_is_due(self) -> bool:
        if self._next_resync is None or self._resync is None:
            return False
        now = self._clock.now()
        if now < self._next_resync:
            return False
        self._next_resync = now + self._resync
        return True

    def _seconds_to_resync(self) -> float | None:
        return None if self._next_resync is None else max(0.0, self._next_resync - self._clock.now())


def notify(callbacks: dict[str, Callable[..., Any] | None], event: Notification[Any]) -> None:
    """Call what the subscriber gave for this kind of notification."""
    everything = callbacks.get("event")
    if everything is not None:
        everything(event)
    if event.type == ADDED:
        call = callbacks.get("add")
        if call is not None:
            call(event.object)
    elif event.type == MODIFIED:
        call = callbacks.get("update")
        if call is not None:
            call(event.old, event.object)
    else:
        call = callbacks.get("delete")
        if call is not None:
            call(event.object)
