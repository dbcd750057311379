# SPDX-License-Identifier: Apache-2.0
"""The tutorial's verbs on ``Resource``: the default client, or the one that is given, does the work.

The client layer is built on the model, so it is looked up when a verb is called, never on import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

from k8s_core.errors import InvalidName, NotFound, RequestError
from k8s_core.model.codec import adopt

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from k8s_core.client import Client, ResourceList
    from k8s_core.client.ownership import Owners
    from k8s_core.kinds import APIResource
    from k8s_core.meta import ObjectMeta
    from k8s_core.model.base import Model
    from k8s_core.model.resource import Resource
    from k8s_core.requests.options import FieldValidation
    from k8s_core.selectors import Labels
    from k8s_core.watch.events import WatchEvent

__all__ = ["ResourceVerbs"]

_DEFAULT_NAMESPACE = "default"
_READ_ONLY_METADATA = frozenset({"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"})

if TYPE_CHECKING:
    _Objects: TypeAlias = ResourceList[Any]


class ResourceVerbs:
    """Verbs on a class (``Deployment.get("nginx")``) and on its objects (``deployment.save()``).

    Each takes ``client=``; None is the client of the innermost ``with client.active()``, else the default client made
    from ``k8s_core.config``. ``namespace`` is ``"default"`` unless given; for kinds without namespaces it is ignored.
    All block, and raise what the same verb of ``Client`` raises: RequestError and its kin before anything is sent,
    ApiError by the server's reason, TransportError where no answer came.
    """

    __slots__ = ()

    @classmethod
    def get(cls, name: str, namespace: str = _DEFAULT_NAMESPACE, *, client: Client | None = None) -> Self:
        """Read one object. Raises NotFound if there is none."""
        kind = _kind(cls)
        found = _client(client).get(kind, name, namespace=_one(kind.api_resource, namespace))
        return cast("Self", found)

    @classmethod
    def list(cls, namespace: str | None = _DEFAULT_NAMESPACE, *, client: Client | None = None) -> ResourceList[Self]:
        """Read all objects of a namespace, or with None of all namespaces, page by page."""
        return cls.find(namespace=namespace, client=client)

    @classmethod
    def list_with_meta(
        cls, namespace: str | None = _DEFAULT_NAMESPACE, *, client: Client | None = None
    ) -> ResourceList[Self]:
        """The same as :meth:`list`, under the name that says that the result's ``metadata`` is of interest.

        ``result.metadata.resourceVersion`` is where a watch can begin.
        """
        return cls.find(namespace=namespace, client=client)

    @classmethod
    def find(
        cls,
        name: str | None = None,
        namespace: str | None = _DEFAULT_NAMESPACE,
        labels: Labels | None = None,
        *,
        client: Client | None = None,
    ) -> ResourceList[Self]:
        """Read the objects that a label selector chooses.

        Args:
            name: value of the label ``app``, a shorthand for ``labels={"app": name}``; not used if labels are given.
            namespace: None means all namespaces.
            labels: such as ``{"tier": In("web", "api"), "canary": NotExists()}``; see :mod:`k8s_core.selectors`.
        """
        if name and (labels is None or labels == {}):
            labels = {"app": name}
        kind = _kind(cls)
        found: _Objects = _client(client).list(kind, namespace=_some(kind.api_resource, namespace), labels=labels)
        return found

    @classmethod
    def get_or_create(
        cls, name: str | None = None, namespace: str | None = None, *, client: Client | None = None, **fields: Any
    ) -> Self:
        """Read an object if it exists, else make a new one; either way, change it and ``save()`` it.

        Nothing is written here: a new object reaches the server when it is saved.

        Args:
            name: of the object, unless ``metadata=`` says it.
            namespace: likewise; else ``"default"``.
            fields: of the object, such as ``metadata=ObjectMeta(…)`` and ``spec=…``. They replace those of an object
                that exists, field by field; of its metadata, what the server keeps (uid, resourceVersion, …) stays.

        Raises:
            InvalidName: no name, or two different ones.
        """
        kind = _kind(cls)
        wanted = cast("Any", kind)(**fields)
        metadata: ObjectMeta = wanted.metadata
        name, chosen = _identity(kind.api_resource, metadata, name, namespace)
        metadata.name = name
        if kind.api_resource.namespaced:
            metadata.namespace = chosen
        try:
            existing: Any = cls.get(name, chosen, client=client)
        except NotFound:
            return cast("Self", wanted)
        document = wanted.to_dict()
        for field in fields:
            if field != "metadata":
                setattr(existing, field, getattr(wanted, field))
        for key in document["metadata"].keys() - _READ_ONLY_METADATA:
            setattr(existing.metadata, key, getattr(metadata, key))
        return cast("Self", existing)

    def save(
        self,
        *,
        client: Client | None = None,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
    ) -> None:
        """Create the object if it is new (neither uid nor resourceVersion), else replace it; then take over the answer.

        A failed save leaves the object as it was.

        Raises:
            Conflict: it has changed on the server since it was read; see ``Client.edit``.
            AlreadyExists: it is new here, but there is one of that name; see :meth:`get_or_create`.
            ValidationError: it is new and lacks required fields; nothing was sent.
            OutcomeUnknown: sent, but not answered.
        """
        obj = cast("Any", self)
        metadata: ObjectMeta = obj.metadata
        chosen = _client(client)
        send = chosen.replace if metadata.uid or metadata.resourceVersion else chosen.create
        saved = send(obj, namespace=_own(obj), field_manager=field_manager, field_validation=field_validation)
        adopt(obj, saved)

    def save_status(self, *, client: Client | None = None, field_manager: str | None = None) -> None:
        """Replace the status of the object, and nothing else; then take over the answer.

        Raises:
            Conflict: it has changed on the server since it was read.
            NotFound: there is no such object, or its kind has no status subresource.
        """
        obj = cast("Any", self)
        saved = _client(client).replace(obj, namespace=_own(obj), subresource="status", field_manager=field_manager)
        adopt(obj, saved)

    @classmethod
    def delete(
        cls,
        name: str,
        namespace: str = _DEFAULT_NAMESPACE,
        *,
        body: Mapping[str, Any] | Model | None = None,
        client: Client | None = None,
    ) -> Any:
        """Delete one object; its dependents too, where ``body`` has a propagationPolicy that says so.

        Args:
            body: a ``DeleteOptions``, or a dict in its wire form.

        Returns:
            What the server said: a ``Status`` of success, or the object that is being deleted.
        """
        kind = _kind(cls)
        return _client(client).delete(kind, name, namespace=_one(kind.api_resource, namespace), body=body)

    @classmethod
    def delete_list(
        cls,
        namespace: str = _DEFAULT_NAMESPACE,
        *,
        labels: Labels | None = None,
        delete_options: Mapping[str, Any] | Model | None = None,
        client: Client | None = None,
    ) -> Any:
        """Delete all objects of a namespace that a label selector chooses; all of them if there is none.

        Args:
            labels: such as ``{"foo": Equality("bar"), "dog": Inequality("cat")}``.
            delete_options: a ``DeleteOptions``, or a dict in its wire form.

        Returns:
            What the server said: a list with the deleted objects, or a ``Status``.
        """
        kind = _kind(cls)
        return _client(client).delete_collection(
            kind, namespace=_one(kind.api_resource, namespace), labels=labels, body=delete_options
        )

    @classmethod
    def watch_list(
        cls,
        namespace: str | None = None,
        *,
        labels: Labels | None = None,
        resource_version: str | None = None,
        client: Client | None = None,
    ) -> Generator[WatchEvent[Self], None, None]:
        """Follow the changes of a namespace, or with None of all namespaces, without end.

        See :class:`k8s_core.watch.Watcher`: it goes on after disconnections, and says which objects vanished meanwhile.
        """
        kind = _kind(cls)
        events: Any = _client(client).watch(
            kind, namespace=_some(kind.api_resource, namespace), labels=labels, resource_version=resource_version
        )
        return cast("Generator[WatchEvent[Self], None, None]", events)

    @property
    def owners(self) -> Owners:
        """Who set which field, from ``metadata.managedFields``: ``obj.owners["spec.replicas"]``."""
        owners_of = importlib.import_module("k8s_core.client.ownership").owners_of
        return cast("Owners", owners_of(self))


def _client(client: Client | None) -> Client:
    if client is not None:
        return client
    return cast("Client", importlib.import_module("k8s_core.client").default_client())


def _kind(cls: type[ResourceVerbs]) -> type[Resource]:
    return cast("type[Resource]", cls)


def _one(resource: APIResource, namespace: str | None) -> str | None:
    """The namespace of one object."""
    if not resource.namespaced:
        return None
    if namespace is None:
        raise RequestError(f"{resource.kind} is namespaced: give the namespace of the object")
    return namespace


def _some(resource: APIResource, namespace: str | None) -> Any:
    """The namespace of a collection; None stands for all of them in this style."""
    if not resource.namespaced:
        return None
    return importlib.import_module("k8s_core.requests.options").ALL_NAMESPACES if namespace is None else namespace


def _own(obj: Any) -> str | None:
    """Where an object is saved: its own namespace, else the default one."""
    if not obj.api_resource.namespaced:
        return None
    return obj.metadata.namespace or _DEFAULT_NAMESPACE


def _identity(resource: APIResource, metadata: ObjectMeta, name: str | None, namespace: str | None) -> tuple[str, str]:
    for what, given, own in (("name", name, metadata.name), ("namespace", namespace, metadata.namespace)):
        if given and own and given != own:
            raise InvalidName(f"{what}={given!r} and metadata.{what}={own!r} differ")
    found = name or metadata.name
    if not found:
        raise InvalidName(f"get_or_create needs the name of the {resource.kind}, alone or in metadata=")
    return found, namespace or metadata.namespace or _DEFAULT_NAMESPACE
