# SPDX-License-Identifier: Apache-2.0
"""How the server treats namespaces; their life cycle belongs to the machinery, so it does not come from a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import forbidden
from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, label_key
from k8s_devkit.strategy.metadata import check_standard_finalizer
from k8s_devkit.strategy.strategy import Strategy
from k8s_devkit.strategy.subresources import View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = ["FINALIZER", "NAME_LABEL", "NamespaceStrategy"]

FINALIZER = "kubernetes"
NAME_LABEL = "kubernetes.io/metadata.name"
_IMMORTAL = ("default", "kube-system", "kube-public")


class _Finalize(View):
    """``finalize``: the finalizers in the spec, which only this write can change."""

    verbs = ("update",)


class NamespaceStrategy(Strategy):
    """A namespace: it is deleted when everything in it is gone, which its finalizer in the spec waits for."""

    initial_status = {"phase": "Active"}  # noqa: RUF012  # a fact of the class, as declared by Strategy
    selectable_fields = ("status.phase",)
    subresources = {"finalize": _Finalize("spec")}  # noqa: RUF012  # as above

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return dns_label(name)

    def default(self, new: Document, old: Document | None) -> None:
        _label(new)
        new.setdefault("spec", {})

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        _label(new)  # a generated name is known only now
        finalizers = new["spec"].setdefault("finalizers", [])
        if FINALIZER not in finalizers:
            finalizers.append(FINALIZER)

    def prepare_for_update(self, new: Document, old: Document, ctx: ServerContext) -> None:
        spec = new["spec"] = new.get("spec") or {}
        spec.pop("finalizers", None)
        if finalizers := (old.get("spec") or {}).get("finalizers"):
            spec["finalizers"] = finalizers

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_finalizers(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check_finalizers(new),
            *self.check_metadata_update(new, old),
        ]

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems, phase = Problems(), (new.get("status") or {}).get("phase", "")
        deleted = bool(new["metadata"].get("deletionTimestamp"))
        wanted = "Terminating" if deleted else "Active"
        if phase != wanted:
            text = f"may only be '{wanted}' if `deletionTimestamp` is {'not ' if deleted else ''}empty"
            problems.invalid("status.Phase", phase, text)
        return problems

    def check_delete(self, obj: Document, ctx: ServerContext) -> None:
        name = obj["metadata"]["name"]
        if name in _IMMORTAL:
            raise forbidden(self.resource, name, "this namespace may not be deleted")

    def begin_delete(self, obj: Document, ctx: ServerContext) -> bool:
        if self.may_be_removed(obj) or obj["metadata"].get("deletionTimestamp"):
            return False
        obj["metadata"]["deletionTimestamp"] = ctx.now()
        obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
        return True

    def may_be_removed(self, obj: Document) -> bool:
        return not (obj.get("spec") or {}).get("finalizers")


def _label(document: Document) -> None:
    metadata = document["metadata"]
    if metadata.get("name"):
        metadata.setdefault("labels", {})[NAME_LABEL] = metadata["name"]


def _check_finalizers(document: Document) -> Problems:
    problems = Problems()
    for finalizer in (document.get("spec") or {}).get("finalizers") or []:
        problems.invalid("spec.finalizers", finalizer, *label_key(finalizer))
        check_standard_finalizer(problems, finalizer, "spec.finalizers")
    return problems
