# SPDX-License-Identifier: Apache-2.0
"""The verbs that read whole objects: get, list, pages, watch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

from k8s_core.client.lists import DEFAULT_LIMIT, OnExpired, ResourceList, each_page, list_meta, whole_list
from k8s_core.client.representations import RepresentationVerbs
from k8s_core.errors import UnknownKindError
from k8s_core.meta import GenericResource
from k8s_core.model import Resource
from k8s_core.model.codec import collector_paused, decode_json, load_resource
from k8s_core.requests.options import AllNamespaces, ResourceVersionMatch, check_choice
from k8s_core.requests.read import get_request, list_request

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from k8s_core.client.core import AnyKind
    from k8s_core.model.codec import RawList
    from k8s_core.selectors import Fields, Labels
    from k8s_core.watch.events import WatchEvent

__all__ = ["ReadVerbs"]

R = TypeVar("R", bound=Resource)
_Items: TypeAlias = list[Any]


class ReadVerbs(RepresentationVerbs):
    """get, list, pages and watch."""

    @overload
    def get(
        self,
        kind: type[R],
        name: str,
        *,
        namespace: str | None = None,
        resource_version: str | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def get(
        self,
        kind: AnyKind,
        name: str,
        *,
        namespace: str | None = None,
        resource_version: str | None = None,
        subresource: str | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def get(
        self,
        kind: AnyKind,
        name: str,
        *,
        namespace: str | None = None,
        resource_version: str | None = None,
        subresource: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Read one object. One request.

        Args:
            kind: a class, or a name such as ``"deployments.apps"``.
            name: of the object.
            namespace: None means the client's (the context's) for namespaced kinds.
            resource_version: None reads the latest; ``"0"`` may be stale; others mean *not older than* (C10).
            subresource: read this subresource instead, as the class of its own kind.
            timeout: seconds, total; None = as configured.

        Raises:
            NotFound: there is no such object, or the server does not serve the kind.
            InvalidName, RequestError: before anything is sent.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        cls = self._kind(kind)
        resource = cls.api_resource
        request = get_request(
            resource,
            name,
            namespace=self._namespace_for(resource, namespace),
            subresource=subresource,
            resource_version=resource_version,
            timeout=timeout,
        )
        if subresource is not None:
            cls = self._subresource_class(cls, subresource)
        return self._fetch(cls, request)

    @overload
    def list(
        self,
        kind: type[R],
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = DEFAULT_LIMIT,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: OnExpired = "relist",
        timeout: float | None = None,
    ) -> ResourceList[R]: ...
    @overload
    def list(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = DEFAULT_LIMIT,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: OnExpired = "relist",
        timeout: float | None = None,
    ) -> ResourceList[Any]: ...
    def list(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = DEFAULT_LIMIT,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: OnExpired = "relist",
        timeout: float | None = None,
    ) -> ResourceList[Any]:
        """Read all the objects of a collection, as many requests as it takes.

        Args:
            kind: a class, or a name such as ``"deployments.apps"``.
            namespace: None means the client's (the context's); ``ALL_NAMESPACES`` every one.
            labels: label selector in any form of :data:`k8s_core.selectors.Labels`.
            fields: field selector in any form of :data:`k8s_core.selectors.Fields`.
            limit: items for each request; None fetches everything in one.
            resource_version: None reads the latest state; ``"0"`` any, maybe stale; others *not older than* (C10).
            resource_version_match: ``"Exact"`` or ``"NotOlderThan"``.
            on_expired: what to do if the server forgets the list before its end (C9).
            timeout: seconds for each request; None = as configured.

        Returns:
            A list with ``.metadata``; its objects parse themselves when they are read.

        Raises:
            InvalidName, SelectorError, RequestError: before anything is sent.
            Expired: see ``on_expired``; or the exact version asked for is no longer there.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        check_choice(on_expired, ("relist", "inconsistent", "raise"), "on_expired")
        cls = self._kind(kind)
        request = list_request(
            cls.api_resource,
            namespace=self._collection_namespace(cls.api_resource, namespace),
            labels=labels,
            fields=fields,
            limit=limit,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
            timeout=timeout,
        )
        last, items = whole_list(self.send_json, request, on_expired)
        return self._objects(cls, last, items)

    @overload
    def pages(
        self,
        kind: type[R],
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int = DEFAULT_LIMIT,
        continue_token: str | None = None,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: Literal["inconsistent", "raise"] = "raise",
        timeout: float | None = None,
    ) -> Iterator[ResourceList[R]]: ...
    @overload
    def pages(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int = DEFAULT_LIMIT,
        continue_token: str | None = None,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: Literal["inconsistent", "raise"] = "raise",
        timeout: float | None = None,
    ) -> Iterator[ResourceList[Any]]: ...
    def pages(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int = DEFAULT_LIMIT,
        continue_token: str | None = None,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: Literal["inconsistent", "raise"] = "raise",
        timeout: float | None = None,
    ) -> Iterator[ResourceList[Any]]:
        """Read a collection page by page, for collections that should not be in memory whole.

        A page is fetched when it is asked for. ``page.metadata.continue_`` is where another process could go on,
        with ``continue_token``. The other arguments and errors are those of :meth:`list`; mistakes in them raise at
        once, not at the first page.
        """
        check_choice(on_expired, ("inconsistent", "raise"), "on_expired")
        cls = self._kind(kind)
        request = list_request(
            cls.api_resource,
            namespace=self._collection_namespace(cls.api_resource, namespace),
            labels=labels,
            fields=fields,
            limit=limit,
            continue_token=continue_token,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
            timeout=timeout,
        )
        pages = each_page(self.send_json, request, on_expired)
        return (self._objects(cls, page, page.items) for page in pages)

    @overload
    def watch(
        self,
        kind: type[R],
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        resource_version: str | None = None,
        capacity: int | None = None,
    ) -> Generator[WatchEvent[R], None, None]: ...
    @overload
    def watch(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        resource_version: str | None = None,
        capacity: int | None = None,
    ) -> Generator[WatchEvent[Any], None, None]: ...
    def watch(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        resource_version: str | None = None,
        capacity: int | None = None,
    ) -> Generator[WatchEvent[Any], None, None]:
        """Follow the changes of a collection, without end: see :class:`k8s_core.watch.Watcher`, which this makes.

        Arguments are those of :meth:`list`; ``capacity`` is that of the Watcher.
        """
        # The watch layer is built on the client, so it is looked up when it is needed.
        cls = self._kind(kind)
        chosen = self._collection_namespace(cls.api_resource, namespace)
        watcher = importlib.import_module("k8s_core.watch").Watcher(cls, client=self, capacity=capacity)
        events: Generator[WatchEvent[Any], None, None] = watcher.watch(
            namespace=chosen, labels=labels, fields=fields, resource_version=resource_version
        )
        return events

    # -- decoding -----------------------------------------------------------------------------------------------------

    def _objects(self, cls: type[Resource], page: RawList, items: _Items) -> ResourceList[Any]:
        with collector_paused():
            if page.kind == "List":
                objects = [self._any_object(cls, item) for item in items]
            else:
                objects = [load_resource(cls, item) for item in items]
        return ResourceList(objects, list_meta(page), page.api_version, page.kind)

    def _any_object(self, cls: type[Resource], raw: bytes) -> Resource:
        """An item of a ``v1 List``, which may be of any kind; kinds that nobody knows become generic objects (C13)."""
        document = decode_json(raw)
        resource = cls.api_resource
        api_version, kind = resource.api_version, resource.kind
        if isinstance(document, dict):
            api_version = str(document.get("apiVersion") or api_version)
            kind = str(document.get("kind") or kind)
        if (api_version, kind) == (resource.api_version, resource.kind):
            return load_resource(cls, raw)
        try:
            return load_resource(self._registry.get(api_version, kind), raw)
        except UnknownKindError:
            return load_resource(GenericResource, raw)
