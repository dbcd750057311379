# SPDX-License-Identifier: Apache-2.0
"""For the behaviour of kinds: the methods that packages add to their classes, some of which the SDK calls.

A method that sends requests takes ``client=None`` and gets its client by :func:`client_for`, when it is called::

    class WidgetBehaviour:
        __slots__ = ()

        def paint(self, colour, *, client=None):
            return client_for(self, client).patch(self, patch=MergePatch({"spec": {"colour": colour}}))

``Client.wait`` asks ``is_ready()``, which returns a bool, and ``rollout_status()``, which returns a
:class:`RolloutStatus` or raises :class:`~k8s_core.errors.RolloutError`. Logs, exec, attach, port-forward and copies ask
``pod_selector()``, which returns a :class:`PodSelector`, of objects that stand for others; and of objects that have
containers ``container_names()``, ``default_container()``, ``has_started(container)``, ``is_running()``, ``is_ready()``
and ``status_text()``, as far as the kind has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from k8s_core.seam import verbs

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_core.kinds import GroupVersionKind
    from k8s_core.model import Resource
    from k8s_core.selectors import Labels

__all__ = ["PodSelector", "RolloutStatus", "client_for"]


def client_for(obj: Resource | type[Resource], client: Client | None = None) -> Client:
    """The client with which a method of a kind sends its requests.

    Args:
        obj: the object that the requests are about, or its class. It does not keep the client that it came from.
        client: what the caller of the method gave.

    Returns:
        ``client``, unless it is None; else the client of the innermost ``with client.active()``; else the default
        client, which is made from ``k8s_core.config``.

    Raises:
        ConfigError: the default client is asked for, and nothing is configured.
    """
    return verbs.default_client() if client is None else client


class RolloutStatus(Struct, frozen=True):
    """Whether a rollout is complete, and in words where it stands. Immutable."""

    done: bool
    message: str


class PodSelector(Struct, frozen=True):
    """Which objects stand behind one that selects, in its own namespace. Immutable.

    Attributes:
        kind: which has containers, logs and ports.
        labels: a label selector in any of the forms that verbs take.
    """

    kind: GroupVersionKind
    labels: Labels
