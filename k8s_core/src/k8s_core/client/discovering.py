# SPDX-License-Identifier: Apache-2.0
"""Discovery on the client: from names to kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.client.core import ClientCore

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource, GroupVersionKind
    from k8s_core.model import Resource

__all__ = ["DiscoveryVerbs"]


class DiscoveryVerbs(ClientCore):
    """resource and what it is made of."""

    def resource(self, name: str) -> type[Resource]:
        """The class for the name of a kind."""
        plural, _, group = name.partition(".")
        return self._registry.find(group or None, plural)

    def _discover(self, gvk: GroupVersionKind) -> APIResource | None:
        return None
