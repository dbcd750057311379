# SPDX-License-Identifier: Apache-2.0
"""`ReviewStrategy`: kinds whose objects are questions, answered at once in their ``status``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext
    from k8s_devkit.strategy.document import Document

__all__ = ["ReviewStrategy"]


class ReviewStrategy(Strategy):
    """A review: a create returns the object with its status, and nothing is stored."""

    stored = False

    def answer(self, new: Document, ctx: ControllerContext, *, namespace: str = "", dry_run: bool = False) -> Document:
        new["status"] = self.review(new.get("spec") or {}, ctx, namespace)
        new["metadata"].setdefault("creationTimestamp", None)  # Go shows it empty
        return new

    def review(self, spec: Document, ctx: ControllerContext, namespace: str) -> Document:
        """The status that answers a spec. Raises `Failure` for a spec that cannot be answered.

        Args:
            namespace: of the request; empty for cluster-wide kinds.
        """
        raise NotImplementedError
