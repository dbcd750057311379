# SPDX-License-Identifier: Apache-2.0
"""Builders of requests that read: get, list, watch (protocol C1-C11, D1, D19). Pure: no I/O, nothing is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import InvalidName, RequestError
from k8s_core.requests.options import (
    JSON,
    Headers,
    Query,
    ResourceVersionMatch,
    check_choice,
    check_count,
    check_resource_version,
    read_version_query,
)

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.requests.request import Request
    from k8s_core.selectors import Fields, Labels

__all__ = ["get_request", "list_request", "next_page_request", "watch_request"]


def get_request(
    resource: APIResource,
    name: str,
    *,
    namespace: str | None = None,
    subresource: str | None = None,
    resource_version: str | None = None,
    query: Query = (),
    headers: Headers = JSON,
    timeout: float | None = None,
) -> Request:
    """Build the GET of one object or of one of its subresources.

    Args:
        resource: the kind.
        name: of the object; required and checked (C2, C3).
        namespace: required for namespaced kinds, None for others.
        subresource: such as ``"status"``, or None.
        resource_version: None reads the latest; ``"0"`` may be stale; others mean *not older than*.
        query: further parameters, for subresources that take some.
        headers: the representation: ``JSON``, ``METADATA`` or ``TABLE``.
        timeout: seconds, total.

    Raises:
        InvalidName: an unusable name or namespace.
        RequestError: an unusable resource_version.
    """
    if resource_version is not None and resource_version != "":
        query += (("resourceVersion", check_resource_version(resource_version)),)
    from k8s_core.requests.request import Request

    return Request(
        method="GET",
        path=object_path(resource, namespace, name, subresource),
        query=query,
        headers=headers,
        verb="get",
        resource=resource,
        namespace=namespace,
        name=name,
        subresource=subresource,
        timeout=timeout,
    )


def list_request(
    resource: APIResource,
    *,
    namespace: str | None = None,
    labels: Labels | None = None,
    fields: Fields | None = None,
    limit: int | None = None,
    continue_token: str | None = None,
    resource_version: str | None = None,
    resource_version_match: ResourceVersionMatch | None = None,
    timeout_seconds: int | None = None,
    headers: Headers = JSON,
    timeout: float | None = None,
) -> Request:
    """Build the GET of a collection, or of one page of it.

    Args:
        resource: the kind.
        namespace: None addresses all namespaces (or a cluster-scoped kind).
        labels: label selector in any form; None for no restriction.
        fields: field selector in any form; None for no restriction.
        limit: largest number of items in the answer; None or 0 for all of them.
        continue_token: of the page before; excludes resource_version.
        resource_version: see :func:`read_version_query`.
        resource_version_match: ``"Exact"`` or ``"NotOlderThan"``.
        timeout_seconds: how long the *server* may work on it.
        headers: the representation: ``JSON``, ``METADATA_LIST`` or ``TABLE``.
        timeout: seconds, total, as the client enforces it.

    Raises:
        InvalidName, SelectorError, RequestError: nothing that the server would refuse is built.
    """
    query = _selector_query(labels, fields)
    if limit is not None and check_count(limit, "limit"):
        query += (("limit", str(limit)),)
    query += read_version_query(
        resource_version, resource_version_match, limit=limit, has_continue=continue_token is not None
    )
    if continue_token is not None:
        if not continue_token:
            raise RequestError("continue_token='' is the end of a list, not the beginning of a page")
        query += (("continue", continue_token),)
    if timeout_seconds is not None:
        query += (("timeoutSeconds", str(check_count(timeout_seconds, "timeout_seconds"))),)
    from k8s_core.requests.request import Request

    return Request(
        method="GET",
        path=resource.path(namespace),
        query=query,
        headers=headers,
        verb="list",
        resource=resource,
        namespace=namespace,
        timeout=timeout,
    )


def next_page_request(request: Request, continue_token: str) -> Request:
    """The request for the page after one: same selectors and limit, without the resourceVersion (protocol C8)."""
    dropped = ("resourceVersion", "resourceVersionMatch", "continue")
    query = tuple(pair for pair in request.query if pair[0] not in dropped)
    from dataclasses import replace

    return replace(request, query=(*query, ("continue", continue_token)))


def watch_request(
    resource: APIResource,
    *,
    namespace: str | None = None,
    labels: Labels | None = None,
    fields: Fields | None = None,
    resource_version: str | None = None,
    resource_version_match: ResourceVersionMatch | None = None,
    send_initial_events: bool | None = None,
    allow_bookmarks: bool = True,
    timeout_seconds: int | None = None,
    headers: Headers = JSON,
    inactivity_timeout: float | None = None,
    max_retries: int | None = None,
) -> Request:
    """Build the GET that opens a watch on a collection (protocol D1, D7, D11, D19).

    Args:
        resource: the kind.
        namespace: None watches all namespaces (or a cluster-scoped kind).
        labels: label selector; an object that stops matching arrives as DELETED (C18).
        fields: field selector; ``{"metadata.name": name}`` watches one object.
        resource_version: events after it; None or ``"0"`` sends the existing objects as ADDED first (D9).
        resource_version_match: only with send_initial_events, which needs ``"NotOlderThan"``.
        send_initial_events: stream the existing objects, then a bookmark that says so.
        allow_bookmarks: ask for bookmarks.
        timeout_seconds: after which the server ends the watch normally.
        headers: the representation: ``JSON`` or ``METADATA``.
        inactivity_timeout: seconds of silence after which the client gives the connection up.
        max_retries: of the opening request; None = as configured.

    Raises:
        InvalidName, SelectorError, RequestError: nothing that the server would refuse is built (C11).
    """
    query = (("watch", "true"), *_selector_query(labels, fields))
    if allow_bookmarks:
        query += (("allowWatchBookmarks", "true"),)
    if resource_version is not None:
        query += (("resourceVersion", check_resource_version(resource_version)),)
    if send_initial_events is not None:
        if resource_version_match != "NotOlderThan":
            raise RequestError("send_initial_events needs resource_version_match='NotOlderThan'")
        query += (("sendInitialEvents", "true" if send_initial_events else "false"),)
    if resource_version_match is not None:
        check_choice(resource_version_match, ("NotOlderThan",), "resource_version_match (of a watch)")
        if send_initial_events is None:
            raise RequestError("resource_version_match is not allowed on a watch without send_initial_events")
        query += (("resourceVersionMatch", resource_version_match),)
    if timeout_seconds is not None:
        query += (("timeoutSeconds", str(check_count(timeout_seconds, "timeout_seconds"))),)
    from k8s_core.requests.request import Request

    return Request(
        method="GET",
        path=resource.path(namespace),
        query=query,
        headers=headers,
        verb="watch",
        resource=resource,
        namespace=namespace,
        stream=True,
        inactivity_timeout=inactivity_timeout,
        max_retries=max_retries,
    )


def _selector_query(labels: Labels | None, fields: Fields | None) -> Query:
    query: Query = ()
    if labels is None and fields is None:
        return query
    from k8s_core.selectors import field_selector, label_selector

    if labels is not None and (text := label_selector(labels)):
        query += (("labelSelector", text),)
    if fields is not None and (text := field_selector(fields)):
        query += (("fieldSelector", text),)
    return query


def object_path(resource: APIResource, namespace: str | None, name: str | None, subresource: str | None = None) -> str:
    """The path of one object or of one of its subresources; every part must be there. Raises InvalidName."""
    if subresource is not None and not subresource:
        raise InvalidName("subresource='' is not the name of a subresource; None means the object itself")
    return resource.path(namespace, required_name(name), subresource)


def required_name(name: str | None) -> str:
    """The name of an object that a request addresses, which may not be empty (protocol C3).

    An empty name on a DELETE would address the whole collection.
    """
    if name is None:
        raise RequestError("the name of the object is missing")
    if not isinstance(name, str):
        raise RequestError(f"the name of an object is a string, not {name!r}")
    return name
