# SPDX-License-Identifier: Apache-2.0
"""``Informer``: one watch, a cache that follows it, and any number of readers and handlers."""

from __future__ import annotations

import logging
import random as random_module
import threading
import warnings
import weakref
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from k8s_core.errors import KubernetesError, RequestError, WaitTimeout
from k8s_core.errors.calls import explains_calls
from k8s_core.model.codec import encode_json, load_resource
from k8s_core.requests.options import ALL_NAMESPACES
from k8s_core.seam import verbs
from k8s_core.watch.cache import Cache
from k8s_core.watch.clock import Clock, StopSignal, SystemClock
from k8s_core.watch.events import ADDED, DELETED, MODIFIED, UNDECODABLE
from k8s_core.watch.failures import InformerStopped
from k8s_core.watch.handlers import Handler, Note, Notification, notify
from k8s_core.watch.options import WatchOptions
from k8s_core.watch.store import drop_managed_fields
from k8s_core.watch.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping
    from datetime import datetime

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels
    from k8s_core.watch.changes import Change
    from k8s_core.watch.driver import Driver

__all__ = ["Informer"]

R = TypeVar("R", bound="Resource")

_JOIN_SECONDS = 5.0
_LEAST_RESYNC = 1.0

logger = logging.getLogger("k8s_core.watch")


@explains_calls
class Informer(Cache[R]):
    """A local copy of a collection that follows the server; reading it costs no request.

    ::

        with Informer(Pod, namespace="shop") as pods:         # starts, and waits for the first list
            pods.add_handler(update=lambda old, new: ...)
            web = pods.list(labels={"app": "web"})

    The cache holds bytes; every read returns new objects that parse themselves, so nothing that a caller does to one
    reaches the cache or another caller. All methods are for any thread. Failures of the watch are retried for ever; if
    a thread of the informer or of a handler dies nevertheless, of ``SystemExit`` for example, the informer ends, and
    every later call raises :class:`InformerStopped` with the reason. An informer that is dropped without :meth:`stop`
    ends with a ResourceWarning: keep a reference to it, also if only its handlers matter.

    Args:
        kind: the class, such as ``Pod``.
        client: None takes the default client.
        namespace: None follows the namespace of the client.
        labels, fields: selectors for the server: what does not match is neither sent nor cached.
        indexers: name to a function that takes an object and returns the values to find it by.
        transform: takes an object before it is cached and returns what to cache instead; it must be idempotent. It
            costs a parse and an encoding of every object.
        keep_managed_fields: ``metadata.managedFields`` is dropped unless this is True.
        page_size, streaming_list, stream_timeout: as for :class:`~k8s_core.watch.Watcher`.
        on_error: called with every failure: of the watch (which goes on), of a handler, of the transform, of an object
            that can't be decoded. None logs them. What it raises itself is logged.
        clock, random: for tests.
    """

    def __init__(
        self,
        kind: type[R],
        *,
        client: Client | None = None,
        namespace: NamespaceOption = ALL_NAMESPACES,
        labels: Labels | None = None,
        fields: Fields | None = None,
        indexers: Mapping[str, Callable[[R], Iterable[Hashable]]] | None = None,
        transform: Callable[[R], R] | None = None,
        keep_managed_fields: bool = False,
        page_size: int = 500,
        streaming_list: bool = False,
        stream_timeout: float | None = None,
        on_error: Callable[[Exception], None] | None = None,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
    ) -> None:
        self._target = Target.of(kind.api_resource, namespace, labels, fields, client)
        super().__init__(kind, self._target.namespace)
        self._client = client
        self._transform = transform
        self._keep_managed_fields = keep_managed_fields
        self._options = WatchOptions(
            page_size=page_size,
            streaming_list=streaming_list,
            stream_timeout=stream_timeout,
            clock=clock or SystemClock(),
            random=random or random_module.Random(),
        )
        self._on_error = on_error
        self._handlers: list[Handler[R]] = []
        self._lock = threading.RLock()
        self._stop = StopSignal()
        self._synced = StopSignal()
        self._driver: Driver | None = None
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        for name, function in (indexers or {}).items():
            self.add_index(name, function)

    # ---- life -------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start following; does not wait. Repeatable while it runs.

        Raises:
            InformerStopped: it was stopped; make a new one.
            ConfigError: there is no client, and none can be made.
        """
        with self._lock:
            self._check()
            if self._thread is not None:
                return
            self._driver = self._new_driver()
            name = f"k8s-informer-{self._kind.api_resource.plural}"
            # Neither the thread nor the driver keeps the informer alive, so that one that was dropped can be noticed.
            weakref.finalize(self, _dropped, self._target, self._stop, self._driver, self._handlers).atexit = False
            self._thread = threading.Thread(
                target=_follow, args=(weakref.ref(self), self._driver), name=name, daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the watch and all handlers; a blocked read ends at once. Waits for the threads, at most a few seconds.

        No callback begins after this returns. A stopped informer can still be read; it never starts again.
        """
        self._stop.set()
        driver = self._driver
        if driver is not None:
            driver.interrupt()
        with self._lock:
            handlers = list(self._handlers)
        for handler in handlers:
            handler.stop()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_SECONDS)
        for handler in handlers:
            handler.join(_JOIN_SECONDS)
        self._synced.set()

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Informer has a connection and cannot be pickled or copied: make one where it is needed")

    def __enter__(self) -> Self:
        """Start, and wait up to 30 seconds for the first list."""
        self.start()
        try:
            self.wait_synced(30.0)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def synced(self) -> bool:
        """True once the first list is in the cache."""
        driver = self._driver
        return driver is not None and driver.synced.is_set()

    def wait_synced(self, timeout: float | None = None) -> None:
        """Block until the first list is in the cache.

        Raises:
            WaitTimeout: not within ``timeout`` seconds; the ``__cause__`` is the last failure of the watch.
            InformerStopped: it was stopped, has died, or was never started.
        """
        driver = self._driver
        if driver is None:
            raise InformerStopped(f"the informer of {self._target} was never started")
        self._synced.wait(timeout)
        self._check()
        if not self.synced:
            error = driver.last_error
            why = f": {error}" if error is not None else ""
            raise WaitTimeout(f"the informer of {self._target} has no list after {timeout} s{why}") from error

    @property
    def last_contact(self) -> datetime | None:
        """When bytes last came from the server (UTC); None before the first."""
        driver = self._driver
        return None if driver is None else driver.last_contact

    @property
    def last_error(self) -> BaseException | None:
        """Why the informer has died, else the last failure of the watch; None if there was none."""
        driver = self._driver
        return self._failure or (None if driver is None else driver.last_error)

    def healthy(self, max_age: float = 300.0) -> bool:
        """For liveness probes: alive, synced, not refused, and bytes came within the last ``max_age`` seconds.

        A server that lists but refuses the watch, for which there is a permission of its own, makes an informer
        unhealthy until it accepts one; see :attr:`last_error`.
        """
        driver = self._driver
        if driver is None or self._failure is not None or self._stop.is_set() or not driver.synced.is_set():
            return False
        if driver.refused:
            return False
        age = driver.contact_age()
        return age is not None and age <= max_age

    # ---- handlers ---------------------------------------------------------------------------------------------

    def add_handler(
        self,
        *,
        add: Callable[[R], object] | None = None,
        update: Callable[[R, R], object] | None = None,
        delete: Callable[[R], object] | None = None,
        event: Callable[[Notification[R]], object] | None = None,
        resync: float | None = None,
        queue_limit: int = 1000,
    ) -> Handler[R]:
        """Call back for every change. A late handler first gets everything that is cached as additions.

        Callbacks of one handler run one after the other in a thread of their own, after the cache has changed, in
        order for each object. States in between may be left out, and a deletion followed by a re-creation under the
        same name may arrive as one update with another uid. What a callback raises is reported; the handler goes on.

        Args:
            add: called with the object.
            update: called with the old and the new object.
            delete: called with the last known state.
            event: called with a :class:`Notification`, before the others.
            resync: seconds between reminders of everything cached, as updates with old equal to new; at least 1.
            queue_limit: notifications that may wait before those on one object are merged.

        Raises:
            InformerStopped: it was stopped or has died.
            RequestError: a resync below 1 second, or a queue_limit below 1.
        """
        if resync is not None and resync < _LEAST_RESYNC:
            raise RequestError(f"resync={resync!r} must be at least {_LEAST_RESYNC:g} second, or None")
        if queue_limit < 1:
            raise RequestError(f"queue_limit={queue_limit!r} must be at least 1")
        callbacks: dict[str, Callable[..., Any] | None] = {
            "add": add,
            "update": update,
            "delete": delete,
            "event": event,
        }
        kind = self._kind
        handler: Handler[R] = Handler(
            kind.api_resource.plural,
            lambda note: notify(callbacks, _notification(kind, note)),
            _weakly(self._report),
            _weakly(self._die),
            queue_limit=queue_limit,
            resync=resync,
            snapshot=self._store.items,
            clock=self._options.clock,
        )
        with self._lock:
            self._check()
            # The store's lock keeps changes out, so the handler gets each object either from the cache or as a change.
            with self._store.lock:
                for key, raw in self._store.items():
                    handler.put(Note(ADDED, key, raw, initial=True))
                self._handlers.append(handler)
                if self.synced:
                    handler.mark_synced()
        handler.start()
        return handler

    def remove_handler(self, handler: Handler[R]) -> None:
        """Deliver nothing to it any more; a callback that is running finishes. Raises InformerStopped if stopped."""
        with self._lock:
            self._check()
            if handler in self._handlers:
                self._handlers.remove(handler)
        handler.stop()

    # ---- inside -----------------------------------------------------------------------------------------------

    def _new_driver(self) -> Driver:
        client = self._client or verbs.default_client()
        return self._options.driver(
            client, self._target, self._stop, on_error=_weakly(self._watch_failed), on_synced=_weakly(self._on_synced)
        )

    def _die(self, error: BaseException) -> None:
        """Keep the reason for whoever asks the informer next, and end what is left of it."""
        logger.error("the informer of %s has died", self._target, exc_info=error)
        self._failure = self._failure or error
        self._stop.set()
        self._synced.set()
        if self._driver is not None:
            self._driver.interrupt()
        with self._lock:
            for handler in self._handlers:
                handler.stop()

    def _on_synced(self) -> None:
        with self._lock:
            for handler in self._handlers:
                handler.mark_synced()
        self._synced.set()

    def _apply(self, change: Change) -> None:
        if change.type == UNDECODABLE:
            self._report(change.error or KubernetesError("an object can't be decoded"))
            return
        if change.type == DELETED and change.replaced:
            # The successor follows at once and is an update of the old one (D23).
            return
        try:
            raw = self._prepared(change)
        except Exception as error:  # noqa: BLE001  # the transform is the caller's code
            self._report(error)
            return
        with self._lock, self._store.lock:
            note = self._store_change(change, raw)
            if note is not None:
                for handler in self._handlers:
                    handler.put(note())

    def _store_change(self, change: Change, raw: bytes) -> Callable[[], Note] | None:
        """Change the cache; return what makes a note of it, a new one for each handler."""
        key = change.key
        if change.type == DELETED:
            before = self._store.remove(key)
            if before is None:
                return None
            last = before if change.unseen else raw
            return lambda: Note(DELETED, key, last, unseen=change.unseen)
        before = self._store.put(key, raw)
        if before is None:
            return lambda: Note(ADDED, key, raw, initial=change.initial)
        return lambda: Note(MODIFIED, key, raw, before)

    def _prepared(self, change: Change) -> bytes:
        raw = change.raw if self._keep_managed_fields else drop_managed_fields(change.raw)
        if self._transform is None or change.unseen:
            return raw
        return encode_json(self._transform(load_resource(self._kind, raw)))

    def _watch_failed(self, error: Exception) -> None:
        if self._on_error is not None:
            self._tell(self._on_error, error)

    def _report(self, error: Exception) -> None:
        if self._on_error is not None:
            self._tell(self._on_error, error)
        else:
            logger.error("the informer of %s goes on after a failure", self._target, exc_info=error)

    def _tell(self, on_error: Callable[[Exception], None], error: Exception) -> None:
        try:
            on_error(error)
        except Exception:
            logger.exception("the on_error of the informer of %s raised when it was told of: %s", self._target, error)

    def _check(self, *, stopped: bool = True) -> None:
        if self._failure is not None:
            raise InformerStopped(f"the informer of {self._target} has died: {self._failure}") from self._failure
        if stopped and self._stop.is_set():
            raise InformerStopped(f"the informer of {self._target} was stopped; it never starts again, make a new one")


def _follow(informer: weakref.ref[Informer[Any]], driver: Driver) -> None:
    """Runs in the informer's thread, which ends when the informer is stopped or dropped."""
    try:
        for change in driver.changes():
            alive = informer()
            if alive is None:
                return
            alive._apply(change)
            del alive
    except BaseException as error:  # noqa: BLE001  # raised again in whoever asks the informer next
        if (alive := informer()) is not None:
            alive._die(error)
    finally:
        if (alive := informer()) is not None:
            alive._synced.set()


def _dropped(target: Target, stop: StopSignal, driver: Driver, handlers: list[Handler[Any]]) -> None:
    """The informer is gone; what still runs for it ends."""
    if stop.is_set():
        return
    stop.set()
    driver.interrupt()
    for handler in handlers:
        handler.stop()
    warnings.warn(f"the informer of {target} was dropped without stop()", ResourceWarning, stacklevel=2)


def _weakly(method: Callable[..., None]) -> Callable[..., None]:
    """The method of an informer, for what must not keep the informer alive; does nothing once that is gone."""
    reference = weakref.WeakMethod(method)

    def call(*arguments: Any) -> None:
        bound = reference()
        if bound is not None:
            bound(*arguments)

    return call


def _notification(kind: type[R], note: Note) -> Notification[R]:
    new = load_resource(kind, note.new)
    old = None if note.old is None else load_resource(kind, note.old)
    return Notification(note.type, note.key, new, old, note.initial, note.unseen, note.resync)
