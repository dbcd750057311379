# SPDX-License-Identifier: Apache-2.0
"""Reading what an informer has cached: by name, by namespace, by labels, by index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from k8s_core.errors import RequestError
from k8s_core.model.codec import load_resource
from k8s_core.selectors import LabelQuery
from k8s_core.watch.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from k8s_core.model import Resource
    from k8s_core.selectors import Labels

__all__ = ["Cache"]

R = TypeVar("R", bound="Resource")
_List: TypeAlias = list  # the class has a method of that name


class Cache(Generic[R]):
    """The readable side of an :class:`~k8s_core.watch.Informer`. No method sends a request; all are for any thread.

    Every result is made of new objects over the cached bytes, which parse themselves when they are read. A caller may
    change them as it likes: neither the cache nor another caller sees it.
    """

    def __init__(self, kind: type[R], namespace: str | None) -> None:
        self._kind = kind
        self._namespace = namespace
        self._store = Store()

    def _check(self, *, stopped: bool = True) -> None:
        """Raise InformerStopped if nothing keeps the cache up to date for lack of a living thread."""

    def _report(self, error: Exception) -> None:
        """Tell of a failure that concerns one object or one handler."""

    def get(self, name: str, namespace: str | None = None) -> R | None:
        """The cached object of that name, None if there is none.

        Args:
            name: of the object.
            namespace: None takes the informer's own; required for a namespaced kind if that is all namespaces.

        Raises:
            RequestError: a namespaced kind without a namespace.
            InformerStopped: the informer has died.
        """
        if self._kind.api_resource.namespaced:
            namespace = namespace or self._namespace
            if namespace is None:
                raise RequestError(
                    f"{self._kind.__name__} is namespaced: give namespace= to get {name!r} from the cache"
                )
            name = f"{namespace}/{name}"
        return self.get_by_key(name)

    def get_by_key(self, key: str) -> R | None:
        """The cached object under ``"namespace/name"`` (or ``"name"``), None if there is none."""
        self._check(stopped=False)
        raw = self._store.get(key)
        return None if raw is None else load_resource(self._kind, raw)

    def list(self, namespace: str | None = None, labels: Labels | None = None) -> _List[R]:
        """The cached objects of a namespace (None: of all) whose labels match. Selectors as for requests."""
        self._check(stopped=False)
        query = None if labels is None else LabelQuery.of(labels)
        return [load_resource(self._kind, raw) for raw in self._store.select(namespace, query)]

    def keys(self, namespace: str | None = None) -> _List[str]:
        """The keys of the cached objects."""
        self._check(stopped=False)
        return self._store.keys(namespace)

    def __len__(self) -> int:
        """How many objects are cached."""
        return len(self._store)

    def __iter__(self) -> Iterator[R]:
        """All cached objects."""
        return iter(self.list())

    def add_index(self, name: str, function: Callable[[R], Iterable[Hashable]]) -> None:
        """Index the cache, now and from now on. An object for which ``function`` raises is reported and not indexed."""

        def values(raw: bytes) -> Iterable[Hashable]:
            try:
                return tuple(function(load_resource(self._kind, raw)))
            except Exception as error:  # noqa: BLE001  # one object must not end the informer
                self._report(error)
                return ()

        self._store.add_index(name, values)

    def by_index(self, name: str, value: Hashable) -> _List[R]:
        """The cached objects for which the index ``name`` gave ``value``. Raises RequestError for an unknown index."""
        self._check(stopped=False)
        self._check_index(name)
        return [load_resource(self._kind, raw) for raw in self._store.by_index(name, value)]

    def index_values(self, name: str) -> _List[Any]:
        """The values under which the index ``name`` has objects. Raises RequestError for an unknown index."""
        self._check(stopped=False)
        self._check_index(name)
        return self._store.index_values(name)

    def _check_index(self, name: str) -> None:
        known = self._store.indexes()
        if name not in known:
            raise RequestError(f"there is no index {name!r}; there is {', '.join(known) or 'none'}")
