# SPDX-License-Identifier: Apache-2.0
"""Verbs made of several requests: edit, finalizers, labels and annotations.

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.backoff import BUSY_BACKOFF
from k8s_core.client.objects import wire_identity
from k8s_core.client.reading import get
from k8s_core.client.writing import patch, replace
from k8s_core.errors import NotFound, RequestError, api_error_from_status
from k8s_core.model import Resource
from k8s_core.model.codec import decode_json, encode_json
from k8s_core.patches import MergePatch
from k8s_core.patches.documents import same

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from typing import Literal, Unpack

    from k8s_core.backoff import Backoff
    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.objects import Subject
    from k8s_core.client.session import Session
    from k8s_core.errors import ApiError
    from k8s_core.kinds import APIResource
    from k8s_core.requests.keywords import ReplaceOptions

__all__ = ["add_finalizer", "edit", "mark", "remove_finalizer"]

R = TypeVar("R", bound=Resource)


def edit(
    session: Session,
    obj: R,
    change: Callable[[R], Any],
    *,
    backoff: Backoff,
    as_patch: bool = False,
    **options: Unpack[ReplaceOptions],
) -> R:
    """See ``Client.edit``."""
    if not callable(change):
        raise RequestError(f"change must be a function that takes the object, not {type(change).__name__}")
    edited: R = _edit(session, session.subject(obj), change, backoff, as_patch, options)
    return edited


def _edit(
    session: Session,
    subject: Subject,
    change: Callable[[Any], Any],
    backoff: Backoff,
    as_patch: bool,
    options: ReplaceOptions,
) -> Any:
    from k8s_core.client.retry import retry_on_conflict  # noqa: PLC0415  # only an edit needs it

    def attempt() -> Any:
        fresh = get(session, subject.cls, subject.name, subject.namespace, timeout=options.get("timeout"))
        if subject.uid and wire_identity(fresh).uid != subject.uid:
            raise _replaced("edit", subject.resource, subject.name)
        before = encode_json(fresh)
        change(fresh)
        if _unchanged(before, encode_json(fresh)):
            return fresh
        if not as_patch:
            return replace(session, fresh, None, **options)
        difference = MergePatch.diff(decode_json(before), fresh, optimistic=True)
        return patch(session, subject.cls, subject.name, difference, subject.namespace, **options)

    return retry_on_conflict(attempt, backoff=backoff)


def mark(
    session: Session,
    kind_or_obj: AnyKind | Resource | Mapping[str, Any],
    field: Literal["labels", "annotations"],
    changes: Mapping[str, str | None],
    name: str | None,
    namespace: str | None,
    *,
    overwrite: bool,
    **options: Unpack[ReplaceOptions],
) -> Any:
    """See ``Client.label`` and ``Client.annotate``."""
    _check_marks(field, changes)
    subject = session.addressed(kind_or_obj, name, namespace)

    def change(fresh: Resource) -> None:
        marks: MutableMapping[str, str] = getattr(fresh.metadata, field)
        for key, value in changes.items():
            if value is None:
                marks.pop(key, None)
                continue
            if not overwrite and marks.get(key, value) != value:
                raise RequestError(
                    f"{subject.resource.group_resource} {subject.name!r} has {key!r} among its {field} with another "
                    "value: overwrite=True replaces it; nothing was written"
                )
            marks[key] = value

    return _edit(session, subject, change, BUSY_BACKOFF, True, options)


def _check_marks(field: str, changes: object) -> None:
    if not isinstance(changes, Mapping) or not changes:
        raise RequestError(f"{field} must be a dict of at least one key, not {changes!r:.80}")
    for key, value in changes.items():
        if isinstance(key, str) and key.endswith("-"):
            raise RequestError(f"{field}: to remove {key[:-1]!r} give it the value None: {{{key[:-1]!r}: None}}")
        if not isinstance(key, str) or not isinstance(value, (str, NoneType)):
            raise RequestError(f"{field}: {key!r} and its value must be strings (None removes it), not {value!r:.80}")


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
