# SPDX-License-Identifier: Apache-2.0
"""Reading: whole objects, their metadata alone, or the columns that people see (protocol C1-C16).

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.client.lists import OnExpired, ResourceList, each_page, list_meta, whole_list
from k8s_core.errors import DecodeError, UnknownKindError
from k8s_core.meta import GenericResource, PartialObjectMetadata, Table
from k8s_core.model import Resource
from k8s_core.model.codec import collector_paused, decode_json, load_resource
from k8s_core.requests.options import JSON, METADATA, METADATA_LIST, TABLE, check_choice
from k8s_core.requests.read import get_request, list_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal, Unpack

    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.session import Session
    from k8s_core.model.codec import RawList
    from k8s_core.requests.keywords import GetOptions, ListOptions
    from k8s_core.requests.options import Headers, NamespaceOption
    from k8s_core.requests.request import Request

__all__ = ["get", "get_metadata", "list_metadata", "list_objects", "pages", "table"]

R = TypeVar("R", bound=Resource)


def get(
    session: Session,
    kind: AnyKind,
    name: str,
    namespace: str | None,
    *,
    subresource: str | None = None,
    **options: Unpack[GetOptions],
) -> Any:
    """See ``Client.get``."""
    cls = session.resolve(kind)
    resource = cls.api_resource
    place = session.object_namespace(resource, namespace)
    request = get_request(resource, name, namespace=place, subresource=subresource, **options)
    if subresource is not None:
        cls = session.subresource_class(cls, subresource)
    return session.fetch(cls, request)


def list_objects(
    session: Session, kind: AnyKind, namespace: NamespaceOption, on_expired: OnExpired, **options: Unpack[ListOptions]
) -> ResourceList[Any]:
    """See ``Client.list``."""
    cls = session.resolve(kind)
    page, items = _whole_list(session, cls, namespace, on_expired, **options)
    return _objects(session, cls, page, items)


def pages(
    session: Session,
    kind: AnyKind,
    namespace: NamespaceOption,
    on_expired: Literal["inconsistent", "raise"],
    *,
    continue_token: str | None = None,
    **options: Unpack[ListOptions],
) -> Iterator[ResourceList[Any]]:
    """See ``Client.pages``."""
    check_choice(on_expired, ("inconsistent", "raise"), "on_expired")
    cls = session.resolve(kind)
    request = _list_request(session, cls, namespace, continue_token=continue_token, **options)
    return (
        _objects(session, cls, page, page.items)
        for page in each_page(session.send_json, request, on_expired, session.config.timeout)
    )


def get_metadata(
    session: Session, kind: AnyKind, name: str, namespace: str | None, **options: Unpack[GetOptions]
) -> PartialObjectMetadata:
    """See ``Client.get_metadata``."""
    resource = session.resolve(kind).api_resource
    place = session.object_namespace(resource, namespace)
    return session.fetch(
        PartialObjectMetadata, get_request(resource, name, namespace=place, headers=METADATA, **options)
    )


def list_metadata(
    session: Session, kind: AnyKind, namespace: NamespaceOption, on_expired: OnExpired, **options: Unpack[ListOptions]
) -> ResourceList[PartialObjectMetadata]:
    """See ``Client.list_metadata``."""
    cls = session.resolve(kind)
    page, items = _whole_list(session, cls, namespace, on_expired, headers=METADATA_LIST, **options)
    with collector_paused():
        found = [load_resource(PartialObjectMetadata, item) for item in items]
    return ResourceList(found, list_meta(page), page.api_version, page.kind)


def table(
    session: Session, kind: AnyKind, name: str | None, namespace: NamespaceOption, **options: Unpack[ListOptions]
) -> Table:
    """See ``Client.table``."""
    resource = session.resolve(kind).api_resource
    if name is None:
        place = session.collection_namespace(resource, namespace)
        request = list_request(resource, namespace=place, headers=TABLE, **options)
    else:
        place = session.object_namespace(resource, namespace)
        request = get_request(resource, name, namespace=place, headers=TABLE, timeout=options.get("timeout"))
    document = decode_json(session.send_json(request))
    if not isinstance(document, dict) or document.get("kind") != "Table":
        raise DecodeError(f"{request.method} {request.path}: the server did not answer with a Table")
    return Table.from_dict(document)


def _list_request(
    session: Session,
    cls: type[Resource],
    namespace: NamespaceOption,
    *,
    headers: Headers = JSON,
    continue_token: str | None = None,
    **options: Unpack[ListOptions],
) -> Request:
    resource = cls.api_resource
    place = session.collection_namespace(resource, namespace)
    return list_request(resource, namespace=place, headers=headers, continue_token=continue_token, **options)


def _whole_list(
    session: Session,
    cls: type[Resource],
    namespace: NamespaceOption,
    on_expired: OnExpired,
    *,
    headers: Headers = JSON,
    **options: Unpack[ListOptions],
) -> tuple[RawList, list[Any]]:
    check_choice(on_expired, ("relist", "inconsistent", "raise"), "on_expired")
    request = _list_request(session, cls, namespace, headers=headers, **options)
    return whole_list(session.send_json, request, on_expired, session.config.timeout)


def _objects(session: Session, cls: type[Resource], page: RawList, items: list[Any]) -> ResourceList[Any]:
    with collector_paused():
        if page.kind == "List":
            objects = [_any_object(session, cls, item) for item in items]
        else:
            objects = [load_resource(cls, item) for item in items]
    return ResourceList(objects, list_meta(page), page.api_version, page.kind)


def _any_object(session: Session, cls: type[Resource], raw: bytes) -> Resource:
    """An item of a ``v1 List``, which may be of any kind; without a class it becomes a generic object (C13)."""
    document = decode_json(raw)
    resource = cls.api_resource
    api_version, kind = resource.api_version, resource.kind
    if isinstance(document, dict):
        api_version = str(document.get("apiVersion") or api_version)
        kind = str(document.get("kind") or kind)
    if (api_version, kind) == (resource.api_version, resource.kind):
        return load_resource(cls, raw)
    try:
        known: type[Resource] = session.registry.get(api_version, kind)
    except UnknownKindError:
        return load_resource(GenericResource, raw)
    return load_resource(known, raw)
