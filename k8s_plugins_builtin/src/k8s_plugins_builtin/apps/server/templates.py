# SPDX-License-Identifier: Apache-2.0
"""What several kinds of this group check: the selector, the pod template, rolling updates. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.selectors import check_label_selector, is_empty_selector, selects
from k8s_plugins_builtin.core.server.pods.templates import check_controlled_template

if TYPE_CHECKING:
    from k8s_devkit.strategy import Document

__all__ = ["check_replicated_template", "check_selector", "check_template_labels", "rolling_update_shown"]


def check_replicated_template(spec: Document) -> Problems:
    """The selector and the template of a Deployment or a ReplicaSet."""
    problems = Problems()
    if check_selector(problems, spec, "deployment"):
        check_template_labels(problems, spec)
        problems += check_controlled_template(spec.get("template") or {}, "spec.template", "ReplicaSet")
    else:
        problems.invalid("spec.selector", spec.get("selector"), "invalid label selector")
    return problems


def check_selector(problems: Problems, spec: Document, kind: str) -> bool:
    """Check that there is a selector. Returns whether it can be used: an absent one can."""
    selector = spec.get("selector")
    if selector is None:
        problems.required("spec.selector")
        return True
    faults = check_label_selector(selector, "spec.selector")
    problems += faults
    if is_empty_selector(selector):
        problems.invalid("spec.selector", selector, f"empty selector is invalid for {kind}")
    return not faults


def check_template_labels(problems: Problems, spec: Document) -> None:
    """The selector selects the pods of the template."""
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if selects(spec.get("selector"), labels) is False:
        text = "`selector` does not match template `labels`"
        problems.invalid("spec.template.metadata.labels", labels or None, text)


def rolling_update_shown(type_: str, rolling: Document | None) -> Document:
    """The update strategy of a Deployment or a DaemonSet as errors show it: a Go structure."""
    if rolling:
        rolling = {"MaxUnavailable": rolling.get("maxUnavailable", 0), "MaxSurge": rolling.get("maxSurge", 0)}
    return {"Type": type_, "RollingUpdate": rolling}
