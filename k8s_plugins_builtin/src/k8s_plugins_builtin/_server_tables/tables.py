# SPDX-License-Identifier: Apache-2.0
"""How the built-in kinds differ from each other on the server: tables out of the API server's strategies.

Each table says what its members do; everything that is in no table behaves in the ordinary way. Pure data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.field_errors import FieldError, Problems
from k8s_devkit.strategy.strategy import Strategy
from k8s_plugins_builtin._server_tables.defaults import apply_defaults
from k8s_plugins_builtin._server_tables.simulate import RECONCILERS
from k8s_plugins_builtin._server_tables.statuses import check_status
from k8s_plugins_builtin.core.server.admission import admit_created, admit_updated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ControllerContext, Document, ServerContext

__all__ = ["SimulatedTableStrategy", "TableStrategy"]

# C32: DELETE answers with the object instead of a Status.
_RETURNS_DELETED = {("", "pods"), ("", "podtemplates")}

# J7: metadata.generation counts changes of spec.
_GENERATION = {
    ("", "pods"),
    ("", "podtemplates"),
    ("", "replicationcontrollers"),
}

# What a create puts in place of the status that the client sent; what Go shows of an empty one is added later.
_INITIAL_STATUS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "pods"): {"phase": "Pending"},
}

# A write of the status keeps these metadata as they are; with other built-in kinds it changes them too.
_STATUS_KEEPS = {("", "pods"): ("ownerReferences",)}

# J9: the fields by which a kind's objects can be selected, besides name and namespace.
_SELECTABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    ("", "replicationcontrollers"): ("status.replicas",),
}


class TableStrategy(Strategy):
    """A built-in kind whose behaviour is still in tables."""

    def __init__(self, resource: APIResource) -> None:
        super().__init__(resource)
        key = (resource.group, resource.plural)
        self.delete_returns_object = key in _RETURNS_DELETED
        self.initial_status = _INITIAL_STATUS.get(key, {})  # type: ignore[misc]  # until the tables are gone
        self.generation = "counted" if key in _GENERATION else "none"
        self.status_update_keeps = _STATUS_KEEPS.get(key, ())
        self.selectable_fields = _SELECTABLE.get(self.storage, ())

    def default(self, new: Document, old: Document | None) -> None:
        apply_defaults(self.resource, new, old)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        if old is None:
            admit_created(self.resource, new, ctx)
        else:
            admit_updated(self.resource, new, old)

    def _rules(self) -> Any:
        from k8s_plugins_builtin._server_tables.rules import RULES

        return RULES.get(self.storage)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        rules = self._rules()
        if rules is None:
            return super().validate(new, ctx)
        own = self.check_metadata(new) if "C" in rules.order or "U" in rules.order else []
        return [*own, *rules.check(new, None)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        rules = self._rules()
        if rules is None:
            return super().validate_update(new, old, ctx)
        errors = Problems()
        for letter in rules.order:
            if letter == "U":
                errors += self.check_metadata_update(new, old)
            elif letter == "C":
                errors += self.check_metadata(new, created=False)
            elif letter == "I":
                errors += rules.update(new, old)
            else:
                errors += rules.check(new, old)
        return errors

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return check_status(self.storage, new, old)

    def grace_period(self, obj: Document, requested: int | None) -> int | None:
        if self.storage != ("", "pods"):
            return None
        spec = obj.get("spec") or {}
        grace = requested if requested is not None else int(spec.get("terminationGracePeriodSeconds", 30))
        finished = (obj.get("status") or {}).get("phase") in ("Failed", "Succeeded")
        return 0 if finished or not spec.get("nodeName") else grace


class SimulatedTableStrategy(TableStrategy):
    """A kind of the tables whose controller is simulated."""

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        RECONCILERS[self.storage](ctx, obj)

    def reconcile_deleted(self, obj: Document, ctx: ControllerContext) -> None:
        if self.storage == ("", "pods"):
            # What a kubelet does when the containers have stopped: a delete without grace.
            metadata = obj["metadata"]
            ctx.delete("", "pods", metadata["name"], metadata["namespace"], {"gracePeriodSeconds": 0})
