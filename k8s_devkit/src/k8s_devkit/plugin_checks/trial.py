# SPDX-License-Identifier: Apache-2.0
"""Objects live, and are misused, in a server without a network that watches the strategies of a package at work."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from k8s_core.model.crd_manifest import stored_first
from k8s_devkit.api_server.context import WritingContext
from k8s_devkit.api_server.custom.strategy import CustomStrategy
from k8s_devkit.api_server.server import ApiServer
from k8s_devkit.plugin_checks.documents import smallest
from k8s_devkit.plugin_checks.invalid_objects import invalid_objects, invalid_statuses
from k8s_devkit.plugin_checks.watched import watched
from k8s_devkit.strategy.failures import Failure, internal_error
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from k8s_core.kinds import APIResource, GroupVersionKind
    from k8s_core.model import Resource
    from k8s_core.registry import Registry
    from k8s_devkit.plugin_checks.journal import Journal

__all__ = ["Endless", "Trial"]

Json = dict[str, Any]
_PIECES = 5000  # of background work after one request
_FINALIZER = "example.com/plugin-check"


class Endless(Exception):
    """The background work does not come to an end. The journal has it."""


class _TickingClock:
    """Each reading is a second after the last, so that a controller that writes the time again and again is found."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


class Trial:
    """A server in which everything is simulated, and whose strategies are watched.

    Args:
        registry: the kinds of the server.
        classes: kinds whose CRDs are created.
        watch: the kinds whose strategies are watched, and misused.
        journal: takes the faults.

    Attributes:
        valid: how many objects were accepted.
        misused: how many invalid objects were sent.
        simulated: a strategy that is watched has a `reconcile`.

    Raises:
        KubernetesError: a strategy cannot be used.
        Endless: the controllers do not come to an end. The methods raise it as well.
    """

    def __init__(
        self,
        registry: Registry,
        classes: Sequence[type[Resource]],
        watch: Collection[GroupVersionKind],
        journal: Journal,
    ) -> None:
        self.valid = self.misused = 0
        self.simulated = False
        self._journal, self._watch = journal, watch
        self._server = ApiServer(registry=registry, clock=_TickingClock())
        self._ctx = WritingContext(self._server.core)
        for versions in stored_first(classes):
            self._ctx.create(versions[0].crd(*versions[1:]))
        self._server.settle()
        for gvk in watch:
            kind = self._server.core.catalog.by_kind(gvk.group, gvk.version, gvk.kind)
            if kind is not None and isinstance(kind.strategy, CustomStrategy):
                strategy = kind.strategy
                self.simulated |= type(strategy).reconcile is not Strategy.reconcile
                kind.strategy = watched(type(strategy), journal)(strategy.resource, strategy.version)
        self._server.simulate()

    def live(self, cls: type[Resource], valid: Json) -> Failure | None:
        """One life of an object: create, change, write its status, delete. Returns why it was refused, if it was.

        In between, what is made from it and is not valid is sent, as new objects and as updates.
        """
        resource = cls.api_resource
        put = partial(self._put, resource)
        refused = self._attempt(resource, "a valid object", partial(self._ctx.create, valid))
        lives = refused is None
        if lives:
            self.valid += 1
            self._attempt(resource, "a valid object that gets a label", put(valid, labels={"checked": "yes"}))
            if "status" in resource.subresources:
                status = smallest(_schema(cls).get("properties", {}).get("status", {}))
                self._attempt(
                    resource, "a valid object whose status is written", put({**valid, "status": status}, "status")
                )
        if resource.gvk in self._watch:
            self._misuse(cls, valid, exists=lives)
        if lives:
            self._attempt(resource, "a valid object that gets a finalizer", put(valid, finalizers=[_FINALIZER]))
            self._attempt(resource, "a valid object that is deleted", self._delete(resource, valid))
            self._attempt(resource, "a valid object that loses its finalizer", put(valid))
        return refused

    def _misuse(self, cls: type[Resource], valid: Json, *, exists: bool) -> None:
        resource, schema = cls.api_resource, _schema(cls)
        for case, wrong in invalid_objects(valid, schema):
            self.misused += 1
            new = _with_metadata(wrong, name=f"{valid['metadata']['name']}-wrong")
            if self._attempt(resource, case, partial(self._ctx.create, new)) is None:
                self._attempt(resource, case, self._delete(resource, new))
            if exists:
                self._attempt(resource, f"an update to {case}", self._put(resource, wrong))
        if exists and "status" in resource.subresources:
            for case, wrong in invalid_statuses(valid, schema):
                self.misused += 1
                self._attempt(resource, f"a write of the status of {case}", self._put(resource, wrong, "status"))

    def _attempt(self, resource: APIResource, case: str, send: Callable[[], object]) -> Failure | None:
        """Send one request, and do the background work that it leads to. Returns why it was refused, if it was."""
        self._journal.begin(case)
        refused: Failure | None = None
        try:
            send()
        except Failure as failure:
            refused = failure
        except Exception as error:  # noqa: BLE001  # whatever the package's code raises
            self._journal.raised(str(resource.gvk), error)
            refused = internal_error(str(error))
        self._settle(str(resource.gvk))
        return refused

    def _settle(self, subject: str) -> None:
        for _ in range(_PIECES):
            try:
                if not self._server.core.work():
                    return
            except Exception as error:  # noqa: BLE001  # whatever the package's code raises
                self._journal.raised(subject, error)
        message = f"the simulated controllers still have work to do after {_PIECES} steps"
        fix = "let reconcile() and Controller.changed() create and change only what is not yet as it should be"
        self._journal.found(subject, "reconcile", "endless", message, fix)
        raise Endless

    # Requests: each returns a function that sends it

    def _put(
        self, resource: APIResource, document: Json, subresource: str = "", **metadata: Any
    ) -> Callable[[], object]:
        def send() -> object:
            name, namespace = document["metadata"]["name"], document["metadata"].get("namespace", "")
            current = self._ctx.get(resource.group, resource.plural, name, namespace) or {"metadata": {}}
            version = current["metadata"].get("resourceVersion", "")
            new = _with_metadata(document, resourceVersion=version, **metadata)
            return self._ctx.update_status(new) if subresource else self._ctx.update(new)

        return send

    def _delete(self, resource: APIResource, document: Json) -> Callable[[], object]:
        metadata = document["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace", "")
        return partial(self._ctx.delete, resource.group, resource.plural, name, namespace)


def _with_metadata(document: Json, **metadata: Any) -> Json:
    result = copy.deepcopy(document)
    result["metadata"] = {**result["metadata"], **metadata}
    return result


def _schema(cls: type[Resource]) -> Json:
    schema: Json = cls.crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema
