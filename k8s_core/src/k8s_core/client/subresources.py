# SPDX-License-Identifier: Apache-2.0
"""Subresources: scale, and any other by name (protocol C36).

``status`` needs no verb of its own: ``replace``, ``patch``, ``apply`` and ``get`` take ``subresource="status"``. Verbs
for the subresources of one kind are methods of its class, such as ``pod.evict()``, and are built on these.
Streaming subresources (log, exec, attach, portforward) go through ``ClientCore.request`` with ``stream=True``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_core.client.reading import ReadVerbs
from k8s_core.client.writing import WriteVerbs
from k8s_core.errors import RequestError
from k8s_core.meta import Status
from k8s_core.model import Model, Resource
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.patches import MergePatch
from k8s_core.requests.options import DryRun, FieldValidation, check_count
from k8s_core.requests.read import required_name
from k8s_core.requests.write import create_request, replace_request

if TYPE_CHECKING:
    from k8s_core.client.core import AnyKind
    from k8s_core.kinds import APIResource

__all__ = ["SubresourceVerbs"]


class SubresourceVerbs(ReadVerbs, WriteVerbs):
    """Verbs on parts of objects. ``kind_or_obj`` is always a kind with ``name=``, or the object itself."""

    def create_subresource(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        subresource: str,
        body: Mapping[str, Any] | Model,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
        max_retries: int | None = None,
    ) -> Any:
        """POST to a subresource, such as ``eviction``, ``binding`` or ``token``. One request.

        Args:
            subresource: its name.
            body: an object of the subresource's own kind; not changed.
            max_retries: None = as configured.

        The other arguments are those of :meth:`create`.

        Returns:
            An object of the subresource's own kind, or a ``Status`` where the server answers with one.

        Raises:
            NotFound: no such object, or the kind has no such subresource.
            RequestError, InvalidName: before anything is sent.
            ApiError, OutcomeUnknown, TransportError: see :mod:`k8s_core.errors`.
        """
        cls, resource, name, chosen, _ = self._addressed(kind_or_obj, name, namespace)
        answer_class = self._subresource_class(cls, subresource)
        request = create_request(
            resource,
            encode_json(body),
            namespace=chosen,
            name=name,
            subresource=subresource,
            obj=body,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
            max_retries=max_retries,
        )
        return _object_or_status(answer_class, self.send_json(request))

    def replace_subresource(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        *,
        subresource: str,
        body: Mapping[str, Any] | Model,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any:
        """PUT a subresource that has a kind of its own, such as ``scale``. Arguments as :meth:`create_subresource`."""
        cls, resource, name, chosen, _ = self._addressed(kind_or_obj, name, namespace)
        answer_class = self._subresource_class(cls, subresource)
        request = replace_request(
            resource,
            name,
            encode_json(body),
            namespace=chosen,
            subresource=subresource,
            obj=body,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )
        return _object_or_status(answer_class, self.send_json(request))

    def scale(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None = None,
        *,
        replicas: int,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Set the number of replicas through the ``scale`` subresource. One request, safe to repeat.

        Returns:
            The ``Scale`` object: ``spec.replicas`` as asked, ``status.replicas`` as it is.

        Raises:
            NotFound: no such object, or the kind cannot be scaled.
            RequestError: ``replicas`` is not a whole number of zero or more; nothing was sent.
        """
        cls, _, name, chosen, _ = self._addressed(kind_or_obj, name, namespace)
        return self.patch(
            cls,
            name,
            MergePatch({"spec": {"replicas": check_count(replicas, "replicas")}}),
            namespace=chosen,
            subresource="scale",
            dry_run=dry_run,
            field_manager=field_manager,
            timeout=timeout,
        )

    def _addressed(
        self, kind_or_obj: AnyKind | Resource | Mapping[str, Any], name: str | None, namespace: str | None
    ) -> tuple[type[Resource], APIResource, str, str | None, str]:
        """Class, resource, name, namespace and uid of what a verb is about."""
        if isinstance(kind_or_obj, (Resource, Mapping)):
            if name is not None:
                raise RequestError("name= goes with a kind; an object has its own")
            subject = self._subject(kind_or_obj, namespace)
            return subject.cls, subject.resource, subject.name, subject.namespace, subject.uid
        cls = self._kind(kind_or_obj)
        return cls, cls.api_resource, required_name(name), self._namespace_for(cls.api_resource, namespace), ""


def _object_or_status(cls: type[Resource], body: bytes) -> Any:
    document = decode_json(body)
    if isinstance(document, dict) and document.get("kind") == "Status":
        return Status.from_dict(document)
    return load_resource(cls, body)
