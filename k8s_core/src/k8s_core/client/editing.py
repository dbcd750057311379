# SPDX-License-Identifier: Apache-2.0
"""Verbs made of several requests: edit, and finalizers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from k8s_core.backoff import DEFAULT_BACKOFF, Backoff
from k8s_core.client.deleting import DeleteVerbs
from k8s_core.client.objects import metadata_of, wire_identity
from k8s_core.client.subresources import SubresourceVerbs
from k8s_core.errors import NotFound, RequestError, api_error_from_status
from k8s_core.model import Resource
from k8s_core.model.codec import decode_json, encode_json
from k8s_core.patches.documents import same

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.errors import ApiError
    from k8s_core.kinds import APIResource
    from k8s_core.requests.options import FieldValidation

__all__ = ["EditVerbs"]

R = TypeVar("R", bound=Resource)


class EditVerbs(SubresourceVerbs, DeleteVerbs):
    """edit: read, change, write, until nobody was faster; and what is made of it."""

    def edit(
        self,
        obj: R,
        change: Callable[[R], Any],
        *,
        subresource: str | None = None,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        backoff: Backoff = DEFAULT_BACKOFF,
        timeout: float | None = None,
    ) -> R:
        """Change an object that others change too: read it, call ``change``, replace it; again after a Conflict.

        ::

            client.edit(deployment, lambda fresh: setattr(fresh.spec, "replicas", 3))

        Args:
            obj: which object; it is not changed, and only its identity is used. With a uid, another object that has
                its name by now is left alone.
            change: gets the object as it is on the server and changes it in place; called once for each attempt. If
                it changes nothing, nothing is written.
            subresource: replace this part only, such as ``"status"``.
            field_manager: who owns the fields; None: the program's name.
            field_validation: what the server does about unknown fields.
            backoff: how often to try.
            timeout: seconds for each request; None = as configured.

        Returns:
            The object as the server stored it.

        Raises:
            Conflict: somebody else was faster each time.
            NotFound: it is gone, or there is another object of that name.
            ApiError, TransportError, RequestError: of any request. Whatever ``change`` raises.
        """
        from k8s_core.client.retry import retry_on_conflict

        if not callable(change):
            raise RequestError(f"change must be a function that takes the object, not {type(change).__name__}")
        subject = self._subject(obj)

        def attempt() -> R:
            fresh = cast("R", self.get(subject.cls, subject.name, namespace=subject.namespace, timeout=timeout))
            if subject.uid and wire_identity(fresh).uid != subject.uid:
                raise _replaced("edit", subject.resource, subject.name)
            before = encode_json(fresh)
            change(fresh)
            if _unchanged(before, encode_json(fresh)):
                return fresh
            return self.replace(
                fresh,
                subresource=subresource,
                field_manager=field_manager,
                field_validation=field_validation,
                timeout=timeout,
            )

        return retry_on_conflict(attempt, backoff=backoff)

    def add_finalizer(self, obj: R, finalizer: str, *, backoff: Backoff = DEFAULT_BACKOFF) -> R:
        """Keep an object from going away until the finalizer is removed. At least one request; idempotent.

        Args:
            obj: which object; not changed.
            finalizer: such as ``"example.com/cleanup"``.

        Returns:
            The object as the server has it.

        Raises:
            RequestError: it is being deleted already, when no finalizer can be added (H9); nothing was written.
            NotFound, Conflict, ApiError, TransportError: as :meth:`edit`.
        """

        def change(fresh: R) -> None:
            metadata = metadata_of(fresh)
            if finalizer in metadata.finalizers:
                return
            if metadata.deletionTimestamp is not None:
                raise RequestError(f"{fresh.kind} {metadata.name!r} is being deleted: no finalizer can be added now")
            metadata.finalizers.append(finalizer)

        return self.edit(obj, change, backoff=backoff)

    def remove_finalizer(self, obj: R, finalizer: str, *, backoff: Backoff = DEFAULT_BACKOFF) -> R | None:
        """Let an object go, as far as this finalizer is concerned. At least one request; idempotent.

        An object that is gone, or has made place for another of its name, is left alone.

        Returns:
            The object as the server had it; None if it is gone.

        Raises:
            Conflict, ApiError, TransportError: as :meth:`edit`.
        """

        def change(fresh: R) -> None:
            finalizers = metadata_of(fresh).finalizers
            if finalizer in finalizers:
                finalizers.remove(finalizer)

        try:
            return self.edit(obj, change, backoff=backoff)
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
