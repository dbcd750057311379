# SPDX-License-Identifier: Apache-2.0
"""Which container of which object is meant; what a refusal of the server means. The kinds know, and are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.errors import (
    ApiError,
    BadRequest,
    InternalError,
    KubernetesError,
    NoSuchContainer,
    NotFound,
    PodNotRunning,
)
from k8s_core.errors.hints import did_you_mean
from k8s_core.model import Resource
from k8s_core.streams.selecting import pick

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_core.client.objects import Subject

__all__ = ["Target", "default_container", "find_target", "in_container", "pick_target"]

T = TypeVar("T")


class Target:
    """An object with a subresource for streams, as far as it is known here."""

    def __init__(self, client: Client, cls: type[Resource], name: str, namespace: str | None, obj: Any = None) -> None:
        """
        Args:
            client: who asks.
            cls: the kind.
            name, namespace: where the object is.
            obj: the same, if the caller has read it; else it is read when it must be.
        """
        self.client = client
        self.cls = cls
        self.resource = cls.api_resource
        self.name = name
        self.namespace = namespace
        self._obj = obj

    def known(self) -> Any:
        """The object if it was read already, else None."""
        return self._obj

    def read(self) -> Any:
        """The object as it is now; one request."""
        self._obj = self.client.get(self.cls, self.name, namespace=self.namespace)
        return self._obj

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.resource.kind} {place}{self.name}"


def find_target(client: Client, subject: Subject, given: object) -> Target:
    """The object that a stream is of. Of an object that selects others, such as a Deployment, a ready one of these.

    Args:
        client: who asks.
        subject: the object that was named.
        given: what the caller named it by: perhaps the object itself.

    Raises:
        PodNotRunning: none of those that it selects is ready.
    """
    # An object that was made for its name alone says nothing about its containers.
    known = given if isinstance(given, Resource) and given.metadata.resourceVersion else None
    target = Target(client, subject.cls, subject.name, subject.namespace, known)
    return pick_target(client, known or target.read()) if hasattr(subject.cls, "pod_selector") else target


def pick_target(client: Client, selecting: Any) -> Target:
    """One ready object of those that ``selecting`` selects."""
    found = pick(client, selecting)
    return Target(client, type(found), found.metadata.name, found.metadata.namespace, found)


def in_container(target: Target, container: str | None, ask: Callable[[str | None], T]) -> T:
    """Ask for something in a container: the one that is named, else the default one, as kubectl chooses it.

    Args:
        target: that has the containers.
        container: its name, None for the default.
        ask: sends the request; gets the container, None to let the server decide.

    Raises:
        NoSuchContainer: there is no such one, or several and none is the default.
        PodNotRunning: it can't run anything now.
        ApiError: any other refusal.
    """
    chosen = container
    if container is None and target.known() is not None:
        chosen = default_container(target.known())
    try:
        return ask(chosen)
    except (BadRequest, NotFound, InternalError) as error:
        if isinstance(error, NotFound) and error.details.get("name") == target.name:
            raise
        again = _explain(target, chosen, error)
        if again is None or again == chosen:
            raise
    return ask(again)


def default_container(obj: Any) -> str | None:
    """What the kind says is the default container; None if the kind says nothing."""
    ask = getattr(obj, "default_container", None)
    return None if ask is None else ask()


def _explain(target: Target, container: str | None, error: ApiError) -> str | None:
    """Raise what the refusal means, or give the container to ask for instead; None if nothing better is known."""
    try:
        obj = target.read()
    except KubernetesError:
        return None  # it may be forbidden to read it; the refusal itself stands
    names = obj.container_names() if hasattr(obj, "container_names") else []
    if container is not None and names and container not in names:
        raise NoSuchContainer(
            f"{target} has no container {container!r}{did_you_mean(container, names)}; it has {', '.join(names)}", names
        ) from error
    if hasattr(obj, "is_running") and not obj.is_running():
        state = f" ({obj.status_text()})" if hasattr(obj, "status_text") else ""
        raise PodNotRunning(f"{target} is not running{state}: {error.message.strip()}") from error
    return default_container(obj) if container is None else None
