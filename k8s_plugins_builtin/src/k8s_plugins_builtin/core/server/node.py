# SPDX-License-Identifier: Apache-2.0
"""Nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.addresses import cidr
from k8s_devkit.strategy.defaults import fill, round_up
from k8s_devkit.strategy.formats import label_key, label_value
from k8s_plugins_builtin.core.server.pods.scheduling import TAINT_EFFECTS
from k8s_plugins_builtin.core.server.resources import check_amount

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["NodeStrategy"]

_NOT_READY = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}


class NodeStrategy(Strategy):
    """Node: a kubelet creates it, together with its status."""

    keeps_status_on_create = True
    selectable_fields = ("spec.unschedulable",)

    def default(self, new: Document, old: Document | None) -> None:
        status, spec = new.get("status"), new.setdefault("spec", {})
        if isinstance(status, dict):
            round_up(status.get("capacity"))
            round_up(status.get("allocatable"))
            if status.get("capacity"):
                fill(status, allocatable=dict(status["capacity"]))
        if spec.get("podCIDR"):
            fill(spec, podCIDRs=[spec["podCIDR"]])

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Taint a new node until it is ready, as the admission plugin TaintNodesByCondition does."""
        if old is not None:
            return
        taints = new.setdefault("spec", {}).setdefault("taints", [])
        if not any((taint.get("key"), taint.get("effect")) == tuple(_NOT_READY.values()) for taint in taints):
            taints.append(dict(_NOT_READY))

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_taints(new), *_check_amounts(new), *_check_ranges(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check_amounts(new),
            *_check_taints(new),
            *self.check_metadata_update(new, old),
            *_check_kept(new, old),
        ]


def _spec(document: Document) -> Document:
    return document.get("spec") or {}


def _check_amounts(document: Document) -> Problems:
    problems, status = Problems(), document.get("status") or {}
    for field in ("capacity", "allocatable"):
        for name, value in (status.get(field) or {}).items():
            problems += check_amount(name, value, f"status.{field}.{name}")
    return problems


def _check_ranges(document: Document) -> Problems:
    problems, ranges = Problems(), _spec(document).get("podCIDRs") or []
    for index, text in enumerate(ranges):
        problems.invalid(f"spec.podCIDRs[{index}]", text, *cidr(text))
    if len(ranges) > 2 or (len(ranges) == 2 and len({":" in text for text in ranges}) == 1):
        problems.invalid("spec.podCIDRs", ranges, "may specify no more than one CIDR for each IP family")
    for index, text in enumerate(ranges):
        if text in ranges[:index]:
            problems.duplicate(f"spec.podCIDRs[{index}]", text)
    return problems


def _check_taints(document: Document) -> Problems:
    problems = Problems()
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(_spec(document).get("taints") or []):
        # The API server takes the path of the metadata for that of the taints.
        where, key, effect = f"metadata.taints[{index}]", taint.get("key", ""), taint.get("effect", "")
        problems.invalid(f"{where}.key", key, *label_key(key))
        if faults := label_value(taint.get("value", "")):
            problems.invalid(f"{where}.value", taint["value"], ";".join(faults))
        if not effect:
            problems.required(f"{where}.effect")
        elif effect not in TAINT_EFFECTS:
            problems.unsupported(f"{where}.effect", effect, TAINT_EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": taint.get("value", ""), "Effect": effect, "TimeAdded": None}
            problems.duplicate(where, shown, "taints must be unique by key and effect pair")
        seen.add((key, effect))
    return problems


def _check_kept(document: Document, live: Document) -> Problems:
    """A node keeps its addresses for pods and its provider's id once it has them."""
    problems, spec, old = Problems(), _spec(document), _spec(live)
    for field, shown in (("podCIDRs", "podCIDR"), ("providerID", "providerID")):
        if old.get(field) and spec.get(field) != old[field]:
            problems.forbidden(f"spec.{field}", f'node updates may not change {shown} except from "" to valid')
    return problems
