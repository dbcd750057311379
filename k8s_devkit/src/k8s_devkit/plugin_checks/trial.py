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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
        watch: the kinds whose strategies are watched.
        journal: takes the faults.

    Raises:
        KubernetesError: a strategy cannot be used.
    """

    def __init__(
        self,
        registry: Registry,
        classes: Sequence[type[Resource]],
        watch: Iterable[GroupVersionKind],
        journal: Journal,
    ) -> None:
        self.journal = journal
        self.valid = self.misused = 0
        self._server = ApiServer(registry=registry, clock=_TickingClock())
        self._core = self._server.core
        self._ctx = WritingContext(self._core)
        for versions in stored_first(classes):
            self._ctx.create(versions[0].crd(*versions[1:]))
        self._server.settle()
        for gvk in watch:
            kind = self._core.catalog.by_kind(gvk.group, gvk.version, gvk.kind)
            if kind is not None and isinstance(kind.strategy, CustomStrategy):
                strategy = kind.strategy
                kind.strategy = watched(type(strategy), journal)(strategy.resource, strategy.version)
        self._server.simulate()

    def live(self, cls: type[Resource], valid: Json) -> Failure | None:
        """One life of a valid object: create, change, write its status, delete. Returns why it was refused, if it was.

        Raises:
            Endless: the controllers do not come to an end.
        """
        resource, subject = cls.api_resource, str(cls.api_resource.gvk)
        refused = self._attempt(subject, "a valid object", partial(self._ctx.create, valid))
        if refused is not None:
            return refused
        self.valid += 1
        labelled = _with_metadata(valid, labels={"checked": "yes"})
        self._attempt(subject, "a valid object that gets a label", partial(self._replace, resource, labelled))
        if "status" in resource.subresources:
            status = {**valid, "status": smallest(_schema(cls).get("properties", {}).get("status", {}))}
            self._attempt(
                subject, "a valid object whose status is written", partial(self._put_status, resource, status)
            )
        return None

    def end(self, cls: type[Resource], valid: Json) -> None:
        """The end of an object that lived: a finalizer holds it, and lets it go. Raises as `live`."""
        resource, subject = cls.api_resource, str(cls.api_resource.gvk)
        held = _with_metadata(valid, finalizers=[_FINALIZER])
        self._attempt(subject, "a valid object that gets a finalizer", partial(self._replace, resource, held))
        self._attempt(subject, "a valid object that is deleted", partial(self._delete, resource, valid))
        self._attempt(subject, "a valid object that loses its finalizer", partial(self._replace, resource, valid))

    def misuse(self, cls: type[Resource], valid: Json, *, exists: bool) -> None:
        """Send what is invalid, as new objects, and as updates of the object that is there if it is. Raises as `live`.

        Args:
            valid: an object of the kind.
            exists: it is stored.
        """
        resource, subject = cls.api_resource, str(cls.api_resource.gvk)
        schema = _schema(cls)
        for case, wrong in invalid_objects(valid, schema):
            self.misused += 1
            new = _with_metadata(wrong, name=f"{valid['metadata']['name']}-wrong")
            if self._attempt(subject, case, partial(self._ctx.create, new)) is None:
                self._attempt(subject, case, partial(self._delete, resource, new))
            if exists:
                self._attempt(subject, f"an update to {case}", partial(self._replace, resource, wrong))
        if exists and "status" in resource.subresources:
            for case, wrong in invalid_statuses(valid, schema):
                self.misused += 1
                self._attempt(subject, f"a write of the status of {case}", partial(self._put_status, resource, wrong))

    def _attempt(self, subject: str, case: str, action: Callable[[], object]) -> Failure | None:
        """Send one request, and do the background work that it leads to. Returns why it was refused, if it was."""
        self.journal.begin(case)
        refused: Failure | None = None
        try:
            action()
        except Failure as failure:
            refused = failure
        except Exception as error:  # noqa: BLE001  # whatever the package's code raises
            self.journal.raised(subject, error)
            refused = internal_error(str(error))
        self._settle(subject)
        return refused

    def _settle(self, subject: str) -> None:
        for _ in range(_PIECES):
            try:
                if not self._core.work():
                    return
            except Exception as error:  # noqa: BLE001  # whatever the package's code raises
                self.journal.raised(subject, error)
        message = f"the simulated controllers still have work to do after {_PIECES} steps"
        fix = "let reconcile() and Controller.changed() create and change only what is not yet as it should be"
        self.journal.found(subject, "", "endless", message, fix)
        raise Endless

    # Requests

    def _current(self, resource: APIResource, document: Json) -> Json:
        metadata = document["metadata"]
        found = self._ctx.get(resource.group, resource.plural, metadata["name"], metadata.get("namespace", ""))
        return found or {"metadata": metadata}

    def _replace(self, resource: APIResource, document: Json) -> None:
        version = self._current(resource, document)["metadata"].get("resourceVersion", "")
        self._ctx.update(_with_metadata(document, resourceVersion=version))

    def _put_status(self, resource: APIResource, document: Json) -> None:
        version = self._current(resource, document)["metadata"].get("resourceVersion", "")
        self._ctx.update_status(_with_metadata(document, resourceVersion=version))

    def _delete(self, resource: APIResource, document: Json) -> None:
        metadata = document["metadata"]
        self._ctx.delete(resource.group, resource.plural, metadata["name"], metadata.get("namespace", ""))


def _with_metadata(document: Json, **metadata: Any) -> Json:
    result = copy.deepcopy(document)
    result["metadata"] = {**result["metadata"], **metadata}
    return result


def _schema(cls: type[Resource]) -> Json:
    schema: Json = cls.crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema
