# SPDX-License-Identifier: Apache-2.0
"""``pod_selector()`` for the kinds that stand for pods: through it logs, exec and port-forward find them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from k8s_core.behaviour import PodSelector
from k8s_core.kinds import GroupVersionKind

if TYPE_CHECKING:
    from k8s_core.model import Resource

__all__ = ["SelectsPods"]

_POD = GroupVersionKind("", "v1", "Pod")


class SelectsPods:
    """A mixin for kinds whose ``spec.selector`` selects pods of their own namespace."""

    __slots__ = ()

    def pod_selector(self: Resource) -> PodSelector | None:  # type: ignore[misc]  # a mixin of resources
        """Which pods it stands for; None if it has no selector, and so none."""
        selector = cast("Any", self).spec.selector
        return PodSelector(_POD, selector) if selector else None
