# SPDX-License-Identifier: Apache-2.0
"""The ``apps`` group, and the ReplicationController before it. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_plugins_builtin.core.server.pods.validation import (
    check_controlled_template,
    check_pod_template,
)

__all__ = [
    "check_replication_controller",
    "check_template_kind",
]

Json = dict[str, Any]
_NO_MATCH = "`selector` does not match template `labels`"


def _labels(template: Json) -> Json:
    return (template.get("metadata") or {}).get("labels") or {}


def check_replication_controller(document: Json, live: Json | None = None) -> Problems:
    """A ReplicationController, whose selector is a plain map of labels."""
    spec, problems = document.get("spec") or {}, Problems()
    problems.nonnegative(spec, "spec", "minReadySeconds")
    selector = spec.get("selector") or {}
    if not selector:
        problems.required("spec.selector")
    problems.nonnegative(spec, "spec", "replicas")
    template = spec.get("template")
    if template is None:
        problems.required("spec.template")
        return problems
    labels = _labels(template)
    if any(labels.get(key) != value for key, value in selector.items()):
        problems.invalid("spec.template.metadata.labels", labels or None, _NO_MATCH)
    problems += check_controlled_template(template, "spec.template", "ReplicationController")
    return problems


def check_template_kind(document: Json, live: Json | None = None) -> Problems:
    """A PodTemplate."""
    return check_pod_template(document.get("template") or {}, "template")
