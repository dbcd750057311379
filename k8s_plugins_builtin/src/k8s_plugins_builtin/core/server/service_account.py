# SPDX-License-Identifier: Apache-2.0
"""ServiceAccounts, and the controllers that give each namespace its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_devkit.strategy import Controller, Strategy
from k8s_plugins_builtin.core.server.service_account_token import ServiceAccountToken

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext, Subresource

__all__ = ["AccountController", "ServiceAccountStrategy"]

_CONTENTS = (("ServiceAccount", "serviceaccounts", "default"), ("ConfigMap", "configmaps", "kube-root-ca.crt"))


class ServiceAccountStrategy(Strategy):
    """ServiceAccount."""

    delete_returns_object = True
    subresources: ClassVar[Mapping[str, Subresource]] = {"token": ServiceAccountToken()}

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return self.check_metadata(new)

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *self.check_metadata(new, created=False)]


class AccountController(Controller):
    """Gives each namespace its ``default`` ServiceAccount and the ConfigMap with the cluster's CA."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        if deleted or obj["metadata"].get("deletionTimestamp"):
            return
        namespace = obj["metadata"]["name"]
        for kind, plural, name in _CONTENTS:
            if ctx.get("", plural, name, namespace) is None:
                ctx.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}})
