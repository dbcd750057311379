# SPDX-License-Identifier: Apache-2.0
"""Applying many objects in dependency order, then pruning what is no longer among them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from k8s_core.client.applying.documents import is_crd
from k8s_core.client.applying.report import Action, ApplyReport, ApplyResult
from k8s_core.client.deleting import delete
from k8s_core.client.lists import DEFAULT_LIMIT
from k8s_core.client.objects import wire_identity
from k8s_core.client.reading import get, get_metadata, list_metadata
from k8s_core.client.writing import send_applied
from k8s_core.errors import (
    ApiError,
    ApplyFailed,
    Forbidden,
    KubernetesError,
    NotFound,
    TransportError,
    WaitTimeout,
)
from k8s_core.model.codec import decode_json, encode_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client.applying.documents import Document
    from k8s_core.client.session import Session
    from k8s_core.kinds import APIResource
    from k8s_core.meta import PartialObjectMetadata
    from k8s_core.model import Resource
    from k8s_core.requests.options import FieldValidation
    from k8s_core.selectors import LabelQuery

__all__ = ["ApplyRun", "Planned"]

_ESTABLISH_SECONDS = 30.0
_POLL_SECONDS = 0.2


class Planned(NamedTuple):
    """An object to apply, with its kind resolved and its namespace decided."""

    cls: type[Resource]
    name: str
    namespace: str | None
    obj: Resource
    document: Document

    @property
    def resource(self) -> APIResource:
        """How the server serves the kind."""
        return self.cls.api_resource

    def result(
        self, action: Action, obj: Resource | None = None, *, error: KubernetesError | None = None
    ) -> ApplyResult:
        """What became of it."""
        return ApplyResult(self.resource, self.name, self.namespace, action, obj, error, self.document.where())


@dataclass
class ApplyRun:
    """One ``apply_all``.

    Attributes:
        session: sends.
        field_manager, force, dry_run, field_validation: of every apply.
        planned: the objects, in order.
        new_kinds: (group, kind) of the kinds whose CRDs are among the objects.
        prune: which other objects belong to the same set; None prunes nothing.
        prune_kinds: the kinds to look for them in.
        prune_namespaces: the namespaces to look for them in, besides those of the objects.
    """

    session: Session
    field_manager: str
    force: bool
    dry_run: bool
    field_validation: FieldValidation | None
    planned: list[Planned]
    new_kinds: frozenset[tuple[str, str]]
    prune: LabelQuery | None
    prune_kinds: list[APIResource]
    prune_namespaces: frozenset[str] = frozenset()
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> ApplyReport:
        """Apply all, then prune; blocks.

        Raises:
            ApplyFailed: with the report, if anything failed; nothing is pruned then.
        """
        report = ApplyReport()
        unreachable: KubernetesError | None = None
        for item in self.planned:
            if unreachable is not None:
                # Without a server each of the others would take its time to fail as well.
                result = item.result("skipped", error=unreachable)
            else:
                result = self._apply(item)
                unreachable = result.error if isinstance(result.error, TransportError) else None
            report.results.append(result)
        self._raise_failures(report)
        if self.prune is not None:
            self._prune(report)
            self._raise_failures(report)
        return report

    def _raise_failures(self, report: ApplyReport) -> None:
        failed = report.by("failed")
        if failed:
            lines = "\n".join(map(str, failed))
            error = ApplyFailed(f"{len(failed)} of {len(report)} objects failed:\n{lines}", report=report)
            raise error from failed[0].error

    def _apply(self, item: Planned) -> ApplyResult:
        resource = item.resource
        try:
            before = self._version(item)
            applied = send_applied(
                self.session,
                item.obj,
                item.namespace,
                field_manager=self.field_manager,
                force=self.force,
                dry_run=self.dry_run,
                field_validation=self.field_validation,
            )
            if is_crd(resource.api_version, resource.kind) and not self.dry_run:
                self._wait_until_served(item)
        except KubernetesError as error:
            # In a dry run neither new namespaces nor new kinds are there for what comes after them.
            skipped = self.dry_run and isinstance(error, NotFound) and self._depends_on_new(item, error)
            return item.result("skipped" if skipped else "failed", error=error)
        action: Action = "created" if before is None else "configured"
        if before is not None and wire_identity(applied).resource_version == before:
            action = "unchanged"
        return item.result(action, applied)

    def _version(self, item: Planned) -> str | None:
        """The resourceVersion of the live object, None if there is none."""
        try:
            live = get_metadata(self.session, item.cls, item.name, item.namespace)
        except NotFound:
            return None
        except Forbidden:
            # Whoever may apply need not be allowed to read; then it is not known whether anything changes.
            return ""
        return live.metadata.resourceVersion or ""

    def _depends_on_new(self, item: Planned, error: NotFound) -> bool:
        """The kind is new, or what the server misses is another one of the objects, such as a namespace."""
        if (item.resource.group, item.resource.kind) in self.new_kinds:
            return True
        missing = (error.details.get("kind"), error.details.get("name"))
        return any(other is not item and missing == (other.resource.plural, other.name) for other in self.planned)

    def _wait_until_served(self, item: Planned) -> None:
        """A new kind is served a moment after its CRD is there (protocol J23)."""
        deadline = self.monotonic() + _ESTABLISH_SECONDS
        while True:
            live = decode_json(encode_json(get(self.session, item.cls, item.name, None)))
            if _established(live):
                return
            if self.monotonic() >= deadline:
                raise WaitTimeout(f"{item.name} is not established after {_ESTABLISH_SECONDS:.0f} s")
            self.sleep(_POLL_SECONDS)

    # -- pruning ------------------------------------------------------------------------------------------------------

    def _prune(self, report: ApplyReport) -> None:
        kept = {wire_identity(result.obj).uid for result in report if result.obj is not None}
        for resource, namespace in self._places():
            for found in self._owned(resource, namespace):
                if found.metadata.uid not in kept:
                    report.results.append(self._delete(resource, found))

    def _places(self) -> list[tuple[APIResource, str | None]]:
        """The kinds and namespaces to look in, in the reverse order of applying."""
        own = {item.namespace for item in self.planned if item.namespace is not None}
        namespaces = sorted(own | self.prune_namespaces)
        places: list[tuple[APIResource, str | None]] = []
        for resource in reversed(self.prune_kinds):
            places.extend((resource, namespace) for namespace in (namespaces if resource.namespaced else [None]))
        return places

    def _owned(self, resource: APIResource, namespace: str | None) -> list[PartialObjectMetadata]:
        """The objects of the set: labelled so, applied by this manager, nobody's dependents, not going away yet."""
        try:
            listed = list_metadata(self.session, resource, namespace, "relist", limit=DEFAULT_LIMIT, labels=self.prune)
        except NotFound:
            # Its CRD is gone, or new in a dry run: nothing to prune.
            return []
        return [
            found
            for found in listed
            if not found.metadata.deletionTimestamp
            and not any(owner.controller for owner in found.metadata.ownerReferences)
            and any(
                entry.manager == self.field_manager and entry.operation == "Apply"
                for entry in found.metadata.managedFields
            )
        ]

    def _delete(self, resource: APIResource, found: PartialObjectMetadata) -> ApplyResult:
        metadata = found.metadata
        name, namespace = metadata.name or "", metadata.namespace if resource.namespaced else None
        try:
            delete(
                self.session,
                resource,
                name,
                namespace,
                uid=metadata.uid,
                propagation_policy="Background",
                dry_run=self.dry_run,
            )
        except NotFound:
            pass
        except ApiError as error:
            return ApplyResult(resource, name, namespace, "failed", error=error)
        return ApplyResult(resource, name, namespace, "pruned")


def _established(crd: Any) -> bool:
    status = crd.get("status") if isinstance(crd, dict) else None
    conditions = status.get("conditions") if isinstance(status, dict) else None
    return any(
        isinstance(condition, dict) and condition.get("type") == "Established" and condition.get("status") == "True"
        for condition in (conditions if isinstance(conditions, list) else ())
    )
