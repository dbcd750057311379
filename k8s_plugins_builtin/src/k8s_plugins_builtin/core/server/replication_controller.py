# SPDX-License-Identifier: Apache-2.0
"""How an API server treats ReplicationControllers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.checks import check_not_greater
from k8s_devkit.strategy.defaults import fill
from k8s_plugins_builtin.core.server.pods.templates import (
    check_controlled_template,
    default_template,
    template_labels,
)
from k8s_plugins_builtin.core.server.pods.warnings import name_warnings, template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["REPLICAS", "ReplicationControllerStrategy", "check_replicas_observed"]

REPLICAS = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
"""The counts of a status besides all ``replicas``."""


class ReplicationControllerStrategy(Strategy):
    """ReplicationController, whose selector is a plain map of labels."""

    default_garbage_collection = "Orphan"
    generation = "counted"
    selectable_fields = ("status.replicas",)

    def default(self, new: Document, old: Document | None) -> None:
        """Fill in what is absent: the selector and the labels of the object come from its template."""
        spec = new.setdefault("spec", {})
        fill(spec, replicas=1)
        default_template(spec)
        if labels := template_labels(spec):
            if not spec.get("selector"):
                spec["selector"] = dict(labels)
            if not new["metadata"].get("labels"):
                new["metadata"]["labels"] = labels

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check_spec(new.get("spec") or {}),
            *self.check_metadata_update(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        names = name_warnings(new) if old is None else ()
        return [*names, *template_warnings(new, old)]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return check_replicas_observed(new.get("status") or {})


def check_replicas_observed(status: Document) -> Problems:
    """The status of a ReplicationController or a ReplicaSet."""
    problems = Problems()
    problems.nonnegative(status, "status", "replicas", *REPLICAS, "observedGeneration")
    check_not_greater(problems, status, "status", REPLICAS, "replicas")
    check_not_greater(problems, status, "status", ("availableReplicas",), "readyReplicas", "readyReplicas")
    return problems


def _check_spec(spec: Document) -> Problems:
    problems = Problems()
    problems.nonnegative(spec, "spec", "minReadySeconds")
    selector, template = spec.get("selector") or {}, spec.get("template")
    if not selector:
        problems.required("spec.selector")
    problems.nonnegative(spec, "spec", "replicas")
    if template is None:
        problems.required("spec.template")
        return problems
    labels = template_labels(spec)
    if any(labels.get(key) != value for key, value in selector.items()):
        text = "`selector` does not match template `labels`"
        problems.invalid("spec.template.metadata.labels", labels or None, text)
    problems += check_controlled_template(template, "spec.template", "ReplicationController")
    return problems
