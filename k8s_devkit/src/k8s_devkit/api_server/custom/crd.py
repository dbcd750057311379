# SPDX-License-Identifier: Apache-2.0
"""CustomResourceDefinitions: accepted, established, served, and taken away again (protocol J23, J24)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.kinds import APIResource, Scope
from k8s_devkit.api_server.custom.cel.rules import Rules
from k8s_devkit.api_server.custom.completion import Completion
from k8s_devkit.api_server.custom.crd_schema import shape_of_schema
from k8s_devkit.api_server.custom.embedded import has_embedded
from k8s_devkit.api_server.custom.name_conflicts import accept_names
from k8s_devkit.api_server.custom.schema_validation import BLOCKING, validate_custom
from k8s_devkit.api_server.deletes.deleting import DeleteOptions, delete_entry
from k8s_devkit.api_server.field_errors import FieldError, invalid_value
from k8s_devkit.api_server.kinds.catalog import Kind
from k8s_devkit.api_server.kinds.shapes import ANY_OBJECT
from k8s_devkit.api_server.reads.jsonpath import find_first
from k8s_devkit.api_server.store import DELETED, Change, Entry
from k8s_devkit.api_server.writes.conform import prune

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.api_server.core import ApiCore

__all__ = ["DEFINITIONS", "CustomKind", "Definitions"]

Json = dict[str, Any]
DEFINITIONS = ("apiextensions.k8s.io", "customresourcedefinitions")
_NOT_CHECKED = (
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation"
)
_CLEANUP = "customresourcecleanup.apiextensions.k8s.io"


class CustomKind:
    """What a CRD says about one of its versions."""

    def __init__(self, spec: Mapping[str, Any], version: Mapping[str, Any]) -> None:
        self.version: str = version["name"]
        self.storage = bool(version.get("storage"))
        self.schema: Mapping[str, Any] = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        self.list_kind: str = spec["names"].get("listKind") or f"{spec['names']['kind']}List"
        self.columns: list[Json] = version.get("additionalPrinterColumns") or []
        self.scale: Mapping[str, str] | None = (version.get("subresources") or {}).get("scale")
        self.selectable = frozenset(
            item["jsonPath"].removeprefix(".") for item in version.get("selectableFields") or () if "jsonPath" in item
        )
        self.preserves = bool(spec.get("preserveUnknownFields")) or not self.schema
        self.shape = ANY_OBJECT if self.preserves else shape_of_schema(self.schema, root=True)
        self.rules = Rules(self.schema)
        self._embedded = has_embedded(self.schema)
        self._completion = Completion(self.schema, root=True)
        self._defaulting = b'"default":' in msgspec.json.encode(self.schema)

    def read(self, entry: Entry) -> bytes:
        """The stored bytes with today's defaults, which may be younger than the object."""
        if not self._defaulting:
            return entry.body
        document = entry.document()
        return msgspec.json.encode(document) if self.default(document) else entry.body

    def prune(self, document: Json) -> list[str]:
        """Drop unknown fields in place; returns their paths."""
        return [] if self.preserves else sorted(prune(document, self.shape))

    def default(self, document: Json, *, keep_nulls: bool = False) -> bool:
        """Fill defaults and drop nulls that mean nothing, in place; returns whether there were any."""
        return self._completion.apply(document, keep_nulls=keep_nulls)

    def _scale_errors(self, document: Json) -> list[FieldError]:
        """Numbers of replicas that are below zero, at the paths that the scale subresource looks at."""
        if not self.scale:
            return []
        paths = [self.scale[key] for key in ("specReplicasPath", "statusReplicasPath") if self.scale.get(key)]
        found = [(path, find_first(document, path)) for path in paths]
        return [
            invalid_value(path, value, "should be a non-negative integer")
            for path, value in found
            if isinstance(value, int) and value < 0
        ]

    def validate(self, document: Json, old: Json | None = None, warnings: list[str] | None = None) -> list[FieldError]:
        """Check a whole object against the schema and its rules; metadata has rules of its own.

        Args:
            document: the next state.
            old: the state before an update; what it broke already and is unchanged is tolerated.
            warnings: what is only warned of is added here.
        """
        if not self.schema:
            return []
        errors = validate_custom(document, self.schema, old, embedded=self._embedded) + self._scale_errors(document)
        if not self.rules.present:
            return errors
        if any(error.reason in BLOCKING for error in errors):
            return [*errors, FieldError("<nil>", "FieldValueInvalid", _NOT_CHECKED)]
        outcome = self.rules.check(document, old)
        if warnings is not None:
            warnings.extend(outcome.warnings)
        return errors + outcome.errors


def _condition(type_: str, status: str, reason: str, message: str, now: str) -> Json:
    return {"type": type_, "status": status, "lastTransitionTime": now, "reason": reason, "message": message}


def _set_condition(document: Json, condition: Json) -> None:
    status = document.setdefault("status", {})
    conditions = status["conditions"] = status.get("conditions") or []
    for index, existing in enumerate(conditions):
        if existing["type"] == condition["type"]:
            if any(existing.get(key) != condition[key] for key in ("status", "reason", "message")):
                conditions[index] = condition
            return
    conditions.append(condition)


class Definitions:
    """The controllers of CRDs: names, establishing, serving, cleanup."""

    def __init__(self, core: ApiCore) -> None:
        self.core = core
        kind = core.catalog.find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
        assert kind is not None  # it is one of the intrinsic kinds
        self.kind = kind
        core.store.listen(DEFINITIONS, self._changed)

    def _changed(self, change: Change) -> None:
        entry = change.entry
        if change.type == DELETED:
            group, _, plural = self._identity(entry)
            self.core.catalog.remove_custom(group, plural)
            return
        document = entry.document()
        if document["metadata"].get("deletionTimestamp"):
            self.core.later(lambda: self._clean_up(entry))
        elif self._established(document):
            self._serve(document)
        else:
            self.core.later(lambda: self._accept(entry))

    def _identity(self, entry: Entry) -> tuple[str, str, str]:
        spec = entry.document()["spec"]
        return spec["group"], spec["names"]["kind"], spec["names"]["plural"]

    def _established(self, document: Json) -> bool:
        conditions = (document.get("status") or {}).get("conditions") or []
        return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)

    def _accept(self, entry: Entry) -> None:
        """The first status update: names accepted, not yet established."""
        core, now = self.core, self.core.now()
        current = core.store.get(DEFINITIONS, entry.key)
        if current is None or current.uid != entry.uid or self._established(current.document()):
            return
        accepted, clash = accept_names(current.document()["spec"]["names"], self._others(current))

        def change(document: Json) -> None:
            spec, status = document["spec"], document.setdefault("status", {})
            status["acceptedNames"] = accepted
            if clash:
                _set_condition(document, _condition("NamesAccepted", "False", clash[0], clash[1], now))
                _set_condition(
                    document, _condition("Established", "False", "NotAccepted", "not all names are accepted", now)
                )
                return
            status["storedVersions"] = [item["name"] for item in spec["versions"] if item.get("storage")]
            _set_condition(document, _condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now))
            text = "the initial names have been accepted"
            _set_condition(document, _condition("Established", "False", "Installing", text, now))

        core.update_status(self.kind, current, change)
        if not clash:
            core.later(lambda: self._establish(entry))

    def _others(self, entry: Entry) -> list[Json]:
        """The accepted names of the other CRDs of a CRD's group."""
        group = self._identity(entry)[0]
        documents = [
            other.document()
            for other in self.core.store.entries(DEFINITIONS)
            if other.uid != entry.uid and self._identity(other)[0] == group
        ]
        return [(document.get("status") or {}).get("acceptedNames") or {} for document in documents]

    def _establish(self, entry: Entry) -> None:
        """The second status update, from which on the kind is served."""
        now = self.core.now()

        def change(document: Json) -> None:
            text = "the initial names have been accepted"
            _set_condition(document, _condition("Established", "True", "InitialNamesAccepted", text, now))

        self.core.update_status(self.kind, entry, change)

    def _serve(self, document: Json) -> None:
        spec = document["spec"]
        catalog = self.core.catalog
        catalog.remove_custom(spec["group"], spec["names"]["plural"])
        for version in spec["versions"]:
            if version.get("served"):
                catalog.add_custom(Kind(_resource(spec, version), custom=CustomKind(spec, version)))

    def begin_delete(self, document: Json) -> None:
        """Mark a CRD for the cleanup of its instances, before it is deleted."""
        finalizers = document["metadata"].setdefault("finalizers", [])
        if _CLEANUP not in finalizers and not document["metadata"].get("deletionTimestamp"):
            finalizers.append(_CLEANUP)
            text = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"
            _set_condition(
                document, _condition("Terminating", "True", "InstanceDeletionPending", text, self.core.now())
            )

    def _again_after(self, entry: Entry, resource: tuple[str, str]) -> None:
        """Clean up once more after the next change of the instances: finalizers hold them."""

        def changed(_: Change) -> None:
            stop()
            self.core.later(lambda: self._clean_up(entry))

        stop = self.core.store.listen(resource, changed)

    def _clean_up(self, entry: Entry) -> None:
        core = self.core
        current = core.store.get(DEFINITIONS, entry.key)
        if current is None or _CLEANUP not in (current.document()["metadata"].get("finalizers") or []):
            return
        group, _, plural = self._identity(current)
        kind = core.catalog.of_store((group, plural))
        left = 0
        for item in core.store.entries((group, plural)) if kind is not None else ():
            assert kind is not None
            left += not delete_entry(core, kind, item, DeleteOptions(policy="Background")).gone
        if left:
            self._again_after(entry, (group, plural))
            return
        core.catalog.remove_custom(group, plural)
        document = self.kind.document(current)
        document["metadata"]["finalizers"].remove(_CLEANUP)
        if document["metadata"]["finalizers"]:
            core.store.put(DEFINITIONS, document)
        else:
            core.store.delete(DEFINITIONS, current.key)


def _resource(spec: Json, version: Json) -> APIResource:
    names = spec["names"]
    declared = version.get("subresources") or {}
    subresources = {}
    if "status" in declared:
        subresources["status"] = ""
    if "scale" in declared:
        subresources["scale"] = "autoscaling/v1 Scale"
    return APIResource(
        spec["group"],
        version["name"],
        names["kind"],
        names["plural"],
        names.get("singular") or names["kind"].lower(),
        Scope(spec["scope"]),
        tuple(names.get("shortNames") or ()),
        tuple(names.get("categories") or ()),
        subresources=subresources,
    )
