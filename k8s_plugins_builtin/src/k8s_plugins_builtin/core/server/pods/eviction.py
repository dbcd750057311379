# SPDX-License-Identifier: Apache-2.0
"""``eviction``: a Pod is deleted if its disruption budget allows that (protocol H16-H18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import Failure, bad_request, not_found, too_many_requests
from k8s_devkit.strategy.selectors import selects
from k8s_devkit.strategy.subresources import Subresource, success
from k8s_plugins_builtin.core.server.pods.running import is_finished

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import SubresourceCall

__all__ = ["PodEviction"]

_BUDGETS = ("policy", "poddisruptionbudgets")
_VIOLATED = "Cannot evict pod as it would violate the pod's disruption budget."


class PodEviction(Subresource):
    """``pods/eviction``."""

    accepted_versions = ("policy/v1beta1",)

    def serve(self, call: SubresourceCall, ctx: ControllerContext) -> Document:
        name = (call.body.get("metadata") or {}).get("name", "")
        if name != call.name:
            raise bad_request("name in URL does not match name in Eviction object")
        pod = ctx.get("", "pods", name, call.namespace)
        if pod is None:
            raise not_found(call.resource, name)
        options = dict(call.body.get("deleteOptions") or {})
        if call.dry_run:
            options["dryRun"] = ["All"]
        if not is_finished(pod) and not pod["metadata"].get("deletionTimestamp"):
            budgets = [item for item in ctx.objects(*_BUDGETS, call.namespace) if _guards(item, pod)]
            if len(budgets) > 1:
                return _several_budgets()
            if budgets:
                _spend(budgets[0], name, ctx, dry_run=bool(options.get("dryRun")))
        ctx.delete("", "pods", name, call.namespace, options)
        return success()


def _several_budgets() -> Document:
    """The odd answer for a Pod with two budgets: HTTP 201 that is a failure (C38)."""
    message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
    return Failure(500, "", message).document()


def _guards(budget: Document, pod: Document) -> bool:
    return selects((budget.get("spec") or {}).get("selector"), pod["metadata"].get("labels")) is True


def _spend(budget: Document, pod: str, ctx: ControllerContext, *, dry_run: bool) -> None:
    """Take one disruption from a budget, or raise the 429 (H17)."""
    status, name = budget.setdefault("status", {}), budget["metadata"]["name"]
    if status.get("observedGeneration", 0) < budget["metadata"].get("generation", 0):
        text = f"The disruption budget {name} is still being processed by the server."
        raise too_many_requests(_VIOLATED, 10, [{"reason": "DisruptionBudget", "message": text}])
    allowed = status.get("disruptionsAllowed", 0)
    if allowed <= 0:
        wanted, healthy = status.get("desiredHealthy", 0), status.get("currentHealthy", 0)
        text = f"The disruption budget {name} needs {wanted} healthy pods and has {healthy} currently"
        raise too_many_requests(_VIOLATED, 0, [{"reason": "DisruptionBudget", "message": text}])
    status["disruptionsAllowed"] = allowed - 1
    status["disruptedPods"] = {**(status.get("disruptedPods") or {}), pod: ctx.now()}
    if not dry_run:
        ctx.update_status({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", **budget})
