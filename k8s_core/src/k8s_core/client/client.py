# SPDX-License-Identifier: Apache-2.0
"""``Client``: one API server, one identity, all verbs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self, TypeAlias, cast, overload

from k8s_core import streams as streaming
from k8s_core import watch as watching
from k8s_core.backoff import DEFAULT_BACKOFF, Backoff
from k8s_core.client import applying, deleting, discovering, editing, following, reading, subresources, writing
from k8s_core.client.lists import DEFAULT_LIMIT, OnExpired, ResourceList
from k8s_core.client.session import Session, active_client
from k8s_core.errors.calls import explains_calls
from k8s_core.errors.habits import CLIENT, generated_verb, no_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from os import PathLike
    from socket import socket
    from types import TracebackType

    from k8s_core.client.applying.documents import Documents
    from k8s_core.client.applying.report import ApplyReport, DeleteReport
    from k8s_core.client.discovery import Discovery
    from k8s_core.client.explanation import Explanation
    from k8s_core.client.kind_client import KindClient
    from k8s_core.client.kinds import AnyKind, Kind, R
    from k8s_core.configuration import Config
    from k8s_core.errors import KubernetesError
    from k8s_core.meta import PartialObjectMetadata, Table, VersionInfo
    from k8s_core.model import Model, Resource
    from k8s_core.patches import Patch
    from k8s_core.plugins import Plugins
    from k8s_core.registry import Registry
    from k8s_core.requests import Request
    from k8s_core.requests.options import (
        AllNamespaces,
        DryRun,
        FieldValidation,
        NamespaceOption,
        PropagationPolicy,
        ResourceVersionMatch,
    )
    from k8s_core.selectors import Fields, Labels
    from k8s_core.streams import (
        CompletedCommand,
        CopyProgress,
        CopyReport,
        LogBytes,
        LogLine,
        LogStream,
        PortForward,
        Process,
    )
    from k8s_core.streams.commands import Input
    from k8s_core.streams.targets import Target
    from k8s_core.transport import Observers, Response, Transport
    from k8s_core.watch import WaitProgress, WatchEvent

    _Objects: TypeAlias = list[R]

__all__ = ["Client"]

_List: TypeAlias = list[Any]  # the class has a method of that name


@explains_calls
class Client:
    """A client for one API server and one identity.

    ::

        with Client(Config.from_kubeconfig(context="prod")) as client:
            for pod in client.list(Pod, labels={"app": "web"}):
                print(pod.metadata.name, pod.status.phase)

    Every verb takes a kind as a class or as a name (``"deployments.apps"``), blocks until the server has answered, and
    refuses what the server would refuse before anything is sent. Objects are never changed by a verb; it returns new
    ones. ``namespace=None`` means the client's namespace, which is the context's. Safe for use by many threads at once;
    connections are made when they are needed and shared.

    Args:
        config: None takes what a plugin or else kubectl's rules find (reads files).
        registry: where the classes of kinds come from; None takes that of the process.
        plugins: whose hooks apply; None takes those of the process.
        transport: sends the requests instead of one made from the configuration, for tests.

    Raises:
        ConfigError: there is no configuration, or it is wrong.
        PluginError: a hook plugin is broken.
    """

    def __init__(
        self,
        config: Config | None = None,
        *,
        registry: Registry | None = None,
        plugins: Plugins | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._session = Session(config, registry=registry, plugins=plugins, transport=transport)

    # -- the client itself --------------------------------------------------------------------------------------------

    @property
    def config(self) -> Config:
        """The configuration that the client was made with."""
        return self._session.config

    @property
    def registry(self) -> Registry:
        """Where the classes of kinds come from."""
        return self._session.registry

    @property
    def transport(self) -> Transport:
        """What sends the requests."""
        return self._session.transport

    @property
    def observers(self) -> Observers:
        """The observers of plugins as one; watches tell it of lists."""
        return self._session.observers

    @property
    def namespace(self) -> str:
        """The namespace for requests that name none: the context's."""
        return self._session.config.namespace

    @property
    def closed(self) -> bool:
        """True after :meth:`close`: nothing that is sent can succeed any more, so a watch must not try again."""
        return self._session.closed

    def close(self) -> None:
        """Close all connections, streams included; requests in other threads end with an error. Idempotent."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def active(self) -> Iterator[Self]:
        """Make this the client of the tutorial's verbs inside of a ``with``, for this thread or task only."""
        token = active_client.set(self)
        try:
            yield self
        finally:
            active_client.reset(token)

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Client holds connections and locks and cannot be pickled or copied: pickle its config, and call "
            "Client(config) where it is needed. A pickle leaves secrets out, so a token that was given as a string has "
            "to be given again; one from a file is read again."
        )

    def __repr__(self) -> str:
        return f"<Client {self.config.server} namespace={self.namespace!r}>"

    if not TYPE_CHECKING:
        # For those who check types there are the verbs below, and no others.
        def __getattr__(self, name: str) -> NoReturn:
            raise no_attribute(self, name, CLIENT, generated_verb)

    def request(self, request: Request) -> Response:
        """Send any request, and give the answer to be read or streamed; blocks until its head is there.

        Raises:
            ApiError: the response is not successful (200 to 206); the class follows the reason of the Status.
            TransportError: no answer.
        """
        return self._session.request(request)

    def send_json(self, request: Request) -> bytes:
        """Send a request and give the body of its answer; blocks.

        Raises:
            ApiError: as :meth:`request`; also for a Status of failure in a successful response (protocol C38).
            TransportError: no answer, or only a part of one.
        """
        return self._session.send_json(request)

    # -- kinds --------------------------------------------------------------------------------------------------------

    def kind(self, kind: Kind[R], *, namespace: str | AllNamespaces | None = None) -> KindClient[R]:
        """The verbs of this client for one kind: ``pods = client.kind(Pod)``, then ``pods.get("a")``.

        Args:
            kind: a class, or a name such as ``"deployments.apps"``, which asks the server.
            namespace: where its verbs act if they are not told; None means the client's.

        Raises:
            UnknownKindError, RequestError: as :meth:`resource`.
        """
        from k8s_core.client.kind_client import KindClient  # noqa: PLC0415  # few programs ask for one

        return KindClient(self, cast("type[R]", self._session.resolve(kind)), namespace)

    def resource(self, name: str) -> type[Any]:
        """The class for the name of a kind, such as ``"pods"`` or ``"deployments.apps"``, by discovery.

        Type checkers cannot know its fields, so they take all of them.

        Raises:
            UnknownKindError: the server has no kind of that name.
            InvalidName: it cannot be a name.
            ApiError, TransportError, DecodeError: the server could not be asked.
        """
        return self._session.class_named(name)

    def resources(self, category: str) -> _List:
        """The classes of the kinds of a category, such as ``"all"``. Raises as :meth:`resource`."""
        return [self._session.class_served_as(resource) for resource in self.discovery.category(category)]

    def class_for(self, api_version: str, kind: str) -> type[Any]:
        """The class for ``apiVersion`` and ``kind`` of a document: a package's, else a generic one by discovery.

        Raises:
            UnknownKindError: neither an installed package nor the server knows the kind.
            PluginLoadError, KindConflictError: the package that provides it is broken, or two do.
        """
        return self._session.class_for(api_version, kind)

    @property
    def discovery(self) -> Discovery:
        """What the server serves, as it was when it was last asked; see :class:`Discovery`."""
        return self._session.discovery

    def server_version(self) -> VersionInfo:
        """The server's version; ``major`` and ``minor`` are strings, as in ``"27+"`` (G11). One request."""
        return discovering.server_version(self._session)

    def openapi_paths(self) -> dict[str, str]:
        """The OpenAPI v3 documents of the server: ``"apis/apps/v1"`` to the address with its hash (G10).

        One request. Raises ApiError, TransportError, DecodeError.
        """
        return discovering.openapi_paths(self._session)

    def openapi(self, path: str) -> dict[str, Any]:
        """One OpenAPI v3 document, such as ``"apis/apps/v1"``. Two requests.

        Raises:
            RequestError: the server has no such document; the message has what it has.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        return discovering.openapi(self._session, path)

    def explain(self, kind: AnyKind, *, api_version: str | None = None, recursive: bool = False) -> Explanation:
        """What the server says of a kind or a field, as ``kubectl explain`` does: types, descriptions, required fields.

        ::

            print(client.explain("deployment.spec.replicas"))
            client.explain("deployment.spec").fields[0].name

        From the server's OpenAPI v3 document, custom resources included. Two requests, and those of discovery.

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_explain/

        Args:
            kind: a name as kubectl takes it, with the path of a field behind it: ``"deploy.spec.template"``,
                ``"deployments.apps.spec"``; or a class, for the kind itself.
            api_version: such as ``"autoscaling/v1"``; None takes the preferred one.
            recursive: also the fields of the fields, at every depth.

        Returns:
            The explanation, which prints as kubectl's.

        Raises:
            UnknownKindError: the server has no such kind.
            RequestError: the kind has no such field, is not served in ``api_version``, or has no OpenAPI document.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        from k8s_core.client.explaining import explain  # noqa: PLC0415  # for people only (4 modules)

        return explain(self._session, kind, api_version=api_version, recursive=recursive)

    # -- reading ------------------------------------------------------------------------------------------------------

    @overload
    def get(
        self,
        kind: Kind[R],
        name: str,
        *,
        namespace: str | None = None,
        subresource: None = None,
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
        subresource: str | None,
        resource_version: str | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def get(
        self,
        kind: AnyKind,
        name: str,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        resource_version: str | None = None,
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
            NotFound: the object does not exist, or the server does not serve the kind.
            InvalidName, RequestError: before anything is sent.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        return reading.get(
            self._session,
            kind,
            name,
            namespace,
            subresource=subresource,
            resource_version=resource_version,
            timeout=timeout,
        )

    def list(
        self,
        kind: Kind[R],
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = DEFAULT_LIMIT,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: OnExpired = "relist",
        timeout: float | None = None,
    ) -> ResourceList[R]:
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
            timeout: seconds for the whole list; None = each request may take as long as configured.

        Returns:
            A list with ``.metadata``; its objects parse themselves when they are read.

        Raises:
            InvalidName, SelectorError, RequestError: before anything is sent.
            Expired: see ``on_expired``; or the server no longer has the exact version.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        return reading.list_objects(
            self._session,
            kind,
            namespace,
            on_expired,
            labels=labels,
            fields=fields,
            limit=limit,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
            timeout=timeout,
        )

    def pages(
        self,
        kind: Kind[R],
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = DEFAULT_LIMIT,
        continue_token: str | None = None,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: Literal["inconsistent", "raise"] = "raise",
        timeout: float | None = None,
    ) -> Iterator[ResourceList[R]]:
        """Read a collection page by page, for collections that should not be in memory whole.

        A page is fetched when it is asked for. ``page.metadata.continue_`` is where another process could go on,
        with ``continue_token``. The other arguments and errors are those of :meth:`list`; mistakes in them raise at
        once, not at the first page.
        """
        return reading.pages(
            self._session,
            kind,
            namespace,
            on_expired,
            labels=labels,
            fields=fields,
            limit=limit,
            continue_token=continue_token,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
            timeout=timeout,
        )

    def get_metadata(
        self,
        kind: AnyKind,
        name: str,
        *,
        namespace: str | None = None,
        resource_version: str | None = None,
        timeout: float | None = None,
    ) -> PartialObjectMetadata:
        """Read the metadata of one object; spec and status do not travel. Arguments and errors as :meth:`get`."""
        return reading.get_metadata(
            self._session, kind, name, namespace, resource_version=resource_version, timeout=timeout
        )

    def list_metadata(
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
    ) -> ResourceList[PartialObjectMetadata]:
        """Read the metadata of all objects of a collection. Arguments and errors as :meth:`list`."""
        return reading.list_metadata(
            self._session,
            kind,
            namespace,
            on_expired,
            labels=labels,
            fields=fields,
            limit=limit,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
            timeout=timeout,
        )

    def table(
        self,
        kind: AnyKind,
        name: str | None = None,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Read the columns that kubectl shows, as the server renders them: of one object, or of a collection.

        One request; with ``limit``, ``table.metadata.continue_`` says whether there is more.

        Raises:
            NotAcceptable: the server cannot render tables for this kind.
            InvalidName, SelectorError, RequestError, ApiError, TransportError, DecodeError: as :meth:`list`.
        """
        return reading.table(
            self._session, kind, name, namespace, labels=labels, fields=fields, limit=limit, timeout=timeout
        )

    # -- following ----------------------------------------------------------------------------------------------------

    def watch(
        self,
        kind: Kind[R],
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        resource_version: str | None = None,
        capacity: int | None = None,
    ) -> Generator[WatchEvent[R], None, None]:
        """Follow the changes of a collection, without end: see :class:`k8s_core.watch.Watcher`, which this makes.

        Arguments are those of :meth:`list`; ``capacity`` is that of the Watcher.
        """
        cls = cast("type[R]", self._session.resolve(kind))
        watcher = watching.Watcher(cls, client=self, capacity=capacity)
        return watcher.watch(namespace=namespace, labels=labels, fields=fields, resource_version=resource_version)

    @overload
    def wait(
        self,
        subject: Iterable[R],
        condition: str | Callable[[R], object],
        *,
        namespace: str | None = None,
        until: Literal["all", "any"] = "all",
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> _Objects[R]: ...
    @overload
    def wait(  # type: ignore[overload-overlap]  # a literal is more special than a string
        self,
        subject: Kind[R] | R | Mapping[str, Any],
        condition: Literal["delete"],
        *,
        name: str | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> None: ...
    @overload
    def wait(
        self,
        subject: Kind[R] | R | Mapping[str, Any],
        condition: str | Callable[[R], object],
        *,
        name: str | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> R: ...
    @overload
    def wait(
        self,
        subject: Kind[R],
        condition: str | Callable[[R], object],
        *,
        labels: Labels,
        fields: Fields | None = None,
        namespace: NamespaceOption = None,
        until: Literal["all", "any"] = "all",
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> _Objects[R]: ...
    def wait(
        self,
        subject: AnyKind | Resource | Mapping[str, Any] | Iterable[Any],
        condition: str | Callable[[Any], object],
        *,
        name: str | None = None,
        namespace: NamespaceOption = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        until: Literal["all", "any"] = "all",
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> Any:
        """Block until a condition holds, as ``kubectl wait`` and ``kubectl rollout status`` define it.

        Built on list and watch: it survives disconnections, misses no state that lasts, and ends in time whatever the
        server does. Conditions:

        * ``"ready"``: the kind's own ``is_ready()``;
        * ``"rollout"``: the kind's own ``rollout_status()`` is done;
        * ``"condition=Ready"``, ``"condition=Ready=False"``, or for short ``"Available"``: a status condition, unless
          it describes an older generation (protocol H19);
        * ``"jsonpath={.status.phase}=Running"``, or without a value: anything is there (H20);
        * ``"delete"``: no such object, or, if ``subject`` has a uid, another one of that name (H21);
        * ``"create"``: the object exists; with a selector, any object that matches;
        * a function of the object that returns something true.

        Args:
            subject: an object; a kind together with ``name``; a kind together with ``labels`` or ``fields``, for all
                objects that match when the wait begins; or several objects, of any kinds.
            condition: what to wait for.
            name: of the object, with a kind.
            namespace: None means the object's, else the client's; with a selector it may be ``ALL_NAMESPACES``.
            labels, fields: selectors. An object that stops matching is not waited for any longer.
            until: of several objects, whether the condition must have held for each (not for all at one time) or for
                one of them.
            timeout: seconds; 0 checks once, negative means a week.
            on_progress: called in this thread with a ``WaitProgress`` (``done``, ``total``, ``obj``, ``holds``,
                ``seen``) for every state that the server tells of. What it raises ends the wait.

        Returns:
            For one object: the object as it was when the condition held; None after ``"delete"``. For a selector or
            several objects: the list of those for which it held, each as it was then, or as it last was if it is gone.

        Raises:
            WaitTimeout: not in time; the message says what was there instead.
            NotFound: an object does not exist, or vanished, while something else than these two was waited for (with
                ``until="any"``: all of them did); or nothing matches the selector.
            RolloutError: the rollout has failed, or its strategy has none that could be followed.
            RequestError: not a condition, one that the class of the kind does not answer, a kind that cannot be
                watched, an unusable name, or an empty list of objects; nothing was sent.
            Forbidden, MethodNotAllowed, ...: the server refuses the list or the watch; the message says which.
        """
        return following.wait(
            self,
            self._session,
            subject,
            condition,
            name=name,
            namespace=namespace,
            labels=labels,
            fields=fields,
            until=until,
            timeout=timeout,
            on_progress=on_progress,
        )

    # -- writing ------------------------------------------------------------------------------------------------------

    def create(
        self,
        obj: R | Mapping[str, Any],
        *,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> R:
        """Create an object. One request, which is never repeated after the server may have got it.

        Args:
            obj: a resource or a wire dict; not changed. ``metadata.generateName`` lets the server choose a name.
            namespace: None means the object's own, else the client's.
            dry_run: process and answer, but store nothing (C31).
            field_manager: who owns the fields; None: the server uses the program's name from the User-Agent.
            field_validation: what the server does about unknown fields: ``"Strict"``, ``"Warn"`` or ``"Ignore"``.
            timeout: seconds, total; None = as configured.

        Returns:
            The object as the server stored it.

        Raises:
            AlreadyExists: the name is taken.
            Invalid: the server refuses the object; ``causes`` names the fields.
            ValidationError: required fields are missing; nothing was sent. RequestError, InvalidName: likewise.
            OutcomeUnknown: sent, but not answered.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        return writing.create(
            self._session,
            obj,
            namespace,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    def replace(
        self,
        obj: R | Mapping[str, Any],
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> R:
        """Replace an object by this one. One request.

        With ``metadata.resourceVersion``, as an object has that was read before, the server refuses if it has changed
        since. Without, most built-in kinds are overwritten whatever they hold, and others refuse (C22).

        Args:
            obj: a resource or a wire dict, whole; not changed.
            subresource: ``"status"`` replaces the status and nothing else.

        The other arguments, the result and the errors are those of :meth:`create`; besides:

        Raises:
            Conflict: the object has changed since it was read; see :meth:`Client.edit`.
            NotFound: the object does not exist.
        """
        return writing.replace(
            self._session,
            obj,
            namespace,
            subresource=subresource,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    @overload
    def patch(
        self,
        kind_or_obj: Kind[R] | R | Mapping[str, Any],
        name: str | None = None,
        patch: Patch | None = None,
        *,
        namespace: str | None = None,
        subresource: None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def patch(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        patch: Patch | None = None,
        *,
        namespace: str | None = None,
        subresource: str | None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def patch(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        patch: Patch | None = None,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Change parts of an object. One request.

        Args:
            kind_or_obj: a kind, with ``name``; or the object, of which only the identity is used.
            name: of the object.
            patch: a ``JsonPatch``, ``MergePatch``, ``StrategicMergePatch`` or ``ApplyPatch``.
            subresource: patch this part only, such as ``"status"``.
            force: of an apply: take fields over that others own.

        The other arguments, the result and the errors are those of :meth:`create`; besides:

        Raises:
            PatchError: no patch, or a strategic merge of a kind whose class does not declare it; nothing was sent.
            UnsupportedMediaType: a strategic merge of a kind without a class, which the server does not take of it.
            NotFound: the object does not exist.
            Conflict: the patch has a resourceVersion that is not the current one. ApplyConflict: see :meth:`apply`.
        """
        return writing.patch(
            self._session,
            kind_or_obj,
            name,
            patch,
            namespace,
            subresource=subresource,
            force=force,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    def apply(
        self,
        obj: R | Mapping[str, Any],
        *,
        field_manager: str,
        force: bool = False,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> R:
        """Server-side apply: create the object, or bring the fields that are in it to these values. One request.

        Fields that this manager applied before and that are not in ``obj`` any more are given up, and removed if
        no other manager owns them. Give a new object with the fields that you want to own. One that was read from a
        server makes you the owner of everything in it, and gives an ``ApplyWarning``.

        Args:
            obj: a resource or a wire dict with a name; not changed. Its ``managedFields`` are left out.
            field_manager: the stable name of the program that applies.
            force: take over fields that others own with other values.
            subresource: apply to this part only, such as ``"status"``.

        The other arguments, the result and the errors are those of :meth:`create`; besides:

        Raises:
            ApplyConflict: others own fields with other values; ``conflicts`` lists field, manager and both values.
            PatchError: the object has no name; nothing was sent.
        """
        return writing.apply(
            self._session,
            obj,
            namespace,
            subresource=subresource,
            force=force,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    def apply_all(
        self,
        documents: Documents,
        *,
        field_manager: str,
        recursive: bool = False,
        force: bool = False,
        namespace: str | None = None,
        prune: Labels | None = None,
        prune_kinds: Iterable[AnyKind] = (),
        prune_namespaces: Iterable[str] = (),
        dry_run: DryRun = False,
        field_validation: FieldValidation | None = None,
    ) -> ApplyReport:
        """Server-side apply many objects, what others depend on first. Blocks; at least two requests for each.

        The order is that of ``apply_order`` in the class lines of the kinds; objects of equal order keep the order in
        which they are given. With the built-in kinds installed, namespaces and CRDs come first, workloads behind what
        they use, webhooks last. Of kinds without a class, those without namespaces come first. A new CRD is waited
        for. An object that fails does not stop the others. An ``ApplyWarning`` names objects that were read from a
        server, and keys that repeat in a mapping.

        Args:
            documents: a string with YAML or JSON; the ``Path`` of a file, or of a directory, whose .json, .yaml and
                .yml files are taken in the order of their names; an open file, such as ``sys.stdin``; a
                ``k8s_core.client.URL``; resources and wire dicts; or several of these, strings aside. None is changed.
            field_manager: the stable name of the program that applies.
            recursive: take the folders of a directory, too, as ``kubectl apply -R`` does.
            force: take over fields that others own with other values.
            namespace: for objects that name none; None = the client's.
            prune: delete what an earlier run applied and this one does not: objects that match these labels and were
                applied by this field manager. Looked for in the kinds and namespaces of the documents. Every document
                must carry the labels. Nothing is pruned if anything failed.
            prune_kinds: look in these kinds too, such as one that is no longer among the documents.
            prune_namespaces: look in these namespaces too.
            dry_run: process, but store nothing. What depends on a namespace or kind that is new itself is skipped.
            field_validation: what the server does about unknown fields.

        Returns:
            What became of each object.

        Raises:
            ApplyFailed: some objects failed; ``report`` says which and why, and has the others too.
            RequestError, UnknownKindError, ValidationError, DecodeError: something is wrong with the documents or
                options; nothing was written. The message has the file, the number of the document and the line. Kinds
                without a package are looked up on the server for that.
            ApiError, TransportError: of that look-up, of a URL, or of looking for what to prune.
        """
        return applying.apply_all(
            self._session,
            documents,
            recursive=recursive,
            field_manager=field_manager,
            force=force,
            namespace=namespace,
            prune=prune,
            prune_kinds=prune_kinds,
            prune_namespaces=prune_namespaces,
            dry_run=dry_run,
            field_validation=field_validation,
        )

    def edit(
        self,
        obj: R,
        change: Callable[[R], Any],
        *,
        as_patch: bool = False,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        backoff: Backoff = DEFAULT_BACKOFF,
        timeout: float | None = None,
    ) -> R:
        """Change an object that others change too: read it, call ``change``, write it; again after a Conflict.

        ::

            client.edit(deployment, lambda fresh: setattr(fresh.spec, "replicas", 3))

        Args:
            obj: which object; it is not changed, and only its identity is used. With a uid, another object that has
                its name by now is left alone.
            change: gets the object as it is on the server and changes it in place; called once for each attempt. If
                it changes nothing, nothing is written.
            as_patch: send what ``change`` changed as a merge patch, for which the permission ``patch`` is enough,
                instead of the whole object, which needs ``update``. Either way the server refuses to overwrite what
                others changed since the object was read.
            subresource: change this part only, such as ``"status"``.
            dry_run: process and answer, but store nothing.
            field_manager: who owns the fields; None: the program's name.
            field_validation: what the server does about unknown fields.
            backoff: how often to try.
            timeout: seconds for each request; None = as configured.

        Returns:
            The object as the server stored it.

        Raises:
            Conflict: the object was changed by others at each attempt.
            NotFound: it is gone, or there is another object of that name.
            ApiError, TransportError, RequestError: of any request. Whatever ``change`` raises.
        """
        return editing.edit(
            self._session,
            obj,
            change,
            backoff=backoff,
            as_patch=as_patch,
            subresource=subresource,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    def label(
        self,
        kind_or_obj: Kind[R] | R | Mapping[str, Any],
        labels: Mapping[str, str | None],
        *,
        name: str | None = None,
        namespace: str | None = None,
        overwrite: bool = False,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        timeout: float | None = None,
    ) -> R:
        """Set and remove labels of an object, as ``kubectl label`` does. A GET and a PATCH, again after a Conflict.

        ::

            client.label(pod, {"tier": "web", "canary": None})  # sets tier, removes canary
            client.label("nodes", {"disk": "ssd"}, name="worker-1", overwrite=True)

        https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/

        Args:
            kind_or_obj: the object, of which only the identity is used; or its kind together with ``name``.
            labels: values by key; None removes the label, and it does not matter if there is none.
            name: of the object, with a kind.
            namespace: None means the object's own, else the client's.
            overwrite: True replaces other values that labels have already.
            dry_run: process and answer, but store nothing.
            field_manager: who owns the labels; None: the program's name.
            timeout: seconds for each request; None = as configured.

        Returns:
            The object as the server has it now. It is written only if something changes.

        Raises:
            RequestError: a label has another value already and ``overwrite`` is not set; ``labels`` is empty or not
                made of strings; nothing was written.
            Invalid: a key or value that the server refuses.
            NotFound, Conflict, ApiError, TransportError: as :meth:`edit`.
        """
        marked: R = editing.mark(
            self._session,
            kind_or_obj,
            "labels",
            labels,
            name,
            namespace,
            overwrite=overwrite,
            dry_run=dry_run,
            field_manager=field_manager,
            timeout=timeout,
        )
        return marked

    def annotate(
        self,
        kind_or_obj: Kind[R] | R | Mapping[str, Any],
        annotations: Mapping[str, str | None],
        *,
        name: str | None = None,
        namespace: str | None = None,
        overwrite: bool = False,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        timeout: float | None = None,
    ) -> R:
        """Set and remove annotations of an object, as ``kubectl annotate`` does.

        https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/

        Args:
            annotations: values by key; None removes the annotation.

        The other arguments, the result and the errors are those of :meth:`label`.
        """
        marked: R = editing.mark(
            self._session,
            kind_or_obj,
            "annotations",
            annotations,
            name,
            namespace,
            overwrite=overwrite,
            dry_run=dry_run,
            field_manager=field_manager,
            timeout=timeout,
        )
        return marked

    def add_finalizer(self, obj: R, finalizer: str, *, backoff: Backoff = DEFAULT_BACKOFF) -> R:
        """Keep an object from going away until the finalizer is removed. At least one request; idempotent.

        Args:
            obj: which object; not changed.
            finalizer: such as ``"example.com/cleanup"``.

        Returns:
            The object as the server has it.

        Raises:
            RequestError: it is being deleted already, when no finalizer can be added (H9); nothing was written.
            NotFound, Conflict, ApiError, TransportError: as :meth:`edit`.
        """
        return editing.add_finalizer(self._session, obj, finalizer, backoff=backoff)

    def remove_finalizer(self, obj: R, finalizer: str, *, backoff: Backoff = DEFAULT_BACKOFF) -> R | None:
        """Let an object go, as far as this finalizer is concerned. At least one request; idempotent.

        An object that is gone, or has made place for another of its name, is left alone.

        Returns:
            The object as the server had it; None if it is gone.

        Raises:
            Conflict, ApiError, TransportError: as :meth:`edit`.
        """
        return editing.remove_finalizer(self._session, obj, finalizer, backoff=backoff)

    # -- deleting -----------------------------------------------------------------------------------------------------

    def delete(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | None = None,
        body: Mapping[str, Any] | Model | None = None,
        propagation_policy: PropagationPolicy | None = None,
        grace_period_seconds: int | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        dry_run: DryRun = False,
        timeout: float | None = None,
    ) -> Any:
        """Delete one object. One request; it returns when the server has accepted the deletion, which may go on.

        Given an object that was read from the server, only that very object is deleted, not one that was created
        anew under its name since (its uid becomes a precondition).

        Args:
            kind_or_obj: a kind, with ``name``; or the object.
            name: of the object.
            namespace: None means the object's own, else the client's.
            body: a ``DeleteOptions`` or its wire dict, for what the other arguments don't cover.
            propagation_policy: what happens to dependents: ``"Foreground"``, ``"Background"`` or ``"Orphan"``.
            grace_period_seconds: 0 = at once; None = the object's own.
            uid: delete only the object with this uid.
            resource_version: delete only this version of it.
            dry_run: process, but keep the object.
            timeout: seconds, total; None = as configured.

        Returns:
            What the server said: a successful ``Status``, or the object itself, which some kinds answer with, and
            every kind while finalizers hold the object (C32).

        Raises:
            NotFound: the object does not exist.
            Conflict: a precondition does not hold (C34).
            InvalidName, RequestError: before anything is sent.
            OutcomeUnknown: sent, but not answered.
            ApiError, TransportError: see :mod:`k8s_core.errors`.
        """
        return deleting.delete(
            self._session,
            kind_or_obj,
            name,
            namespace,
            uid=uid,
            resource_version=resource_version,
            timeout=timeout,
            body=body,
            propagation_policy=propagation_policy,
            grace_period_seconds=grace_period_seconds,
            dry_run=dry_run,
        )

    def delete_all(
        self,
        documents: Documents,
        *,
        recursive: bool = False,
        namespace: str | None = None,
        propagation_policy: PropagationPolicy | None = None,
        grace_period_seconds: int | None = None,
        wait: float | None = None,
        dry_run: DryRun = False,
    ) -> DeleteReport:
        """Undo :meth:`apply_all`: delete the objects of documents, in the opposite order. Blocks.

        Objects on which others depend are deleted last: with the built-in kinds, CRDs and then namespaces. An object
        that is not there, or whose kind the server does not know any more, is no error. An object that fails does not
        stop the others.

        Args:
            documents, recursive: as for :meth:`apply_all`. Of the objects, only the identity is used; one that was read
                is deleted only if it is still the same (its uid is a precondition).
            namespace: for objects that name none; None = the client's.
            propagation_policy: what happens to dependents: ``"Foreground"``, ``"Background"`` or ``"Orphan"``.
            grace_period_seconds: 0 = at once; None = the objects' own.
            wait: seconds to wait, in all, until the objects are gone. Objects on which others depend are deleted only
                then, so that what must clean up is still there. None: the deletion may go on after this returns.
            dry_run: process, but keep the objects; nothing is waited for.

        Returns:
            What became of each object.

        Raises:
            DeleteFailed: some objects could not be deleted, or were not gone in time; ``report`` says which and why,
                and has the others too. Without a server, or after ``wait``, the rest is skipped.
            RequestError, UnknownKindError, ValidationError, DecodeError: something is wrong with the documents or
                options; nothing was deleted. The message has the file, the number of the document and the line.
            ApiError, TransportError: of looking up kinds without a package, or of a URL.
        """
        return applying.delete_all(
            self,
            self._session,
            documents,
            recursive=recursive,
            namespace=namespace,
            wait=wait,
            propagation_policy=propagation_policy,
            grace_period_seconds=grace_period_seconds,
            dry_run=dry_run,
        )

    def delete_collection(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        everything: bool = False,
        body: Mapping[str, Any] | Model | None = None,
        propagation_policy: PropagationPolicy | None = None,
        grace_period_seconds: int | None = None,
        dry_run: DryRun = False,
        timeout: float | None = None,
    ) -> Any:
        """Delete all the objects of a collection that the selectors choose. One request.

        A server that fails half-way has deleted some objects.

        Args:
            kind: a class, or a name such as ``"deployments.apps"``.
            namespace: None means the client's; ``ALL_NAMESPACES`` every one.
            labels, fields: selectors, at least one of them not empty.
            everything: True deletes all objects of the namespace where no selector is given.

        The other arguments are those of :meth:`delete`.

        Returns:
            What the server said: a list with the deleted objects, or a ``Status``.

        Raises:
            RequestError: no selector, or only empty ones, without ``everything=True``; nothing was sent.
            SelectorError: an absent ``LabelSelector``, which would select nothing.
            ApiError, TransportError: as :meth:`delete`.
        """
        return deleting.delete_collection(
            self._session,
            kind,
            namespace,
            labels,
            fields,
            everything=everything,
            timeout=timeout,
            body=body,
            propagation_policy=propagation_policy,
            grace_period_seconds=grace_period_seconds,
            dry_run=dry_run,
        )

    # -- subresources -------------------------------------------------------------------------------------------------

    def create_subresource(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        subresource: str,
        body: Mapping[str, Any] | Model,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
    ) -> Any:
        """POST to a subresource, such as ``eviction``, ``binding`` or ``token``. One request.

        Args:
            subresource: its name.
            body: an object of the subresource's own kind; not changed.
            max_retries: None = as configured.

        The other arguments are those of :meth:`create`.

        Returns:
            An object of the subresource's own kind, or a ``Status`` where the server answers with one.

        Raises:
            NotFound: no such object, or the kind has no such subresource.
            RequestError, InvalidName: before anything is sent.
            ApiError, OutcomeUnknown, TransportError: see :mod:`k8s_core.errors`.
        """
        return subresources.create_subresource(
            self._session,
            kind_or_obj,
            name,
            subresource,
            body,
            namespace,
            max_retries=max_retries,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    def replace_subresource(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        subresource: str,
        body: Mapping[str, Any] | Model,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any:
        """PUT a subresource that has a kind of its own, such as ``scale``. Arguments as :meth:`create_subresource`."""
        return subresources.replace_subresource(
            self._session,
            kind_or_obj,
            name,
            subresource,
            body,
            namespace,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    def scale(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        replicas: int,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Set the number of replicas through the ``scale`` subresource. One request, safe to repeat.

        Returns:
            The ``Scale`` object: ``spec.replicas`` as asked, ``status.replicas`` as it is.

        Raises:
            NotFound: no such object, or the kind cannot be scaled.
            RequestError: ``replicas`` is not a whole number of zero or more; nothing was sent.
        """
        return subresources.scale(
            self._session,
            kind_or_obj,
            name,
            replicas,
            namespace,
            dry_run=dry_run,
            field_manager=field_manager,
            timeout=timeout,
        )

    # -- inside the pod -----------------------------------------------------------------------------------------------

    def _target(
        self, kind_or_obj: AnyKind | Resource | Mapping[str, Any], name: str | None, namespace: str | None
    ) -> Target:
        return streaming.find_target(self, self._session.addressed(kind_or_obj, name, namespace), kind_or_obj)

    @overload
    def logs(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        container: str | None = None,
        follow: bool = False,
        since: float | timedelta | datetime | None = None,
        tail: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
        text: Literal[True] = True,
    ) -> LogStream[LogLine]: ...
    @overload
    def logs(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        container: str | None = None,
        follow: bool = False,
        since: float | timedelta | datetime | None = None,
        tail: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
        text: Literal[False],
    ) -> LogStream[LogBytes]: ...
    def logs(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        container: str | None = None,
        follow: bool = False,
        since: float | timedelta | datetime | None = None,
        tail: int | None = None,
        previous: bool = False,
        timestamps: bool = False,
        text: bool = True,
    ) -> LogStream[Any]:
        """Read a log line by line, as the lines come; as ``kubectl logs`` does.

        ::

            with client.logs(pod, follow=True) as lines:
                for line in lines:
                    print(line.timestamp, line)

        A connection that breaks is made anew, and no line is lost or comes twice. Lines that were rotated away
        meanwhile are reported in ``gaps`` and by a warning of the logger ``k8s_core.streams``. Iterating blocks until
        there is a line.

        Args:
            kind_or_obj: the object, or its kind together with ``name`` or ``labels``. An object that selects pods,
                such as a Deployment or a Job, stands for all of its pods.
            name: of the object, with a kind.
            namespace: None means the object's, else the client's.
            labels: with a kind: of all objects that they select. ``{}`` selects all of the namespace.
            container: None takes the default one: that of the annotation, or the only one.
            follow: go on until the container ends; wait for it to begin. Of several pods: of those to come as well,
                without end.
            since: only lines that are so new: seconds, a timedelta, or a datetime with a time zone.
            tail: only so many lines of the past; 0 for none.
            previous: the log of the container's last life, before it was restarted.
            timestamps: begin each line with its time; ``line.timestamp`` has it in any case.
            text: lines are ``LogLine``, which is a str; UTF-8 that is broken is replaced. False gives ``LogBytes``.
                Both know ``pod``, ``container`` and ``timestamp``.

        Raises:
            NotFound: no such object, or it was deleted while it was followed.
            NoSuchContainer: there is no such one, or several and none is the default.
            PodNotRunning: the container has not begun, and is not to be waited for.
            RequestError, InvalidName: before anything is sent.
            ApiError, TransportError: also while iterating, where trying again does not help.
        """
        options = streaming.LogOptions(
            container=container,
            follow=follow,
            since=since,
            tail=tail,
            previous=previous,
            timestamps=timestamps,
            text=text,
        )
        return streaming.open_logs(self, self._session, kind_or_obj, name, namespace, labels, options)

    @overload
    def exec(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        command: Sequence[str],
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        input: Input | None = None,
        text: Literal[True],
        check: bool = False,
        timeout: float | None = None,
        tty: bool = False,
    ) -> CompletedCommand[str]: ...
    @overload
    def exec(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        command: Sequence[str],
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        input: Input | None = None,
        text: Literal[False] = False,
        check: bool = False,
        timeout: float | None = None,
        tty: bool = False,
    ) -> CompletedCommand[bytes]: ...
    def exec(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        command: Sequence[str],
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        input: Input | None = None,
        text: bool = False,
        check: bool = False,
        timeout: float | None = None,
        tty: bool = False,
    ) -> CompletedCommand[Any]:
        """Run a command in a container to its end; as ``subprocess.run`` does, and ``kubectl exec``.

        ::

            client.exec(pod, ["cat", "/etc/hostname"], text=True, check=True).stdout

        No shell is involved unless the command is one. Nothing is repeated once the server may have begun.

        Args:
            kind_or_obj: the object, or its kind together with ``name``. Of an object that selects pods, such as a
                Deployment, the newest ready pod is taken.
            command: the program and its arguments.
            name: of the object, with a kind.
            namespace: None means the object's, else the client's.
            container: None takes the default one of the pod: that of its annotation, or the only one.
            input: for stdin, which ends with it: bytes, a str (sent as UTF-8), a binary file or an iterable of bytes.
                Without it the command has no stdin. Takes a server of Kubernetes 1.30.
            text: decode stdout and stderr as UTF-8; bytes that are not are replaced.
            check: raise CommandFailed for any exit code but 0.
            timeout: seconds; None = as long as it takes.
            tty: give it a terminal, through which stderr comes with stdout.

        Raises:
            CommandFailed: with ``check``.
            CommandNotRun: there is no such program, or the container runtime could not start it.
            CommandTimeout: not in time. The connection is closed, and **the command may run on**.
            StreamBroken: the connection ended before the exit code came, which is therefore not known.
            NoSuchContainer, PodNotRunning, NotFound, Forbidden, UpgradeRefused: nothing has run.
            OutcomeUnknown: the connection was lost before the server answered.
        """
        return streaming.run_command(
            self._target(kind_or_obj, name, namespace),
            command,
            container=container,
            input=input,
            text=text,
            check=check,
            timeout=timeout,
            tty=tty,
        )

    def open_exec(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        command: Sequence[str],
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        stdin: bool = False,
        text: bool = False,
        tty: bool = False,
    ) -> Process:
        """Start a command in a container, and talk to it while it runs; as ``subprocess.Popen`` does.

        ::

            with client.open_exec(pod, ["sh"], stdin=True, text=True) as shell:
                shell.stdin.write("hostname\\n")
                print(shell.stdout.readline())

        Args:
            stdin: give the command a stdin.
            text: the files are of str, as UTF-8, and not of bytes.
            tty: give it a terminal, which may be resized.

        The other arguments are those of :meth:`exec`.

        Raises:
            NoSuchContainer, PodNotRunning, NotFound, Forbidden, UpgradeRefused: nothing has run.
            OutcomeUnknown: the connection was lost before the server answered.
        """
        target = self._target(kind_or_obj, name, namespace)
        return streaming.start_command(target, command, container=container, stdin=stdin, text=text, tty=tty)

    def attach(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        stdin: bool = False,
        text: bool = False,
        tty: bool = False,
    ) -> Process:
        """Attach to the process that a container runs; as ``kubectl attach`` does. You see what it writes from now on.

        Args:
            stdin: write to its stdin as well; the container must have one (``stdin: true``).
            tty: the container has a terminal (``tty: true``).

        The other arguments are those of :meth:`open_exec`.

        Raises:
            NoSuchContainer, PodNotRunning, NotFound, Forbidden, UpgradeRefused: you are not attached.
        """
        target = self._target(kind_or_obj, name, namespace)
        return streaming.attach(target, container=container, stdin=stdin, text=text, tty=tty)

    def port_forward(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        *ports: int | str | tuple[int, int | str],
        name: str | None = None,
        namespace: str | None = None,
        address: str = "127.0.0.1",
        reselect: bool = False,
        on_error: Callable[[KubernetesError], object] | None = None,
    ) -> PortForward:
        """Listen on this machine, and lead each connection to a port of a pod; as ``kubectl port-forward`` does.

        ::

            with client.port_forward(pod, 8080) as forward:
                urllib.request.urlopen(f"http://127.0.0.1:{forward.port}/")

        Each local connection has one of its own to the server, made when it is accepted. If that fails, or the port of
        the pod refuses it, the local one is reset, and the reason is in ``errors``, in a warning of the logger
        ``k8s_core.streams``, and in a note on an exception that leaves the ``with``.

        Args:
            kind_or_obj: the object, or its kind together with ``name``. A Service, Deployment, ... stands for its
                newest ready pod, and the port of a Service for the one of the pod that it leads to.
            ports: numbers or names of the pod's ports. A tuple says the local port as well: ``(8080, 80)``; otherwise
                the system chooses one.
            name: of the object, with a kind.
            namespace: None means the object's, else the client's.
            address: to listen on. ``localhost`` is 127.0.0.1 and ::1.
            reselect: take another ready pod for new connections when the first one is gone.
            on_error: called with each error, in a thread of its own.

        Raises:
            NotFound, PodNotRunning: there is nothing to forward to.
            StreamError: a local port is taken.
            RequestError, InvalidName: not a port, or an unusable name.
        """
        subject = self._session.addressed(kind_or_obj, name, namespace)
        return streaming.forward(self, subject, ports, address=address, reselect=reselect, on_error=on_error)

    def open_port(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        port: int | str,
        *,
        name: str | None = None,
        namespace: str | None = None,
    ) -> socket:
        """Connect to a port of a pod, without a local listener.

        The socket is for everything that takes one, such as ``ssl.SSLContext.wrap_socket``. Close it when you are done.
        What goes wrong at the far end is raised by ``recv`` as PortForwardError or StreamBroken.

        Arguments and errors are those of :meth:`port_forward`.
        """
        return streaming.connect_to(self, self._session.addressed(kind_or_obj, name, namespace), port)

    def copy_from(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        source: str,
        target: str | PathLike[str],
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        skip_unsafe: bool = False,
        progress: Callable[[CopyProgress], object] | None = None,
    ) -> CopyReport:
        """Copy a file or a tree out of a container, with its modes and times; as ``kubectl cp`` does.

        The image needs ``tar``. What comes is unpacked beside the target, and gets its final name when it is complete
        and ``tar`` has ended well. A folder that is there already keeps what the copy does not have.

        Args:
            source: a path in the container.
            target: the name of the copy itself, whose folder must exist.
            skip_unsafe: leave entries out that are refused, instead of raising; the report names them. Such are links
                that are absolute or may lead out of the tree, and what is not a file, folder or link.
            progress: called after each piece.

        The other arguments are those of :meth:`exec`.

        Raises:
            CopyError: there is no such file, the image has no tar, or the target can't be written.
            UnsafeEntry: the archive would write outside of the target, or has a link that leads out of it.
            StreamBroken: the connection broke; nothing was changed.
            NoSuchContainer, PodNotRunning, ApiError, TransportError: as :meth:`exec`.
        """
        return streaming.copy_from(
            self._target(kind_or_obj, name, namespace),
            source,
            target,
            container=container,
            skip_unsafe=skip_unsafe,
            progress=progress,
        )

    def copy_to(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        source: str | PathLike[str],
        target: str,
        *,
        name: str | None = None,
        namespace: str | None = None,
        container: str | None = None,
        progress: Callable[[CopyProgress], object] | None = None,
    ) -> CopyReport:
        """Copy a file or a tree into a container, with its modes and times; as ``kubectl cp`` does.

        The image needs ``tar``, ``sh`` and ``mv``, and the server Kubernetes 1.30. What is sent is unpacked beside the
        target and moved to its final name when it is complete. A folder that is there already keeps what the copy does
        not have. Files belong to the user of the container.

        Args:
            source: a path on this machine. Links are copied as links.
            target: the path of the copy itself, whose folder must exist in the container.
            progress: called after each piece.

        The other arguments are those of :meth:`exec`.

        Raises:
            CopyError: something can't be read here or written there, or the image has no tar.
            StreamBroken: the connection broke; nothing stands under the final name.
            NoSuchContainer, PodNotRunning, ApiError, TransportError: as :meth:`exec`.
        """
        return streaming.copy_to(
            self._target(kind_or_obj, name, namespace), source, target, container=container, progress=progress
        )
