# SPDX-License-Identifier: Apache-2.0
"""Subresources: scale, eviction, token, binding, ephemeral containers, resize, and any other by name (C36, H16-H18).

``status`` needs no verb of its own: ``replace``, ``patch``, ``apply`` and ``get`` take ``subresource="status"``.
Streaming subresources (log, exec, attach, portforward) go through ``ClientCore.request`` with ``stream=True``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from k8s_core.client.objects import wire_identity
from k8s_core.client.reading import ReadVerbs
from k8s_core.client.writing import WriteVerbs
from k8s_core.errors import RequestError
from k8s_core.meta import Status
from k8s_core.model import Model, Resource
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.patches import MergePatch, StrategicMergePatch
from k8s_core.requests.delete import delete_options
from k8s_core.requests.options import DryRun, FieldValidation, PropagationPolicy, check_count
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

    def evict(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None = None,
        *,
        namespace: str | None = None,
        wait: float | None = 60.0,
        until_gone: bool = False,
        grace_period_seconds: int | None = None,
        propagation_policy: PropagationPolicy | None = None,
        uid: str | None = None,
        dry_run: DryRun = False,
    ) -> bool:
        """Evict a pod as a node drain does: delete it unless that would break a disruption budget. Blocks.

        While a budget forbids it, the server is asked again every 5 seconds, or when it said (H17).

        Args:
            wait: seconds to go on trying, and then waiting; 0 = try once, None = without end.
            until_gone: return only when the pod is gone, or another one has its name.
            grace_period_seconds: 0 = at once; None = the pod's own.
            propagation_policy: what happens to dependents.
            uid: evict only the pod with this uid; an object that was read brings its own.
            dry_run: ask, but keep the pod.

        Returns:
            True if it was evicted, False if it was gone already.

        Raises:
            TooManyRequests: the budget still forbids it when the time is up.
            WaitTimeout: evicted, but not gone when the time is up.
            InternalError: several disruption budgets cover the pod, which the server does not support.
            RequestError, InvalidName: before anything is sent.
        """
        cls, resource, name, chosen, own_uid = self._addressed(kind_or_obj, name, namespace)
        options = delete_options(
            grace_period_seconds=grace_period_seconds,
            propagation_policy=propagation_policy,
            uid=uid if uid is not None else own_uid or None,
            dry_run=dry_run,
        )
        api_version = resource.subresources.get("eviction", "policy/v1 Eviction").partition(" ")[0]
        body: dict[str, Any] = {
            "apiVersion": api_version,
            "kind": "Eviction",
            "metadata": {"name": required_name(name), **({"namespace": chosen} if chosen else {})},
        }
        if options is not None:
            body["deleteOptions"] = options

        def post() -> None:
            # The loop around this owns the retries: the transport's would sleep unseen (H17).
            self.create_subresource(
                cls, name, subresource="eviction", body=body, namespace=chosen, dry_run=dry_run, max_retries=0
            )

        def current_uid() -> str:
            return wire_identity(self.get_metadata(cls, name, namespace=chosen)).uid

        from k8s_core.client.eviction import EvictionPlan, evict

        return evict(EvictionPlan(post, current_uid, f"{resource.kind} {name!r}", wait, until_gone))

    def create_token(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None = None,
        *,
        namespace: str | None = None,
        audiences: Sequence[str] = (),
        expiration_seconds: int | None = None,
        bound_object: Mapping[str, Any] | Model | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Ask for a short-lived token of a service account. One request.

        Args:
            audiences: who will check the token; empty means the API server.
            expiration_seconds: the server may give another time; at least 600.
            bound_object: a BoundObjectReference: the token ends with this object.

        Returns:
            The ``TokenRequest``: ``status.token`` is a secret, ``status.expirationTimestamp`` its end.

        Raises:
            NotFound: no such service account. RequestError, InvalidName: before anything is sent.
        """
        spec: dict[str, Any] = {"audiences": list(audiences)}
        if expiration_seconds is not None:
            spec["expirationSeconds"] = check_count(expiration_seconds, "expiration_seconds")
        if bound_object is not None:
            spec["boundObjectRef"] = bound_object
        return self.create_subresource(
            kind_or_obj,
            name,
            subresource="token",
            body={"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec},
            namespace=namespace,
            timeout=timeout,
        )

    def bind(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None = None,
        *,
        node: str,
        namespace: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Bind a pod to a node, as a scheduler does. One request.

        Raises:
            Conflict: the pod is bound already. NotFound: no such pod. RequestError: before anything is sent.
        """
        cls, _, name, chosen, uid = self._addressed(kind_or_obj, name, namespace)
        metadata = {"name": name, **({"namespace": chosen} if chosen else {}), **({"uid": uid} if uid else {})}
        target = {"apiVersion": "v1", "kind": "Node", "name": required_name(node)}
        body = {"apiVersion": "v1", "kind": "Binding", "metadata": metadata, "target": target}
        return self.create_subresource(cls, name, subresource="binding", body=body, namespace=chosen, timeout=timeout)

    def add_ephemeral_container(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None = None,
        *,
        container: Mapping[str, Any] | Model,
        namespace: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Start a debugging container in a running pod; it can't be removed. One request; gives the pod.

        Args:
            container: an ``EphemeralContainer`` or its wire dict.
        """
        return self._patch_pod(
            kind_or_obj, name, namespace, "ephemeralcontainers", {"ephemeralContainers": [container]}, timeout
        )

    def resize(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None = None,
        *,
        resources: Mapping[str, Mapping[str, Any] | Model],
        namespace: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Change CPU and memory of running containers. One request; gives the pod.

        Args:
            resources: container name to ``ResourceRequirements`` or its wire dict.
        """
        containers = [{"name": container, "resources": wanted} for container, wanted in resources.items()]
        if not containers:
            raise RequestError("resources= names no container")
        return self._patch_pod(kind_or_obj, name, namespace, "resize", {"containers": containers}, timeout)

    def _patch_pod(
        self,
        kind_or_obj: AnyKind | Resource,
        name: str | None,
        namespace: str | None,
        subresource: str,
        spec: dict[str, Any],
        timeout: float | None,
    ) -> Any:
        cls, _, name, chosen, _ = self._addressed(kind_or_obj, name, namespace)
        patch = StrategicMergePatch({"spec": spec})
        return self.patch(cls, name, patch, namespace=chosen, subresource=subresource, timeout=timeout)

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
