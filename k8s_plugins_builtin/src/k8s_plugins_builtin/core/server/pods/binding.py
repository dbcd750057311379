# SPDX-License-Identifier: Apache-2.0
"""``binding``: a Pod gets its node, as a scheduler decides (protocol J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.kinds import APIResource
from k8s_devkit.strategy.failures import conflict, not_found, unreasoned
from k8s_devkit.strategy.field_errors import required
from k8s_devkit.strategy.strategy import Strategy
from k8s_devkit.strategy.subresources import Subresource, success

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import SubresourceCall

__all__ = ["BindingStrategy", "PodBinding"]

_PODS = APIResource("", "v1", "Pod", "pods")


class PodBinding(Subresource):
    """``pods/binding``."""

    def serve(self, call: SubresourceCall, ctx: ControllerContext) -> Document:
        return _bind(call.name, call.namespace, call.body, ctx, dry_run=call.dry_run)


class BindingStrategy(Strategy):
    """Binding: the older way to bind a Pod, by the name in its metadata."""

    stored = False

    def answer(self, new: Document, ctx: ControllerContext, *, namespace: str = "", dry_run: bool = False) -> Document:
        return _bind(new["metadata"].get("name", ""), namespace, new, ctx, dry_run=dry_run)


def _bind(name: str, namespace: str, binding: Document, ctx: ControllerContext, *, dry_run: bool) -> Document:
    pod, node = ctx.get("", "pods", name, namespace), (binding.get("target") or {}).get("name", "")
    if pod is None:
        raise not_found(_PODS, name)
    if not node:
        raise unreasoned(str(required("target.name")))
    if current := pod["spec"].get("nodeName"):
        raise conflict(_PODS, name, f'pod {name} is already assigned to node "{current}"', kind="pods/binding")

    def assign(document: Document) -> None:
        document["spec"]["nodeName"] = node
        condition = {"type": "PodScheduled", "status": "True", "lastTransitionTime": ctx.now()}
        conditions = document.setdefault("status", {}).setdefault("conditions", [])
        conditions[:] = [item for item in conditions if item.get("type") != condition["type"]] + [condition]

    if not dry_run:
        ctx.guaranteed_update("", "pods", name, namespace, assign)
    return success()
