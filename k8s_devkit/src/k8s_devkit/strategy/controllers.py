# SPDX-License-Identifier: Apache-2.0
"""`Controller`: background work of a server that reacts to changes of several kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext
    from k8s_devkit.strategy.document import Document

__all__ = ["Controller"]


class Controller:
    """What kube-controller-manager does for a kind, in one step for each change. One instance for each server."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        """React to a change of a watched object. Called in the background, after the request that made the change.

        Args:
            resource: group and plural.
            obj: its state when the change was made, without apiVersion and kind.
            deleted: the object is gone.
        """
        raise NotImplementedError
