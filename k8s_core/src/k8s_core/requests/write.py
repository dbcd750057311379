# SPDX-License-Identifier: Apache-2.0
"""Builders of requests that write: create, replace, patch, apply (protocol C19-C31). Pure: no I/O.

Each takes the encoded body, so that the caller decides how an object becomes bytes; ``obj`` is what the body was made
of, for policies that look at requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import PatchError, RequestError
from k8s_core.requests.options import JSON_BODY, DryRun, FieldValidation, Headers, Query, write_query
from k8s_core.requests.read import object_path

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.requests.request import Request

__all__ = [
    "APPLY_PATCH",
    "JSON_PATCH",
    "MERGE_PATCH",
    "STRATEGIC_MERGE_PATCH",
    "apply_request",
    "create_request",
    "patch_request",
    "replace_request",
]

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

_PATCH_HEADERS: dict[str, Headers] = {
    content_type: (("Accept", "application/json"), ("Content-Type", content_type))
    for content_type in (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)
}


def create_request(
    resource: APIResource,
    body: bytes,
    *,
    namespace: str | None = None,
    name: str | None = None,
    subresource: str | None = None,
    obj: Any = None,
    dry_run: DryRun = False,
    field_manager: str | None = None,
    field_validation: FieldValidation | None = None,
    query: Query = (),
    timeout: float | None = None,
    max_retries: int | None = None,
) -> Request:
    """Build the POST of a new object into a collection, or of a subresource's own kind to an object.

    Args:
        resource: the kind that the path addresses.
        body: the encoded object.
        namespace: required for namespaced kinds (C3), None for others.
        name: for policies; with a subresource, the object that is addressed.
        subresource: such as ``"eviction"``, ``"binding"`` or ``"token"``; the path then contains the name.
        obj: what the body was made of.
        dry_run: process, but do not store (C31).
        field_manager: owner of the fields; None lets the server use the first part of the User-Agent.
        field_validation: what the server does about unknown fields (C30).
        query: further parameters.
        timeout: seconds, total.
        max_retries: None = as configured.

    Raises:
        InvalidName: an unusable name or namespace, or none for a namespaced kind.
        RequestError: an option that the server would refuse.
    """
    if namespace is None and resource.namespaced:
        raise RequestError(f"{resource.kind} is namespaced: an empty namespace may not be set during creation")
    from k8s_core.requests.request import Request

    return Request(
        method="POST",
        path=resource.path(namespace) if subresource is None else object_path(resource, namespace, name, subresource),
        query=query + write_query(dry_run, field_manager, field_validation),
        headers=JSON_BODY,
        body=body,
        verb="create",
        resource=resource,
        namespace=namespace,
        name=name,
        subresource=subresource,
        object=obj,
        timeout=timeout,
        max_retries=max_retries,
    )


def replace_request(
    resource: APIResource,
    name: str,
    body: bytes,
    *,
    namespace: str | None = None,
    subresource: str | None = None,
    obj: Any = None,
    dry_run: DryRun = False,
    field_manager: str | None = None,
    field_validation: FieldValidation | None = None,
    timeout: float | None = None,
) -> Request:
    """Build the PUT of an object or of one of its subresources; arguments and errors as in :func:`create_request`."""
    from k8s_core.requests.request import Request

    return Request(
        method="PUT",
        path=object_path(resource, namespace, name, subresource),
        query=write_query(dry_run, field_manager, field_validation),
        headers=JSON_BODY,
        body=body,
        verb="update",
        resource=resource,
        namespace=namespace,
        name=name,
        subresource=subresource,
        object=obj,
        timeout=timeout,
    )


def patch_request(
    resource: APIResource,
    name: str,
    body: bytes,
    content_type: str,
    *,
    namespace: str | None = None,
    subresource: str | None = None,
    obj: Any = None,
    force: bool | None = None,
    dry_run: DryRun = False,
    field_manager: str | None = None,
    field_validation: FieldValidation | None = None,
    timeout: float | None = None,
) -> Request:
    """Build a PATCH (protocol C26-C28).

    Args:
        content_type: one of ``JSON_PATCH``, ``MERGE_PATCH``, ``STRATEGIC_MERGE_PATCH``, ``APPLY_PATCH``.
        force: take conflicting fields over; only for an apply. None leaves the parameter out.

    The others are those of :func:`create_request`.

    Raises:
        PatchError: an unknown content type, or force on anything but an apply.
        InvalidName, RequestError: as for the other builders.
    """
    headers = _PATCH_HEADERS.get(content_type)
    if headers is None:
        raise PatchError(f"content type {content_type!r} is not one of {', '.join(_PATCH_HEADERS)}")
    query = write_query(dry_run, field_manager, field_validation)
    if content_type == APPLY_PATCH:
        if field_manager is None:
            raise RequestError("an apply needs field_manager=, the stable name of the program that applies")
        if force is not None:
            query += (("force", "true" if force else "false"),)
    elif force is not None:
        raise PatchError("force= may only be given with an apply; other patches never conflict over field ownership")
    from k8s_core.requests.request import Request

    return Request(
        method="PATCH",
        path=object_path(resource, namespace, name, subresource),
        query=query,
        headers=headers,
        body=body,
        verb="patch",
        resource=resource,
        namespace=namespace,
        name=name,
        subresource=subresource,
        object=obj,
        timeout=timeout,
    )


def apply_request(
    resource: APIResource,
    name: str,
    body: bytes,
    *,
    field_manager: str,
    force: bool = False,
    namespace: str | None = None,
    subresource: str | None = None,
    obj: Any = None,
    dry_run: DryRun = False,
    field_validation: FieldValidation | None = None,
    timeout: float | None = None,
) -> Request:
    """Build the PATCH of a server-side apply (protocol C28); ``force=False`` is left out, being the default."""
    return patch_request(
        resource,
        name,
        body,
        APPLY_PATCH,
        namespace=namespace,
        subresource=subresource,
        obj=obj,
        force=True if force else None,
        dry_run=dry_run,
        field_manager=field_manager,
        field_validation=field_validation,
        timeout=timeout,
    )
