# SPDX-License-Identifier: Apache-2.0
"""What controllers put into every namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.controllers import Controller

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext, Document

__all__ = ["AccountController"]

_CONTENTS = (("ServiceAccount", "serviceaccounts", "default"), ("ConfigMap", "configmaps", "kube-root-ca.crt"))


class AccountController(Controller):
    """Gives every namespace its ``default`` ServiceAccount and the ConfigMap with the cluster's CA."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        if deleted or obj["metadata"].get("deletionTimestamp"):
            return
        namespace = obj["metadata"]["name"]
        for kind, plural, name in _CONTENTS:
            if ctx.get("", plural, name, namespace) is None:
                ctx.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}})
