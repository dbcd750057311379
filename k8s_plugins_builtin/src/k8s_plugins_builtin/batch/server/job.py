# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill
from k8s_devkit.strategy.equality import same
from k8s_devkit.strategy.formats import dns_label
from k8s_devkit.strategy.immutability import IMMUTABLE, freeze
from k8s_devkit.strategy.selectors import check_label_selector, selects
from k8s_devkit.strategy.statuses import set_condition
from k8s_plugins_builtin.batch.server.job_spec import check_spec, default_failure_policy
from k8s_plugins_builtin.core.server.pods.templates import default_template, template_labels
from k8s_plugins_builtin.core.server.pods.warnings import name_warnings, template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["JobStrategy"]

_LABELS = (
    ("controller-uid", "uid"),
    ("job-name", "name"),
    ("batch.kubernetes.io/controller-uid", "uid"),
    ("batch.kubernetes.io/job-name", "name"),
)
"""The labels of a Job's pods that the API server sets, each with the field of the metadata that it has the value of."""

_SCHEDULING = ("nodeSelector", "tolerations", "schedulingGates")
_check_selector_kept = freeze("spec.selector")
_check_completions_kept = freeze("spec.completions")
_check_others_kept = freeze(
    "spec.completionMode",
    "spec.podFailurePolicy",
    "spec.backoffLimitPerIndex",
    "spec.managedBy",
    "spec.successPolicy",
)


class JobStrategy(Strategy):
    """Job."""

    default_garbage_collection = "Orphan"
    delete_option_warning = (
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them "
        "or set propagationPolicy=Orphan to suppress this warning"
    )
    generation = "counted"
    selectable_fields = ("status.successful",)

    def default(self, new: Document, old: Document | None) -> None:
        _take_labels(new)
        spec = new.setdefault("spec", {})
        if "completions" not in spec and "parallelism" not in spec:
            spec["completions"] = 1
        by_index = spec.get("backoffLimitPerIndex") is not None
        fill(
            spec,
            parallelism=1,
            backoffLimit=2**31 - 1 if by_index else 6,
            completionMode="NonIndexed",
            suspend=False,
            manualSelector=False,
            podReplacementPolicy="Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed",
        )
        default_failure_policy(spec)
        default_template(spec)

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        """Give a Job, whose uid is known now, the selector that selects its own pods only, and their labels."""
        spec, metadata = new["spec"], new["metadata"]
        if not spec.get("manualSelector") and not spec.get("selector"):
            template = spec.setdefault("template", {}).setdefault("metadata", {})
            template.setdefault("labels", {}).update(_own_labels(metadata))
            spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
        _take_labels(new)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new), *_check_host_names(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check(new),
            *self.check_metadata_update(new, old),
            *_check_own_spec(new),  # the API server checks it twice
            *_check_immutable(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        names = name_warnings(new) if old is None else ()
        return [*names, *template_warnings(new, old)]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems = Problems()
        counts = ("active", "succeeded", "failed", "ready", "terminating")
        problems.nonnegative(new.get("status") or {}, "status", *counts)
        return problems

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        """Complete a Job, unless it is suspended."""
        spec, status, now = obj["spec"], obj.setdefault("status", {}), ctx.now()
        if spec.get("suspend") or status.get("completionTime"):
            return
        status["startTime"] = status.get("startTime", now)
        status["completionTime"] = now
        status["succeeded"] = spec.get("completions") or spec.get("parallelism") or 1
        status["ready"] = status["terminating"] = 0
        status["uncountedTerminatedPods"] = {}
        message = "Reached expected number of succeeded pods"
        for type_ in ("SuccessCriteriaMet", "Complete"):
            set_condition(obj, type_, now, "CompletionsReached", message, lastProbeTime=now)


def _own_labels(metadata: Document) -> Document:
    return {label: metadata.get(field, "") for label, field in _LABELS}


def _take_labels(new: Document) -> None:
    """Label a Job that has no labels as its template is: both share one map, as in the API server."""
    labels = template_labels(new.get("spec") or {})
    if labels and not new["metadata"].get("labels"):
        new["metadata"]["labels"] = labels


def _check(new: Document) -> Problems:
    spec, problems = new.get("spec") or {}, Problems()
    if not spec.get("manualSelector") and spec.get("selector") is not None:
        _check_generated(problems, new)
    problems += _check_own_spec(new)
    return problems


def _check_own_spec(new: Document) -> Problems:
    spec = new.get("spec") or {}
    problems, selector = check_spec(spec, "spec"), spec.get("selector")
    if selector is None:
        problems.required("spec.selector")
    problems += check_label_selector(selector, "spec.selector")
    labels = template_labels(spec)
    if selects(selector, labels) is False:
        text = "`selector` does not match template `labels`"
        problems.invalid("spec.template.metadata.labels", labels or None, text)
    return problems


def _check_generated(problems: Problems, new: Document) -> None:
    """Selector and labels are those that the API server generates."""
    expected, labels = _own_labels(new["metadata"]), template_labels(new["spec"])
    for label, wanted in expected.items():
        where = f"spec.template.metadata.labels[{label}]"
        if label not in labels:
            problems.required(where, f"must be '{wanted}'")
        elif labels[label] != wanted:
            problems.invalid(where, labels, f"must be '{wanted}'")
    selector = new["spec"]["selector"]
    if selects(selector, expected) is False:
        problems.invalid("spec.selector", selector, "`selector` not auto-generated")


def _check_host_names(new: Document) -> Problems:
    """The pods of an indexed Job have host names with their index."""
    spec, name, problems = new.get("spec") or {}, new["metadata"].get("name", ""), Problems()
    if spec.get("completionMode") == "Indexed" and (spec.get("completions") or 0) > 0:
        host = f"{name}-{spec['completions'] - 1}"
        if dns_label(host):
            problems.invalid("metadata.name", name, f"will not able to create pod with invalid DNS label: {host}")
    return problems


def _check_immutable(new: Document, old: Document) -> Problems:
    """A suspended Job that never ran may still learn where its pods run."""
    spec, before, problems = new.get("spec") or {}, old.get("spec") or {}, Problems()
    completions = spec.get("completions")
    if spec.get("completionMode") != "Indexed":
        problems += _check_completions_kept(new, old)
    elif completions not in (None, before.get("completions"), spec.get("parallelism")):
        problems.invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism")
    problems += _check_selector_kept(new, old)
    template, template_before = spec.get("template") or {}, before.get("template") or {}
    if before.get("suspend") and not (old.get("status") or {}).get("startTime"):
        kept = same(_without_scheduling(template), _without_scheduling(template_before))
    else:
        kept = same(template, template_before)
    if not kept:
        problems.invalid("spec.template", template, IMMUTABLE)
    problems += _check_others_kept(new, old)
    return problems


def _without_scheduling(template: Document) -> Document:
    """A template without what a suspended Job may change of it."""
    spec = {name: value for name, value in (template.get("spec") or {}).items() if name not in _SCHEDULING}
    for containers in ("containers", "initContainers"):
        if containers in spec:
            spec[containers] = [{**part, "resources": None} for part in spec[containers]]
    if spec.get("affinity"):
        spec["affinity"] = {**spec["affinity"], "nodeAffinity": None}
    return {"spec": spec}
