# SPDX-License-Identifier: Apache-2.0
"""How an API server treats ControllerRevisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.immutability import freeze

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["ControllerRevisionStrategy"]

_check_immutable = freeze("data")


class ControllerRevisionStrategy(Strategy):
    """ControllerRevision."""

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *self.check_metadata(new, created=False),
            *_check(new),
            *_check_immutable(new, old),
        ]


def _check(new: Document) -> Problems:
    problems = Problems()
    if new.get("data") is None:
        problems.required("data", "data is mandatory")
    problems.nonnegative(new, "", "revision")
    return problems
