# SPDX-License-Identifier: Apache-2.0
"""How the built-in kinds differ from each other on the server: tables out of the API server's strategies.

Each table says what its members do; everything that is in no table behaves in the ordinary way. Pure data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.field_errors import FieldError, Problems
from k8s_devkit.strategy.formats import dns_1035_label, dns_subdomain, path_segment
from k8s_devkit.strategy.strategy import Strategy
from k8s_plugins_builtin._server_tables.conversion import conversion_of
from k8s_plugins_builtin._server_tables.defaults import apply_defaults
from k8s_plugins_builtin._server_tables.simulate import RECONCILERS
from k8s_plugins_builtin.core.server.admission import admit_created

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ControllerContext, Document, ServerContext

__all__ = ["SimulatedTableStrategy", "TableStrategy"]

# C23: a PUT to a missing name creates.
_CREATE_ON_UPDATE = {
    ("", "events"),
    ("events.k8s.io", "events"),
    ("", "endpoints"),
    ("", "services"),
    ("", "limitranges"),
}

# C22: a PUT without resourceVersion is refused (besides all custom resources).
_CONDITIONAL_UPDATE = {
    ("storage.k8s.io", "csidrivers"),
    ("storage.k8s.io", "csinodes"),
    ("storage.k8s.io", "csistoragecapacities"),
    ("storage.k8s.io", "volumeattachments"),
}

# C32: DELETE answers with the object instead of a Status.
_RETURNS_DELETED = {
    (group, plural)
    for group, plurals in (
        ("", "persistentvolumeclaims persistentvolumes resourcequotas serviceaccounts services"),
        ("storage.k8s.io", "csidrivers csinodes storageclasses volumeattachments volumeattributesclasses"),
    )
    for plural in plurals.split()
}

# J7: metadata.generation counts changes of spec.
_GENERATION = {
    ("discovery.k8s.io", "endpointslices"),
}
_LATE_GENERATION = {("storage.k8s.io", "csidrivers")}  # none at first; the first change makes it 1

# What a create puts in place of the status that the client sent; what Go shows of an empty one is added later.
_INITIAL_STATUS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "persistentvolumes"): {"phase": "Pending"},
    ("", "persistentvolumeclaims"): {"phase": "Pending"},
}

# A write of the status keeps the metadata as they are; with other built-in kinds it changes them too.
_STATUS_KEEPS_METADATA = {
    ("storage.k8s.io", "volumeattachments"),
}
_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")

_KEEPS_STATUS_ON_CREATE = {("", "nodes")}

_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_EVENT_FIELDS = (
    *(f"involvedObject.{part}" for part in _INVOLVED),
    "reason",
    "reportingComponent",
    "source",
    "type",
)

# J9: the fields by which a kind's objects can be selected, besides name and namespace.
_SELECTABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "events"): _EVENT_FIELDS,
    ("", "nodes"): ("spec.unschedulable",),
    ("", "secrets"): ("type",),
    ("", "services"): ("spec.clusterIP", "spec.type"),
}

# Kinds whose names are not DNS subdomains: (group, plural) -> their format.
_NAME_FORMATS: dict[tuple[str, str], Callable[[str], list[str]]] = {
    ("", "services"): dns_1035_label,
    ("", "events"): path_segment,
}


def _name_format(resource: tuple[str, str]) -> Callable[[str], list[str]]:
    """The format of the names of a kind's objects."""
    return _NAME_FORMATS.get(resource, dns_subdomain)


class TableStrategy(Strategy):
    """A built-in kind whose behaviour is still in tables."""

    def __init__(self, resource: APIResource) -> None:
        super().__init__(resource)
        group = resource.group
        self.conversion = conversion_of(group, resource.version, resource.plural)
        self.converted = self.conversion is not None
        key = (group, resource.plural)
        self.create_on_update = key in _CREATE_ON_UPDATE
        self.unconditional_update = key not in _CONDITIONAL_UPDATE
        self.delete_returns_object = key in _RETURNS_DELETED
        self.generation = "late" if key in _LATE_GENERATION else "counted" if key in _GENERATION else "none"
        self.initial_status = _INITIAL_STATUS.get(key, {})  # type: ignore[misc]  # until the tables are gone
        self.keeps_status_on_create = key in _KEEPS_STATUS_ON_CREATE
        self.status_update_keeps = _METADATA if key in _STATUS_KEEPS_METADATA else ()
        self.selectable_fields = _SELECTABLE.get(self.storage, ())
        rules = self._rules()
        self.standard_finalizers = rules is None or not rules.plain_metadata

    @property
    def storage(self) -> tuple[str, str]:
        return self.conversion.key if self.conversion else (self.resource.group, self.resource.plural)

    def to_storage(self, document: Document) -> Document:
        return self.conversion.write(document) if self.conversion else document

    def from_storage(self, document: Document) -> Document:
        return self.conversion.read(document) if self.conversion else document

    def storage_field(self, path: str) -> str:
        return self.conversion.stored_field(path) if self.conversion else path

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return _name_format(self.storage)(name)

    def default(self, new: Document, old: Document | None) -> None:
        apply_defaults(self.resource, new, old)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        if old is None:
            admit_created(self.resource, new, ctx)

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


class SimulatedTableStrategy(TableStrategy):
    """A kind of the tables whose controller is simulated."""

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        RECONCILERS[self.storage](ctx, obj)
