# SPDX-License-Identifier: Apache-2.0
"""Builders of requests that delete, and the DeleteOptions that they carry (protocol C4, C5, C32-C35). Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from k8s_core.errors import RequestError
from k8s_core.model import Model
from k8s_core.model.codec import encode_json
from k8s_core.requests.options import (
    JSON,
    JSON_BODY,
    DryRun,
    PropagationPolicy,
    Query,
    ResourceVersionMatch,
    check_choice,
    check_count,
    check_resource_version,
    is_dry_run,
)
from k8s_core.requests.read import list_request, object_path

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.requests.request import Request
    from k8s_core.selectors import Fields, Labels

__all__ = ["delete_collection_request", "delete_options", "delete_request"]

_POLICIES = ("Orphan", "Background", "Foreground")
_KEYS = {
    "apiVersion",
    "dryRun",
    "gracePeriodSeconds",
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "kind",
    "orphanDependents",
    "preconditions",
    "propagationPolicy",
}


def delete_options(
    body: Mapping[str, Any] | Model | None = None,
    *,
    propagation_policy: PropagationPolicy | None = None,
    grace_period_seconds: int | None = None,
    uid: str | None = None,
    resource_version: str | None = None,
    dry_run: DryRun = False,
) -> dict[str, Any] | None:
    """Join the ways of saying how to delete into one wire ``DeleteOptions``, or None if nothing was said.

    Everything goes into the body, because a server that gets a body ignores query parameters (protocol C5).

    Args:
        body: a wire dict or a ``DeleteOptions``; never changed.
        propagation_policy: ``"Orphan"``, ``"Background"`` or ``"Foreground"``; None = the kind's own default.
        grace_period_seconds: 0 deletes at once and is sent; None = the kind's own default.
        uid: delete only the object with this uid (C34).
        resource_version: delete only this version of the object.
        dry_run: process, but keep the object.

    Raises:
        RequestError: a misspelt option, a value that the server would refuse, or one option said twice differently.
    """
    options = _checked_body(body)
    given: dict[str, Any] = {}
    if propagation_policy is not None:
        given["propagationPolicy"] = propagation_policy
    if grace_period_seconds is not None:
        given["gracePeriodSeconds"] = grace_period_seconds
    if is_dry_run(dry_run):
        given["dryRun"] = ["All"]
    _refuse_contradictions(options, given)
    if preconditions := _preconditions(uid, resource_version):
        said = dict(options.get("preconditions") or {})
        _refuse_contradictions(said, preconditions)
        given["preconditions"] = said | preconditions
    options.update(given)
    if not options:
        return None
    _check_values(options)
    return {"kind": "DeleteOptions", "apiVersion": "v1", **options}


def delete_request(
    resource: APIResource,
    name: str,
    *,
    namespace: str | None = None,
    options: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> Request:
    """Build the DELETE of one object.

    Args:
        resource: the kind.
        name: of the object; an empty one would delete the whole collection and is refused (C3).
        namespace: required for namespaced kinds, None for others.
        options: from :func:`delete_options`.
        timeout: seconds, total.

    Raises:
        InvalidName, RequestError: an unusable name or namespace.
    """
    from k8s_core.requests.request import Request

    return Request(
        method="DELETE",
        path=object_path(resource, namespace, name),
        headers=JSON if options is None else JSON_BODY,
        body=None if options is None else encode_json(options),
        verb="delete",
        resource=resource,
        namespace=namespace,
        name=name,
        object=options,
        timeout=timeout,
    )


def delete_collection_request(
    resource: APIResource,
    *,
    namespace: str | None = None,
    labels: Labels | None = None,
    fields: Fields | None = None,
    resource_version: str | None = None,
    resource_version_match: ResourceVersionMatch | None = None,
    options: Mapping[str, Any] | None = None,
    timeout: float | None = None,
) -> Request:
    """Build the DELETE of all the objects of a collection that selectors choose.

    The selectors stay in the query, the options go into the body (C5). ``namespace=None`` addresses all namespaces.

    Raises:
        InvalidName, SelectorError, RequestError: nothing that the server would refuse is built.
    """
    listed = list_request(
        resource,
        namespace=namespace,
        labels=labels,
        fields=fields,
        resource_version=resource_version,
        resource_version_match=resource_version_match,
    )
    query: Query = listed.query
    from k8s_core.requests.request import Request

    return Request(
        method="DELETE",
        path=listed.path,
        query=query,
        headers=JSON if options is None else JSON_BODY,
        body=None if options is None else encode_json(options),
        verb="deletecollection",
        resource=resource,
        namespace=namespace,
        object=options,
        timeout=timeout,
    )


def _checked_body(body: Mapping[str, Any] | Model | None) -> dict[str, Any]:
    if body is None:
        return {}
    if not isinstance(body, (Mapping, Model)):
        raise RequestError(f"delete options are a dict or a DeleteOptions, not {body!r}")
    options = dict(body.to_dict() if isinstance(body, Model) else body)
    if options.pop("kind", "DeleteOptions") != "DeleteOptions":
        raise RequestError(f"the body of a delete is a DeleteOptions, not a {cast('Any', body)['kind']}")
    options.pop("apiVersion", None)
    for key in options.keys() - _KEYS:
        from k8s_core.errors.hints import did_you_mean

        # A key that resembles none is let through: it may be one of a newer server.
        if hint := did_you_mean(str(key), _KEYS):
            raise RequestError(f"DeleteOptions has no {key!r}{hint}")
    return {key: value for key, value in options.items() if value is not None}


def _refuse_contradictions(said: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if said.get(key) not in (None, value):
            raise RequestError(f"body says {key}={said[key]!r}, the argument says {value!r}; give it once")


def _preconditions(uid: str | None, resource_version: str | None) -> dict[str, str]:
    wanted: dict[str, str] = {}
    if uid is not None:
        wanted["uid"] = uid
    if resource_version is not None:
        wanted["resourceVersion"] = check_resource_version(resource_version)
    for key, value in wanted.items():
        if not value:
            raise RequestError(f"the precondition {key}='' holds for no object; leave it out to delete any")
    return wanted


def _check_values(options: Mapping[str, Any]) -> None:
    policy = options.get("propagationPolicy")
    if policy is not None:
        check_choice(policy, _POLICIES, "propagationPolicy")
        if options.get("orphanDependents") is not None:
            raise RequestError("propagationPolicy and orphanDependents say the same; give propagationPolicy alone")
    if "gracePeriodSeconds" in options:
        check_count(options["gracePeriodSeconds"], "gracePeriodSeconds")
    if "dryRun" in options and options["dryRun"] not in ([], ["All"]):
        raise RequestError(f"dryRun={options['dryRun']!r} must be ['All']")
