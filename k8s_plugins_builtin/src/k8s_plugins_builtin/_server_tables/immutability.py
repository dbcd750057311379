# SPDX-License-Identifier: Apache-2.0
"""What an update cannot change, with the API server's texts. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.equality import same
from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.immutability import IMMUTABLE as _IMMUTABLE
from k8s_devkit.strategy.immutability import freeze

__all__ = [
    "check_job_update",
    "check_priority_update",
    "check_role_update",
    "check_stateful_update",
]

Json = dict[str, Any]
_STATEFUL_TEXT = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_STATEFUL_FREE = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
}
_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")


def check_role_update(document: Json, live: Json) -> Problems:
    """The role of a binding stays."""
    problems, now, before = Problems(), document.get("roleRef") or {}, live.get("roleRef") or {}
    if now != before:
        shown = {"APIGroup": now.get("apiGroup", ""), "Kind": now.get("kind", ""), "Name": now.get("name", "")}
        problems.invalid("roleRef", shown, "cannot change roleRef")
    return problems


def check_stateful_update(document: Json, live: Json) -> Problems:
    """A StatefulSet's name for its pods, its claims and more."""
    problems = Problems()
    now, before = (
        {name: value for name, value in (part.get("spec") or {}).items() if name not in _STATEFUL_FREE}
        for part in (document, live)
    )
    if not same(now, before):
        problems.forbidden("spec", _STATEFUL_TEXT)
    return problems


def check_job_update(document: Json, live: Json) -> Problems:
    """A Job: a suspended one that never ran may still learn where its pods go."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    completions = spec.get("completions")
    if spec.get("completionMode") != "Indexed":
        problems += freeze("spec.completions")(document, live)
    elif completions not in (None, old.get("completions"), spec.get("parallelism")):
        problems.invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism")
    problems += freeze("spec.selector")(document, live)
    template, before = spec.get("template") or {}, old.get("template") or {}
    started = (live.get("status") or {}).get("startTime")
    if not same(_fixed(template), _fixed(before)) if old.get("suspend") and not started else not same(template, before):
        problems.invalid("spec.template", template, _IMMUTABLE)
    problems += freeze(
        "spec.completionMode",
        "spec.podFailurePolicy",
        "spec.backoffLimitPerIndex",
        "spec.managedBy",
        "spec.successPolicy",
    )(document, live)
    return problems


def _fixed(template: Json) -> Json:
    """A template without what a suspended Job may change of it."""
    spec = {name: value for name, value in (template.get("spec") or {}).items() if name not in _SCHEDULING}
    for containers in ("containers", "initContainers"):
        if containers in spec:
            spec[containers] = [{**part, "resources": None} for part in spec[containers]]
    if spec.get("affinity"):
        spec["affinity"] = {**spec["affinity"], "nodeAffinity": None}
    return {"spec": spec}


def check_priority_update(document: Json, live: Json) -> Problems:
    """The value of a PriorityClass stays, and whom it displaces."""
    problems = Problems()
    if document.get("value", 0) != live.get("value", 0):
        problems.forbidden("value", "may not be changed in an update.")
    problems += freeze("preemptionPolicy")(document, live)
    return problems
