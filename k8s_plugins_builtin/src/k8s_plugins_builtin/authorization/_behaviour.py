# SPDX-License-Identifier: Apache-2.0
"""``kubectl auth can-i``: what the user who asks may do, as class methods of the kinds that answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from k8s_core.behaviour import client_for
from k8s_core.errors import RequestError
from k8s_core.model import Resource

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_core.requests import AllNamespaces
    from k8s_plugins_builtin.authorization.v1 import (
        SelfSubjectAccessReview,
        SelfSubjectRulesReview,
        SubjectRulesReviewStatus,
    )

__all__ = ["Access", "SelfSubjectAccessReviewBehaviour", "SelfSubjectRulesReviewBehaviour"]


class Access(Struct, frozen=True):
    """Whether something is allowed; true if it is.

    Attributes:
        allowed: the answer.
        reason: why, if the server says so; for people.
        evaluation_error: what kept the server from considering all rules; the answer holds all the same.
    """

    allowed: bool
    reason: str = ""
    evaluation_error: str = ""

    def __bool__(self) -> bool:
        return self.allowed


class SelfSubjectAccessReviewBehaviour:
    """Whether the user who asks may do one thing."""

    __slots__ = ()

    @classmethod
    def can_i(
        cls,
        verb: str,
        subject: type[Resource] | Resource | str,
        name: str | None = None,
        *,
        namespace: str | AllNamespaces | None = None,
        subresource: str | None = None,
        client: Client | None = None,
    ) -> Access:
        """Ask whether you may do something, as ``kubectl auth can-i`` does. One POST, which stores nothing.

        ::

            if SelfSubjectAccessReview.can_i("create", Pod, namespace="prod"):
                ...
            SelfSubjectAccessReview.can_i("get", Pod, subresource="log")
            SelfSubjectAccessReview.can_i("get", "/metrics")

        https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access

        Args:
            verb: such as ``get``, ``list``, ``watch``, ``create``, ``update``, ``patch``, ``delete``; ``*`` means all.
            subject: a kind as a class, or by a name such as ``"deployments.apps"``, which asks the server; an object,
                which gives its name and namespace too; ``"*"``, every kind; or a path that begins with ``/``.
            name: of one object; None asks about all of them.
            namespace: None means the object's own, else the client's; ``ALL_NAMESPACES`` asks about every one.
            subresource: such as ``"log"`` or ``"scale"``.
            client: who asks; None means the active client, else the default one.

        Returns:
            The answer, which is true if it is yes.

        Raises:
            RequestError: an empty verb, a namespace for a kind without namespaces, or a name, a namespace or a
                subresource for a path; nothing was sent.
            UnknownKindError: the server has no kind of that name.
            ApiError, TransportError: of the request.
        """
        if not verb:
            raise RequestError("verb must be a verb such as 'get' or 'create', not empty")
        review_class = cast("type[SelfSubjectAccessReview]", cls)
        asking = client_for(review_class, client)
        if isinstance(subject, str) and subject.startswith("/"):
            if name is not None or namespace is not None or subresource is not None:
                raise RequestError(f"the path {subject!r} takes no name, namespace or subresource")
            spec = {"nonResourceAttributes": {"verb": verb, "path": subject}}
        else:
            attributes = _attributes(subject, name, namespace, asking)
            given = {"verb": verb, **attributes, "subresource": subresource}
            spec = {"resourceAttributes": {key: value for key, value in given.items() if value}}
        status = asking.create(review_class.from_dict({"spec": spec})).status
        return Access(bool(status.allowed), status.reason or "", status.evaluationError or "")


def _attributes(
    subject: Any, name: str | None, namespace: str | AllNamespaces | None, client: Client
) -> dict[str, str | None]:
    """Group, resource, name and namespace in question."""
    if isinstance(subject, Resource):
        if name is not None:
            raise RequestError("name goes with a kind; an object has its own")
        name = subject.metadata.name
        namespace = subject.metadata.namespace if namespace is None else namespace
    place = client.namespace if namespace is None else namespace if isinstance(namespace, str) else None
    if isinstance(subject, str) and subject == "*":
        return {"group": "*", "resource": "*", "name": name, "namespace": place}
    resource = client.kind(subject).kind.api_resource
    named = {"group": resource.group, "resource": resource.plural, "name": name}
    if resource.namespaced:
        return {**named, "namespace": place}
    if namespace is not None:
        raise RequestError(f"{resource.kind} is cluster-scoped: namespace={namespace!r} does not apply")
    return named


class SelfSubjectRulesReviewBehaviour:
    """Everything that the user who asks may do in a namespace."""

    __slots__ = ()

    @classmethod
    def rules(cls, namespace: str | None = None, *, client: Client | None = None) -> SubjectRulesReviewStatus:
        """List what you may do in a namespace, as ``kubectl auth can-i --list`` does. One POST, which stores nothing.

        https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access

        Args:
            namespace: None means the client's. What you may do in the whole cluster is listed as well.
            client: who asks; None means the active client, else the default one.

        Returns:
            ``resourceRules`` and ``nonResourceRules``. If ``incomplete`` is true, there may be more:
            ``SelfSubjectAccessReview.can_i`` answers for certain.

        Raises:
            ApiError, TransportError: of the request.
        """
        review_class = cast("type[SelfSubjectRulesReview]", cls)
        asking = client_for(review_class, client)
        review = review_class.from_dict({"spec": {"namespace": namespace or asking.namespace}})
        return asking.create(review).status
