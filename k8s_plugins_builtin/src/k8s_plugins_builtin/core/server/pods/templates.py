# SPDX-License-Identifier: Apache-2.0
"""Templates of Pods: what every kind that makes Pods needs, in this API group and in others. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.labels import check_annotations, check_label_map
from k8s_plugins_builtin.core.server.pods.defaults import default_spec
from k8s_plugins_builtin.core.server.pods.validation import check_pod_annotations, check_pod_spec

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["check_controlled_template", "check_endless", "check_pod_template", "default_template", "template_labels"]


def template_labels(spec: Document) -> Document:
    """The labels of the Pods that ``spec.template`` stands for; empty without a template."""
    return ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}


def default_template(holder: Document) -> None:
    """Fill in the defaults of ``holder.template``, in the spec of a Deployment, a Job and others."""
    template = holder.get("template")
    if isinstance(template, dict):
        default_spec(template.setdefault("spec", {}))


def check_pod_template(template: Document, path: str) -> Problems:
    """The errors of a template."""
    problems, metadata, spec = Problems(), template.get("metadata") or {}, template.get("spec") or {}
    problems += check_label_map(metadata.get("labels"), f"{path}.labels")
    problems += check_annotations(metadata.get("annotations"), f"{path}.annotations")
    problems += check_pod_annotations(metadata.get("annotations") or {}, spec, f"{path}.annotations")
    problems += check_pod_spec(spec, f"{path}.spec")
    if spec.get("ephemeralContainers"):
        problems.forbidden(f"{path}.spec.ephemeralContainers", "ephemeral containers not allowed in pod template")
    return problems


def check_controlled_template(template: Document, path: str, kind: str) -> Problems:
    """The errors of a template whose Pods never end: those of a ReplicaSet, a DaemonSet and others."""
    problems, spec = check_pod_template(template, path), template.get("spec") or {}
    check_endless(problems, spec, f"{path}.spec", kind)
    return problems


def check_endless(problems: Problems, spec: Document, path: str, kind: str) -> None:
    """What the spec of such a Pod may not say: when to stop."""
    if spec.get("restartPolicy", "Always") != "Always":
        problems.unsupported(f"{path}.restartPolicy", spec["restartPolicy"], ("Always",))
    if spec.get("activeDeadlineSeconds") is not None:
        problems.forbidden(f"{path}.activeDeadlineSeconds", f"activeDeadlineSeconds in {kind} is not Supported")
