# SPDX-License-Identifier: Apache-2.0
"""What every verb needs: the class of a kind, the namespace to use, sending, and turning answers into objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from k8s_core.client.objects import Subject, wire_identity
from k8s_core.errors import DecodeError, NotFound, RequestError, UnknownKindError, api_error, api_error_from_status
from k8s_core.kinds import APIResource, GroupVersionKind
from k8s_core.meta import GenericResource, generic_resource
from k8s_core.model import Resource
from k8s_core.model.codec import decode_json, load_resource, split_object
from k8s_core.requests.options import ALL_NAMESPACES, AllNamespaces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.configuration import Config
    from k8s_core.errors import ApiError
    from k8s_core.plugins import Plugins
    from k8s_core.registry import Registry
    from k8s_core.requests import Request
    from k8s_core.transport import Observers, Response, Transport

__all__ = ["AnyKind", "ClientCore", "decoded"]

R = TypeVar("R", bound=Resource)

AnyKind: TypeAlias = "type[Resource] | str | APIResource | GroupVersionKind"
"""How verbs are told a kind: its class, a name as kubectl takes it (``"deploy"``, ``"deployments.apps"``,
``"Deployment.v1.apps"``), or a description of it."""

_STATUS_SIZE = 1 << 16
"""Bytes of an answer in which a Status of failure is looked for."""


class ClientCore:
    """The base of ``Client``: state, and the way from a request to an answer. Safe for use by many threads at once."""

    def __init__(
        self,
        config: Config | None = None,
        *,
        registry: Registry | None = None,
        plugins: Plugins | None = None,
        transport: Transport | None = None,
    ) -> None:
        from k8s_core.client.setup import connect, find_config
        from k8s_core.transport import Observers

        if registry is None:
            registry = _registry_for(plugins)
        self._config = find_config(config, plugins, has_transport=transport is not None)
        self._registry = registry
        if transport is None:
            self._transport, self._observers = connect(self._config, plugins, registry)
        else:
            self._transport, self._observers = transport, Observers()

    @property
    def config(self) -> Config:
        """The configuration that the client was made with."""
        return self._config

    @property
    def registry(self) -> Registry:
        """Where the classes of kinds come from."""
        return self._registry

    @property
    def transport(self) -> Transport:
        """What sends the requests."""
        return self._transport

    @property
    def observers(self) -> Observers:
        """The observers of plugins as one; whoever watches tells it of lists."""
        return self._observers

    @property
    def namespace(self) -> str:
        """The namespace for requests that name none: the context's."""
        return self._config.namespace

    # -- sending ------------------------------------------------------------------------------------------------------

    def request(self, request: Request) -> Response:
        """Send any request, and give the answer to be read or streamed; blocks until its head is there.

        Raises:
            ApiError: the status is not one of success (200 to 206); the class follows the reason of the Status.
            TransportError: no answer.
        """
        response = self._transport.send(request)
        if 200 <= response.status <= 206:
            return response
        raise self._error(request, response)

    def send_json(self, request: Request) -> bytes:
        """Send a request and give the body of its answer; blocks.

        Raises:
            ApiError: as :meth:`request`; also for a failure that came with a status of success (protocol C38).
            TransportError: no answer, or only a part of one.
        """
        response = self._transport.send(request)
        if not 200 <= response.status <= 206:
            raise self._error(request, response)
        body = response.read()
        # Searching for two words costs next to nothing; parsing every answer for a Status would not. A Status that is
        # longer than this still has both near its beginning, and a page of a list has megabytes behind it.
        if body.find(b'"Failure"', 0, _STATUS_SIZE) >= 0 and body.find(b'"Status"', 0, _STATUS_SIZE) >= 0:
            _raise_failure(request, body)
        if request.resource is not None and request.resource.defines_kinds and request.method != "GET":
            self._kinds_changed()
        return body

    def _error(self, request: Request, response: Response) -> ApiError:
        error = _error(request, response)
        if type(error) is NotFound and request.resource is not None and not error.details.get("name"):
            # Not an object is missing, but the address of its kind: the server does not serve it.
            self._explain_unserved(error, request.resource)
        return error

    def _explain_unserved(self, error: NotFound, resource: APIResource) -> None:
        """Say in a note what the server serves instead; ``Client`` implements it with discovery."""

    def _fetch(self, cls: type[R], request: Request) -> R:
        """Send a request and make the object that the answer holds; blocks.

        Raises:
            DecodeError: the server answered with success, but not with a JSON object.
            ApiError, TransportError: as :meth:`send_json`.
        """
        return decoded(cls, request, self.send_json(request))

    # -- kinds and namespaces -----------------------------------------------------------------------------------------

    def _kind(self, kind: AnyKind | Resource) -> type[Resource]:
        """The class for a kind in any of the forms that verbs take.

        A class costs nothing; a name is resolved by discovery, which is cached.

        Raises:
            UnknownKindError: neither an installed package nor the server knows it; the message has the nearest names.
            RequestError: not a kind at all.
        """
        if isinstance(kind, type) and issubclass(kind, Resource):
            if getattr(kind, "api_resource", None) is None:
                raise RequestError(f"{kind.__name__} is no kind: its class line has no group=, version= and plural=")
            return kind
        if isinstance(kind, Resource):
            return self._class_of(kind)
        if isinstance(kind, str):
            return self.resource(kind)
        if isinstance(kind, APIResource):
            return self._class_for(kind)
        if isinstance(kind, GroupVersionKind):
            return self.class_for(kind.api_version, kind.kind)
        raise RequestError(f"expected a kind (a class, or a name such as 'deployments.apps'), not {kind!r:.80}")

    def resource(self, name: str) -> type[Resource]:
        """The class for the name of a kind; ``Client`` implements it with discovery."""
        raise NotImplementedError

    def class_for(self, api_version: str, kind: str) -> type[Resource]:
        """The class for ``apiVersion`` and ``kind`` of a document: a package's, else a generic one by discovery.

        Raises:
            UnknownKindError: neither an installed package nor the server knows the kind.
            PluginLoadError, KindConflictError: the package that provides it is broken, or two do.
        """
        try:
            return self._registry.get(api_version, kind)
        except UnknownKindError as error:
            found = self._discover(GroupVersionKind.parse(api_version, kind))
            if found is None:
                raise error
            return generic_resource(found)

    def _discover(self, gvk: GroupVersionKind) -> APIResource | None:
        """How the server serves a kind, None if it does not; ``Client`` implements it with discovery."""
        raise NotImplementedError

    def _kinds_changed(self) -> None:
        """Other kinds may be served from now on; ``Client`` forgets what it knew."""

    def _class_for(self, resource: APIResource) -> type[Resource]:
        """The class for a kind as the server describes it."""
        try:
            return self._registry.get(resource.api_version, resource.kind)
        except UnknownKindError:
            return generic_resource(resource)

    def _class_of(self, obj: Resource) -> type[Resource]:
        if getattr(type(obj), "api_resource", None) is not None:
            return type(obj)
        return self.class_for(obj.apiVersion, obj.kind)

    def _subresource_class(self, cls: type[Resource], subresource: str) -> type[Resource]:
        """The class of what a subresource answers: the kind itself for ``status``, ``Scale`` for ``scale``.

        A subresource that the class does not declare is let through: the server knows.

        Raises:
            RequestError: the class declares one of nearly this name.
        """
        declared = cls.api_resource.subresources
        own_kind = declared.get(subresource)
        if own_kind:
            api_version, _, kind = own_kind.partition(" ")
            try:
                return self._registry.get(api_version, kind)
            except UnknownKindError:
                return GenericResource
        if own_kind is None and declared:
            from k8s_core.errors.hints import did_you_mean

            if hint := did_you_mean(subresource, declared):
                raise RequestError(f"{cls.api_resource.kind} has no subresource {subresource!r}{hint}")
        return cls if own_kind is not None or subresource == "status" else GenericResource

    def _subject(self, obj: Resource | Mapping[str, Any], namespace: str | AllNamespaces | None = None) -> Subject:
        """Everything that a request about one object needs to know of it.

        Args:
            obj: a resource or a wire dict with ``apiVersion`` and ``kind``; never changed.
            namespace: where the caller wants it; None takes the object's own, else the client's.

        Raises:
            RequestError: not an object, or two different namespaces (C24).
            UnknownKindError: as :meth:`class_for`.
        """
        identity = wire_identity(obj)
        cls = self._class_of(obj) if isinstance(obj, Resource) else self.class_for(identity.api_version, identity.kind)
        resource = cls.api_resource
        if not resource.namespaced:
            self._namespace_for(resource, namespace)
            return Subject(cls, resource, identity.name, None, identity.uid, identity.resource_version, obj)
        if namespace is not None and identity.namespace and namespace != identity.namespace:
            raise RequestError(
                f"namespace={namespace!r} does not match metadata.namespace {identity.namespace!r} of the object"
            )
        chosen = self._namespace_for(resource, namespace if namespace is not None else identity.namespace or None)
        return Subject(cls, resource, identity.name, chosen, identity.uid, identity.resource_version, obj)

    def _namespace_for(self, resource: APIResource, namespace: str | AllNamespaces | None) -> str | None:
        """The namespace to address one object in: the caller's, else the client's; None for cluster-scoped kinds.

        Raises:
            RequestError: a namespace for a cluster-scoped kind, or ALL_NAMESPACES for a single object.
        """
        if namespace is ALL_NAMESPACES:
            if resource.namespaced:
                raise RequestError(f"one {resource.kind} lives in one namespace, not in ALL_NAMESPACES")
            return None
        return self._collection_namespace(resource, namespace)

    def _collection_namespace(self, resource: APIResource, namespace: str | AllNamespaces | None) -> str | None:
        """The namespace to address a collection in; None for all namespaces and for cluster-scoped kinds.

        Raises:
            RequestError: a namespace for a cluster-scoped kind.
        """
        if not resource.namespaced:
            if isinstance(namespace, str):
                raise RequestError(
                    f"{resource.kind} is cluster-scoped: namespace={namespace!r} does not apply; leave it out"
                )
            return None
        if namespace is None:
            return self._config.namespace
        return None if isinstance(namespace, AllNamespaces) else namespace


def decoded(cls: type[R], request: Request, body: bytes) -> R:
    """The object that the body of an answer holds. Raises DecodeError, which names the request."""
    try:
        if not body:
            raise DecodeError("it is empty")
        obj = load_resource(cls, body)
        # Its fields are split, not parsed: cheap, and a body that is no object is noticed here, not later.
        split_object(obj)
    except DecodeError as error:
        raise DecodeError(
            f"{request.method} {request.path}: the answer was one of success, but no JSON object: {error}"
        ) from error
    return obj


def _registry_for(plugins: Plugins | None) -> Registry:
    from k8s_core.registry import Registry, default_registry

    return default_registry() if plugins is None else Registry(plugins)


def _error(request: Request, response: Response) -> ApiError:
    """The error for an unsuccessful answer; reads the body, so that the connection is free again."""
    try:
        body = response.read()
    finally:
        response.close()
    headers = response.headers
    hint = headers.get("Retry-After")
    return api_error(
        response.status,
        body,
        method=request.method,
        content_type=headers.get("Content-Type"),
        retry_after=int(hint) if hint is not None and hint.isascii() and hint.isdigit() else None,
        request=f"{request.method} {request.path}",
    )


def _raise_failure(request: Request, body: bytes) -> None:
    """Raise if the body is a Status of failure; an object that merely contains the words is left alone."""
    try:
        document = decode_json(body)
    except DecodeError:
        return
    if isinstance(document, dict) and document.get("kind") == "Status" and document.get("status") == "Failure":
        raise api_error_from_status(cast("Mapping[str, Any]", document), request=f"{request.method} {request.path}")
