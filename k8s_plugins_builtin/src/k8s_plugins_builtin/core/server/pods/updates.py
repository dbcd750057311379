# SPDX-License-Identifier: Apache-2.0
"""What an update may change of a Pod, and of its ephemeral containers. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from k8s_devkit.strategy.equality import difference, same
from k8s_devkit.strategy.field_errors import Problems
from k8s_plugins_builtin.core.server.pods.scheduling import check_tolerations

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["check_ephemeral_update", "check_pod_update"]

_TEXT = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def check_pod_update(document: Document, live: Document) -> Problems:
    """Compare a Pod with what it was: images, deadlines and more tolerations are all that may change."""
    problems, spec, old = Problems(), document.get("spec") or {}, live.get("spec") or {}
    for name in ("containers", "initContainers"):
        if len(spec.get(name) or []) != len(old.get(name) or []):
            problems.forbidden(f"spec.{name}", "pod updates may not add or remove containers")
            return problems
        for index, container in enumerate(spec.get(name) or []):
            where, image = f"spec.{name}[{index}].image", container.get("image", "")
            if not image:
                problems.required(where)
            if image != image.strip():
                problems.invalid(where, image, "must not have leading or trailing whitespace")
    if not _check_deadline(problems, spec, old):
        return problems
    _check_tolerations(problems, spec.get("tolerations") or [], old.get("tolerations") or [])
    _check_gates(problems, spec.get("schedulingGates") or [], old.get("schedulingGates") or [])
    if same(spec, old):
        return problems
    changed = _unfree(spec, old)
    if old.get("schedulingGates"):
        _check_gated(problems, changed, old)
    if not same(changed, old):
        problems.forbidden("spec", f"{_TEXT}\n{difference(old, changed)}")
    return problems


def _check_deadline(problems: Problems, spec: Document, old: Document) -> bool:
    seconds, before, where = (
        spec.get("activeDeadlineSeconds"),
        old.get("activeDeadlineSeconds"),
        "spec.activeDeadlineSeconds",
    )
    if seconds is None:
        if before is not None:
            problems.invalid(where, None, "must not update from a positive integer to nil value")
        return True
    if not 0 <= seconds <= 2**31 - 1:
        problems.invalid(where, seconds, "must be between 0 and 2147483647, inclusive")
        return False
    if before is not None and before < seconds:
        problems.invalid(where, seconds, "must be less than or equal to previous value")
        return False
    return True


def _check_tolerations(problems: Problems, now: list[Document], before: list[Document]) -> None:
    def bare(toleration: Document) -> Document:
        return {name: value for name, value in toleration.items() if name != "tolerationSeconds"}

    known = [bare(toleration) for toleration in now]
    if any(bare(toleration) not in known for toleration in before):
        text = "existing toleration can not be modified except its tolerationSeconds"
        problems.forbidden("spec.tolerations", text)
    else:
        problems += check_tolerations(now, "spec.tolerations")


def _check_gates(problems: Problems, now: list[Document], before: list[Document]) -> None:
    known = {gate.get("name") for gate in before}
    for index, gate in enumerate(now):
        if gate.get("name") not in known:
            text = f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'"
            problems.forbidden(f"spec.schedulingGates[{index}].name", text)


def _unfree(spec: Document, old: Document) -> Document:
    """The new spec with everything that may change put back to what it was."""
    changed = copy.deepcopy(spec)
    for name in ("containers", "initContainers"):
        for container, before in zip(changed.get(name) or [], old.get(name) or [], strict=True):
            container["image"] = before.get("image", "")
            # A default that follows the image.
            if "imagePullPolicy" in before:
                container.setdefault("imagePullPolicy", before["imagePullPolicy"])
    for name in ("activeDeadlineSeconds", "schedulingGates", "tolerations", "ephemeralContainers"):
        changed.pop(name, None)
        if name in old:
            changed[name] = old[name]
    if old.get("terminationGracePeriodSeconds", 0) < 0 and changed.get("terminationGracePeriodSeconds") == 1:
        changed["terminationGracePeriodSeconds"] = old["terminationGracePeriodSeconds"]
    return changed


def _check_gated(problems: Problems, changed: Document, old: Document) -> None:
    """A pod that waits for its gates may still learn where to run."""
    selector, before = changed.get("nodeSelector") or {}, old.get("nodeSelector") or {}
    if any(selector.get(key) != value for key, value in before.items()):
        text = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        problems.invalid("spec.nodeSelector", selector or None, text)
    changed["nodeSelector"] = before
    terms = _terms(changed)
    old_terms = _terms(old)
    where = f"spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms"
    if old_terms and len(terms) != len(old_terms):
        text = "no additions/deletions to non-empty NodeSelectorTerms list are allowed"
        problems.invalid(where, terms or None, text)
    else:
        for index, (term, was) in enumerate(zip(terms, old_terms, strict=False)):
            if not _only_adds(term, was):
                problems.invalid(f"{where}[{index}]", term, "only additions are allowed (no mutations or deletions)")
    affinity = dict(changed.get("affinity") or {})
    affinity["nodeAffinity"] = (old.get("affinity") or {}).get("nodeAffinity")
    changed["affinity"] = affinity


def _terms(spec: Document) -> list[Document]:
    affinity = ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get(_REQUIRED) or {}
    return affinity.get("nodeSelectorTerms") or []


def _only_adds(term: Document, was: Document) -> bool:
    for name in ("matchExpressions", "matchFields"):
        before = was.get(name) or []
        if (term.get(name) or [])[: len(before)] != before:
            return False
    return bool(was) or not term


def check_ephemeral_update(document: Document, live: Document) -> Problems:
    """Ephemeral containers can be added only."""
    problems, where = Problems(), "spec.ephemeralContainers"
    now = {part.get("name"): part for part in (document.get("spec") or {}).get("ephemeralContainers") or []}
    for before in (live.get("spec") or {}).get("ephemeralContainers") or []:
        name = before.get("name")
        if name not in now:
            problems.forbidden(where, f'existing ephemeral containers "{name}" may not be removed\n')
        elif not same(now[name], before):
            text = f'existing ephemeral containers "{name}" may not be changed\n{difference(before, now[name])}'
            problems.forbidden(where, text)
    return problems
