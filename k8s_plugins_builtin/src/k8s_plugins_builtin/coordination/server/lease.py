# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Leases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["LeaseStrategy"]


class LeaseStrategy(Strategy):
    """Lease."""

    create_on_update = True
    unconditional_update = False
    standard_finalizers = False

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *_check_spec(new.get("spec") or {})]


def _check_spec(spec: Document) -> Problems:
    problems, seconds = Problems(), spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        problems.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    problems.nonnegative(spec, "spec", "leaseTransitions")
    if spec.get("preferredHolder") and not spec.get("strategy"):
        problems.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined")
    return problems
