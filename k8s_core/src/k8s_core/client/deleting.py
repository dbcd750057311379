# SPDX-License-Identifier: Apache-2.0
"""Deleting one object or many, and what the server answers (protocol C5, C32-C35).

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_core.client.lists import ResourceList, list_meta
from k8s_core.errors import RequestError
from k8s_core.meta import Status
from k8s_core.model import Resource
from k8s_core.model.codec import decode_json, load_resource, split_list
from k8s_core.requests.delete import delete_collection_request, delete_options, delete_request

if TYPE_CHECKING:
    from typing import Unpack

    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.session import Session
    from k8s_core.requests.keywords import DeletionOptions
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels

__all__ = ["delete", "delete_collection"]


def delete(
    session: Session,
    kind_or_obj: AnyKind | Resource | Mapping[str, Any],
    name: str | None,
    namespace: str | None,
    *,
    uid: str | None = None,
    resource_version: str | None = None,
    timeout: float | None = None,
    **options: Unpack[DeletionOptions],
) -> Any:
    """See ``Client.delete``."""
    if name is None and not isinstance(kind_or_obj, (Resource, Mapping)):
        raise RequestError("the name of the object to delete is missing; delete_collection deletes many")
    subject = session.addressed(kind_or_obj, name, namespace)
    uid = uid if uid is not None else subject.uid or None
    body = delete_options(**options, uid=uid, resource_version=resource_version)
    request = delete_request(subject.resource, subject.name, namespace=subject.namespace, options=body, timeout=timeout)
    return _deleted(subject.cls, session.send_json(request))


def delete_collection(
    session: Session,
    kind: AnyKind,
    namespace: NamespaceOption,
    labels: Labels | None,
    fields: Fields | None,
    *,
    everything: bool = False,
    timeout: float | None = None,
    **options: Unpack[DeletionOptions],
) -> Any:
    """See ``Client.delete_collection``."""
    cls = session.resolve(kind)
    resource = cls.api_resource
    labels, fields = _narrowed(resource.plural, labels, fields, everything)
    request = delete_collection_request(
        resource,
        namespace=session.collection_namespace(resource, namespace),
        labels=labels,
        fields=fields,
        options=delete_options(**options),
        timeout=timeout,
    )
    return _deleted(cls, session.send_json(request))


def _narrowed(
    plural: str, labels: Labels | None, fields: Fields | None, everything: bool
) -> tuple[str | None, str | None]:
    """The selectors as strings: at least one of them selects something, or everything is asked for."""
    from k8s_core.selectors import field_selector, label_selector  # noqa: PLC0415  # 7 modules for collections alone

    # As strings, once: an iterable of pairs would be empty for the request.
    label_string, field_string = label_selector(labels), field_selector(fields)
    if not everything and not label_string and not field_string:
        raise RequestError(
            f"no selector: this would delete all {plural} of the namespace. "
            "Give labels= or fields= that are not empty, or everything=True"
        )
    return label_string or None, field_string or None


def _deleted(cls: type[Resource], body: bytes) -> Any:
    """Decode by what it says that it is (C32); an answer that says nothing is an empty Status."""
    document = decode_json(body) if body.strip() else {}
    kind = document.get("kind") if isinstance(document, dict) else None
    if isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items"), list):
        page = split_list(body)
        return ResourceList(
            [load_resource(cls, item) for item in page.items], list_meta(page), page.api_version, page.kind
        )
    if kind == cls.api_resource.kind:
        return load_resource(cls, body)
    return Status.from_dict(document if isinstance(document, dict) else {})
