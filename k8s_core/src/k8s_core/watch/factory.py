# SPDX-License-Identifier: Apache-2.0
"""Informers shared by their users: who asks for the same collection gets the same watch."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from k8s_core.errors import RequestError
from k8s_core.requests.options import ALL_NAMESPACES
from k8s_core.watch.failures import InformerStopped
from k8s_core.watch.informer import Informer
from k8s_core.watch.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels

__all__ = ["InformerFactory"]

R = TypeVar("R", bound="Resource")


class InformerFactory:
    """Makes informers, one per collection, and starts and stops them together. All methods are for any thread.

    ::

        with InformerFactory(client) as factory:
            pods = factory.informer(Pod)
            nodes = factory.informer(Node)
            factory.start()
            factory.wait_synced(30)

    Args:
        client: for all of them; None takes the default client.
        options: for every :class:`Informer` that it makes, such as ``transform`` or ``on_error``.
    """

    def __init__(self, client: Client | None = None, **options: Any) -> None:
        unknown = {"client", "namespace", "labels", "fields", "indexers"} & set(options)
        if unknown:
            raise RequestError(f"{', '.join(sorted(unknown))} are given to informer(), not to the factory")
        self._client = client
        self._options = options
        self._informers: dict[tuple[object, ...], Informer[Any]] = {}
        self._lock = threading.Lock()
        self._started = False
        self._stopped = False

    def informer(
        self,
        kind: type[R],
        *,
        namespace: NamespaceOption = ALL_NAMESPACES,
        labels: Labels | None = None,
        fields: Fields | None = None,
        indexers: Mapping[str, Callable[[R], Iterable[Hashable]]] | None = None,
    ) -> Informer[R]:
        """The informer for a collection; the same one whenever the same is asked for. New indexers are added to it.

        One that is asked for after :meth:`start` starts at once.

        Raises:
            InformerStopped: the factory was stopped.
            SelectorError: an unusable selector.
        """
        target = Target.of(kind.api_resource, namespace, labels, fields, self._client)
        asked = (kind, target)
        with self._lock:
            if self._stopped:
                raise InformerStopped("the factory was stopped; make a new one")
            found = cast("Informer[R] | None", self._informers.get(asked))
            if found is None:
                found = Informer(
                    kind,
                    client=self._client,
                    namespace=target.namespace or ALL_NAMESPACES,
                    labels=target.labels,
                    fields=target.fields,
                    indexers=indexers,
                    **self._options,
                )
                self._informers[asked] = found
            else:
                for name, function in (indexers or {}).items():
                    found.add_index(name, function)
            if self._started:
                found.start()
        return found

    def start(self) -> None:
        """Start all informers; does not wait. Repeatable. Raises InformerStopped after :meth:`stop`."""
        with self._lock:
            if self._stopped:
                raise InformerStopped("the factory was stopped; make a new one")
            self._started = True
            for informer in self._informers.values():
                informer.start()

    def wait_synced(self, timeout: float | None = None) -> None:
        """Block until every informer has its first list, at most ``timeout`` seconds in all.

        Raises:
            WaitTimeout, InformerStopped: as ``Informer.wait_synced``.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._lock:
            informers = list(self._informers.values())
        for informer in informers:
            informer.wait_synced(None if end is None else max(0.0, end - time.monotonic()))

    def healthy(self, max_age: float = 300.0) -> bool:
        """True if there are informers and each is healthy."""
        with self._lock:
            informers = list(self._informers.values())
        return bool(informers) and all(informer.healthy(max_age) for informer in informers)

    def stop(self) -> None:
        """Stop all informers; repeatable."""
        with self._lock:
            self._stopped = True
            informers = list(self._informers.values())
        for informer in informers:
            informer.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
