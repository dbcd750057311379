# SPDX-License-Identifier: Apache-2.0
"""``scale()`` for the kinds with a scale subresource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.behaviour import client_for

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_plugins_builtin.autoscaling.v1 import Scale

__all__ = ["Scalable"]


class Scalable:
    """A mixin for kinds that run a number of pods."""

    __slots__ = ()

    def scale(self: Resource, replicas: int, *, client: Client | None = None) -> Scale:  # type: ignore[misc]  # a mixin of resources
        """Set the wanted number of pods through the ``scale`` subresource: one PATCH, which needs no right to change
        the rest of the object and meets no conflict.

        This object stays as it is: get it again before you change and save it.

        Args:
            replicas: how many pods, 0 or more.
            client: who asks; None means the active client, else the default one.

        Returns:
            The Scale that the server answered with; its ``status.replicas`` is the number at that moment.

        Raises:
            RequestError: ``replicas`` is no number from 0 up; nothing was sent.
            NotFound: there is no such object. Other errors are those of ``Client.patch``.
        """
        scale: Scale = client_for(self, client).scale(self, replicas=replicas)
        return scale
