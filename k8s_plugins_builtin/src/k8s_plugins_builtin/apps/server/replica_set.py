# SPDX-License-Identifier: Apache-2.0
"""How an API server treats ReplicaSets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.statuses import observe_generation
from k8s_plugins_builtin.apps.server.templates import check_replicated_template
from k8s_plugins_builtin.core.server.pods.templates import default_template
from k8s_plugins_builtin.core.server.pods.warnings import name_warnings, template_warnings
from k8s_plugins_builtin.core.server.replication_controller import REPLICAS, check_replicas_observed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["ReplicaSetStrategy"]

_check_immutable = freeze("spec.selector")


class ReplicaSetStrategy(Strategy):
    """ReplicaSet."""

    generation = "counted"
    selectable_fields = ("status.replicas",)

    def default(self, new: Document, old: Document | None) -> None:
        spec = new.setdefault("spec", {})
        fill(spec, replicas=1)
        default_template(spec)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_spec(new.get("spec") or {}),
            *_check_immutable(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        names = name_warnings(new) if old is None else ()
        return [*names, *template_warnings(new, old)]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return check_replicas_observed(new.get("status") or {})

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        status = observe_generation(obj)
        for name in ("replicas", *REPLICAS):
            status[name] = obj["spec"].get("replicas", 1)


def _check_spec(spec: Document) -> Problems:
    problems = Problems()
    problems.nonnegative(spec, "spec", "replicas", "minReadySeconds")
    problems += check_replicated_template(spec)
    return problems
