# SPDX-License-Identifier: Apache-2.0
"""The tutorial's way to watch: ``for event in Watcher(Pod).watch(): …``."""

from __future__ import annotations

import random as random_module
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, Self, TypeVar

from k8s_core.errors import DecodeError, KubernetesError, RequestError
from k8s_core.errors.calls import explains_calls
from k8s_core.model.codec import load_resource
from k8s_core.requests.options import ALL_NAMESPACES
from k8s_core.seam import verbs
from k8s_core.selectors import field_selector, label_selector
from k8s_core.watch.clock import Clock, StopSignal, SystemClock
from k8s_core.watch.events import UNDECODABLE, UndecodableEvent, UndecodableObject, WatchEvent
from k8s_core.watch.group import WatcherGroup
from k8s_core.watch.options import WatchOptions
from k8s_core.watch.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from datetime import datetime

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels
    from k8s_core.watch.driver import Driver

__all__ = ["Watcher"]

R = TypeVar("R", bound="Resource")
AnyR = TypeVar("AnyR", bound="Resource")  # of a method that is not about the class's own R


@explains_calls
class Watcher(Generic[R]):
    """Watches one kind and never ends on its own: only ``stop()``, an exception or leaving the loop end it.

    It lists, then watches, and after any failure goes on where it was: nothing is missed, nothing is reported twice,
    and an object that vanished during a gap is reported as DELETED. ``docs/explanation/watch-guarantees.md`` has the
    exact promises. A watcher is for one thread; ``stop()`` and the properties are for any thread and signal handler.

    Args:
        kind: the class to watch, such as ``Pod``.
        client: None takes the default client.
        capacity: remember at most this many objects. None takes ``watcher_cache_size`` of the client's ``Config``, and
            if that is not set remembers all that are alive (about 0.4 KB each). Beyond the capacity an object may be
            reported as ADDED again after a gap, and its deletion in a gap is missed.
        page_size: objects per page of a list.
        streaming_list: have the server stream the list (Kubernetes 1.32+), falling back where it does not.
        keep_objects: remember whole objects, so that a DELETED found after a gap carries the last state.
        undecodable: ``"event"`` delivers what is no Kubernetes object as an :class:`UndecodableEvent`, ``"raise"``
            raises its DecodeError from the loop; the next ``watch()`` goes on behind it.
        on_error: called with every failure that is going to be retried. It may raise to end the loop. Without it,
            failures that retrying can't mend (403 for the list or the watch, unknown kind, bad certificate) are raised
            until the first watch was opened; later ones are logged.
        on_expired: what happens when the ``resource_version`` given to ``watch()`` is too old: ``"relist"`` reports
            everything that exists as ADDED, ``"raise"`` raises the Expired error.
        start_timeout: seconds after which a first list that keeps failing raises; None retries for ever, and so does
            a watcher with ``on_error``.
        stream_timeout: seconds of silence after which the connection counts as dead; None takes the client's.
        clock, random: for tests.
    """

    def __init__(
        self,
        kind: type[R],
        *,
        client: Client | None = None,
        capacity: int | None = None,
        page_size: int = 500,
        streaming_list: bool = False,
        keep_objects: bool = False,
        undecodable: Literal["event", "raise"] = "event",
        on_error: Callable[[Exception], None] | None = None,
        on_expired: Literal["relist", "raise"] = "relist",
        start_timeout: float | None = 30.0,
        stream_timeout: float | None = None,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
    ) -> None:
        if capacity is not None and capacity < 1:
            raise RequestError(f"capacity={capacity!r} must be at least 1, or None to remember every live object")
        self._kind = kind
        self._client = client
        self._capacity = capacity
        self._keep_objects = keep_objects
        self._undecodable = undecodable
        self._on_error = on_error
        self._on_expired = on_expired
        self._start_timeout = start_timeout
        self._options = WatchOptions(
            page_size=page_size,
            streaming_list=streaming_list,
            stream_timeout=stream_timeout,
            clock=clock or SystemClock(),
            random=random or random_module.Random(),
        )
        self._stop = StopSignal()
        self._driver: Driver | None = None
        self._asked: tuple[Any, ...] | None = None
        self._running = False

    def watch(
        self,
        *,
        namespace: NamespaceOption = ALL_NAMESPACES,
        labels: Labels | None = None,
        fields: Fields | None = None,
        resource_version: str | None = None,
    ) -> Generator[WatchEvent[R], None, None]:
        """Yield events for ever. Blocks between them; sends requests from the thread that iterates.

        A second call with the same arguments, after the first loop was left, goes on behind the last event.

        Args:
            namespace: None watches the namespace of the client.
            labels: label selector; an object that stops matching arrives as DELETED (C18).
            fields: field selector, such as ``{"metadata.name": "nginx"}``.
            resource_version: report only what happened after it; None begins with everything that exists.

        Raises:
            ApiError, TransportError, ConfigError: before the first watch only; see ``on_error`` and ``start_timeout``.
            RequestError: an unusable selector, a kind that cannot be watched, or this watcher is iterated already.
        """
        target = Target.of(self._kind.api_resource, namespace, labels, fields, self._client)
        asked = (target, resource_version)
        self._refuse_second_loop()
        if self._driver is None or asked != self._asked:
            self._driver = self._new_driver(target, resource_version)
            self._asked = asked
        return self._events(self._driver)

    def _new_driver(self, target: Target, resource_version: str | None) -> Driver:
        client = self._client or verbs.default_client()
        return self._options.driver(
            client,
            target,
            self._stop,
            resource_version=resource_version,
            capacity=client.config.watcher_cache_size if self._capacity is None else self._capacity,
            keep_objects=self._keep_objects,
            on_error=self._on_error,
            start_timeout=self._start_timeout,
            raise_when_expired=self._on_expired == "raise",
            on_synced=self._stop.wake,
        )

    def _events(self, driver: Driver) -> Generator[WatchEvent[R], None, None]:
        self._refuse_second_loop()
        self._running = True
        kind = self._kind
        changes = driver.changes()
        try:
            for change in changes:
                if change.type == UNDECODABLE:
                    yield self._undecodable_event(change.raw, change.error, change.original_type)
                    continue
                try:
                    loaded = load_resource(kind, change.raw, change.parts)
                except KubernetesError as error:
                    # Only a kind with a schema of its own parses at this point.
                    yield self._undecodable_event(change.raw, error, change.type)
                    continue
                yield WatchEvent(change.type, loaded, change.unseen, change.initial)
        finally:
            self._running = False
            changes.close()

    def _refuse_second_loop(self) -> None:
        if self._running:
            name = self._kind.__name__
            raise RequestError(f"this Watcher({name}) is being iterated already; use one watcher per loop")

    def _undecodable_event(self, raw: bytes, error: KubernetesError | None, original_type: str) -> UndecodableEvent:
        error = error or DecodeError("not a Kubernetes object")
        if self._undecodable == "raise":
            raise error
        return UndecodableEvent(
            UNDECODABLE, UndecodableObject(error), raw=raw, error=error, original_type=original_type
        )

    @classmethod
    def any(
        cls,
        *kinds: type[AnyR],
        namespaces: Sequence[NamespaceOption] = (ALL_NAMESPACES,),
        labels: Labels | None = None,
        fields: Fields | None = None,
        client: Client | None = None,
        **options: Any,
    ) -> WatcherGroup[AnyR]:
        """Watch several kinds, several namespaces, or both, in one loop: ``Watcher.any(Pod, Service).watch()``.

        Args:
            kinds: the classes.
            namespaces: each kind is watched in each of them; None is the client's. Kinds without namespaces are
                watched once.
            labels, fields: selectors for all of them.
            client: None takes the default client.
            options: for every watcher, as for :class:`Watcher`.
        """
        # Selectors become texts once: an iterable of pairs would be empty for the second watcher.
        selectors = {"labels": label_selector(labels) or None, "fields": field_selector(fields) or None}
        watchers: list[tuple[Watcher[Any], dict[str, Any]]] = []
        for kind in kinds:
            places = tuple(dict.fromkeys(namespaces)) if kind.api_resource.namespaced else (None,)
            for namespace in places:
                arguments = {"namespace": namespace, **selectors}
                watchers.append((cls(kind, client=client, **options), arguments))  # type: ignore[arg-type]  # R is bound to the instance, not the class
        return WatcherGroup(watchers)

    def stop(self) -> None:
        """End the loop at once, a blocked read or wait included. From any thread or a signal handler; repeatable.

        A stopped watcher stays stopped: ``watch()`` yields nothing any more.
        """
        self._stop.set()
        driver = self._driver
        if driver is not None:
            driver.interrupt()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Watcher has a connection and cannot be pickled or copied: make one where it is needed")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def stopped(self) -> bool:
        """True after :meth:`stop`."""
        return self._stop.is_set()

    @property
    def resource_version(self) -> str | None:
        """``watch(resource_version=…)`` with this, in a new watcher, goes on behind the last event that was delivered.

        None until everything that existed at the start was delivered.
        """
        driver = self._driver
        return None if driver is None else driver.version

    @property
    def synced(self) -> bool:
        """True once everything that existed at the start has been delivered."""
        driver = self._driver
        return driver is not None and driver.synced.is_set()

    def wait_synced(self, timeout: float | None = None) -> bool:
        """Block, in a thread other than the loop's, until :attr:`synced` or stopped, at most ``timeout`` seconds.

        Returns:
            :attr:`synced`.
        """
        self._stop.wait_until(lambda: self.synced, timeout)
        return self.synced

    @property
    def last_contact(self) -> datetime | None:
        """When bytes last came from the server (UTC); None before the first."""
        driver = self._driver
        return None if driver is None else driver.last_contact

    @property
    def last_error(self) -> Exception | None:
        """The last failure that was retried; None if there was none."""
        driver = self._driver
        return None if driver is None else driver.last_error

    def healthy(self, max_age: float = 300.0) -> bool:
        """For liveness probes: running, synced, not refused, and bytes came within the last ``max_age`` seconds.

        Bookmarks come about every minute, so silence for longer than a few of them is a dead or overloaded watch. The
        time that the loop's own body takes counts too.
        """
        driver = self._driver
        if driver is None or not self._running or not self.synced or driver.refused:
            return False
        age = driver.contact_age()
        return age is not None and age <= max_age
