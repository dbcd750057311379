# SPDX-License-Identifier: Apache-2.0
"""What tests arrange in a server and look at, apart from its life and address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.access.rules import Rule
from k8s_devkit.api_server.logs.controls import LogControls
from k8s_devkit.api_server.streams.controls import StreamControls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.api_server.access.admission import AdmissionHook
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.strategy.document import Document

__all__ = ["ServerControls"]


class ServerControls(StreamControls, LogControls):
    """The half of `ApiServer` that needs no network. Safe for use from any thread, running or not."""

    core: ApiCore

    def settle(self) -> None:
        """Do all background work now: garbage collection, emptying namespaces, establishing CRDs, simulations."""
        self.core.settle()

    def collect_garbage(self) -> int:
        """One round of the garbage collector, for servers with ``collect_garbage=False``. Returns what it changed."""
        with self.core.lock:
            return self.core.collector.collect()

    def simulate(self, *names: str) -> None:
        """Switch on what controllers do, so that code which waits can be tested.

        The built-in kinds write their status only: no Pods come out of a Deployment.

        Args:
            names: plurals, such as ``deployments`` or ``crontabs.stable.example.com``; none means every kind whose
                package simulates its controller.

        Raises:
            ValueError: no such kind is served, or nothing simulates it.
        """
        with self.core.lock:
            self.core.controllers.simulate(names)

    @property
    def kind_count(self) -> int:
        """How many kinds are served, all versions counted. Imports the models of all groups."""
        return sum(1 for _ in self.core.catalog)

    # Objects

    def seed(self, *objects: Any) -> None:
        """Put objects into the store as they are: dicts, models, or YAML text with any number of documents.

        Raises:
            LookupError: a kind that is not served.
        """
        documents = [document for item in objects for document in _documents(item)]
        with self.core.lock:  # all at once: a collector that saw dependents before their owners would delete them
            for document in documents:
                self.core.seed(document)

    def objects(self, api_version: str, kind: str, namespace: str = "") -> list[Document]:
        """The stored objects of a kind as new dicts, in key order. Raises LookupError for an unknown kind."""
        found = self.core.kind_of({"apiVersion": api_version, "kind": kind})
        with self.core.lock:
            return [found.document(entry) for entry in self.core.store.entries(found.key, namespace)]

    # Versions and watches

    @property
    def resource_version(self) -> str:
        """The current resourceVersion."""
        return str(self.core.store.version)

    def compact(self) -> None:
        """Forget the history, so that watches and pages from older versions get a 410 Expired."""
        with self.core.lock:
            self.core.store.compact()

    def end_watches(self) -> None:
        """End all running watches in order, as a server does at their timeout."""
        with self.core.lock:
            for session in list(self.core.sessions):
                session.end()

    @property
    def watch_count(self) -> int:
        """How many watches are running."""
        with self.core.lock:
            return sum(not session.ended for session in self.core.sessions)

    def bookmark(self) -> None:
        """Send a bookmark to all watches that asked for them."""
        with self.core.lock:
            for session in list(self.core.sessions):
                session.bookmark()

    # Rules

    def allow(self, **match: str) -> None:
        """Allow what ``match`` says (``verb resource group namespace name user``); the last matching rule counts."""
        self.core.authorization.rules.append(Rule(True, **match))

    def deny(self, **match: str) -> None:
        """Forbid what ``match`` says, with the API server's 403."""
        self.core.authorization.rules.append(Rule(False, **match))

    def admit(self, hook: AdmissionHook) -> AdmissionHook:
        """Add an admission callable; usable as a decorator."""
        self.core.admission.hooks.append(hook)
        return hook


def _documents(item: Any) -> Iterable[Document]:
    if isinstance(item, str):
        from k8s_core.model.yaml import load_all_yaml  # noqa: PLC0415  # only YAML needs it (20 modules)

        return [document for document in load_all_yaml(item) if document]
    return [item.to_dict() if hasattr(item, "to_dict") else item]
