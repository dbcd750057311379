# SPDX-License-Identifier: Apache-2.0
"""Verbs made of several requests: edit, and finalizers.

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.client.objects import wire_identity
from k8s_core.client.reading import get
from k8s_core.client.writing import replace
from k8s_core.errors import NotFound, RequestError, api_error_from_status
from k8s_core.model import Resource
from k8s_core.model.codec import decode_json, encode_json
from k8s_core.patches.documents import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.backoff import Backoff
    from k8s_core.client.session import Session
    from k8s_core.errors import ApiError
    from k8s_core.kinds import APIResource
    from k8s_core.requests.options import FieldValidation

__all__ = ["add_finalizer", "edit", "remove_finalizer"]

R = TypeVar("R", bound=Resource)


def edit(
    session: Session,
    obj: R,
    change: Callable[[R], Any],
    *,
    backoff: Backoff,
    subresource: str | None = None,
    field_manager: str | None = None,
    field_validation: FieldValidation | None = None,
    timeout: float | None = None,
) -> R:
    """See ``Client.edit``."""
    from k8s_core.client.retry import retry_on_conflict  # noqa: PLC0415  # only an edit needs it

    if not callable(change):
        raise RequestError(f"change must be a function that takes the object, not {type(change).__name__}")
    subject = session.subject(obj)

    def attempt() -> R:
        fresh: R = get(session, subject.cls, subject.name, subject.namespace, timeout=timeout)
        if subject.uid and wire_identity(fresh).uid != subject.uid:
            raise _replaced("edit", subject.resource, subject.name)
        before = encode_json(fresh)
        change(fresh)
        if _unchanged(before, encode_json(fresh)):
            return fresh
        return replace(
            session,
            fresh,
            None,
            subresource=subresource,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )

    return retry_on_conflict(attempt, backoff=backoff)


def add_finalizer(session: Session, obj: R, finalizer: str, *, backoff: Backoff) -> R:
    """See ``Client.add_finalizer``."""

    def change(fresh: R) -> None:
        metadata = fresh.metadata
        if finalizer in metadata.finalizers:
            return
        if metadata.deletionTimestamp is not None:
            raise RequestError(f"{fresh.kind} {metadata.name!r} is being deleted: no finalizer can be added now")
        metadata.finalizers.append(finalizer)

    return edit(session, obj, change, backoff=backoff)


def remove_finalizer(session: Session, obj: R, finalizer: str, *, backoff: Backoff) -> R | None:
    """See ``Client.remove_finalizer``."""

    def change(fresh: R) -> None:
        finalizers = fresh.metadata.finalizers
        if finalizer in finalizers:
            finalizers.remove(finalizer)

    try:
        return edit(session, obj, change, backoff=backoff)
    except NotFound:
        return None


def _replaced(request: str, resource: APIResource, name: str) -> ApiError:
    """The error for an object that made place for another of the same name."""
    message = f"{resource.group_resource} {name!r} not found: there is another object of that name now"
    details = {"name": name, "group": resource.group, "kind": resource.plural}
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return api_error_from_status({**status, "reason": "NotFound", "details": details, "code": 404}, request=request)


def _unchanged(before: bytes, after: bytes) -> bool:
    # The server escapes some characters that this encoder does not: different bytes may say the same.
    return before == after or same(decode_json(before), decode_json(after))
