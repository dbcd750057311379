# SPDX-License-Identifier: Apache-2.0
"""How the server treats CustomResourceDefinitions themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.custom.definitions import check_definition, default_definition, unknown_formats
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = ["CLEANUP", "DefinitionStrategy", "condition", "set_condition"]

CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
_check_immutable = freeze("spec.group", "spec.names.plural", "spec.names.kind", "spec.scope")


class DefinitionStrategy(Strategy):
    """CustomResourceDefinition."""

    unconditional_update = False
    generation = "counted"
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")
    standard_finalizers = False

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"spec.conversion.webhook.clientConfig.service.port": 443})
        default_definition(new)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *check_definition(new, hoisted=True)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *check_definition(new, hoisted=True),
            *_check_immutable(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        return unknown_formats(new) if old is None else ()

    def begin_delete(self, obj: Document, ctx: ServerContext) -> bool:
        """Mark a CRD for the cleanup of its instances."""
        finalizers = obj["metadata"].setdefault("finalizers", [])
        if CLEANUP in finalizers or obj["metadata"].get("deletionTimestamp"):
            return False
        finalizers.append(CLEANUP)
        text = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
        set_condition(obj, condition("Terminating", "True", "InstanceDeletionPending", text, ctx.now()))
        return True


def condition(type_: str, status: str, reason: str, message: str, now: str) -> Document:
    """A condition of a CRD's status."""
    return {"type": type_, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def set_condition(document: Document, condition: Document) -> None:
    """Put a condition into the status of a CRD, in the place of the one of its type."""
    status = document.setdefault("status", {})
    conditions = status["conditions"] = status.get("conditions") or []
    for index, existing in enumerate(conditions):
        if existing["type"] == condition["type"]:
            if any(existing.get(key) != condition[key] for key in ("status", "reason", "message")):
                conditions[index] = condition
            return
    conditions.append(condition)
