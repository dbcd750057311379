# SPDX-License-Identifier: Apache-2.0
"""What the tutorial's verbs do: ``Deployment.get("nginx")``, ``deployment.save()``.

``Resource`` declares them, with their signatures and docstrings, and reaches these functions through
:mod:`k8s_core.seam`. ``client=None`` means the active client, else the default one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.client.default import default_client
from k8s_core.client.ownership import owners_of
from k8s_core.errors import InvalidName, NotFound, RequestError
from k8s_core.model import Resource
from k8s_core.model.codec import adopt
from k8s_core.requests.options import ALL_NAMESPACES

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from k8s_core.client import Client, ResourceList
    from k8s_core.kinds import APIResource
    from k8s_core.model import Model
    from k8s_core.requests.options import AllNamespaces, FieldValidation
    from k8s_core.selectors import Labels
    from k8s_core.watch import WatchEvent

__all__ = [
    "default_client",
    "delete",
    "delete_list",
    "delete_object",
    "find",
    "get",
    "get_or_create",
    "owners_of",
    "save",
    "save_status",
    "watch_list",
]

R = TypeVar("R", bound=Resource)

_DEFAULT_NAMESPACE = "default"
_READ_ONLY_METADATA = frozenset({"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp"})


def get(kind: type[R], name: str, namespace: str, client: Client | None) -> R:
    """See ``Resource.get``."""
    return (client or default_client()).get(kind, name, namespace=_one(kind.api_resource, namespace))


def find(
    kind: type[R], namespace: str | AllNamespaces | None, labels: Labels | None, client: Client | None
) -> ResourceList[R]:
    """See ``Resource.find``."""
    return (client or default_client()).list(kind, namespace=_some(kind.api_resource, namespace), labels=labels)


def get_or_create(
    kind: type[R], name: str | None, namespace: str | None, fields: Mapping[str, Any], client: Client | None
) -> R:
    """See ``Resource.get_or_create``."""
    wanted = kind(**fields)
    metadata = wanted.metadata
    name, chosen = _identity(kind.api_resource, metadata, name, namespace)
    metadata.name = name
    if kind.api_resource.namespaced:
        metadata.namespace = chosen
    try:
        existing = get(kind, name, chosen, client)
    except NotFound:
        return wanted
    document = wanted.to_dict()
    for field in fields:
        if field != "metadata":
            setattr(existing, field, getattr(wanted, field))
    for key in document["metadata"].keys() - _READ_ONLY_METADATA:
        setattr(existing.metadata, key, getattr(metadata, key))
    return existing


def save(
    obj: Resource, field_manager: str | None, field_validation: FieldValidation | None, client: Client | None
) -> None:
    """See ``Resource.save``."""
    metadata, chosen = obj.metadata, client or default_client()
    send = chosen.replace if metadata.uid or metadata.resourceVersion else chosen.create
    adopt(
        obj,
        send(obj, namespace=_own_namespace(obj), field_manager=field_manager, field_validation=field_validation),
    )


def save_status(obj: Resource, field_manager: str | None, client: Client | None) -> None:
    """See ``Resource.save_status``."""
    chosen = client or default_client()
    adopt(obj, chosen.replace(obj, namespace=_own_namespace(obj), subresource="status", field_manager=field_manager))


def delete(
    kind: type[Resource], name: str, namespace: str, body: Mapping[str, Any] | Model | None, client: Client | None
) -> Any:
    """See ``Resource.delete``."""
    chosen = client or default_client()
    return chosen.delete(kind, name, namespace=_one(kind.api_resource, namespace), body=body)


def delete_object(obj: Resource, body: Mapping[str, Any] | Model | None, client: Client | None) -> Any:
    """See ``Resource.delete``."""
    return (client or default_client()).delete(obj, namespace=_own_namespace(obj), body=body)


def delete_list(
    kind: type[Resource],
    namespace: str | AllNamespaces | None,
    labels: Labels | None,
    everything: bool,
    body: Mapping[str, Any] | Model | None,
    client: Client | None,
) -> Any:
    """See ``Resource.delete_list``."""
    if namespace is None and kind.api_resource.namespaced:
        raise RequestError(f"{kind.api_resource.kind} is namespaced: give a namespace, or ALL_NAMESPACES")
    return (client or default_client()).delete_collection(
        kind,
        namespace=namespace if kind.api_resource.namespaced else None,
        labels=labels,
        everything=everything,
        body=body,
    )


def watch_list(
    kind: type[R],
    namespace: str | AllNamespaces | None,
    labels: Labels | None,
    resource_version: str | None,
    client: Client | None,
) -> Generator[WatchEvent[R], None, None]:
    """See ``Resource.watch_list``."""
    return (client or default_client()).watch(
        kind, namespace=_some(kind.api_resource, namespace), labels=labels, resource_version=resource_version
    )


def _one(resource: APIResource, namespace: str | None) -> str | None:
    """The namespace of one object; kinds without namespaces ignore it."""
    if not resource.namespaced:
        return None
    if namespace is None:
        raise RequestError(f"{resource.kind} is namespaced: give the namespace of the object")
    return namespace


def _some(resource: APIResource, namespace: str | AllNamespaces | None) -> str | AllNamespaces | None:
    """The namespace of a collection; None stands for all of them in this style."""
    if not resource.namespaced:
        return None
    return ALL_NAMESPACES if namespace is None else namespace


def _own_namespace(obj: Resource) -> str | None:
    """Where an object is: its own namespace, else the default one."""
    if not obj.api_resource.namespaced:
        return None
    return obj.metadata.namespace or _DEFAULT_NAMESPACE


def _identity(resource: APIResource, metadata: Any, name: str | None, namespace: str | None) -> tuple[str, str]:
    for what, given, own in (("name", name, metadata.name), ("namespace", namespace, metadata.namespace)):
        if given and own and given != own:
            raise InvalidName(f"{what}={given!r} and metadata.{what}={own!r} differ")
    found = name or metadata.name
    if not found:
        raise InvalidName(f"get_or_create needs the name of the {resource.kind}, alone or in metadata=")
    return found, namespace or metadata.namespace or _DEFAULT_NAMESPACE
