# SPDX-License-Identifier: Apache-2.0
"""CustomResourceDefinitions: accepted, established, served, and taken away again (protocol J23, J24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.kinds import APIResource, Scope
from k8s_devkit.api_server.custom.definition_strategy import CLEANUP, condition, set_condition
from k8s_devkit.api_server.custom.name_conflicts import accept_names
from k8s_devkit.api_server.custom.version import CustomVersion
from k8s_devkit.api_server.deletes.deleting import DeleteOptions, delete_entry
from k8s_devkit.api_server.store import DELETED, Change, Entry

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.strategy.document import Document

__all__ = ["DEFINITIONS", "Definitions"]

DEFINITIONS = ("apiextensions.k8s.io", "customresourcedefinitions")


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

    def _established(self, document: Document) -> bool:
        conditions = (document.get("status") or {}).get("conditions") or []
        return any(item["type"] == "Established" and item["status"] == "True" for item in conditions)

    def _accept(self, entry: Entry) -> None:
        """The first status update: names accepted, not yet established."""
        core, now = self.core, self.core.now()
        current = core.store.get(DEFINITIONS, entry.key)
        if current is None or current.uid != entry.uid or self._established(current.document()):
            return
        accepted, clash = accept_names(current.document()["spec"]["names"], self._others(current))

        def change(document: Document) -> None:
            spec, status = document["spec"], document.setdefault("status", {})
            status["acceptedNames"] = accepted
            if clash:
                set_condition(document, condition("NamesAccepted", "False", clash[0], clash[1], now))
                set_condition(
                    document, condition("Established", "False", "NotAccepted", "not all names are accepted", now)
                )
                return
            status["storedVersions"] = [item["name"] for item in spec["versions"] if item.get("storage")]
            set_condition(document, condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", now))
            text = "the initial names have been accepted"
            set_condition(document, condition("Established", "False", "Installing", text, now))

        core.update_status(self.kind, current, change)
        if not clash:
            core.later(lambda: self._establish(entry))

    def _others(self, entry: Entry) -> list[Document]:
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

        def change(document: Document) -> None:
            text = "the initial names have been accepted"
            set_condition(document, condition("Established", "True", "InitialNamesAccepted", text, now))

        self.core.update_status(self.kind, entry, change)

    def _serve(self, document: Document) -> None:
        spec = document["spec"]
        core, catalog = self.core, self.core.catalog
        catalog.remove_custom(spec["group"], spec["names"]["plural"])
        for version in spec["versions"]:
            if version.get("served"):
                catalog.add_custom(core.servers.custom_kind(_resource(spec, version), CustomVersion(spec, version)))

    def _again_after(self, entry: Entry, resource: tuple[str, str]) -> None:
        """Clean up once more after the next change of the instances: finalizers hold them."""

        def changed(_: Change) -> None:
            stop()
            self.core.later(lambda: self._clean_up(entry))

        stop = self.core.store.listen(resource, changed)

    def _clean_up(self, entry: Entry) -> None:
        core = self.core
        current = core.store.get(DEFINITIONS, entry.key)
        if current is None or CLEANUP not in (current.document()["metadata"].get("finalizers") or []):
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
        document["metadata"]["finalizers"].remove(CLEANUP)
        if document["metadata"]["finalizers"]:
            core.store.put(DEFINITIONS, document)
        else:
            core.store.delete(DEFINITIONS, current.key)


def _resource(spec: Document, version: Document) -> APIResource:
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
