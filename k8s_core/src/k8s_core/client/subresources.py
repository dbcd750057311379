# SPDX-License-Identifier: Apache-2.0
"""Subresources: scale, and any other by name (protocol C36).

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract. Verbs for
the subresources of one kind are methods of its class, such as ``pod.evict()``, and are built on these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.writing import patch
from k8s_core.meta import Status
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.patches import MergePatch
from k8s_core.requests.options import check_count
from k8s_core.requests.write import create_request, replace_request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.session import Session
    from k8s_core.model import Model, Resource
    from k8s_core.requests.keywords import WriteOptions

__all__ = ["create_subresource", "replace_subresource", "scale"]


def create_subresource(
    session: Session,
    kind_or_obj: AnyKind | Resource | Mapping[str, Any],
    name: str | None,
    subresource: str,
    body: Mapping[str, Any] | Model,
    namespace: str | None,
    *,
    max_retries: int | None = None,
    **options: Unpack[WriteOptions],
) -> Any:
    """See ``Client.create_subresource``."""
    subject = session.addressed(kind_or_obj, name, namespace)
    answer_class = session.subresource_class(subject.cls, subresource)
    request = create_request(
        subject.resource,
        encode_json(body),
        namespace=subject.namespace,
        name=subject.name,
        subresource=subresource,
        obj=body,
        max_retries=max_retries,
        **options,
    )
    return _object_or_status(answer_class, session.send_json(request))


def replace_subresource(
    session: Session,
    kind_or_obj: AnyKind | Resource | Mapping[str, Any],
    name: str | None,
    subresource: str,
    body: Mapping[str, Any] | Model,
    namespace: str | None,
    **options: Unpack[WriteOptions],
) -> Any:
    """See ``Client.replace_subresource``."""
    subject = session.addressed(kind_or_obj, name, namespace)
    answer_class = session.subresource_class(subject.cls, subresource)
    request = replace_request(
        subject.resource,
        subject.name,
        encode_json(body),
        namespace=subject.namespace,
        subresource=subresource,
        obj=body,
        **options,
    )
    return _object_or_status(answer_class, session.send_json(request))


def scale(
    session: Session,
    kind_or_obj: AnyKind | Resource | Mapping[str, Any],
    name: str | None,
    replicas: int,
    namespace: str | None,
    **options: Unpack[WriteOptions],
) -> Any:
    """See ``Client.scale``."""
    change = MergePatch({"spec": {"replicas": check_count(replicas, "replicas")}})
    return patch(session, kind_or_obj, name, change, namespace, subresource="scale", **options)


def _object_or_status(cls: type[Resource], body: bytes) -> Any:
    document = decode_json(body)
    if isinstance(document, dict) and document.get("kind") == "Status":
        return Status.from_dict(document)
    return load_resource(cls, body)
