# SPDX-License-Identifier: Apache-2.0
"""Namespaces: what lives in them needs them, and their end is the end of their contents (protocol J20)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from k8s_devkit.api_server.deletes.deleting import DeleteOptions, delete_entry
from k8s_devkit.api_server.store import DELETED, EVERYTHING, Change, Entry
from k8s_devkit.strategy.failures import Failure, forbidden, not_found

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["INITIAL_NAMESPACES", "NAMESPACES", "Lifecycle"]

_log = logging.getLogger("k8s_devkit")
NAMESPACES = ("", "namespaces")
INITIAL_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def namespace_document(name: str) -> Document:
    """A namespace as the API server makes it at start."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


class Lifecycle:
    """The namespace lifecycle of one server: an admission check, and the controller that empties namespaces.

    Args:
        create_missing: a namespace that does not exist comes into being with the first object in it; a convenience
            that no real server has.
    """

    def __init__(self, core: ApiCore, *, create_missing: bool = False) -> None:
        self.core = core
        self.create_missing = create_missing
        self._waiting: set[str] = set()
        self._refused: set[str] = set()
        core.store.listen(EVERYTHING, self._changed)

    def check_create(self, kind: Kind, namespace: str, name: str) -> None:
        """Refuse a creation in a namespace that is missing or terminating."""
        if not kind.resource.namespaced or not kind.strategy.stored:
            return
        entry = self.core.store.get(NAMESPACES, namespace)
        resource = self.core.namespace_kind.resource
        if entry is None:
            if not self.create_missing:
                raise not_found(resource, namespace)
            self.core.seed(namespace_document(namespace))
            return
        if b'"deletionTimestamp"' in entry.body and entry.document()["metadata"].get("deletionTimestamp"):
            message = f"namespace {namespace} is being terminated"
            raise forbidden(
                kind.resource,
                name,
                f"unable to create new content in namespace {namespace} because it is being terminated",
                [{"reason": "NamespaceTerminating", "message": message, "field": "metadata.namespace"}],
            )

    def _changed(self, change: Change) -> None:
        if change.resource == NAMESPACES:
            if change.type != DELETED and b'"deletionTimestamp"' in change.entry.body:
                self._soon(change.entry.name)
            return
        namespace = change.entry.namespace
        if namespace in self._waiting and (change.type == DELETED or namespace in self._refused):
            self._refused.discard(namespace)
            self._soon(namespace)

    def _soon(self, name: str) -> None:
        self.core.later(lambda: self._empty(name))

    def _empty(self, name: str) -> None:
        """Delete what is in a terminating namespace; when nothing is left, let it go."""
        core = self.core
        entry = core.store.get(NAMESPACES, name)
        if entry is None:
            return
        left = 0
        for key in core.store.resources():
            kind = core.catalog.of_store(key)
            if kind is None or not kind.resource.namespaced:
                continue
            for item in core.store.entries(key, name):
                left += not self._delete(kind, item)
        if left:
            self._waiting.add(name)
            return
        self._waiting.discard(name)
        self._refused.discard(name)
        document = core.namespace_kind.document(entry)
        if document.get("spec", {}).pop("finalizers", None) is not None:
            # The controller's own write to /finalize, which watchers can see before the object goes.
            entry = core.store.put(NAMESPACES, document)
        if not document["metadata"].get("finalizers"):
            core.store.delete(NAMESPACES, entry.key)

    def _delete(self, kind: Kind, entry: Entry) -> bool:
        """Delete one object of a namespace. Returns whether it is gone."""
        try:
            return delete_entry(self.core, kind, entry, DeleteOptions(policy="Background", grace=0)).gone
        except Failure as failure:
            # An admission callable refuses. As in a cluster it is tried again: at the next write in the namespace.
            _log.warning("emptying namespace %s: %s: %s", entry.namespace, entry.name, failure.message)
            self._refused.add(entry.namespace)
            return False
