# SPDX-License-Identifier: Apache-2.0
"""``Session``: what every verb needs. Sending, decoding the answer, and resolving kinds and namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast

from k8s_core.client.objects import Subject, wire_identity
from k8s_core.errors import (
    DecodeError,
    KubernetesError,
    NotFound,
    RequestError,
    UnknownKindError,
    api_error,
    api_error_from_status,
)
from k8s_core.kinds import APIResource, GroupVersionKind
from k8s_core.meta import GenericResource, generic_resource
from k8s_core.model import Resource
from k8s_core.model.codec import decode_json, load_resource, split_object
from k8s_core.requests.options import ALL_NAMESPACES, AllNamespaces, check_namespace
from k8s_core.requests.read import required_name

if TYPE_CHECKING:
    from k8s_core.client.client import Client
    from k8s_core.client.discovery import Discovery
    from k8s_core.client.kinds import AnyKind
    from k8s_core.configuration import Config
    from k8s_core.errors import ApiError
    from k8s_core.plugins import Plugins
    from k8s_core.registry import Registry
    from k8s_core.requests import Request
    from k8s_core.transport import Response, Transport

__all__ = ["Session", "active_client"]

R = TypeVar("R", bound=Resource)

active_client: ContextVar[Client | None] = ContextVar("k8s_core_active_client", default=None)
"""The client of the innermost ``with client.active()`` of this thread or task."""

_STATUS_SIZE = 1 << 16
"""Bytes of an answer in which a Status of failure is looked for."""


class Session:
    """One API server and one identity: the state of a client, and the way from a request to an answer.

    The verbs are functions that take a session; ``Client`` delegates to them. Arguments and errors of the constructor
    are those of ``Client``. Safe for use by many threads at once.
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        registry: Registry | None = None,
        plugins: Plugins | None = None,
        transport: Transport | None = None,
    ) -> None:
        from k8s_core.client.setup import connect, find_config  # noqa: PLC0415  # 184 modules for a client
        from k8s_core.transport import Observers  # noqa: PLC0415  # as above (9 modules)

        self.config = find_config(config, plugins, has_transport=transport is not None)
        self.registry = _registry_for(plugins) if registry is None else registry
        self._own_transport = transport is None
        if transport is None:
            self.transport, self.observers, self._credentials = connect(self.config, plugins, self.registry)
        else:
            self.transport, self.observers, self._credentials = transport, Observers(), None
        self.closed = False
        self._discovery: Discovery | None = None

    def close(self) -> None:
        """Close all connections; requests in other threads end with an error. Idempotent."""
        self.closed = True
        self.transport.close()

    @property
    def discovery(self) -> Discovery:
        """What the server serves, as it was when it was last asked."""
        found = self._discovery
        if found is None:
            from k8s_core.client.discovery import Discovery  # noqa: PLC0415  # only discovery needs it (8 modules)

            # Two threads may make one each; the one that stays is as good as the other.
            found = self._discovery = Discovery(self.request)
        return found

    # -- sending ------------------------------------------------------------------------------------------------------

    def request(self, request: Request) -> Response:
        """Send any request, and give the answer to be read or streamed; blocks until its head is there.

        Raises:
            ApiError: the response is not successful (200 to 206, or 101 where it was asked for); the class follows the
                reason of the Status.
            TransportError: no answer.
        """
        response = self.transport.send(request)
        if 200 <= response.status <= 206 or (response.status == 101 and request.upgrade is not None):
            return response
        raise self._error(request, response)

    def send_json(self, request: Request) -> bytes:
        """Send a request and give the body of its answer; blocks.

        Raises:
            ApiError: as :meth:`request`; also for a Status of failure in a successful response (protocol C38).
            TransportError: no answer, or only a part of one.
        """
        response = self.transport.send(request)
        if not 200 <= response.status <= 206:
            raise self._error(request, response)
        body = response.read()
        # Searching for two words costs next to nothing; parsing every answer for a Status would not. A Status that is
        # longer than this still has both near its beginning, and a page of a list has megabytes behind it.
        if body.find(b'"Failure"', 0, _STATUS_SIZE) >= 0 and body.find(b'"Status"', 0, _STATUS_SIZE) >= 0:
            _raise_failure(request, body)
        if request.resource is not None and request.resource.defines_kinds and request.method != "GET":
            self._forget_kinds()
        return body

    def _error(self, request: Request, response: Response) -> ApiError:
        error = _error(request, response)
        if type(error) is NotFound and request.resource is not None and not error.details.get("name"):
            # Not an object is missing, but the address of its kind: the server does not serve it.
            from k8s_core.client.discovery.unserved import explain_unserved  # noqa: PLC0415  # rarely needed

            explain_unserved(error, request.resource, self.discovery)
        elif error.code in (400, 401, 404):
            from k8s_core.client.refusals import advise  # noqa: PLC0415  # rarely needed (3 modules)

            advise(error, request, self.config if self._own_transport else None, self._credentials)
        return error

    def _forget_kinds(self) -> None:
        """Ask the server again which kinds it serves, when that is needed next."""
        if self._discovery is not None:
            self._discovery.invalidate()

    def fetch(self, cls: type[R], request: Request) -> R:
        """Send a request and make the object that the answer holds; blocks.

        Raises:
            DecodeError: the server answered with success, but not with a JSON object.
            ApiError, TransportError: as :meth:`send_json`.
        """
        return _decoded(cls, request, self.send_json(request))

    # -- kinds and namespaces -----------------------------------------------------------------------------------------

    def resolve(self, kind: AnyKind | Resource) -> type[Resource]:
        """The class for a kind in any of the forms that verbs take.

        A class costs nothing; a name is resolved by discovery, which is cached.

        Raises:
            UnknownKindError: neither an installed package nor the server knows it; the message has the nearest names.
            RequestError: not a kind at all.
        """
        if isinstance(kind, type) and issubclass(kind, Resource):
            if getattr(kind, "api_resource", None) is None:
                raise RequestError(f"{kind.__name__} is not a kind: its class line has no group=, version= and plural=")
            return kind
        if isinstance(kind, Resource):
            return self.class_of(kind)
        if isinstance(kind, str):
            return self.class_named(kind)
        if isinstance(kind, APIResource):
            return self.class_served_as(kind)
        if isinstance(kind, GroupVersionKind):
            return self.class_for(kind.api_version, kind.kind)
        raise RequestError(f"expected a kind (a class, or a name such as 'deployments.apps'), not {kind!r:.80}")

    def class_named(self, name: str) -> type[Resource]:
        """The class for the name of a kind; see ``Client.resource``."""
        served = self.discovery.match(name)
        for candidate in served:
            try:
                return self.registry.get(candidate.api_version, candidate.kind)
            except UnknownKindError:
                continue
        return generic_resource(served[0])

    def class_for(self, api_version: str, kind: str) -> type[Resource]:
        """The class for ``apiVersion`` and ``kind`` of a document: a package's, else a generic one by discovery.

        Raises:
            UnknownKindError: neither an installed package nor the server knows the kind; says what the server has.
            PluginLoadError, KindConflictError: the package that provides it is broken, or two do.
        """
        try:
            return self.registry.get(api_version, kind)
        except UnknownKindError as error:
            wanted = GroupVersionKind.parse(api_version, kind)
            try:
                found = self.discovery.find(wanted)
            except KubernetesError as failure:
                failure.add_note(f"the server was asked, because {error}")
                raise
            if found is not None:
                return generic_resource(found)
            from k8s_core.client.discovery.unserved import unserved_kind  # noqa: PLC0415  # rarely needed

            raise unserved_kind(wanted, self.discovery, self.registry) from None

    def class_served_as(self, resource: APIResource) -> type[Resource]:
        """The class for a kind as the server describes it."""
        try:
            return self.registry.get(resource.api_version, resource.kind)
        except UnknownKindError:
            return generic_resource(resource)

    def class_of(self, obj: Resource) -> type[Resource]:
        """The class of an object; that of a generic object without facts is looked up by its apiVersion and kind."""
        if getattr(type(obj), "api_resource", None) is not None:
            return type(obj)
        return self.class_for(obj.apiVersion, obj.kind)

    def subresource_class(self, cls: type[Resource], subresource: str) -> type[Resource]:
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
                return self.registry.get(api_version, kind)
            except UnknownKindError:
                return GenericResource
        if own_kind is None and declared:
            from k8s_core.errors.hints import did_you_mean  # noqa: PLC0415  # only the message of an error needs it

            if hint := did_you_mean(subresource, declared):
                raise RequestError(f"{cls.api_resource.kind} has no subresource {subresource!r}{hint}")
        return cls if own_kind is not None or subresource == "status" else GenericResource

    def subject(self, obj: Resource | Mapping[str, Any], namespace: str | AllNamespaces | None = None) -> Subject:
        """Everything that a request about one object needs to know of it.

        Args:
            obj: a resource or a wire dict with ``apiVersion`` and ``kind``; never changed.
            namespace: where the caller wants it; None takes the object's own, else the client's.

        Raises:
            RequestError: not an object, or two different namespaces (C24).
            UnknownKindError: as :meth:`class_for`.
        """
        identity = wire_identity(obj)
        cls = self.class_of(obj) if isinstance(obj, Resource) else self.class_for(identity.api_version, identity.kind)
        resource, own = cls.api_resource, identity.namespace
        if namespace is not None and own and namespace != own and resource.namespaced:
            raise RequestError(f"namespace={namespace!r} does not match metadata.namespace {own!r} of the object")
        place = self.object_namespace(resource, namespace) if namespace is not None or not own else own
        if not resource.namespaced:
            place = None
        return Subject(cls, resource, identity.name, place, identity.uid, identity.resource_version)

    def addressed(
        self, kind_or_obj: AnyKind | Resource | Mapping[str, Any], name: str | None, namespace: str | None
    ) -> Subject:
        """The same for a kind with a name, or an object.

        Raises:
            RequestError, UnknownKindError: as :meth:`subject` and :meth:`resolve`; also for a kind without a name.
        """
        if isinstance(kind_or_obj, (Resource, Mapping)):
            if name is not None:
                raise RequestError("name= goes with a kind; an object has its own")
            return self.subject(kind_or_obj, namespace)
        cls = self.resolve(kind_or_obj)
        resource = cls.api_resource
        if name is None:
            raise RequestError(f"the name of the {resource.kind} is missing: give name=, or the object itself")
        return Subject(cls, resource, required_name(name), self.object_namespace(resource, namespace), "", "")

    def object_namespace(self, resource: APIResource, namespace: str | AllNamespaces | None) -> str | None:
        """The namespace to address one object in: the caller's, else the client's; None for cluster-scoped kinds.

        Raises:
            RequestError: a namespace for a cluster-scoped kind, or every namespace for a single object.
        """
        if namespace is ALL_NAMESPACES:
            if resource.namespaced:
                raise RequestError(f"one {resource.kind} lives in one namespace, not in ALL_NAMESPACES")
            return None
        return self.collection_namespace(resource, namespace)

    def collection_namespace(self, resource: APIResource, namespace: str | AllNamespaces | None) -> str | None:
        """The namespace to address a collection in; None for every namespace and for cluster-scoped kinds.

        Raises:
            RequestError: a namespace for a cluster-scoped kind, or a word such as ``"*"`` for every namespace.
        """
        if isinstance(namespace, AllNamespaces):
            return None
        if not resource.namespaced:
            if namespace is not None:
                raise RequestError(
                    f"{resource.kind} is cluster-scoped: namespace={namespace!r} does not apply; leave it out"
                )
            return None
        return self.config.namespace if namespace is None else check_namespace(namespace)


def _decoded(cls: type[R], request: Request, body: bytes) -> R:
    """The object that the body of an answer holds. Raises DecodeError, which names the request."""
    try:
        if not body:
            raise DecodeError("it is empty")
        obj = load_resource(cls, body)
        # Its fields are split, not parsed: cheap, and a body that is not an object is noticed here, not later.
        split_object(obj)
    except DecodeError as error:
        raise DecodeError(
            f"{request.method} {request.path}: the response was successful, but its body is not a JSON object: {error}"
        ) from error
    if request.method == "GET" and request.subresource is None and cls.api_resource is request.resource:
        _check_kind(obj, cls, request)
    return obj


def _check_kind(obj: Resource, cls: type[Resource], request: Request) -> None:
    wanted = cls.api_resource
    if obj.kind != wanted.kind or obj.apiVersion != wanted.api_version:
        raise DecodeError(
            f"{request.method} {request.path}: expected a {wanted.gvk}, and the server answered with a "
            f"{obj.apiVersion} {obj.kind}"
        )


def _registry_for(plugins: Plugins | None) -> Registry:
    from k8s_core.registry import Registry, default_registry  # noqa: PLC0415  # not before there is a client (7 modules)

    return default_registry() if plugins is None else Registry(plugins)


def _error(request: Request, response: Response) -> ApiError:
    """The error for an unsuccessful answer; reads the body, so that the connection is free again."""
    try:
        body = response.read()
    finally:
        response.close()
    headers = response.headers
    return api_error(
        response.status,
        body,
        method=request.method,
        content_type=headers.get("Content-Type"),
        retry_after=_seconds(headers.get("Retry-After")),
        request=_named(request),
    )


def _seconds(header: str | None) -> int | None:
    """Whole seconds; None for anything else, such as a date, or more digits than a wait can have."""
    return int(header) if header and len(header) <= 9 and header.isascii() and header.isdigit() else None


def _named(request: Request) -> str:
    """What an error calls a request. List and watch have one address, but are two permissions."""
    return f"{request.method} {request.path}{' (watch)' if request.verb == 'watch' else ''}"


def _raise_failure(request: Request, body: bytes) -> None:
    """Raise if the body is a Status of failure; an object that merely contains the words is left alone."""
    try:
        document = decode_json(body)
    except DecodeError:
        return
    if isinstance(document, dict) and document.get("kind") == "Status" and document.get("status") == "Failure":
        raise api_error_from_status(cast("Mapping[str, Any]", document), request=_named(request))
