# SPDX-License-Identifier: Apache-2.0
"""The events of an object, as ``kubectl describe`` lists them, for the Events of both API groups."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from k8s_core.behaviour import client_for
from k8s_core.errors import RequestError
from k8s_core.requests.options import ALL_NAMESPACES

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_core.model import Resource

__all__ = ["RelatedEvents"]

_NEVER = datetime.min.replace(tzinfo=UTC)


class RelatedEvents:
    """A mixin for kinds of events."""

    __slots__ = ()

    _subject: ClassVar[str]
    """The field that says which object an event is about."""

    def last_seen(self) -> datetime | None:
        """When it happened last; None if the event does not say."""
        raise NotImplementedError

    @classmethod
    def about(cls, obj: Resource, *, client: Client | None = None) -> list[Self]:
        """The events of an object, the latest last, as ``kubectl describe`` lists them. One list request.

        ::

            for event in Event.about(pod):
                print(event.type, event.reason)

        Events are forgotten after a while, mostly an hour. If the object was read, those of an earlier one of its name
        are left out.

        https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/

        Args:
            obj: the object, of any kind; only its identity is used. For a kind without namespaces, events in all
                namespaces are listed.
            client: who asks; None means the active client, else the default one.

        Raises:
            RequestError: the object has no name; nothing was sent.
            Forbidden, ApiError, TransportError: of the request.
        """
        metadata, asking = obj.metadata, client_for(obj, client)
        name, uid = metadata.name, metadata.uid
        if not name:
            raise RequestError(f"the {obj.kind} has no name, so it has no events")
        kind: Any = obj
        namespaced = asking.kind(kind).kind.api_resource.namespaced
        found = asking.list(
            cast("type[Resource]", cls),
            namespace=(metadata.namespace or asking.namespace) if namespaced else ALL_NAMESPACES,
            fields={f"{cls._subject}.kind": obj.kind, f"{cls._subject}.name": name},
        )
        # The kubelet knows no uid of its node, and gives the name of the node for it.
        known = {uid, name, None, ""}
        events: list[Any] = [item for item in found if not uid or getattr(item, cls._subject).uid in known]
        return sorted(events, key=lambda event: (event.last_seen() or _NEVER, event.metadata.name))
