# SPDX-License-Identifier: Apache-2.0
"""How an API server treats StatefulSets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.checks import (
    check_at_most_100_percent,
    check_not_greater,
    check_number_or_percent,
    number_of,
)
from k8s_devkit.strategy.defaults import fill, objects
from k8s_devkit.strategy.equality import same
from k8s_devkit.strategy.formats import dns_label, dns_subdomain
from k8s_devkit.strategy.statuses import observe_generation
from k8s_plugins_builtin.apps.server.templates import check_selector, check_template_labels
from k8s_plugins_builtin.core.server.pods.defaults import default_claim
from k8s_plugins_builtin.core.server.pods.templates import check_endless, check_pod_template, default_template
from k8s_plugins_builtin.core.server.pods.warnings import template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext

__all__ = ["StatefulSetStrategy"]

_PARTS = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
_MUTABLE = (
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
)


class StatefulSetStrategy(Strategy):
    """StatefulSet."""

    generation = "counted"

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        """New names are DNS labels; an object with an older name can still be changed."""
        return dns_label(name) if created else dns_subdomain(name)

    def default(self, new: Document, old: Document | None) -> None:
        spec = new.setdefault("spec", {})
        fill(spec, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10)
        strategy = spec.setdefault("updateStrategy", {})
        if "type" not in strategy:
            strategy["type"] = "RollingUpdate"
            strategy.setdefault("rollingUpdate", {})
        if strategy["type"] == "RollingUpdate" and isinstance(strategy.get("rollingUpdate"), dict):
            fill(strategy["rollingUpdate"], partition=0)
        fill(spec.setdefault("persistentVolumeClaimRetentionPolicy", {}), whenDeleted="Retain", whenScaled="Retain")
        for claim in objects(spec, "volumeClaimTemplates"):
            claim["apiVersion"], claim["kind"] = "v1", "PersistentVolumeClaim"
            default_claim(claim)
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
        limit = (new.get("spec") or {}).get("revisionHistoryLimit")
        text = "a negative value retains all historical revisions; a value >= 0 is recommended"
        return [
            *template_warnings(new, old),
            *([f"spec.revisionHistoryLimit: {text}"] if limit is not None and limit < 0 else []),
        ]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        status, problems = new.get("status") or {}, Problems()
        problems.nonnegative(status, "status", "replicas", *_PARTS, "observedGeneration", "collisionCount")
        check_not_greater(problems, status, "status", _PARTS, "replicas")
        check_not_greater(problems, status, "status", ("availableReplicas",), "readyReplicas")
        return problems

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        status, metadata = observe_generation(obj), obj["metadata"]
        for name in ("replicas", *_PARTS):
            status[name] = obj["spec"].get("replicas", 1)
        status["currentRevision"] = status["updateRevision"] = f"{metadata['name']}-{metadata.get('generation', 1)}"


def _check_spec(spec: Document) -> Problems:
    problems, policy = Problems(), spec.get("podManagementPolicy")
    if policy not in (None, "OrderedReady", "Parallel"):
        problems.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    _check_update_strategy(problems, spec.get("updateStrategy") or {}, "spec.updateStrategy")
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    for name in ("whenDeleted", "whenScaled"):
        problems.one_of(retention, "spec.persistentVolumeClaimRetentionPolicy", name, ("Retain", "Delete"))
    problems.nonnegative(spec, "spec", "replicas", "minReadySeconds")
    problems.nonnegative(spec.get("ordinals") or {}, "spec.ordinals", "start")
    if check_selector(problems, spec, "statefulset"):
        check_template_labels(problems, spec)
        problems += _check_template(spec)
    else:
        problems.invalid("spec.selector", spec.get("selector"), "")
    check_endless(problems, (spec.get("template") or {}).get("spec") or {}, "spec.template.spec", "StatefulSet")
    return problems


def _check_template(spec: Document) -> Problems:
    """The template of the pods, which mount volumes of their own and those of the claims."""
    template = spec.get("template") or {}
    pod = template.get("spec") or {}
    claimed = {(claim.get("metadata") or {}).get("name", ""): claim for claim in objects(spec, "volumeClaimTemplates")}
    volumes = [volume for volume in pod.get("volumes") or [] if volume.get("name") not in claimed]
    volumes += [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claimed]
    return check_pod_template({**template, "spec": {**pod, "volumes": volumes}}, "spec.template")


def _check_update_strategy(problems: Problems, strategy: Document, path: str) -> None:
    type_, rolling, where = strategy.get("type", ""), strategy.get("rollingUpdate"), f"{path}.rollingUpdate"
    shown = rolling and {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}
    if type_ == "OnDelete":
        if rolling is not None:
            problems.invalid(where, shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif type_ != "RollingUpdate":
        problems.invalid(path, {"Type": type_, "RollingUpdate": shown}, "must be 'RollingUpdate' or 'OnDelete'")
    elif rolling is not None:
        problems.nonnegative(rolling, where, "partition")
        unavailable = rolling.get("maxUnavailable")
        if unavailable is not None:
            check_number_or_percent(problems, unavailable, f"{where}.maxUnavailable")
            if not number_of(unavailable):
                problems.invalid(f"{where}.maxUnavailable", unavailable, "cannot be 0")
            check_at_most_100_percent(problems, unavailable, f"{where}.maxUnavailable")


def _check_immutable(new: Document, old: Document) -> Problems:
    problems = Problems()
    now, before = (
        {name: value for name, value in (obj.get("spec") or {}).items() if name not in _MUTABLE} for obj in (new, old)
    )
    if not same(now, before):
        listed = ", ".join(f"'{name}'" for name in _MUTABLE[:-1])
        text = f"updates to statefulset spec for fields other than {listed} and '{_MUTABLE[-1]}' are forbidden"
        problems.forbidden("spec", text)
    return problems
