# SPDX-License-Identifier: Apache-2.0
"""The verbs that delete, and what they answer (protocol C5, C32-C35)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_core.client.core import AnyKind, ClientCore
from k8s_core.client.lists import ResourceList, list_meta
from k8s_core.errors import RequestError
from k8s_core.meta import Status
from k8s_core.model import Model, Resource
from k8s_core.model.codec import decode_json, load_resource, split_list
from k8s_core.requests.delete import delete_collection_request, delete_options, delete_request

if TYPE_CHECKING:
    from k8s_core.requests.options import AllNamespaces, DryRun, PropagationPolicy
    from k8s_core.selectors import Fields, Labels

__all__ = ["DeleteVerbs"]


class DeleteVerbs(ClientCore):
    """delete and delete_collection."""

    def delete(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        namespace: str | None = None,
        body: Mapping[str, Any] | Model | None = None,
        propagation_policy: PropagationPolicy | None = None,
        grace_period_seconds: int | None = None,
        uid: str | None = None,
        resource_version: str | None = None,
        dry_run: DryRun = False,
        timeout: float | None = None,
    ) -> Any:
        """Delete one object. One request; it returns when the server has accepted the deletion, which may go on.

        Given an object that was read from the server, only that very object is deleted, not one that was created
        anew under its name since (its uid becomes a precondition).

        Args:
            kind_or_obj: a kind, with ``name``; or the object.
            name: of the object.
            namespace: None means the object's own, else the client's.
            body: a ``DeleteOptions`` or its wire dict, for what the other arguments don't cover.
            propagation_policy: what happens to dependents: ``"Foreground"``, ``"Background"`` or ``"Orphan"``.
            grace_period_seconds: 0 = at once; None = the object's own.
            uid: delete only the object with this uid.
            resource_version: delete only this version of it.
            dry_run: process, but keep the object.
            timeout: seconds, total; None = as configured.

        Returns:
            What the server said: a ``Status`` of success, or the object itself, which some kinds answer with, and
            every kind while finalizers hold the object (C32).

        Raises:
            NotFound: there is no such object.
            Conflict: a precondition does not hold (C34).
            InvalidName, RequestError: before anything is sent.
            OutcomeUnknown: sent, but not answered.
            ApiError, TransportError: see :mod:`k8s_core.errors`.
        """
        if isinstance(kind_or_obj, (Resource, Mapping)):
            if name is not None:
                raise RequestError("name= goes with a kind; an object has its own")
            subject = self._subject(kind_or_obj, namespace)
            cls, resource, name, chosen = subject.cls, subject.resource, subject.name, subject.namespace
            uid = uid if uid is not None else subject.uid or None
        else:
            cls = self._kind(kind_or_obj)
            resource = cls.api_resource
            chosen = self._namespace_for(resource, namespace)
        options = delete_options(
            body,
            propagation_policy=propagation_policy,
            grace_period_seconds=grace_period_seconds,
            uid=uid,
            resource_version=resource_version,
            dry_run=dry_run,
        )
        if name is None:
            raise RequestError("the name of the object to delete is missing; delete_collection deletes many")
        answer = self.send_json(delete_request(resource, name, namespace=chosen, options=options, timeout=timeout))
        return self._deleted(cls, answer)

    def delete_collection(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        body: Mapping[str, Any] | Model | None = None,
        propagation_policy: PropagationPolicy | None = None,
        grace_period_seconds: int | None = None,
        dry_run: DryRun = False,
        timeout: float | None = None,
    ) -> Any:
        """Delete all the objects of a collection that the selectors choose. One request.

        Without selectors everything in the namespace goes; ``ALL_NAMESPACES`` must be asked for by name. A server
        that fails half-way has deleted some objects.

        Returns:
            What the server said: a list with the deleted objects, or a ``Status``.

        Raises:
            As :meth:`delete`; SelectorError also for an absent ``LabelSelector``, which would select nothing.
        """
        cls = self._kind(kind)
        options = delete_options(
            body,
            propagation_policy=propagation_policy,
            grace_period_seconds=grace_period_seconds,
            dry_run=dry_run,
        )
        request = delete_collection_request(
            cls.api_resource,
            namespace=self._collection_namespace(cls.api_resource, namespace),
            labels=labels,
            fields=fields,
            options=options,
            timeout=timeout,
        )
        return self._deleted(cls, self.send_json(request))

    def _deleted(self, cls: type[Resource], body: bytes) -> Any:
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
